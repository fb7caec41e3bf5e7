"""A plan: its actions with their reasons, and what of it a person lets be applied."""

import sqlalchemy as sa
from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from deskside.errors import Permanent
from deskside.knowledge import planned, plans
from deskside.store.database import Row, reading
from webhooks.context import current
from webhooks.limits import limiter
from webhooks.pages.access import needs, person
from webhooks.pages.blueprint import pages
from webhooks.pages.knowledge import room
from webhooks.pages.rows import one
from webhooks.pages.words import gettext

STEP = 50
FURTHEST = 1_000_000
RECENT = 10


@pages.get("/kb/plans/<int:number>")
def plan_page(number: int) -> ResponseReturnValue:
    """One plan: all its actions, or those of one kind or target."""
    kind, target = request.args.get("kind", "")[:16], request.args.get("target", "")[:64]
    offset = min(FURTHEST, max(0, request.args.get("from", 0, type=int)))
    with reading(current().database) as connection:
        row = one(connection, plans.get, number)
        document = room.document(connection, row)
        came = planned.came_of(document, row.outcome)
        actions = [action for action in document.actions if kind in ("", action.kind) and target in ("", action.target)]
        return room.render(
            connection,
            "plan.html",
            plan=row,
            document=document,
            came=came,
            rest=len(planned.rest(document, came)),
            newest=room.newest(connection),
            actions=actions[offset : offset + STEP],
            number=len(actions),
            targets=sorted({action.target for action in document.actions}),
            kind=kind,
            target=target,
            offset=offset,
            step=STEP,
            recent=plans.recent(connection, RECENT),
        )


@pages.post("/kb/plans/<int:number>/apply")
@limiter.limit("30 per minute", key_func=lambda: f"person:{person().id}")
@needs("ops")
def apply_plan(number: int) -> ResponseReturnValue:
    """Apply the newest plan, or one action of it; what is held back by its number needs that number typed."""
    try:
        with current().database.begin() as connection:
            ids, allow = _chosen(connection, one(connection, plans.get, number))
            if not current().actions.apply_knowledge(connection, number, ids, person().name, allow):
                raise Permanent(gettext("no source or target is configured"))
    except Permanent as error:
        flash(gettext("Nothing was done: %(why)s.", why=str(error)), "error")
    else:
        flash(gettext("It is being applied. What changed on a target since the plan is left out."))
    return redirect(url_for("pages.plan_page", number=number), 303)


def _chosen(connection: sa.Connection, row: Row) -> tuple[list[str] | None, int | None]:
    """Which actions the form means, and the number that lets articles go. Raises Permanent where it may not be."""
    newest = room.newest(connection)
    if newest is None or newest.id != row.id:
        raise Permanent(gettext("there is a newer plan"))
    if row.state == plans.APPLYING:
        raise Permanent(gettext("it is being applied already"))
    document = room.document(connection, row)
    if "archive" in request.form:
        numbered = [action.id for action in document.actions if action.numbered]
        if not numbered or request.form["archive"].strip() != str(len(numbered)):
            raise Permanent(gettext("the number must be exactly %(number)s", number=len(numbered)))
        return numbered, len(numbered)
    rest = [action.id for action in planned.rest(document, planned.came_of(document, row.outcome))]
    only = request.form.getlist("only")
    if not rest or not set(only) <= set(rest):
        raise Permanent(gettext("there is no such action in the plan, or it is done"))
    return only or rest, None
