"""The outbox: one row for each intended change of the outside, sent once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from deskside.model.effect import EffectKind
from deskside.store.database import Row, insert_new, utc_now
from deskside.store.tables import effect

_AT_ONCE = 500


def plan(
    connection: sa.Connection, key: str, *, desk: str, ticket_id: str, kind: EffectKind, payload: dict[str, Any]
) -> bool:
    """Intend an effect; false when one with this key was intended before."""
    return insert_new(
        connection,
        effect,
        key=key,
        desk=desk,
        ticket_id=ticket_id,
        kind=EffectKind(kind).value,
        payload=payload,
        created_at=utc_now(),
    )


def plan_again(connection: sa.Connection, wanted: Sequence[Mapping[str, Any]]) -> Sequence[str]:
    """Intend effects (rows without their state), also those that were settled before; the keys of those to be sent."""
    dialect_insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    now, planned = utc_now(), list[str]()
    for start in range(0, len(wanted), _AT_ONCE):
        rows = [{**row, "created_at": now} for row in wanted[start : start + _AT_ONCE]]
        statement = dialect_insert(effect).values(rows)
        settled = effect.c.state.in_(["done", "dropped", "dead"])
        again = {"state": "planned", "error": "", "settled_at": None}
        upsert = statement.on_conflict_do_update(index_elements=["key"], set_=again, where=settled)
        planned += connection.scalars(upsert.returning(effect.c.key))
    return planned


def get(connection: sa.Connection, key: str) -> Row | None:
    """The whole row."""
    return connection.execute(sa.select(effect).where(effect.c.key == key)).first()


def start(connection: sa.Connection, key: str) -> None:
    """Count an attempt. Committed before the request leaves, so that a later one knows to look first."""
    connection.execute(
        sa.update(effect)
        .where(effect.c.key == key)
        .values(state="trying", attempts=effect.c.attempts + 1, tried_at=utc_now())
    )


def not_sent(connection: sa.Connection, key: str, error: str) -> None:
    """Take an attempt back that surely did not reach the desk."""
    connection.execute(
        sa.update(effect)
        .where(effect.c.key == key)
        .values(state="planned", attempts=effect.c.attempts - 1, error=error[:2000])
    )


def settle(connection: sa.Connection, key: str, state: str, *, reference: str = "", error: str = "") -> None:
    """Record the end of an effect: `done` with the desk's reference, or `dead` with the reason."""
    connection.execute(
        sa.update(effect)
        .where(effect.c.key == key)
        .values(state=state, reference=reference[:200], error=error[:2000], settled_at=utc_now())
    )


def replan(connection: sa.Connection, key: str) -> bool:
    """Make a dead effect wait again; its attempts stay counted, so the marker is looked for first."""
    changed = connection.execute(
        sa.update(effect)
        .where(effect.c.key == key, effect.c.state == "dead")
        .values(state="planned", error="", settled_at=None)
        .returning(effect.c.key)
    )
    return changed.first() is not None


def of_ticket(connection: sa.Connection, desk: str, ticket_id: str, limit: int = 50) -> Sequence[Row]:
    """The effects of one ticket, newest first."""
    return connection.execute(
        sa.select(effect)
        .where(effect.c.desk == desk, effect.c.ticket_id == ticket_id)
        .order_by(effect.c.created_at.desc())
        .limit(limit)
    ).all()


def in_state(connection: sa.Connection, state: str, limit: int = 200) -> Sequence[Row]:
    """Effects in one state, newest first."""
    return connection.execute(
        sa.select(effect).where(effect.c.state == state).order_by(effect.c.created_at.desc()).limit(limit)
    ).all()


def sent_since(connection: sa.Connection, desk: str, ticket_id: str, since: datetime) -> int:
    """How many updates of one ticket were tried since then: Zendesk allows 30 in ten minutes."""
    found = connection.scalar(
        sa.select(sa.func.count())
        .select_from(effect)
        .where(effect.c.desk == desk, effect.c.ticket_id == ticket_id, effect.c.tried_at >= since)
    )
    return int(found or 0)


def counts(connection: sa.Connection) -> dict[str, int]:
    """How many effects are in each state."""
    rows = connection.execute(sa.select(effect.c.state, sa.func.count()).group_by(effect.c.state))
    return {row[0]: row[1] for row in rows}
