"""Known incidents: opened and closed by the operator, read by the health checks."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from deskside.model.incident import Incident
from deskside.store.database import Row, utc_now
from deskside.store.tables import incident


def open_incident(
    connection: sa.Connection, title: str, scope: Sequence[str], opened_at: datetime | None = None
) -> int:
    """Note an incident that began at `opened_at` (now, if not given); its id."""
    values = {"title": title, "scope": list(scope), "opened_at": opened_at or utc_now()}
    statement = sa.insert(incident).values(**values).returning(incident.c.id)
    return int(connection.execute(statement).scalar_one())


def close_incident(connection: sa.Connection, incident_id: int) -> bool:
    """End an incident; false when there is none of this id that is open."""
    still_open = sa.and_(incident.c.id == incident_id, incident.c.closed_at.is_(None))
    statement = sa.update(incident).where(still_open).values(closed_at=utc_now()).returning(incident.c.id)
    return connection.execute(statement).first() is not None


def open_now(connection: sa.Connection) -> tuple[Incident, ...]:
    """The incidents that are open, the oldest first."""
    query = sa.select(incident).where(incident.c.closed_at.is_(None)).order_by(incident.c.opened_at, incident.c.id)
    return tuple(_incident(row) for row in connection.execute(query))


def latest(connection: sa.Connection, limit: int = 50) -> tuple[Incident, ...]:
    """The latest incidents, open or closed, the newest first."""
    query = sa.select(incident).order_by(incident.c.opened_at.desc(), incident.c.id.desc()).limit(limit)
    return tuple(_incident(row) for row in connection.execute(query))


def _incident(row: Row) -> Incident:
    return Incident(row.id, row.title, tuple(row.scope), row.opened_at, row.closed_at)
