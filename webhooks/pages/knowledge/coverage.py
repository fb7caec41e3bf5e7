"""Which tickets had no article, and which articles should be written."""

from datetime import timedelta

from flask import Response, abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from deskside.knowledge.search import candidates, coverage
from deskside.store.database import reading, utc_now
from webhooks.context import current
from webhooks.limits import limiter
from webhooks.pages.access import needs, person
from webhooks.pages.blueprint import pages
from webhooks.pages.knowledge import room
from webhooks.pages.rows import one, row_id
from webhooks.pages.words import gettext

DAYS = 30
GAPS = 20
# More tickets of one gap than these are only counted.
TICKETS = 25
CANDIDATES = 100


@pages.get("/kb/coverage")
def coverage_page() -> ResponseReturnValue:
    """How many tickets of the last days had an article, what the others were about, and the candidates."""
    since = utc_now() - timedelta(days=DAYS)
    with reading(current().database) as connection:
        return room.render(
            connection,
            "coverage.html",
            summary=coverage.summary(connection, since),
            gaps=coverage.without(connection, since, GAPS),
            candidates=candidates.open(connection, CANDIDATES),
            days=DAYS,
            tickets=TICKETS,
        )


@pages.get("/kb/candidates/<int:number>.md")
def candidate_file(number: int) -> ResponseReturnValue:
    """A candidate as a file for a folder of articles."""
    with reading(current().database) as connection:
        row = one(connection, candidates.get, number)
    name = f"attachment; filename=candidate-{row.id}.md"
    return Response(
        candidates.markdown(row), headers={"Content-Disposition": name}, content_type="text/markdown; charset=utf-8"
    )


@pages.post("/kb/candidates/<int:number>/<any(written, dropped):what>")
@limiter.limit("60 per minute", key_func=lambda: f"person:{person().id}")
@needs("ops")
def settle_candidate(number: int, what: str) -> ResponseReturnValue:
    """Say that an article came of it, or that nobody wants one."""
    with current().database.begin() as connection:
        if not row_id(number):
            abort(404)
        if candidates.settle(connection, number, what):
            flash(gettext("It is marked as written.") if what == candidates.WRITTEN else gettext("It is dropped."))
        else:
            one(connection, candidates.get, number)
            flash(gettext("Somebody has settled it already."), "warning")
    return redirect(url_for("pages.coverage_page", _anchor="candidates"), 303)
