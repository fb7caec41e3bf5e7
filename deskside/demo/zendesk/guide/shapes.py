"""Records of the help centre as its API shows them."""

from datetime import datetime

from deskside.demo.zendesk.guide.desk import HelpCenter
from deskside.demo.zendesk.guide.state import (
    Article,
    Attachment,
    Brand,
    Category,
    Label,
    Media,
    Named,
    Node,
    Redirect,
    Section,
    Tag,
    Translation,
    slug,
)
from deskside.demo.zendesk.shapes import stamp
from deskside.demo.zendesk.state import Json

PLURALS = {Article: "articles", Section: "sections", Category: "categories"}
ROOT = "/api/v2/help_center"


def brand(row: Brand) -> Json:
    """A brand as the Support API shows it."""
    return {
        "id": row.id,
        "url": f"{row.url}/api/v2/brands/{row.id}.json",
        "name": row.name,
        "subdomain": row.subdomain,
        "brand_url": row.url,
        "host_mapping": None,
        "has_help_center": True,
        "help_center_state": "enabled",
        "active": True,
        "default": row.default,
        "is_deleted": False,
        "created_at": stamp(row.created_at),
        "updated_at": stamp(row.created_at),
    }


def page_url(base: str, row: Node, locale: str, title: str) -> str:
    """Where readers find it."""
    return f"{base}/hc/{locale}/{PLURALS[type(row)]}/{row.id}-{slug(title)}"


def article(desk: HelpCenter, row: Article, locale: str | None = None) -> Json:
    """An article in `locale`, or else in its source locale."""
    text, base = row.text(locale), desk.brand(row).url
    return {
        "id": row.id,
        "url": f"{base}{ROOT}/{text.locale}/articles/{row.id}.json",
        "html_url": page_url(base, row, text.locale, text.title),
        "author_id": row.author_id,
        "comments_disabled": row.comments_disabled,
        "draft": text.draft,
        "promoted": row.promoted,
        "position": row.position,
        "vote_sum": sum(row.votes),
        "vote_count": len(row.votes),
        "section_id": row.section_id,
        "created_at": stamp(row.created_at),
        "updated_at": stamp(row.updated_at),
        "name": text.title,
        "title": text.title,
        "source_locale": row.source_locale,
        "locale": text.locale,
        "outdated": False,
        "outdated_locales": [key for key, item in row.translations.items() if item.outdated],
        "edited_at": stamp(text.edited_at),
        "user_segment_id": row.segments[0] if row.segments else None,
        "user_segment_ids": list(row.segments),
        "permission_group_id": row.permission_group_id,
        "content_tag_ids": list(row.tags),
        "label_names": list(row.labels),
        "body": desk.flat(text),
    }


def translation(desk: HelpCenter, row: Node, text: Translation) -> Json:
    """One language of an article, a section or a category."""
    base = desk.brand(row).url
    return {
        "id": text.id,
        "url": f"{base}{ROOT}/{PLURALS[type(row)]}/{row.id}/translations/{text.locale}.json",
        "html_url": page_url(base, row, text.locale, text.title),
        "source_id": row.id,
        "source_type": type(row).__name__,
        "locale": text.locale,
        "title": text.title,
        "body": desk.flat(text),
        "outdated": text.outdated,
        "draft": text.draft,
        "hidden": False,
        "created_at": stamp(text.created_at),
        "updated_at": stamp(text.updated_at),
        "updated_by_id": text.updated_by,
        "created_by_id": text.created_by,
    }


def translations(desk: HelpCenter, row: Node) -> list[Json]:
    """All of them, the source first."""
    first = [row.translations[row.source_locale]]
    return [
        translation(desk, row, text)
        for text in first + [item for item in row.translations.values() if item.locale != row.source_locale]
    ]


def node(desk: HelpCenter, row: Section | Category, locale: str | None = None) -> Json:
    """A section or a category."""
    text, base = row.text(locale), desk.brand(row).url
    shown = {
        "id": row.id,
        "url": f"{base}{ROOT}/{text.locale}/{PLURALS[type(row)]}/{row.id}.json",
        "html_url": page_url(base, row, text.locale, text.title),
        "position": row.position,
        "created_at": stamp(row.created_at),
        "updated_at": stamp(row.updated_at),
        "name": text.title,
        "description": text.body,
        "locale": text.locale,
        "source_locale": row.source_locale,
        "outdated": text.outdated,
    }
    if isinstance(row, Section):
        more = {"category_id": row.category_id, "parent_section_id": row.parent_id, "sorting": row.sorting}
        shown |= {**more, "theme_template": "section_page"}
    return shown


def label(base: str, row: Label) -> Json:
    """A label."""
    at = stamp(row.created_at)
    url = f"{base}{ROOT}/articles/labels/{row.id}.json"
    return {"id": row.id, "url": url, "name": row.name, "created_at": at, "updated_at": at}


def segment(row: Named) -> Json:
    """A user segment."""
    at = stamp(row.created_at)
    empty: Json = {key: [] for key in ("group_ids", "organization_ids", "tags", "or_tags", "added_user_ids")}
    named = {"id": row.id, "name": row.name, "user_type": row.user_type, "built_in": row.built_in}
    return {**named, **empty, "created_at": at, "updated_at": at}


def permission_group(row: Named) -> Json:
    """A permission group."""
    at = stamp(row.created_at)
    named = {"id": row.id, "name": row.name, "built_in": row.built_in, "edit": [], "publish": []}
    return {**named, "created_at": at, "updated_at": at}


def tag(row: Tag) -> Json:
    """A content tag; times below `/guide` have milliseconds."""
    return {"id": row.id, "name": row.name, "created_at": fine(row.created_at), "updated_at": fine(row.updated_at)}


def media(row: Media) -> Json:
    """A media object."""
    return {
        "id": row.id,
        "access_key": row.access_key,
        "name": row.name,
        "content_type": row.content_type,
        "size": len(row.data),
        "url": row.url,
        "version": row.version,
        "created_at": fine(row.created_at),
        "updated_at": fine(row.updated_at),
    }


def attachment(desk: HelpCenter, row: Attachment) -> Json:
    """A file of an article."""
    base = desk.guide.brands[row.brand_id].url
    made = desk.guide.medias.get(row.media_id)
    return {
        "id": row.id,
        "url": f"{base}{ROOT}/articles/attachments/{row.id}.json",
        "article_id": row.article_id,
        "display_file_name": row.file_name,
        "file_name": row.file_name,
        "locale": row.locale,
        "content_url": f"{base}/hc/article_attachments/{row.id}",
        "relative_path": f"/hc/article_attachments/{row.id}",
        "content_type": row.content_type,
        "size": len(made.data if made else row.data),
        "inline": row.inline,
        "created_at": stamp(row.created_at),
        "updated_at": stamp(row.created_at),
    }


def redirect(row: Redirect) -> Json:
    """A redirect rule; its brand and its status are texts."""
    return {
        "id": row.id,
        "brand_id": str(row.brand_id),
        "redirect_from": row.source,
        "redirect_to": row.target,
        "redirect_status": row.status,
        "created_at": fine(row.created_at),
        "updated_at": fine(row.updated_at),
    }


def fine(at: datetime) -> str:
    """A time with milliseconds."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
