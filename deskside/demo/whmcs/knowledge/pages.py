"""The knowledge base for people, at the addresses of WHMCS: what visitors read, and the form of administrators."""

from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request
from markupsafe import Markup

from deskside.demo.whmcs.api import world
from deskside.demo.whmcs.knowledge.hands import path
from deskside.demo.whmcs.knowledge.tables import DatabaseError, Row, Tables, encoded, typed
from deskside.demo.whmcs.state import Json
from deskside.demo.whmcs.world import ADMIN_AREA

CLIENT = "/knowledgebase.php"
ADMIN = f"{ADMIN_AREA}/supportkb.php"
# Bodies are printed raw, as the real template does: only this keeps what is in them from running.
POLICY = (
    "default-src 'none'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)

pages = Blueprint("knowledge_pages", __name__)


@pages.after_request
def protect(response: Response) -> Response:
    """Nothing of others is loaded, and nothing runs."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def tables() -> Tables:
    """The knowledge base."""
    return world().knowledge


def article_url(key: int, language: str) -> str:
    """Where a visitor reads an article."""
    chosen = f"&language={language}" if language != tables().language else ""
    return f"{CLIENT}?action=displayarticle&id={key}{chosen}"


def spoken(row: Row, language: str) -> Row:
    """An article in the visitor's language if it has that, else in its own."""
    rows = tables().translations(row.id)
    return next((other for other in rows if other.language == language), row)


def line(row: Row, language: str) -> Json:
    """An article as a line of a list."""
    return {"title": Markup(spoken(row, language).title), "url": article_url(row.id, language)}  # noqa: S704 - encoded


def shelf(category: int, language: str) -> Json:
    """A category with what a visitor finds in it."""
    found = tables()
    hidden = found.unseen()
    articles = [found.rows[key] for at, key in found.links if at == category and found.public(key)]
    inner = [row for row in found.categories.values() if row.parentid == category and row.id not in hidden]
    chosen = f"&language={language}" if language != found.language else ""
    return {
        "name": typed(found.categories[category].name) if category else "Knowledge base",
        "url": f"{CLIENT}?action=displaycat&catid={category}{chosen}",
        "articles": [line(row, language) for row in sorted(articles, key=lambda row: (row.order, row.id))],
        "categories": [shelf(row.id, language) for row in inner],
    }


@pages.get(CLIENT)
def client_area() -> Any:
    """The start, a category or an article, as WHMCS tells them apart."""
    language = request.args.get("language", tables().language)
    with world().state.lock:
        if request.args.get("action") == "displayarticle":
            return article_page(request.args.get("id", 0, type=int), language)
        category = request.args.get("catid", 0, type=int)
        if category and (category not in tables().categories or category in tables().unseen()):
            abort(404)
        shown = shelf(category, language)
    return render_template("kb.html", shelf=shown, language=language, languages=tables().languages, home=CLIENT)


def article_page(key: int, language: str) -> str:
    """An article for a visitor; to read it counts as a view."""
    found = tables()
    if not found.public(key):
        abort(404)
    row = found.rows[key]
    row.views += 1
    text = spoken(row, language)
    context = {
        "title": Markup(text.title),  # noqa: S704 - stored encoded
        "html": Markup(text.article),  # noqa: S704 - the real template prints it raw too
        "way": path(found, found.categories_of(key)[0]),
        "languages": [found.language, *(other.language for other in found.translations(key))],
        "edit": f"{ADMIN}?action=edit&id={text.id}",
    }
    counts = {"views": row.views, "votes": row.votes, "useful": row.useful, "tags": found.tags_of(key)}
    return render_template("kb_article.html", id=key, language=language, home=CLIENT, **context, **counts)


@pages.post(CLIENT)
def vote() -> Any:
    """Did this answer your question?"""
    with world().state.lock:
        key = request.args.get("id", 0, type=int)
        if not tables().public(key):
            abort(404)
        tables().rows[key].votes += 1
        tables().rows[key].useful += request.form.get("vote") == "yes"
    return redirect(request.full_path.removesuffix("?"), 303)


@pages.get(ADMIN)
def admin_area() -> str:
    """All articles as administrators see them, or the form of one."""
    if request.args.get("action") == "edit":
        return form()
    with world().state.lock:
        found = tables()
        rows = [
            {
                "id": row.id,
                "title": typed(row.title),
                "private": row.private,
                "public": found.public(row.id),
                "place": " / ".join(path(found, next(iter(found.categories_of(row.id)), 0))),
                "others": [(other.id, other.language) for other in found.translations(row.id)],
                "tags": found.tags_of(row.id),
            }
            for row in found.rows.values()
            if row.parentid == 0
        ]
    return render_template("kb_list.html", rows=rows, admin=ADMIN, home=CLIENT)


def asked() -> Row:
    """The row that is being edited: an article's, or a translation's."""
    return tables().rows.get(request.args.get("id", 0, type=int)) or abort(404)


def form(refused: str = "") -> str:
    """The form."""
    with world().state.lock:
        found, row = tables(), asked()
        base = row.parentid or row.id
        context = {
            "row": row,
            "title": typed(row.title),
            "categories": [(number, " / ".join(path(found, number))) for number in found.categories],
            "category": next(iter(found.categories_of(base)), 0),
            "url": article_url(base, row.language or found.language) if found.public(base) else "",
        }
    return render_template("kb_edit.html", admin=ADMIN, refused=refused, **context)


@pages.post(ADMIN)
def save() -> Any:
    """What the buttons of the form do: save, delete."""
    with world().state.lock:
        found, row = tables(), asked()
        base = row.parentid or row.id
        if request.form.get("act") == "delete":
            found.delete(base)
            return redirect(ADMIN, 303)
        body = request.form.get("article", "").replace("\r\n", "\n")
        if body == row.article.replace("\r\n", "\n"):
            body = row.article
        try:
            found.write(row, encoded(request.form.get("title", "")), body)
        except DatabaseError as error:
            return form(str(error)), 500
        if not row.parentid:
            found.place(base, request.form.get("category", 0, type=int))
            for other in [row, *found.translations(base)]:
                other.private = request.form.get("private") == "on"
    return redirect(request.full_path, 303)
