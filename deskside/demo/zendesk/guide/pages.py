"""The help centre for people: what anonymous readers see, the files they get, and a plain editor for colleagues."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, g, make_response, redirect, render_template, request
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from deskside.demo.zendesk import oauth
from deskside.demo.zendesk.errors import ApiError
from deskside.demo.zendesk.guide import markup
from deskside.demo.zendesk.guide.articles import center
from deskside.demo.zendesk.guide.hands import colleague, reader_html
from deskside.demo.zendesk.guide.redirects import rule_for
from deskside.demo.zendesk.guide.routing import brand, guide
from deskside.demo.zendesk.guide.shapes import page_url
from deskside.demo.zendesk.guide.state import Article, Category, Node, Section, Translation
from deskside.demo.zendesk.routing import world
from deskside.demo.zendesk.sanitise import plain
from deskside.demo.zendesk.state import Json

# Inline styles are part of what articles may have; scripts and foreign images are not loaded.
POLICY = (
    "default-src 'none'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; media-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
SNIPPET = 180

pages = Blueprint("help", __name__)


@pages.after_request
def protect(response: Response) -> Response:
    """Nothing of others is loaded, whatever an article says."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@pages.context_processor
def frame() -> Json:
    """What every page shows of its help centre."""
    return {"brand": brand(), "locales": brand().locales}


def language(locale: str) -> str:
    """An enabled locale, or the page is not there."""
    return locale.lower() if locale.lower() in brand().locales else abort(404)


def key_of(reference: str) -> int:
    """The number before a slug."""
    number = reference.partition("-")[0]
    return int(number) if number.isdigit() else abort(404)


def link(row: Node, text: Translation, locale: str) -> Json:
    """A title with its address."""
    return {"title": text.title, "url": page_url("", row, locale, text.title)}


def readable(row: Article, locale: str) -> bool:
    """Whether a stranger may read it here: it is of this help centre, published, and for everybody."""
    return row.brand_id == brand().id and center().listed(row, locale)


def shelf(section: Section, locale: str) -> Json:
    """A section with its articles and with the sections in it, as a stranger sees them."""
    rows = [row for row in guide().articles.values() if row.section_id == section.id and readable(row, locale)]
    inner = [row for row in guide().sections.values() if row.parent_id == section.id and locale in row.translations]
    return {
        **link(section, section.text(locale), locale),
        "about": section.text(locale).body,
        "articles": [link(row, row.translations[locale], locale) for row in ordered(rows)],
        "sections": [shelf(row, locale) for row in ordered(inner)],
    }


def ordered(rows: list[Any]) -> list[Any]:
    """By position."""
    return sorted(rows, key=lambda row: (row.position, row.id))


def shelves(category: Category, locale: str) -> Json:
    """A category with its sections."""
    rows = [
        row
        for row in guide().sections.values()
        if row.category_id == category.id and row.parent_id is None and locale in row.translations
    ]
    return {
        **link(category, category.text(locale), locale),
        "about": category.text(locale).body,
        "sections": [shelf(row, locale) for row in ordered(rows)],
    }


def above(section: Section, locale: str) -> list[Json]:
    """The way to a section from the top, itself included."""
    way: list[Node] = [section]
    while section.parent_id is not None:
        section = guide().sections[section.parent_id]
        way.insert(0, section)
    way.insert(0, guide().categories[section.category_id])
    return [link(row, row.text(locale), locale) for row in way]


