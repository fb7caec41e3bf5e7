"""The queue as the index gives it: a row for each pool a waiting ticket is in, by (pool, key, ticket).

`tickets.put` and `tickets.update` keep these rows; nothing else writes them but what is in this file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from deskside.order.key import Caps
from deskside.store.database import Row
from deskside.store.tables import queue_entry, ticket

_ENTRY = queue_entry.c
_AT_ONCE = 5000
# Who counts a departure holds this lock until its transaction ends (any number of our own).
_LOCK = 7_205_759_406


@dataclass(frozen=True, slots=True)
class PoolState:
    """One pool: how many tickets wait, how many of them for a dead server, and since when the oldest waits."""

    pool: str
    waiting: int
    down: int
    oldest: datetime | None


def enter(connection: sa.Connection, row: Row) -> None:
    """Bring the queue's rows of a ticket to what its own row says: in each of its pools, or nowhere.

    Most looks at a ticket change nothing of that, and then nothing is written.
    """
    wanted = {pool: _entry(row, pool) for pool in pools_of(row)} if row.waiting else {}
    found = connection.execute(sa.select(queue_entry).where(_ENTRY.ticket == row.id))
    there = {entry.pool: dict(entry._mapping) for entry in found}
    stale = [pool for pool, entry in there.items() if entry != wanted.get(pool)]
    if stale:
        connection.execute(sa.delete(queue_entry).where(_ENTRY.ticket == row.id, _ENTRY.pool.in_(stale)))
    missing = [entry for pool, entry in wanted.items() if entry != there.get(pool)]
    if missing:
        connection.execute(sa.insert(queue_entry), missing)


def pools_of(row: Row) -> tuple[str, ...]:
    """The pools that can take a ticket, its first before the others."""
    return tuple(dict.fromkeys((row.pool, *row.pools)))


def rebuild(connection: sa.Connection) -> None:
    """Make all rows of the queue anew from the tickets."""
    connection.execute(sa.delete(queue_entry))
    copied = [ticket.c[name] for name in ("id", "pool", "pools", "key", "arrived", "arrived_at", "health")]
    waiting = connection.execute(sa.select(*copied).where(ticket.c.waiting)).all()
    entries = [_entry(row, pool) for row in waiting for pool in pools_of(row)]
    for start in range(0, len(entries), _AT_ONCE):
        connection.execute(sa.insert(queue_entry), entries[start : start + _AT_ONCE])


def _entry(row: Row, pool: str) -> dict[str, Any]:
    return {
        "pool": pool,
        "key": row.key,
        "ticket": row.id,
        "arrived": row.arrived,
        "arrived_at": row.arrived_at,
        "health": row.health,
    }


def top(connection: sa.Connection, pool: str, limit: int = 20, skip: int = 0) -> Sequence[Row]:
    """The first waiting tickets of a pool, in the order they should be taken."""
    return connection.execute(
        sa.select(ticket)
        .select_from(queue_entry.join(ticket, ticket.c.id == _ENTRY.ticket))
        .where(_ENTRY.pool == pool)
        .order_by(_ENTRY.pool, _ENTRY.key, _ENTRY.ticket)
        .limit(limit)
        .offset(skip)
    ).all()


def position(connection: sa.Connection, row: Row, pool: str | None = None) -> int:
    """The place of a waiting ticket in a pool, its first if none is named; 1 is next."""
    ahead = connection.scalar(
        sa.select(sa.func.count()).select_from(queue_entry).where(_ENTRY.pool == (pool or row.pool), _before(row))
    )
    return int(ahead or 0) + 1


def neighbour_ahead(connection: sa.Connection, row: Row, pool: str | None = None) -> Row | None:
    """The ticket directly before this one in a pool, its first if none is named; None at the head."""
    return connection.execute(
        sa.select(ticket)
        .select_from(queue_entry.join(ticket, ticket.c.id == _ENTRY.ticket))
        .where(_ENTRY.pool == (pool or row.pool), _before(row))
        .order_by(_ENTRY.pool.desc(), _ENTRY.key.desc(), _ENTRY.ticket.desc())
        .limit(1)
    ).first()


def _before(row: Row) -> sa.ColumnElement[bool]:
    return ahead_of(row.key, row.id)


def ahead_of(key: int, ticket_id: int) -> sa.ColumnElement[bool]:
    """The queue's rows that stand before this key of this ticket's row."""
    # As one comparison of rows it is one stretch of the index.
    return sa.tuple_(_ENTRY.key, _ENTRY.ticket) < sa.tuple_(sa.literal(key), sa.literal(ticket_id))


def pools(connection: sa.Connection) -> tuple[PoolState, ...]:
    """Every pool in which a ticket waits: those with dead servers first, then by name."""
    rows = connection.execute(
        sa.select(
            _ENTRY.pool,
            sa.func.count(),
            sa.func.sum(sa.case((_ENTRY.health == "down", 1), else_=0)),
            sa.func.min(_ENTRY.arrived_at),
        )
        .group_by(_ENTRY.pool)
        .order_by(_ENTRY.pool)
    )
    found = [PoolState(*row) for row in rows]
    return tuple(sorted(found, key=lambda state: (-state.down, state.pool)))


def pool_names(connection: sa.Connection) -> tuple[str, ...]:
    """Every pool in which a ticket waits, by name."""
    return names_in(connection, _ENTRY.pool)


def names_in(connection: sa.Connection, column: sa.Column[str]) -> tuple[str, ...]:
    """The values of an indexed column, in order: a step through the index for each, however many rows there are."""
    names = sa.select(sa.func.min(column).label("name")).cte("names", recursive=True)
    following = sa.select(sa.func.min(column)).where(column > names.c.name).scalar_subquery()
    names = names.union_all(sa.select(following).where(names.c.name.is_not(None)))
    return tuple(connection.scalars(sa.select(names.c.name).where(names.c.name.is_not(None))))


def _lowered(key: sa.ColumnElement[int], most: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    # What is NULL stays so.
    return sa.case((key > most, most), else_=key)


def alone(connection: sa.Connection) -> None:
    """Let nobody else count a departure until this transaction ends.

    Before the row of the ticket that departs is locked: of two that depart, each would otherwise hold its own row and
    wait for the other's, which `served` changes. On SQLite a writing transaction is alone anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


