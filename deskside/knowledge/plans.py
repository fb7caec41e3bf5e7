"""Plans as they are stored: what should change, and what came of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from deskside.store.database import Row
from deskside.store.knowledge_tables import kb_plan

OPEN, APPLYING, APPLIED, STOPPED = "open", "applying", "applied", "stopped"

_PLAN = kb_plan.c
_ROW = (_PLAN.id, _PLAN.made_at, _PLAN.made_by, _PLAN.counts, _PLAN.state, _PLAN.outcome, _PLAN.error, _PLAN.applied_at)


def put(connection: sa.Connection, made_by: str, document: str, counts: Mapping[str, int], now: datetime) -> int:
    """Store a plan, as its file has it; its number."""
    written = connection.execute(
        sa.insert(kb_plan)
        .values(made_at=now, made_by=made_by, document=document, counts=dict(counts), outcome={})
        .returning(_PLAN.id)
    )
    return int(written.scalar_one())


def get(connection: sa.Connection, plan_id: int) -> Row | None:
    """A plan with its document."""
    return connection.execute(sa.select(kb_plan).where(_PLAN.id == plan_id)).first()


def latest(connection: sa.Connection) -> Row | None:
    """The newest plan with its document; None before the first."""
    return connection.execute(sa.select(kb_plan).order_by(_PLAN.id.desc()).limit(1)).first()


def recent(connection: sa.Connection, limit: int) -> list[Row]:
    """The newest plans without their documents, newest first."""
    return list(connection.execute(sa.select(*_ROW).order_by(_PLAN.id.desc()).limit(limit)))


def begin(connection: sa.Connection, plan_id: int, now: datetime) -> None:
    """Note that a plan is being applied."""
    connection.execute(sa.update(kb_plan).where(_PLAN.id == plan_id).values(state=APPLYING, applied_at=now, error=""))


def finish(connection: sa.Connection, plan_id: int, outcome: Mapping[str, Any], error: str, now: datetime) -> None:
    """Note what came of applying a plan; `error` is what stopped it, empty when it went to its end."""
    connection.execute(
        sa.update(kb_plan)
        .where(_PLAN.id == plan_id)
        .values(state=STOPPED if error else APPLIED, outcome=dict(outcome), error=error, applied_at=now)
    )


def purge(connection: sa.Connection, before: datetime) -> None:
    """Delete the plans made before this time, but for the newest."""
    newest = sa.select(sa.func.max(_PLAN.id)).scalar_subquery()
    connection.execute(sa.delete(kb_plan).where(_PLAN.made_at < before, _PLAN.id != newest))
