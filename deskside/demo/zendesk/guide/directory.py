"""The endpoints of what articles refer to: brands, locales, segments, permission groups, labels, content tags."""

from typing import Any

from flask import request

from deskside.demo.zendesk import paging
from deskside.demo.zendesk.errors import not_found
from deskside.demo.zendesk.guide import shapes
from deskside.demo.zendesk.guide.articles import center
from deskside.demo.zendesk.guide.desk import invalid
from deskside.demo.zendesk.guide.routing import HelpApi, brand, guide, guide_listing, listing, need_guide_admin, refused
from deskside.demo.zendesk.guide.state import Named, Tag
from deskside.demo.zendesk.routing import Api, world, wrapped
from deskside.demo.zendesk.state import Json

api = HelpApi("guide_directory")
brands_api = Api("brands")


@brands_api.api("/brands")
def list_brands() -> Any:
    """All brands of the account, from the Support API: this needs its broad `read`."""
    return paging.page([shapes.brand(row) for row in guide().brands.values()], "brands")


@brands_api.api("/brands/<int:brand_id>")
def show_brand(brand_id: int) -> Any:
    """One brand."""
    if brand_id not in guide().brands:
        raise not_found()
    return {"brand": shapes.brand(guide().brands[brand_id])}


@api.api("/help_center/locales")
def list_locales() -> Any:
    """The enabled locales of the brand, and its default."""
    return {"locales": list(brand().locales), "default_locale": brand().default_locale}


@api.api("/help_center/user_segments")
def list_segments() -> Any:
    """All user segments; everybody is none of them."""
    rows = list(guide().segments.values())
    if "built_in" in request.args:
        rows = [row for row in rows if row.built_in is (request.args["built_in"] == "true")]
    return listing(rows, "user_segments", shapes.segment)


@api.api("/help_center/user_segments/applicable")
def applicable_segments() -> Any:
    """Those the caller may give to articles."""
    return listing(list(guide().segments.values()), "user_segments", shapes.segment)


@api.api("/help_center/user_segments/<int:segment_id>")
def show_segment(segment_id: int) -> Any:
    """One user segment."""
    return {"user_segment": shapes.segment(known(guide().segments, segment_id))}


def known(rows: dict[int, Named], key: int) -> Named:
    """The record. Raises ApiError 404."""
    if key not in rows:
        raise not_found()
    return rows[key]


@api.api("/guide/permission_groups")
def list_permission_groups() -> Any:
    """All permission groups: for those who manage the help centre. This old list knows numbered pages."""
    need_guide_admin()
    return paging.page(
        [shapes.permission_group(row) for row in guide().permission_groups.values()], "permission_groups"
    )


@api.api("/guide/permission_groups/<int:group_id>")
def show_permission_group(group_id: int) -> Any:
    """One permission group."""
    need_guide_admin()
    return {"permission_group": shapes.permission_group(known(guide().permission_groups, group_id))}


@api.api("/help_center/articles/labels")
def list_labels() -> Any:
    """All labels."""
    return listing(list(guide().labels.values()), "labels", lambda row: shapes.label(brand().url, row))


def labels_of(article_id: int) -> list[Json]:
    """An article's labels."""
    names = center().article(article_id, brand()).labels
    return [shapes.label(brand().url, guide().labels[name]) for name in names]


@api.help("/articles/<int:article_id>/labels")
def list_article_labels(article_id: int, locale: str | None = None) -> Any:
    """The labels of an article."""
    return listing(labels_of(article_id), "labels", lambda row: row)


@api.help("/articles/<int:article_id>/labels", "POST")
def add_label(article_id: int, locale: str | None = None) -> Any:
    """One more label."""
    name = str(wrapped("label").get("name") or "").strip()
    if not name:
        raise invalid("name", "name cannot be blank")
    row = center().article(article_id, brand())
    center().update_article(row, {"label_names": [*row.labels, name]})
    return {"label": shapes.label(brand().url, guide().labels[name])}, 201


@api.help("/articles/<int:article_id>/labels/<int:label_id>", "DELETE")
def remove_label(article_id: int, label_id: int, locale: str | None = None) -> Any:
    """One label less."""
    row = center().article(article_id, brand())
    center().update_article(row, {"label_names": [name for name in row.labels if guide().labels[name].id != label_id]})
    return "", 204


def tags() -> list[Tag]:
    """Content tags as `filter[name_prefix]` and `sort` say."""
    prefix, sort = request.args.get("filter[name_prefix]", ""), request.args.get("sort", "id")
    name = sort.removeprefix("-")
    if name not in ("id", "name"):
        raise refused(400, "BadRequest", "Invalid property")
    rows = [row for row in guide().tags.values() if row.name.startswith(prefix)]
    return sorted(rows, key=lambda row: str(getattr(row, name)), reverse=sort.startswith("-"))


@api.api("/guide/content_tags")
def list_tags() -> Any:
    """Content tags, thirty to a page."""
    return guide_listing(tags(), "records", shapes.tag)


@api.api("/guide/content_tags", "POST")
def create_tag() -> Any:
    """A new content tag; its name must be new too."""
    name = str(wrapped("content_tag").get("name") or "").strip()
    if not name or any(row.name.lower() == name.lower() for row in guide().tags.values()):
        raise refused(422, "UnprocessibleEntity", "Invalid or taken name")
    now = world().state.clock()
    row = Tag(guide().new_ulid(), name, now, now)
    guide().tags[row.id] = row
    return {"content_tag": shapes.tag(row)}, 201


@api.api("/guide/content_tags/<tag_id>")
def show_tag(tag_id: str) -> Any:
    """One content tag."""
    if tag_id not in guide().tags:
        raise refused(404, "NotFound", "The Resource could not be found")
    return {"content_tag": shapes.tag(guide().tags[tag_id])}


@api.api("/guide/content_tags/<tag_id>", "DELETE")
def delete_tag(tag_id: str) -> Any:
    """Delete a content tag; articles lose it."""
    show_tag(tag_id)
    del guide().tags[tag_id]
    for row in guide().articles.values():
        row.tags = [key for key in row.tags if key != tag_id]
    return "", 204
