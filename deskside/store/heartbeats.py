"""Signs of life of workers and clocks, for `/readyz`."""

from datetime import datetime

import sqlalchemy as sa

from deskside.store.database import upsert, utc_now
from deskside.store.tables import heartbeat


def beat(connection: sa.Connection, node: str, kind: str) -> None:
    """Say that this node's `kind` (worker, clock) is alive."""
    upsert(connection, heartbeat, node=node, kind=kind, at=utc_now())


def latest(connection: sa.Connection, kind: str) -> datetime | None:
    """When any node of this kind last said so."""
    found: datetime | None = connection.scalar(sa.select(sa.func.max(heartbeat.c.at)).where(heartbeat.c.kind == kind))
    return found
