"""The rounds of the sweep, newest last."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from deskside.store.database import Row
from deskside.store.tables import sweep

_MOST_HELD = 100


def add(
    connection: sa.Connection, *, at: datetime, took_ms: int, hosts: int, silent: int, doubt: str, remark: str
) -> None:
    """Record a round that began at `at`; with a `doubt` it was braked."""
    connection.execute(
        sa.insert(sweep).values(at=at, took_ms=took_ms, hosts=hosts, silent=silent, braked=bool(doubt), remark=remark)
    )


def last(connection: sa.Connection) -> Row | None:
    """The newest round."""
    return connection.execute(sa.select(sweep).order_by(sweep.c.id.desc()).limit(1)).first()


def last_believed(connection: sa.Connection) -> Row | None:
    """The newest round that was not braked."""
    return connection.execute(
        sa.select(sweep).where(sweep.c.braked.is_(False)).order_by(sweep.c.id.desc()).limit(1)
    ).first()


def held(connection: sa.Connection) -> int:
    """How many braked rounds in a row are the newest (at most a hundred are counted)."""
    newest = connection.scalars(sa.select(sweep.c.braked).order_by(sweep.c.id.desc()).limit(_MOST_HELD))
    count = 0
    for braked in newest:
        if not braked:
            break
        count += 1
    return count


def believed_since(connection: sa.Connection, since: datetime) -> list[datetime]:
    """When the rounds since then that were not braked began."""
    return list(
        connection.scalars(
            sa.select(sweep.c.at).where(sweep.c.at >= since, sweep.c.braked.is_(False)).order_by(sweep.c.at)
        )
    )


def ended(row: Row) -> datetime:
    """When a round ended."""
    at: datetime = row.at
    return at + timedelta(milliseconds=row.took_ms)
