"""The search over every article, as agents have it."""

from collections.abc import Iterator

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from deskside.knowledge.search import query
from deskside.knowledge.search.query import Hit
from deskside.store.database import reading
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
    """The articles that answer a question, those in the reader's language before others."""
    asked = request.args.get("q", "").strip()[:LONGEST]
    with reading(current().database) as connection:
        hits = query.find(connection, asked, str(get_locale() or ""), limit=ANSWERS) if asked else ()
        return room.render(connection, "find.html", asked=asked, hits=hits, pieces=pieces)


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