def moment(at: datetime) -> str:
    """A time for people, in UTC."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def missing(error: HTTPException) -> Any:
    """What is answered where nothing is: the redirect rule of the address, or a page that says so."""
    rule = rule_for(guide(), brand(), request.path)
    if rule is not None:
        return redirect(rule.target, int(rule.status))
    if not request.path.startswith(("/hc", "/knowledge")):
        return error
    return protect(make_response(render_template("help_missing.html", locale=brand().default_locale, **frame()), 404))


@pages.get("/hc")
@pages.get("/hc/")
def front() -> Any:
    """A help centre without a language."""
    return redirect(f"/hc/{brand().default_locale}")


@pages.get("/hc/articles/<reference>")
def article_anywhere(reference: str) -> Any:
    """An article without a language."""
    return redirect(f"/hc/{brand().default_locale}/articles/{reference}", 301)


@pages.get("/hc/<locale>")
def home(locale: str) -> str:
    """All that there is to read."""
    locale = language(locale)
    with world().state.lock:
        rows = [row for row in guide().categories.values() if row.brand_id == brand().id]
        shown = [shelves(row, locale) for row in ordered(rows) if locale in row.translations]
    return render_template("help_home.html", locale=locale, categories=shown)


@pages.get("/hc/<locale>/categories/<reference>")
def category_page(locale: str, reference: str) -> str:
    """One category."""
    locale = language(locale)
    with world().state.lock:
        row = guide().categories.get(key_of(reference))
        if row is None or row.brand_id != brand().id or locale not in row.translations:
            abort(404)
        shown = shelves(row, locale)
    return render_template("help_home.html", locale=locale, categories=[shown])


@pages.get("/hc/<locale>/sections/<reference>")
def section_page(locale: str, reference: str) -> str:
    """One section."""
    locale = language(locale)
    with world().state.lock:
        row = guide().sections.get(key_of(reference))
        if row is None or row.brand_id != brand().id or locale not in row.translations:
            abort(404)
        context = {"section": shelf(row, locale), "way": above(row, locale)[:-1]}
    return render_template("help_section.html", locale=locale, **context)


@pages.get("/hc/<locale>/articles/<reference>")
def article_page(locale: str, reference: str) -> str:
    """An article as a stranger gets it; a draft, an archived or a restricted one is not there."""
    locale = language(locale)
    with world().state.lock:
        row = guide().articles.get(key_of(reference))
        if row is None or not readable(row, locale):
            abort(404)
        text = row.translations[locale]
        context = {
            "id": row.id,
            "title": text.title,
            "html": Markup(reader_html(world(), row, locale)),  # noqa: S704 - cleaned to an allow-list
            "way": above(guide().sections[row.section_id], locale),
            "edited": moment(text.edited_at),
            "labels": list(row.labels),
            "votes": (len(row.votes), sum(1 for vote in row.votes if vote > 0)),
            "others": {
                name: page_url("", row, name, item.title)
                for name, item in row.translations.items()
                if name != locale and readable(row, name)
            },
        }
    return render_template("help_article.html", locale=locale, **context)


@pages.post("/hc/<locale>/articles/<reference>/vote")
def vote(locale: str, reference: str) -> Any:
    """Was this article helpful?"""
    with world().state.lock:
        row = guide().articles.get(key_of(reference))
        if row is None or not readable(row, language(locale)):
            abort(404)
        center().vote(row, 1 if request.form.get("vote") == "up" else -1)
        return redirect(page_url("", row, locale, row.text(locale).title), 303)


@pages.get("/hc/<locale>/search")
def search_page(locale: str) -> str:
    """Articles with all the words."""
    locale = language(locale)
    words = request.args.get("query", "").lower().split()
    found = []
    with world().state.lock:
        for row in guide().articles.values():
            if words and readable(row, locale):
                text = row.translations[locale]
                said = plain(markup.shown(center().flat(text)))
                if all(word in f"{text.title} {said}".lower() for word in words):
                    found.append({**link(row, text, locale), "snippet": said[:SNIPPET]})
    query = request.args.get("query", "")
    return render_template("help_search.html", locale=locale, query=query, found=found)


def signed_in() -> bool:
    """Whether the request has a token of the staff."""
    if "Authorization" not in request.headers:
        return False
    try:
        oauth.authenticate()
    except ApiError:
        return False
    return g.actor is not None and g.actor.is_staff


@pages.get("/hc/article_attachments/<reference>")
@pages.get("/hc/article_attachments/<reference>/<name>")
def file(reference: str, name: str = "") -> Response:
    """A file of an article, for whoever may read the article; of none yet, for the staff."""
    with world().state.lock:
        row = guide().attachments.get(key_of(reference))
        if row is None:
            abort(404)
        article = guide().articles.get(row.article_id or 0)
        shown = article is not None and any(
            readable(article, text.locale)
            for text in article.translations.values()
            if row.locale in (None, text.locale)
        )
        made = guide().medias.get(row.media_id)
        if not (shown or signed_in()) or (row.media_id and made is None):
            abort(404)
        return sent(made.data if made else row.data, row.content_type)


@pages.get("/guide-media/<access_key>")
def media(access_key: str) -> Response:
    """A file of the media library: for the staff only."""
    with world().state.lock:
        row = guide().media_by_key(access_key)
        if row is None or not signed_in():
            abort(404)
        return sent(row.data, row.content_type)


def sent(data: bytes, content_type: str) -> Response:
    """Bytes as they are; what is no image is saved and not shown, for it may run."""
    response = Response(data, content_type=content_type)
    if not content_type.startswith("image/") or "svg" in content_type:
        response.headers["Content-Disposition"] = "attachment"
    return response


@pages.get("/knowledge")
def knowledge() -> str:
    """All articles of the help centre as colleagues see them: drafts and archived ones too."""
    with world().state.lock:
        rows = [row for row in guide().articles.values() if row.brand_id == brand().id]
        shown = [listed(row) for row in sorted(rows, key=lambda row: row.updated_at, reverse=True)]
    return render_template("help_knowledge.html", rows=shown, locale=brand().default_locale)


def listed(row: Article) -> Json:
    """An article as a line of the list."""
    return {
        "id": row.id,
        "title": row.text().title,
        "archived": row.archived,
        "restricted": bool(row.segments),
        "labels": row.labels,
        "updated": moment(row.updated_at),
        "texts": [
            {"locale": text.locale, "draft": text.draft, "outdated": text.outdated}
            for text in row.translations.values()
        ],
    }


def edited(article_id: int, locale: str) -> tuple[Article, Translation]:
    """What is being edited."""
    row = guide().articles.get(article_id)
    text = row.translations.get(locale) if row is not None else None
    if row is None or text is None or row.brand_id != brand().id:
        abort(404)
    return row, text


@pages.get("/knowledge/articles/<int:article_id>/<locale>")
def editor(article_id: int, locale: str) -> str:
    """The editor."""
    with world().state.lock:
        row, text = edited(article_id, locale)
        context = {
            "id": row.id,
            "title": text.title,
            "body": text.body,
            "draft": text.draft,
            "archived": row.archived,
            "url": page_url("", row, locale, text.title) if readable(row, locale) else "",
            "edited": moment(text.edited_at),
        }
    return render_template("help_edit.html", locale=locale, **context)


@pages.post("/knowledge/articles/<int:article_id>/<locale>")
def save(article_id: int, locale: str) -> Any:
    """What the buttons of the editor do: save, archive, restore."""
    with world().state.lock:
        row, text = edited(article_id, locale)
        act = request.form.get("act", "save")
        if act == "restore" and row.archived:
            center().restore(row)
        elif row.archived:
            abort(409)
        elif act == "archive":
            center().archive(row)
        else:
            keep(row, text)
    return redirect("/knowledge" if act == "archive" else request.path, 303)


def keep(row: Article, text: Translation) -> None:
    """Save the form; a body that was not touched stays as it is, whatever browsers do to line ends."""
    body = request.form.get("body", "").replace("\r\n", "\n")
    given = {
        "title": request.form.get("title"),
        "body": body if body != text.body.replace("\r\n", "\n") else None,
        "draft": request.form.get("draft") == "on",
    }
    try:
        center().update_translation(row, text.locale, given, colleague(world()), by_hand=True, at=center().later(text))
    except ApiError as error:
        abort(400, str(error.payload))
