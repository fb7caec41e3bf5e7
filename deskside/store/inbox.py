"""Deliveries as they came, and what became of them."""

from collections.abc import Sequence

import sqlalchemy as sa

from deskside.store.database import Row, insert_new, utc_now
from deskside.store.tables import inbox

LISTED = (
    inbox.c.id,
    inbox.c.source,
    inbox.c.type,
    inbox.c.ticket_id,
    inbox.c.received_at,
    inbox.c.state,
    inbox.c.outcome,
    inbox.c.settled_at,
)


def add(
    connection: sa.Connection,
    *,
    source: str,
    delivery_id: str,
    type: str,
    ticket_id: str | None,
    headers: dict[str, str],
    body: bytes,
) -> int | None:
    """Store a delivery; its row id, or None when it was there before."""
    new = insert_new(
        connection,
        inbox,
        source=source,
        delivery_id=delivery_id,
        type=type[:120],
        ticket_id=ticket_id,
        headers=headers,
        body=body,
        received_at=utc_now(),
    )
    if not new:
        return None
    found: int | None = connection.scalar(
        sa.select(inbox.c.id).where(inbox.c.source == source, inbox.c.delivery_id == delivery_id)
    )
    return found


def get(connection: sa.Connection, inbox_id: int) -> Row | None:
    """The whole row."""
    return connection.execute(sa.select(inbox).where(inbox.c.id == inbox_id)).first()


def settle(connection: sa.Connection, inbox_id: int, state: str, outcome: str) -> None:
    """Record what became of a delivery: `done`, `ignored` or `dead`."""
    connection.execute(
        sa.update(inbox).where(inbox.c.id == inbox_id).values(state=state, outcome=outcome[:2000], settled_at=utc_now())
    )


def reopen(connection: sa.Connection, inbox_id: int) -> None:
    """Make a delivery wait again, for a replay."""
    connection.execute(
        sa.update(inbox).where(inbox.c.id == inbox_id).values(state="waiting", outcome="", settled_at=None)
    )


def recent(
    connection: sa.Connection, *, state: str | None = None, before: int | None = None, limit: int = 50
) -> Sequence[Row]:
    """The newest deliveries without their bodies, newest first; `before` is a row id to page on from."""
    query = sa.select(*LISTED).order_by(inbox.c.id.desc()).limit(limit)
    if state:
        query = query.where(inbox.c.state == state)
    if before:
        query = query.where(inbox.c.id < before)
    return connection.execute(query).all()


def counts(connection: sa.Connection) -> dict[str, int]:
    """How many deliveries are in each state."""
    rows = connection.execute(sa.select(inbox.c.state, sa.func.count()).group_by(inbox.c.state))
    return {row[0]: row[1] for row in rows}
