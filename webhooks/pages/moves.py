"""Moving a ticket forward: the place it would get is shown before anybody decides."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from deskside.store import moves, tickets
from deskside.store.database import reading
from webhooks.context import current
from webhooks.pages import show
from webhooks.pages.access import needs, person
from webhooks.pages.blueprint import pages
from webhooks.pages.words import gettext

LONGEST_REASON = 500


@pages.get("/tickets/<desk>/<ticket_id>/move")
@needs("ops")
def move_page(desk: str, ticket_id: str) -> ResponseReturnValue:
    """What each kind of move would do, and a form to decide."""
    return _page(desk, ticket_id)


@pages.post("/tickets/<desk>/<ticket_id>/move")
@needs("ops")
def move_ticket(desk: str, ticket_id: str) -> ResponseReturnValue:
    """Move the ticket, if it would get the place that was shown."""
    kind = request.form.get("kind", "")
    reason = show.plain(request.form.get("reason", ""), LONGEST_REASON)
    if kind not in moves.FORWARD or not reason:
        return _page(desk, ticket_id, gettext("Choose a move and say why: everybody sees the reason.")), 422
    expected = request.form.get(f"place-{kind}", type=int)
    answer = current().actions.move(desk, ticket_id, kind, person().name, reason, expected=expected)
    if answer is None:
        abort(404)
    if answer.made:
        flash(
            gettext(
                "Moved from place %(before)s to place %(after)s.",
                before=answer.prospect.before,
                after=answer.prospect.after,
            )
        )
        return redirect(url_for("pages.ticket_page", desk=desk, ticket_id=ticket_id), 303)
    return _page(desk, ticket_id, _said(answer)), 409


def _said(answer: moves.Answer) -> str:
    if answer.refused == "changed":
        return gettext("The queue changed meanwhile. Look at the places again.")
    if not answer.prospect.helps:
        return gettext("Its place would stay the same, so nothing was changed.")
    return refusals()[answer.refused]


def refusals() -> dict[str, str]:
    """Why a ticket may not be moved, in words."""
    return {
        "client": gettext("A ticket of this client was moved today already: one a day is the limit."),
        "share": gettext(
            "As many tickets were moved as may be: two in a hundred of those that came in the last eight working hours."
        ),
    }


def _page(desk: str, ticket_id: str, wrong: str | None = None) -> str:
    with reading(current().database) as connection:
        row = tickets.get(connection, desk, ticket_id)
    if row is None:
        abort(404)
    move = current().actions.move
    answers = [
        answer
        for kind in moves.FORWARD
        if (answer := move(desk, ticket_id, kind, person().name, "", dry_run=True)) is not None
    ]
    refused = next((answer.refused for answer in answers if answer.refused), "")
    return render_template(
        "move.html",
        ticket=row,
        prospects=[answer.prospect for answer in answers],
        refusal=refusals().get(refused),
        wrong=wrong,
        reason=request.form.get("reason", ""),
        chosen=request.form.get("kind", ""),
    )
