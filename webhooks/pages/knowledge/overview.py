"""The first screen of the knowledge base: sources, targets, and the last plan."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from deskside.knowledge import overview, planned
from deskside.store.database import reading, utc_now
from webhooks.context import current
from webhooks.limits import limiter
from webhooks.pages.access import needs, person
from webhooks.pages.blueprint import pages
from webhooks.pages.knowledge import room
from webhooks.pages.knowledge.cures import cure
from webhooks.pages.words import gettext

ACTIONS = 12
DONE = planned.Came("done")


@pages.get("/kb")
def knowledge_page() -> ResponseReturnValue:
    """How sources and targets are, and what the last plan says; with `fragment` only what a poll replaces."""
    sources, targets = room.kinds("sources"), room.kinds("targets")
    with reading(current().database) as connection:
        plan = room.newest(connection)
        document = room.document(connection, plan) if plan is not None else planned.PlanDocument()
        came = planned.came_of(document, plan.outcome if plan is not None else {})
        return room.render(
            connection,
            "overview_state.html" if request.args.get("fragment") else "overview.html",
            sources=overview.sources(connection, tuple(sources)),
            targets=overview.targets(connection, utc_now(), tuple(targets)),
            kinds={"sources": sources, "targets": targets},
            cure=cure,
            plan=plan,
            document=document,
            came=came,
            rest=len(planned.rest(document, came)),
            actions=[action for action in document.actions if came.get(action.id) != DONE],
            shown=request.args.get("plan", type=int),
            most=ACTIONS,
        )


@pages.post("/kb/look")
@limiter.limit("12 per minute", key_func=lambda: f"person:{person().id}")
@needs("ops")
def look_now() -> ResponseReturnValue:
    """Look at sources and targets now, instead of when the clock does."""
    with current().database.begin() as connection:
        asked = current().actions.look_at_knowledge(connection, person().name)
    if asked:
        flash(gettext("Sources and targets are being looked at. The new plan appears here by itself."))
    else:
        flash(gettext("No source or target is configured yet."), "warning")
    return redirect(url_for("pages.knowledge_page"), 303)
