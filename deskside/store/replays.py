"""Signed requests are done once, even when somebody who recorded one sends it again."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from deskside.store.database import insert_new
from deskside.store.tables import seen_request

# Longer than any desk's signature is good for: five minutes to both sides of our clock.
KEPT = timedelta(minutes=15)


def first_time(connection: sa.Connection, source: str, request_id: str, now: datetime) -> bool:
    """Note a request of this source; false when it was noted before."""
    connection.execute(sa.delete(seen_request).where(seen_request.c.at < now - KEPT))
    return insert_new(connection, seen_request, source=source, request_id=request_id, at=now)
