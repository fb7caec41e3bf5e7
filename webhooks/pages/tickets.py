"""One ticket: the health of its servers in full, its place, and what was written to the desk."""

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address

from deskside.knowledge.search import candidates, coverage
from deskside.store import boosts, checks, claims, effects, estimates, moves, queue, tickets
from deskside.store.database import reading, utc_now
from push.analytics import people
from webhooks import places, times
from webhooks.context import current
from webhooks.limits import limiter
from webhooks.pages.access import person
from webhooks.pages.access_link import given
from webhooks.pages.blueprint import pages
from webhooks.pages.push import words
from webhooks.pages.words import gettext

CHECKS = 20
MOVES = 20
PUSHES = 5
SUGGESTED = 3


def _by_person() -> str:
    return f"person:{g.person.id}" if g.get("person") is not None else get_remote_address()


@pages.get("/tickets/<desk>/<ticket_id>")
def ticket_page(desk: str, ticket_id: str) -> ResponseReturnValue:
    """All that is known of one ticket; with `fragment` only what a poll replaces."""
    with reading(current().database) as connection:
        row = tickets.get(connection, desk, ticket_id)
        if row is None:
            abort(404)
        place = places.of_ticket(connection, row)
        states = {state.pool: state for state in queue.pools(connection)} if place else {}
        history = checks.of_ticket(connection, desk, ticket_id, CHECKS)
        written = effects.of_ticket(connection, desk, ticket_id)
        accesses = given(connection, row)
        moved = moves.of_ticket(connection, desk, ticket_id, MOVES)
        bought = boosts.of_ticket(connection, desk, ticket_id, MOVES)
        readers = people.of_client(connection, desk, row.client_id or "")
        suggested = coverage.suggestions(connection, desk, ticket_id)[:SUGGESTED]
        covered = coverage.known(connection, desk, ticket_id)
        draft = candidates.of_ticket(connection, desk, ticket_id)
        pushes = people.messages(connection, [reader.id for reader in readers], PUSHES) if readers else ()
    now = utc_now()
    template = "ticket_state.html" if request.args.get("fragment") else "ticket.html"
    return render_template(
        template,
        ticket=row,
        place=place,
        pool=states.get(row.pool),
        times=times.shown(row, estimates.PAGE),
        place_link=times.link(row) if row.waiting else None,
        contributions=places.contributions(row),
        check=history[0] if history else None,
        history=history,
        effects=written,
        accesses=accesses,
        desk_url=current().actions.ticket_url(desk, ticket_id),
        holder=claims.holder(row, now),
        moved=moved,
        bought=bought,
        readers=readers,
        messages=pushes,
        suggested=suggested,
        covered=covered,
        draft=draft,
        words=words,
        now=now,
    )


@pages.post("/tickets/<desk>/<ticket_id>/check")
@limiter.limit("10 per minute", key_func=_by_person)
def check_again(desk: str, ticket_id: str) -> ResponseReturnValue:
    """Ask for a fresh health check."""
    with reading(current().database) as connection:
        if tickets.get(connection, desk, ticket_id) is None:
            abort(404)
    if current().actions.check_again(desk, ticket_id, person().name):
        flash(gettext("A new check was asked for. Its result appears here by itself."))
    else:
        flash(gettext("This ticket was checked less than a minute ago. Try again shortly."), "warning")
    return redirect(url_for("pages.ticket_page", desk=desk, ticket_id=ticket_id), 303)
