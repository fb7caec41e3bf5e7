"""The next ticket: taking it, keeping it, giving it back, passing it over."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from webhooks import claims
from webhooks.pages import show
from webhooks.pages.access import person
from webhooks.pages.blueprint import pages
from webhooks.pages.words import gettext, ngettext

LONGEST_REASON = 500


@pages.post("/queue/next")
def next_ticket() -> ResponseReturnValue:
    """Give whoever asks the next ticket of their pools, and open it."""
    given = claims.give_next(person().name)
    if given.row is not None:
        return _open(given.row.desk, given.row.ticket_id)
    if given.skipped:
        flash(
            ngettext(
                "Nobody waits for you but %(num)s ticket that you passed over.",
                "Nobody waits for you but %(num)s tickets that you passed over.",
                given.skipped,
            ),
            "warning",
        )
    else:
        flash(gettext("Nobody waits for you now."))
    return redirect(url_for("pages.queue_page"), 303)


@pages.post("/tickets/<desk>/<ticket_id>/renew")
def renew_claim(desk: str, ticket_id: str) -> ResponseReturnValue:
    """Have the ticket for another while."""
    if claims.renew(desk, ticket_id, person().name) is None:
        _not_yours()
    return _open(desk, ticket_id)


@pages.post("/tickets/<desk>/<ticket_id>/give-back")
def give_back(desk: str, ticket_id: str) -> ResponseReturnValue:
    """Make the ticket anybody's again."""
    if claims.give_back(desk, ticket_id, person().name):
        flash(gettext("You gave the ticket back: it is the next one again."))
    else:
        _not_yours()
    return redirect(url_for("pages.queue_page"), 303)


@pages.post("/tickets/<desk>/<ticket_id>/skip")
def skip_ticket(desk: str, ticket_id: str) -> ResponseReturnValue:
    """Pass the ticket over, for a reason that everybody sees."""
    reason = show.plain(request.form.get("reason", ""), LONGEST_REASON)
    if not reason:
        flash(gettext("Say why you pass it over: everybody sees the reason."), "error")
        return _open(desk, ticket_id)
    if claims.skip(desk, ticket_id, person().name, reason) is None:
        _not_yours()
    else:
        flash(gettext("You passed the ticket over. It keeps its place for the others, and your reason is on it."))
    return redirect(url_for("pages.queue_page"), 303)


def _not_yours() -> None:
    flash(gettext("This ticket is not yours any more: your time ran out, or it was answered."), "warning")


def _open(desk: str, ticket_id: str) -> ResponseReturnValue:
    return redirect(url_for("pages.ticket_page", desk=desk, ticket_id=ticket_id), 303)
