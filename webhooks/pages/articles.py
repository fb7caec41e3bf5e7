"""Articles for readers: answers that are opened, internal articles and their files, and a word that one is missing."""

from urllib.parse import urlsplit

from flask import Response, abort, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address
from markupsafe import Markup

from deskside.knowledge import internal
from deskside.knowledge.search import searches
from deskside.markup import allowed
from deskside.markup.vocabulary import FRAME_HOSTS
from deskside.store.database import Row, reading, utc_now
from webhooks.context import current
from webhooks.limits import limiter
from webhooks.pages.access import person, require_sign_in
from webhooks.pages.blueprint import pages
from webhooks.pages.words import gettext

# An article is foreign HTML, cleaned: it runs nothing, sends nothing, and is framed by nobody. Its pictures may come
# from anywhere, and films from where cleaning lets them.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self' data: https:",
        "media-src https:",
        "frame-src " + " ".join(f"https://{host}" for host in sorted(FRAME_HOSTS)),
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
_SHOWN_IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_LARGEST = 2**63


@pages.get("/kb/open/<int:search>/<int:entry>")
@limiter.limit("120 per minute", key_func=get_remote_address)
def open_answer(search: int, entry: int) -> ResponseReturnValue:
    """Lead to an answer, and count it once. Only to the address that the index has of it."""
    if max(search, entry) >= _LARGEST:
        abort(404)
    with reading(current().database) as connection:
        found = searches.answer(connection, search, entry)
    if found is None or not _is_web(found.url):
        abort(404)
    if not found.public and g.person is None:
        return require_sign_in()
    if request.method == "GET":
        with current().database.begin() as connection:
            searches.opened(connection, search, entry, utc_now())
    answer = redirect(found.url, 302)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@pages.get("/kb/internal/<article_id>")
def internal_article(article_id: str) -> ResponseReturnValue:
    """An article that only signed-in people read, in the language asked for or the reader's."""
    with reading(current().database) as connection:
        row = internal.get(connection, article_id)
    if row is None:
        abort(404)
    if row.archived:
        if _is_web(row.moved_to):
            return redirect(row.moved_to, 302)
        abort(404)
    texts = {language: text for language, text in row.texts.items() if not text["draft"]}
    language = _language(texts, request.args.get("language", ""), person())
    if language is None:
        abort(404)
    answer = make_response(
        render_template(
            "internal_article.html",
            article=row,
            language=language,
            languages=sorted(texts),
            text=texts[language],
            # Cleaned to the allowed list just now, and the policy below runs nothing.
            body=Markup(allowed.clean(texts[language]["html"]).html),  # noqa: S704
            path=internal.path_of(row.section),
        )
    )
    answer.headers["Content-Security-Policy"] = _POLICY
    return answer


@pages.get("/kb/files/<digest>")
def internal_file(digest: str) -> ResponseReturnValue:
    """A file of an internal article: pictures are shown, everything else is saved."""
    with reading(current().database) as connection:
        row = internal.get_file(connection, digest)
    if row is None:
        abort(404)
    shown = row.content_type in _SHOWN_IMAGES
    answer = Response(row.content, content_type=row.content_type if shown else "application/octet-stream")
    answer.headers.set("Content-Disposition", "inline" if shown else "attachment", filename=row.filename)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


@pages.post("/tickets/<desk>/<ticket_id>/no-article")
@limiter.limit("30 per minute", key_func=lambda: f"person:{person().id}")
def no_article(desk: str, ticket_id: str) -> ResponseReturnValue:
    """Say that no article answers a ticket: a draft is made of it."""
    if current().actions.ask_candidate(desk, ticket_id, person().name):
        flash(gettext("Noted. A draft is made of the question and the answer, and waits in the knowledge base."))
    else:
        flash(gettext("A draft was asked for before."), "warning")
    return redirect(url_for("pages.ticket_page", desk=desk, ticket_id=ticket_id), 303)


def _is_web(url: str) -> bool:
    """Whether an address is one to send a browser to; those of targets come from outside."""
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _language(texts: dict[str, object], wanted: str, reader: Row) -> str | None:
    """The tag asked for, else one of the reader's language, else the first there is."""
    if wanted in texts:
        return wanted
    own = [language for language in sorted(texts) if language.partition("-")[0] == reader.language]
    return next(iter([*own, *sorted(texts)]), None)
