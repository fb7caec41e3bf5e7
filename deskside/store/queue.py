"""The queue as the index gives it: waiting tickets by (pool, key, id)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from deskside.order.key import Caps
from deskside.store.database import Row
from deskside.store.tables import ticket


@dataclass(frozen=True, slots=True)
class PoolState:
    """One pool: how many tickets wait, how many of them for a dead server, and since when the oldest waits."""

    pool: str
    waiting: int
    down: int
    oldest: datetime | None


def top(connection: sa.Connection, pool: str, limit: int = 20, skip: int = 0) -> Sequence[Row]:
    """The first waiting tickets of a pool, in the order they should be taken."""
    return connection.execute(
        sa.select(ticket)
        .where(ticket.c.waiting, ticket.c.pool == pool)
        .order_by(ticket.c.pool, ticket.c.key, ticket.c.id)
        .limit(limit)
        .offset(skip)
    ).all()


def position(connection: sa.Connection, row: Row) -> int:
    """The place of a waiting ticket in its pool; 1 is next."""
    before = sa.or_(ticket.c.key < row.key, sa.and_(ticket.c.key == row.key, ticket.c.id < row.id))
    ahead = connection.scalar(
        sa.select(sa.func.count()).select_from(ticket).where(ticket.c.waiting, ticket.c.pool == row.pool, before)
    )
    return int(ahead or 0) + 1


def neighbour_ahead(connection: sa.Connection, row: Row) -> Row | None:
    """The ticket directly before this one, or None at the head."""
    before = sa.or_(ticket.c.key < row.key, sa.and_(ticket.c.key == row.key, ticket.c.id < row.id))
    return connection.execute(
        sa.select(ticket)
        .where(ticket.c.waiting, ticket.c.pool == row.pool, before)
        .order_by(ticket.c.key.desc(), ticket.c.id.desc())
        .limit(1)
    ).first()


def pools(connection: sa.Connection) -> tuple[PoolState, ...]:
    """Every pool in which a ticket waits: those with dead servers first, then by name."""
    rows = connection.execute(
        sa.select(
            ticket.c.pool,
            sa.func.count(),
            sa.func.sum(sa.case((ticket.c.health == "down", 1), else_=0)),
            sa.func.min(ticket.c.arrived_at),
        )
        .where(ticket.c.waiting)
        .group_by(ticket.c.pool)
        .order_by(ticket.c.pool)
    )
    found = [PoolState(*row) for row in rows]
    return tuple(sorted(found, key=lambda state: (-state.down, state.pool)))


def served(connection: sa.Connection, row: Row, caps: Caps) -> Sequence[Row]:
    """Count that this ticket was taken, for everybody who came before it and still waits; pin who reached the cap.

    An emergency does not count: nobody is pinned because servers died. Returns the tickets that were pinned now, as
    they are since then.
    """
    if row.emergency or not caps.overtaken:
        return ()
    connection.execute(
        sa.update(ticket)
        .where(ticket.c.waiting, ticket.c.pool == row.pool, ticket.c.arrived < row.arrived)
        .values(overtaken=ticket.c.overtaken + 1)
    )
    pinned_key = ticket.c.arrived - caps.contract * 60
    return connection.execute(
        sa.update(ticket)
        .where(
            ticket.c.waiting,
            ticket.c.pool == row.pool,
            ticket.c.pinned.is_(False),
            ticket.c.overtaken >= caps.overtaken,
        )
        .values(pinned=True, key=sa.case((ticket.c.key < pinned_key, ticket.c.key), else_=pinned_key))
        .returning(ticket)
    ).all()
