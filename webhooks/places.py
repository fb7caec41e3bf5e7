"""Waiting tickets with their position and the reason for it, as the pages and the API show them."""

from dataclasses import dataclass

import sqlalchemy as sa

from deskside.model.place import Contribution, stored
from deskside.order.explain import Comparison, Standing, between, compare
from deskside.store import queue
from deskside.store.database import Row


@dataclass(frozen=True, slots=True)
class Queued:
    """A waiting ticket: its row, its position in its pool (1 is next) and the ticket directly before it."""

    row: Row
    position: int
    ahead: Row | None

    @property
    def head_start(self) -> int:
        """Minutes of head start that count now, after caps, late boosts and pinning."""
        seconds: int = self.row.arrived - self.row.key
        return round(seconds / 60)

    @property
    def contributions(self) -> tuple[Contribution, ...]:
        """The factors' parts as they were stored."""
        return contributions(self.row)

    @property
    def comparison(self) -> Comparison | None:
        """Why the ticket before this one stands before it; None at the head."""
        return None if self.ahead is None else between(_standing(self.ahead), _standing(self.row))

    @property
    def why(self) -> str | None:
        """The comparison in English."""
        return None if self.ahead is None else compare(_standing(self.ahead), _standing(self.row))


def contributions(row: Row) -> tuple[Contribution, ...]:
    """The contributions of a ticket's row."""
    return tuple(stored(item) for item in row.contributions)


def of_pool(connection: sa.Connection, pool: str, limit: int, offset: int = 0) -> list[Queued]:
    """A stretch of one pool, in order."""
    rows = queue.top(connection, pool, limit, offset)
    if not rows:
        return []
    before = queue.neighbour_ahead(connection, rows[0]) if offset else None
    aheads = [before, *rows[:-1]]
    return [Queued(row, offset + index, ahead) for index, (row, ahead) in enumerate(zip(rows, aheads, strict=True), 1)]


def of_ticket(connection: sa.Connection, row: Row) -> Queued | None:
    """The place of one ticket, or None while it does not wait."""
    if not row.waiting:
        return None
    return Queued(row, queue.position(connection, row), queue.neighbour_ahead(connection, row))


def _standing(row: Row) -> Standing:
    return Standing(row.ticket_id, row.key, row.arrived)
