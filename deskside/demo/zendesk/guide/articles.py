"""The endpoints of articles and of translations."""

from typing import Any

from flask import jsonify, request

from deskside.demo.zendesk import paging
from deskside.demo.zendesk.errors import not_found
from deskside.demo.zendesk.guide import shapes
from deskside.demo.zendesk.guide.desk import HelpCenter, invalid
from deskside.demo.zendesk.guide.routing import HelpApi, brand, broken, guide, listing
from deskside.demo.zendesk.guide.state import Article, Node, Translation
from deskside.demo.zendesk.routing import actor, body, world, wrapped
from deskside.demo.zendesk.sanitise import plain
from deskside.demo.zendesk.shapes import stamp, user
from deskside.demo.zendesk.state import Json

SORTS = ("position", "title", "created_at", "updated_at", "edited_at")
KINDS = ("articles", "sections", "categories")

api = HelpApi("guide_articles")


def center() -> HelpCenter:
    """The operations."""
    return world().help_center


def shape(row: Article, locale: str | None = None) -> Json:
    """An article with the translations, if they are asked for."""
    shown = shapes.article(center(), row, locale)
    if "translations" in included():
        shown["translations"] = shapes.translations(center(), row)
    return shown


def included() -> list[str]:
    """What `include=` names."""
    return request.args.get("include", "").split(",")


def beside(rows: list[Article], locale: str | None) -> Json:
    """What stands beside articles: users, sections, categories."""
    found: Json = {}
    sections = {row.section_id for row in rows}
    if "sections" in included():
        found["sections"] = [shapes.node(center(), guide().sections[key], locale) for key in sorted(sections)]
    if "categories" in included():
        keys = {guide().sections[key].category_id for key in sections}
        found["categories"] = [shapes.node(center(), guide().categories[key], locale) for key in sorted(keys)]
    if "users" in included():
        users = world().state.users
        found["users"] = [
            user(users[key], world().base) for key in sorted({row.author_id for row in rows}) if key in users
        ]
    return found


def selected(rows: list[Article], locale: str | None) -> list[Article]:
    """Articles that have all labels asked for, and a translation in the locale, sorted as asked."""
    labels = [name for name in request.args.get("label_names", "").split(",") if name]
    if len(labels) > guide().limits.label_filter:
        raise invalid("label_names", f"at most {guide().limits.label_filter} label names")
    rows = [row for row in rows if set(labels) <= set(row.labels) and (locale is None or locale in row.translations)]
    sort = request.args.get("sort_by", "position")
    if sort not in SORTS:
        raise invalid("sort_by", f"sort_by must be one of {', '.join(SORTS)}")
    if sort in ("title", "edited_at") and locale is None:
        raise invalid("sort_by", f"sorting by {sort} needs a locale")

    def key(row: Article) -> tuple[Any, int]:
        text = row.text(locale)
        return getattr(text if sort in ("title", "edited_at") else row, sort), row.id

    return sorted(rows, key=key, reverse=request.args.get("sort_order") == "desc")


def articles(rows: list[Article], locale: str | None) -> Json:
    """A page of articles."""
    chosen = selected(rows, locale)
    sorting = {"sort_by": request.args.get("sort_by", "position"), "sort_order": request.args.get("sort_order", "asc")}
    return listing(chosen, "articles", lambda row: shape(row, locale), {**sorting, **beside(chosen, locale)})


@api.help("/articles")
def list_articles(locale: str | None = None) -> Any:
    """All articles of the brand, drafts too."""
    return articles(center().articles(brand()), locale)


@api.help("/sections/<int:section_id>/articles")
def list_articles_of_section(section_id: int, locale: str | None = None) -> Any:
    """Articles that stand in the section itself."""
    section = center().section(section_id, brand())
    return articles([row for row in center().articles(brand()) if row.section_id == section.id], locale)


@api.help("/categories/<int:category_id>/articles")
def list_articles_of_category(category_id: int, locale: str | None = None) -> Any:
    """Articles in all sections of the category."""
    category = center().category(category_id, brand())
    sections = {row.id for row in guide().sections.values() if row.category_id == category.id}
    return articles([row for row in center().articles(brand()) if row.section_id in sections], locale)


@api.api("/help_center/incremental/articles")
def incremental_articles() -> Any:
    """Articles whose text or metadata changed at or after `start_time`, oldest change first."""
    start = request.args.get("start_time", "")
    if not start.isdigit():
        raise invalid("start_time", "start_time is missing or not a Unix time")
    rows = [row for row in selected(center().articles(brand()), None) if int(row.updated_at.timestamp()) >= int(start)]
    rows.sort(key=lambda row: (row.updated_at, row.id))
    most = guide().limits.incremental_page
    end = int(rows[:most][-1].updated_at.timestamp()) if rows else int(start)
    found = {
        "articles": [shape(row) for row in rows[:most]],
        "count": min(len(rows), most),
        "end_time": end,
        "next_page": paging.link(start_time=end) if len(rows) > most else None,
        **beside(rows[:most], None),
    }
    return broken(found, "articles")


@api.help("/sections/<int:section_id>/articles", "POST")
def create_article(section_id: int, locale: str | None = None) -> Any:
    """A new article; followers get mail of it unless `notify_subscribers` is false."""
    section = center().section(section_id, brand())
    notify = body().get("notify_subscribers", True) is not False
    row = center().create_article(section, wrapped("article"), actor(), locale, notify)
    answer = jsonify({"article": shape(row)})
    answer.headers["Location"] = f"{brand().url}{shapes.ROOT}/articles/{row.id}.json"
    return answer, 201


