"""The search over every article, as agents have it."""

from collections.abc import Iterator

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from deskside.knowledge.search import command, query, searches
from deskside.knowledge.search.query import Hit
from deskside.store.database import utc_now
from webhooks.context import current
from webhooks.limits import limiter
from webhooks.pages.access import person
from webhooks.pages.blueprint import pages
from webhooks.pages.knowledge import room

ANSWERS = 20
LONGEST = 400


@pages.get("/kb/search")
@limiter.limit("120 per minute", key_func=lambda: f"person:{person().id}")
def find_page() -> ResponseReturnValue:
    """The articles that answer a question, those in the reader's language before others; links count what is opened."""
    asked = request.args.get("q", "").strip()[:LONGEST]
    language = str(get_locale() or "")
    with current().database.begin() as connection:
        hits: tuple[Hit, ...] = ()
        search = 0
        if asked:
            hits = query.find(connection, asked, language, limit=ANSWERS, synonyms=current().synonyms)
            search = searches.note(connection, asked, hits, searches.AGENT, utc_now(), language=language)
        return room.render(
            connection,
            "find.html",
            asked=asked,
            hits=hits,
            pieces=pieces,
            opening=lambda hit: command.opening(search, hit.entry),
        )


def pieces(hit: Hit) -> Iterator[tuple[str, bool]]:
    """The snippet in pieces, each with whether it is a word of the question."""
    at = 0
    for start, end in hit.marks:
        if start > at:
            yield hit.snippet[at:start], False
        yield hit.snippet[start:end], True
        at = end
    if at < len(hit.snippet):
        yield hit.snippet[at:], False
