"""The history of health checks of a ticket."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from deskside.store.database import Row
from deskside.store.tables import health_check


def add(
    connection: sa.Connection,
    *,
    desk: str,
    ticket_id: str,
    asked_by: str,
    word: str,
    headline: str,
    reports: list[dict[str, Any]],
    checked_at: datetime,
) -> int:
    """Store one check; its id."""
    result = connection.execute(
        sa.insert(health_check)
        .values(
            desk=desk,
            ticket_id=ticket_id,
            asked_by=asked_by,
            word=word,
            headline=headline,
            reports=reports,
            checked_at=checked_at,
        )
        .returning(health_check.c.id)
    )
    return int(result.scalar_one())


def of_ticket(connection: sa.Connection, desk: str, ticket_id: str, limit: int = 20) -> Sequence[Row]:
    """The checks of one ticket, newest first."""
    return connection.execute(
        sa.select(health_check)
        .where(health_check.c.desk == desk, health_check.c.ticket_id == ticket_id)
        .order_by(health_check.c.id.desc())
        .limit(limit)
    ).all()


def recent(connection: sa.Connection, limit: int) -> Sequence[Row]:
    """The newest checks of all tickets, newest first."""
    return connection.execute(sa.select(health_check).order_by(health_check.c.id.desc()).limit(limit)).all()