@api.help("/articles/<int:article_id>")
def show_article(article_id: int, locale: str | None = None) -> Any:
    """One article; archived ones are 404."""
    row = center().article(article_id, brand())
    if locale is not None and locale not in row.translations:
        raise not_found()
    return {"article": shape(row, locale), **beside([row], locale)}


@api.help("/articles/<int:article_id>", "PUT")
def update_article(article_id: int, locale: str | None = None) -> Any:
    """Metadata only: title, body and draft are passed over, and the answer is 200 all the same."""
    row = center().article(article_id, brand())
    center().update_article(row, wrapped("article"))
    return {"article": shape(row, locale)}


@api.help("/articles/<int:article_id>", "DELETE")
def archive_article(article_id: int, locale: str | None = None) -> Any:
    """Archive."""
    center().archive(center().article(article_id, brand()))
    return "", 204


@api.help("/articles/<int:article_id>/source_locale", "PUT")
def set_article_source(article_id: int, locale: str | None = None) -> Any:
    """Make another translation the source."""
    center().set_source(center().article(article_id, brand()), str(body().get("article_locale", "")).lower())
    return "", 200


@api.help("/articles/search")
def search_articles(locale: str | None = None) -> Any:
    """Articles with all the words in title or text; attributes of tags are not searched."""
    words = request.args.get("query", "").lower().split()
    labels = {name for name in request.args.get("label_names", "").split(",") if name}
    if not words and not labels:
        raise invalid("query", "query or label_names is needed")
    found = []
    for row in center().articles(brand()):
        text = row.text(locale)
        said = f"{text.title} {plain(center().flat(text))}".lower()
        if not text.draft and all(word in said for word in words) and (not labels or labels & set(row.labels)):
            found.append(row)
    return listing(found, "results", lambda row: {**shape(row, locale), "result_type": "article", "snippet": ""})


def owner(kind: str, key: int) -> Node:
    """The article, section or category whose translations are asked for."""
    find = {"articles": center().article, "sections": center().section, "categories": center().category}
    return find[kind](key, brand())


def translated(row: Node, text: Translation) -> Json:
    """A translation as an answer."""
    return {"translation": shapes.translation(center(), row, text)}


@api.help(f"/<any({', '.join(KINDS)}):kind>/<int:key>/translations")
def list_translations(kind: str, key: int, locale: str | None = None) -> Any:
    """All translations, or those of `locales`, `outdated`, `draft`."""
    row = owner(kind, key)
    wanted = [name for name in request.args.get("locales", "").lower().split(",") if name]
    rows = [text for text in row.translations.values() if not wanted or text.locale in wanted]
    for name in ("outdated", "draft"):
        if name in request.args:
            rows = [text for text in rows if getattr(text, name) is (request.args[name] == "true")]
    return listing(rows, "translations", lambda text: shapes.translation(center(), row, text))


@api.help(f"/<any({', '.join(KINDS)}):kind>/<int:key>/translations/missing")
def missing_translations(kind: str, key: int, locale: str | None = None) -> Any:
    """Locales without a translation."""
    row = owner(kind, key)
    return {"locales": [name for name in brand().locales if name not in row.translations]}


@api.help(f"/<any({', '.join(KINDS)}):kind>/<int:key>/translations", "POST")
def create_translation(kind: str, key: int, locale: str | None = None) -> Any:
    """A translation into one more locale."""
    row = owner(kind, key)
    notify = body().get("notify_subscribers", True) is not False
    text = center().add_translation(row, wrapped("translation"), actor(), locale, notify)
    return translated(row, text), 201


@api.help(f"/<any({', '.join(KINDS)}):kind>/<int:key>/translations/<language>")
def show_translation(kind: str, key: int, language: str, locale: str | None = None) -> Any:
    """One translation."""
    row = owner(kind, key)
    text = row.translations.get(language.lower())
    if text is None:
        raise not_found()
    return translated(row, text)


@api.help(f"/<any({', '.join(KINDS)}):kind>/<int:key>/translations/<language>", "PUT")
def update_translation(kind: str, key: int, language: str, locale: str | None = None) -> Any:
    """Change title, body, draft, outdated."""
    row = owner(kind, key)
    return translated(row, center().update_translation(row, language.lower(), wrapped("translation"), actor()))


@api.api("/help_center/translations/<int:translation_id>", "DELETE")
def delete_translation(translation_id: int) -> Any:
    """Delete a translation; the source cannot be."""
    rows: list[Node] = [*center().articles(brand()), *guide().sections.values(), *guide().categories.values()]
    for row in rows:
        for text in list(row.translations.values()):
            if text.id == translation_id:
                if text.locale == row.source_locale:
                    raise invalid("locale", "the source translation cannot be deleted")
                del row.translations[text.locale]
                row.updated_at = world().state.clock()
                return "", 204
    raise not_found()


@api.help("/articles/<int:article_id>/votes")
def list_votes(article_id: int, locale: str | None = None) -> Any:
    """Readers' opinions."""
    row = center().article(article_id, brand())
    at = stamp(row.updated_at)
    votes = [
        {"id": number, "value": value, "item_id": row.id, "created_at": at} for number, value in enumerate(row.votes)
    ]
    return listing(votes, "votes", lambda vote: vote)


@api.help("/articles/<int:article_id>/<any(up, down):way>", "POST")
def cast_vote(article_id: int, way: str, locale: str | None = None) -> Any:
    """Vote."""
    row = center().article(article_id, brand())
    center().vote(row, 1 if way == "up" else -1)
    return jsonify({"vote": {"value": row.votes[-1], "item_id": row.id, "item_type": "Article"}})
