"""What arrived and what became of it: deliveries, dead letters, and putting them back to work."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from deskside.store import effects, inbox
from deskside.store.database import reading
from webhooks.context import current
from webhooks.pages.access import needs
from webhooks.pages.blueprint import pages
from webhooks.pages.payload import pretty, safe_headers
from webhooks.pages.words import gettext

STATES = ("waiting", "done", "ignored", "dead")
SHOWN = 50
BIGGEST_ID = 2**63 - 1


@pages.get("/events")
def events_page() -> ResponseReturnValue:
    """The newest deliveries, and every change of the desk that was given up."""
    state = request.args.get("state")
    if state not in STATES:
        state = None
    before = request.args.get("before", type=int)
    if before is not None and not 0 < before <= BIGGEST_ID:
        before = None
    with reading(current().database) as connection:
        rows = inbox.recent(connection, state=state, before=before, limit=SHOWN + 1)
        counts = inbox.counts(connection)
        dead = effects.in_state(connection, "dead", SHOWN) if state in {None, "dead"} and before is None else []
    return render_template(
        "events.html",
        deliveries=rows[:SHOWN],
        older=rows[SHOWN - 1].id if len(rows) > SHOWN else None,
        before=before,
        dead_effects=dead,
        counts=counts,
        total=sum(counts.values()),
        states=STATES,
        state=state,
    )


@pages.get("/events/<int:inbox_id>")
@needs("ops")
def event_page(inbox_id: int) -> ResponseReturnValue:
    """One delivery as it was received."""
    if inbox_id > BIGGEST_ID:
        abort(404)
    with reading(current().database) as connection:
        row = inbox.get(connection, inbox_id)
    if row is None:
        abort(404)
    return render_template(
        "event.html", event=row, headers=safe_headers(row.headers), body=pretty(row.body), size=len(row.body)
    )


@pages.post("/events/<int:inbox_id>/replay")
@needs("ops")
def replay_delivery(inbox_id: int) -> ResponseReturnValue:
    """Let a delivery be worked on once more."""
    if inbox_id > BIGGEST_ID or not current().actions.replay_delivery(inbox_id):
        abort(404)
    flash(gettext("Delivery %(id)s is back at work.", id=inbox_id))
    return redirect(url_for("pages.events_page"), 303)


@pages.post("/events/effects/replay")
@needs("ops")
def replay_effect() -> ResponseReturnValue:
    """Let a change that was given up be tried once more."""
    if not current().actions.replay_effect(request.form.get("key", "")):
        abort(404)
    flash(gettext("The change is back at work."))
    return redirect(url_for("pages.events_page"), 303)
