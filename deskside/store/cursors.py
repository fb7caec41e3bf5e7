"""How far a desk's listing of changes has been read."""

import sqlalchemy as sa

from deskside.store.database import upsert, utc_now
from deskside.store.tables import cursor


def get(connection: sa.Connection, source: str) -> str | None:
    """The stored position of `source`, or None before the first page."""
    found: str | None = connection.scalar(sa.select(cursor.c.value).where(cursor.c.source == source))
    return found


def put(connection: sa.Connection, source: str, value: str) -> None:
    """Store the position; it moves in the commit that stored what was read."""
    upsert(connection, cursor, source=source, value=value, at=utc_now())
