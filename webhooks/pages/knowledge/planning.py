"""A plan: its actions with their reasons, and what of it a person lets be applied."""

from collections.abc import Sequence

import sqlalchemy as sa
from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from deskside.errors import Permanent
from deskside.knowledge import planned, plans
from deskside.knowledge.planned import PlanDocument
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
        actions = [action for action in document.actions if kind in ("", action.kind) and target in ("", action.target)]
        return room.render(
            connection,
            "plan.html",
            plan=row,
            document=document,
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
    only = [text[:600] for text in request.form.getlist("only") if text]
    try:
        with current().database.begin() as connection:
            row = one(connection, plans.get, number)
            allow = _number(row, connection, only)
            if not current().actions.apply_knowledge(connection, number, only=only, allow_archive=allow):
                raise Permanent(gettext("no source or target is configured"))
    except Permanent as error:
        flash(gettext("Nothing was done: %(why)s.", why=str(error)), "error")
    else:
        flash(gettext("It is being applied. What changed on a target since the plan is left out."))
    return redirect(url_for("pages.plan_page", number=number), 303)


def _number(row: Row, connection: sa.Connection, only: Sequence[str]) -> int | None:
    """The number that allows archiving. Raises Permanent when the plan may not be applied, or so not."""
    newest = room.newest(connection)
    if newest is None or newest.id != row.id:
        raise Permanent(gettext("there is a newer plan"))
    if row.state == plans.APPLYING:
        raise Permanent(gettext("it is being applied already"))
    document = room.document(connection, row)
    known = {action.id for action in document.actions if action.kind in planned.APPLIED}
    if not set(only) <= known:
        raise Permanent(gettext("there is no such action in the plan"))
    typed = request.form.get("archive", "").strip()
    if "archive" not in request.form:
        return None
    needed = _needed(document)
    if not typed.isascii() or not typed.isdecimal() or len(typed) > 9 or int(typed) != needed:
        raise Permanent(gettext("the number must be exactly %(number)s", number=needed))
    return needed


def _needed(document: PlanDocument) -> int:
    return sum(document.numbered.values())
