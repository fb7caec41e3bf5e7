"""Leases: at any moment at most one process writes to a target.

A lease runs out by itself unless it is renewed, so that a process that was killed blocks nobody for long. Every change
is one statement: of two that come at once one gets it.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from deskside.store.database import Row
from deskside.store.knowledge_tables import kb_lease

_LEASE = kb_lease.c


def take(connection: sa.Connection, target: str, owner: str, span: timedelta, now: datetime) -> bool:
    """Get the lease of a target for so long; false while another owner has it."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    written = connection.execute(
        insert(kb_lease)
        .values(target=target, owner=owner, until=now + span)
        .on_conflict_do_update(
            index_elements=["target"],
            set_={"owner": owner, "until": now + span},
            where=sa.or_(_LEASE.until <= now, _LEASE.owner == owner),
        )
        .returning(_LEASE.target)
    )
    return written.first() is not None


def renew(connection: sa.Connection, target: str, owner: str, span: timedelta, now: datetime) -> bool:
    """Keep the lease for so long from now; false when another owner took it."""
    changed = connection.execute(
        sa.update(kb_lease)
        .where(_LEASE.target == target, _LEASE.owner == owner)
        .values(until=now + span)
        .returning(_LEASE.target)
    )
    return changed.first() is not None


def release(connection: sa.Connection, target: str, owner: str) -> None:
    """Give the lease back."""
    connection.execute(sa.delete(kb_lease).where(_LEASE.target == target, _LEASE.owner == owner))


def held(connection: sa.Connection, target: str, now: datetime) -> Row | None:
    """Who writes to a target now; None for nobody."""
    return connection.execute(sa.select(kb_lease).where(_LEASE.target == target, _LEASE.until > now)).first()
