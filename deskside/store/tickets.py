"""What Deskside knows of each ticket."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from deskside.store.database import Row
from deskside.store.tables import ticket


def get(connection: sa.Connection, desk: str, ticket_id: str) -> Row | None:
    """The row of a ticket, or None when it was never seen."""
    return connection.execute(sa.select(ticket).where(ticket.c.desk == desk, ticket.c.ticket_id == ticket_id)).first()


def put(connection: sa.Connection, desk: str, ticket_id: str, **values: Any) -> None:
    """Update a ticket's row, or insert it; a first insert needs every column that has no default."""
    if not update(connection, desk, ticket_id, **values):
        connection.execute(sa.insert(ticket).values(desk=desk, ticket_id=ticket_id, **values))


def update(connection: sa.Connection, desk: str, ticket_id: str, **values: Any) -> bool:
    """Change some columns of a ticket; false when it is not known."""
    changed = connection.execute(
        sa.update(ticket)
        .where(ticket.c.desk == desk, ticket.c.ticket_id == ticket_id)
        .values(**values)
        .returning(ticket.c.id)
    )
    return changed.first() is not None


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
