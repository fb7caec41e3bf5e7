"""Reply locks: at any moment at most one agent may send a reply to a ticket.

A lock is a lease. Its holder renews it by a token while they write; when they stop, it runs out by itself and anybody
can take it. Every change is one statement, so that two agents who come at once cannot both get it.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from deskside.store.database import Row
from deskside.store.tables import reply_lock

LEASE = timedelta(seconds=60)
_LOCK = reply_lock.c


def held(connection: sa.Connection, desk: str, ticket_id: str, now: datetime) -> Row | None:
    """The lock of a ticket, or None while nobody has it."""
    return connection.execute(sa.select(reply_lock).where(*_of(desk, ticket_id), _LOCK.until > now)).first()


def all_held(connection: sa.Connection, desk: str, now: datetime) -> dict[str, Row]:
    """Every lock of a desk that somebody has, by the id of its ticket."""
    rows = connection.execute(sa.select(reply_lock).where(_LOCK.desk == desk, _LOCK.until > now))
    return {row.ticket_id: row for row in rows}


def take(
    connection: sa.Connection, desk: str, ticket_id: str, holder_id: str, holder_name: str, now: datetime
) -> str | None:
    """Give the lock to this agent: the token to renew and release it by, or None while another agent has it.

    An agent who has it already (another window, a browser that crashed) gets a new token; the old one ends.
    """
    free = sa.or_(_LOCK.until <= now, _LOCK.holder_id == holder_id)
    return _write(connection, desk, ticket_id, holder_id, holder_name, now, free, taken_from=None)


def override(
    connection: sa.Connection, desk: str, ticket_id: str, holder_id: str, holder_name: str, now: datetime
) -> str:
    """Give the lock to this agent whoever has it: the token. The row names whom it was taken from."""
    before = sa.case(
        (sa.and_(_LOCK.until > now, _LOCK.holder_id != holder_id), _LOCK.holder_name),
        else_="",
    )
    token = _write(connection, desk, ticket_id, holder_id, holder_name, now, sa.true(), taken_from=before)
    assert token is not None
    return token


def renew(connection: sa.Connection, desk: str, ticket_id: str, token: str, now: datetime) -> bool:
    """Keep the lock for another lease; false when it is somebody else's now. One that ran out untaken is kept."""
    changed = connection.execute(
        sa.update(reply_lock)
        .where(*_of(desk, ticket_id), _LOCK.token_hash == _hash(token))
        .values(until=now + LEASE)
        .returning(_LOCK.desk)
    )
    return changed.first() is not None


def release(connection: sa.Connection, desk: str, ticket_id: str, token: str) -> bool:
    """Give the lock back; false when it is somebody else's now."""
    gone = connection.execute(
        sa.delete(reply_lock).where(*_of(desk, ticket_id), _LOCK.token_hash == _hash(token)).returning(_LOCK.desk)
    )
    return gone.first() is not None


def purge(connection: sa.Connection, before: datetime) -> None:
    """Delete what ran out before this time."""
    connection.execute(sa.delete(reply_lock).where(_LOCK.until < before))


def _write(
    connection: sa.Connection,
    desk: str,
    ticket_id: str,
    holder_id: str,
    holder_name: str,
    now: datetime,
    condition: sa.ColumnElement[bool],
    taken_from: sa.ColumnElement[str] | None,
) -> str | None:
    token = secrets.token_urlsafe(24)
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    values = {
        "holder_id": holder_id,
        "holder_name": holder_name,
        "token_hash": _hash(token),
        "since": now,
        "until": now + LEASE,
        "taken_from": "",
    }
    statement = insert(reply_lock).values(desk=desk, ticket_id=ticket_id, **values)
    changed = values if taken_from is None else {**values, "taken_from": taken_from}
    written = connection.execute(
        statement.on_conflict_do_update(index_elements=["desk", "ticket_id"], set_=changed, where=condition).returning(
            _LOCK.desk
        )
    )
    return token if written.first() is not None else None


def _of(desk: str, ticket_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return _LOCK.desk == desk, _LOCK.ticket_id == ticket_id


def _hash(token: str) -> str:
    # A token has 192 bits of its own: a plain hash cannot be guessed, and can be compared in the statement.
    return hashlib.sha256(token.encode()).hexdigest()
