"""What Deskside knows of each ticket."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from deskside.store import queue
from deskside.store.database import Row
from deskside.store.tables import ticket

# What the queue's own rows hold of a ticket.
_QUEUED = frozenset({"waiting", "pool", "pools", "key", "arrived", "arrived_at", "health"})

# In these nothing is looked at any more. A ticket that comes back from being solved is looked at anew.
ENDED = ("solved", "closed", "deleted")


def get(connection: sa.Connection, desk: str, ticket_id: str, *, lock: bool = False) -> Row | None:
    """The row of a ticket, or None when it was never seen; with `lock` nobody else changes it in this transaction."""
    query = sa.select(ticket).where(ticket.c.desk == desk, ticket.c.ticket_id == ticket_id)
    return connection.execute(query.with_for_update() if lock else query).first()


def put(connection: sa.Connection, desk: str, ticket_id: str, **values: Any) -> Row:
    """Update a ticket's row, or insert it; a first insert needs every column that has no default. The row then."""
    stored = update(connection, desk, ticket_id, **values)
    if stored is None:
        statement = sa.insert(ticket).values(desk=desk, ticket_id=ticket_id, **values).returning(ticket)
        stored = connection.execute(statement).one()
        queue.enter(connection, stored)
    return stored


def update(connection: sa.Connection, desk: str, ticket_id: str, **values: Any) -> Row | None:
    """Change some columns of a ticket; its row then, or None when it is not known."""
    changed = connection.execute(
        sa.update(ticket)
        .where(ticket.c.desk == desk, ticket.c.ticket_id == ticket_id)
        .values(**values)
        .returning(ticket)
    ).first()
    if changed is not None and values.keys() & _QUEUED:
        queue.enter(connection, changed)
    return changed


def opened_by(connection: sa.Connection, desk: str, client_id: str, since: datetime, until: datetime) -> int:
    """How many tickets this client opened from `since` until just before `until`."""
    counted = sa.select(sa.func.count()).where(
        ticket.c.desk == desk,
        ticket.c.client_id == client_id,
        ticket.c.created_at >= since,
        ticket.c.created_at < until,
    )
    return int(connection.scalar(counted) or 0)


def waiting(connection: sa.Connection) -> Sequence[Row]:
    """Every ticket that waits."""
    return connection.execute(sa.select(ticket).where(ticket.c.waiting).order_by(ticket.c.id)).all()


def waiting_targets(connection: sa.Connection) -> Sequence[Row]:
    """Desk, id and targets of every waiting ticket that has any, the first in the queue first."""
    rows = connection.execute(
        sa.select(ticket.c.desk, ticket.c.ticket_id, ticket.c.targets)
        .where(ticket.c.waiting)
        .order_by(ticket.c.key, ticket.c.id)
    )
    return [row for row in rows if row.targets]


@dataclass(frozen=True, slots=True)
class Known:
    """What a listing of changes is compared with: the last reading, and when we last wrote ourselves."""

    digest: str
    updated_at: datetime
    own_write_at: datetime


def digests(connection: sa.Connection, desk: str, ticket_ids: list[str]) -> dict[str, Known]:
    """The known ones of these tickets."""
    rows = connection.execute(
        sa.select(ticket.c.ticket_id, ticket.c.digest, ticket.c.updated_at, ticket.c.own_write_at).where(
            ticket.c.desk == desk, ticket.c.ticket_id.in_(ticket_ids)
        )
    )
    return {row.ticket_id: Known(row.digest, row.updated_at, row.own_write_at or row.updated_at) for row in rows}


def unfinished(connection: sa.Connection, desk: str) -> frozenset[str]:
    """The ids of this desk's tickets that were not solved, closed or gone when they were last read."""
    rows = connection.execute(sa.select(ticket.c.ticket_id).where(ticket.c.desk == desk, ticket.c.status.not_in(ENDED)))
    return frozenset(row.ticket_id for row in rows)