def served(connection: sa.Connection, row: Row, caps: Caps) -> Sequence[Row]:
    """Count that this ticket was taken, for everybody who came before it and still waits; pin who reached the cap.

    Those who share a pool with it are counted. An emergency does not count: nobody is pinned because servers died.
    Returns the tickets that were pinned now, as they are since then. Only after `alone`.
    """
    if row.emergency or not caps.overtaken:
        return ()
    beside = _ENTRY.pool.in_(pools_of(row))
    earlier = sa.select(_ENTRY.ticket).where(beside, _ENTRY.arrived < row.arrived)
    connection.execute(
        sa.update(ticket).where(ticket.c.id.in_(earlier), ticket.c.waiting).values(overtaken=ticket.c.overtaken + 1)
    )
    pinned_key = ticket.c.arrived - caps.contract * 60
    pinned = connection.execute(
        sa.update(ticket)
        .where(
            ticket.c.id.in_(sa.select(_ENTRY.ticket).where(beside)),
            ticket.c.waiting,
            ticket.c.pinned.is_(False),
            ticket.c.overtaken >= caps.overtaken,
        )
        .values(
            pinned=True,
            key=_lowered(ticket.c.key, pinned_key),
            shadow_key=_lowered(ticket.c.shadow_key, pinned_key),
            ordinary_key=_lowered(ticket.c.ordinary_key, pinned_key),
        )
        .returning(ticket)
    ).all()
    for item in pinned:
        enter(connection, item)
    return pinned
