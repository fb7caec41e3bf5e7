"""Deliveries as they came, and what became of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from deskside.store.database import Row, utc_now
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


def _new(statement: Any) -> Any:
    return statement.on_conflict_do_nothing().returning(inbox.c.id, inbox.c.source, inbox.c.delivery_id)


# Made once: these run for every delivery, and building a statement costs more than running it.
_INSERT = {"postgresql": _new(postgresql.insert(inbox)), "sqlite": _new(sqlite.insert(inbox))}
_GET = sa.select(inbox).where(inbox.c.id == sa.bindparam("row_id"))
_SETTLE = sa.update(inbox).where(inbox.c.id == sa.bindparam("row_id"))


@dataclass(frozen=True, slots=True)
class Arrival:
    """A delivery to be stored."""

    source: str
    delivery_id: str
    type: str
    ticket_id: str | None
    headers: Mapping[str, str]
    body: bytes

    @property
    def identity(self) -> tuple[str, str]:
        """What no second row may have."""
        return self.source, self.delivery_id


def add_all(connection: sa.Connection, arrivals: Sequence[Arrival]) -> dict[tuple[str, str], int]:
    """Store deliveries in one statement; the row ids of those that were not there before, by their identity."""
    now = utc_now()
    rows = [
        {
            "source": arrival.source,
            "delivery_id": arrival.delivery_id,
            "type": arrival.type[:120],
            "ticket_id": arrival.ticket_id,
            "headers": arrival.headers,
            "body": arrival.body,
            "received_at": now,
        }
        for arrival in arrivals
    ]
    stored = connection.execute(_INSERT[connection.dialect.name], rows)
    return {(row.source, row.delivery_id): row.id for row in stored}


def get(connection: sa.Connection, inbox_id: int) -> Row | None:
    """The whole row."""
    return connection.execute(_GET, {"row_id": inbox_id}).first()


def settle(connection: sa.Connection, inbox_id: int, state: str, outcome: str) -> None:
    """Record what became of a delivery: `done`, `ignored` or `dead`."""
    values = {"state": state, "outcome": outcome[:2000], "settled_at": utc_now()}
    connection.execute(_SETTLE, {"row_id": inbox_id, **values})


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
