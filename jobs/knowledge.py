"""The knowledge base in a worker: look at sources and targets, plan, apply what is safe, leave the rest to people.

Sources and targets are used by one thread at a time: everything here runs on one lane.
"""

import logging
from collections.abc import Collection, Sequence
from datetime import timedelta

import sqlalchemy as sa

from adapters.knowledge import plan_file
from adapters.knowledge.actions import Action
from adapters.knowledge.applying import run as applying
from adapters.knowledge.building import Publishing
from adapters.knowledge.looking import look as look_outside
from adapters.knowledge.settings import SAFE
from deskside.errors import Malformed, Permanent
from deskside.knowledge import bindings, decisions, plans
from deskside.store.database import reading, utc_now
from jobs.context import Context
from jobs.engine.tasks import Run, Settle, task

log = logging.getLogger(__name__)

LANE = "knowledge"
CLOCK = "clock"
PRIORITY = -20


@task("knowledge.tick", max_attempts=1)
def tick(run: Run) -> Settle | None:
    """The clock's wish for a look. It waits its turn behind what people asked for."""
    context: Context = run.context
    if context.publishing is None:
        return None
    return lambda connection: context.engine.enqueue(
        connection, "knowledge.look", lane=LANE, priority=PRIORITY, by=CLOCK
    )


@task("knowledge.look", max_attempts=1)
def look(run: Run, by: str, decided: Sequence[str] = ()) -> Settle | None:
    """Look at everything, store the plan, and apply what is safe.

    `decided` are the actions that a person has just decided on: they are applied whatever `[knowledge] apply` says.
    """
    context: Context = run.context
    publishing = context.publishing
    if publishing is None or (by == CLOCK and _is_fresh(context, publishing)):
        return None
    plan = look_outside(publishing, context.database, stopping=context.stopping.is_set)
    with context.database.begin() as connection:
        plan_id = plans.put(connection, _maker(by), plan_file.dump(plan), plan.counts, utc_now())
    wanted = applying.chosen(plan, None if publishing.settings.apply == SAFE else decided)
    if wanted:
        _apply(context, publishing, plan_id, wanted)
    return None


@task("knowledge.apply", max_attempts=1)
def apply(
    run: Run, plan_id: int, ids: Sequence[str] | None, by: str, allow_archive: int | None = None
) -> Settle | None:
    """Apply actions of a stored plan that a person chose, and look again."""
    context: Context = run.context
    publishing = context.publishing
    if publishing is None:
        return None
    with reading(context.database) as connection:
        row = plans.get(connection, plan_id)
    if row is None:
        raise Permanent("the plan is not kept any more")
    try:
        wanted = applying.chosen(plan_file.load(row.document), ids, allow_archive)
    except Malformed as error:
        raise Permanent(str(error)) from None
    log.info("%s applies %d actions of plan %d", by, len(wanted), plan_id)
    _apply(context, publishing, plan_id, wanted)
    return lambda connection: context.engine.enqueue(connection, "knowledge.look", lane=LANE, priority=PRIORITY, by=by)


def look_soon(context: Context, connection: sa.Connection, by: str) -> bool:
    """Have everything looked at, with the commit of this transaction. False without a knowledge base."""
    if context.publishing is None:
        return False
    context.engine.enqueue(connection, "knowledge.look", lane=LANE, by=by)
    return True


def apply_soon(
    context: Context,
    connection: sa.Connection,
    plan_id: int,
    ids: Sequence[str] | None,
    by: str,
    allow_archive: int | None = None,
) -> bool:
    """Have actions of a plan applied, with the commit of this transaction. False without a knowledge base."""
    if context.publishing is None:
        return False
    context.engine.enqueue(
        connection,
        "knowledge.apply",
        lane=LANE,
        plan_id=plan_id,
        ids=None if ids is None else list(ids),
        by=by,
        allow_archive=allow_archive,
    )
    return True


def decide(context: Context, connection: sa.Connection, binding_id: int, decision: str, seen: str, by: str) -> bool:
    """Note what a person decided, and have it done; false when the binding is not managed any more."""
    if context.publishing is None or not decisions.decide(connection, binding_id, decision, seen, by, utc_now()):
        return False
    context.engine.enqueue(connection, "knowledge.look", lane=LANE, by=by, decided=sorted(_ids(connection, binding_id)))
    return True


def _ids(connection: sa.Connection, binding_id: int) -> Collection[str]:
    """What a decision about a binding may let happen: its text is written, or its article leaves."""
    row = bindings.get(connection, binding_id)
    if row is None:
        return ()
    named = {"target": row.target, "source": row.source, "document": row.document}
    return {Action(kind="", **named, language=row.language).id, Action(kind="", **named).id}


def _apply(context: Context, publishing: Publishing, plan_id: int, wanted: Sequence[Action]) -> None:
    with context.database.begin() as connection:
        plans.begin(connection, plan_id, utc_now())
    outcome = applying.apply(publishing, context.database, wanted, plan=plan_id, stopping=context.stopping)
    with context.database.begin() as connection:
        plans.finish(connection, plan_id, outcome.as_json(), "; ".join(outcome.stopped.values()), utc_now())


def _is_fresh(context: Context, publishing: Publishing) -> bool:
    """Whether a plan was made so lately that the clock need not: looks that take long would pile up."""
    with reading(context.database) as connection:
        newest = plans.latest(connection)
    half = timedelta(minutes=publishing.settings.every_minutes) / 2
    return newest is not None and utc_now() - newest.made_at < half


def _maker(by: str) -> str:
    return CLOCK if by == CLOCK else "page"
