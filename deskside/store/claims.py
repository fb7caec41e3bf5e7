"""Who has which waiting ticket: the head of a queue is given to one agent, and is theirs for a while.

Agents who ask at once are served one after the other, so that what they get is the order of the queue and nothing
else. Taking the first row that nobody has locked (SKIP LOCKED) would be quicker for a crowd, and would pass over a
ticket whose row is locked for a moment because the desk is being read: the later ticket would go first.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from deskside.store import moves, queue, tickets
from deskside.store.database import Row
from deskside.store.tables import move, queue_entry, ticket

# The columns of a ticket that nobody has.
UNCLAIMED: Mapping[str, Any] = MappingProxyType({"claimed_by": "", "claimed_at": None, "claimed_until": None})

# Who looks for the next ticket holds this lock until its transaction ends (any number of our own).
_LOCK = 7_205_759_404


def give_next(
    connection: sa.Connection, who: str, pools: Collection[str], now: datetime, until: datetime
) -> Row | None:
    """Give `who` the next ticket of these pools (none: of all) until `until`; None when there is none for them.

    Who has one already gets that one again, and has it until `until`. A ticket that `who` skipped is not offered to
    them again while it waits. Of several pools the smallest key is next. Keys of different calendars cannot be
    compared: between calendars a dead server is first, then who has waited longest by the clock on the wall.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    held = held_by(connection, who, now)
    if held is not None:
        return _claim(connection, held, _of(who, now), claimed_until=until)
    while (head := _head(connection, who, pools, now)) is not None:
        given = _claim(connection, head, _free(now), claimed_by=who, claimed_at=now, claimed_until=until)
        if given is not None:
            return given
        # It stopped waiting while its row was being waited for; the next look sees that.
    return None


def held_by(connection: sa.Connection, who: str, now: datetime) -> Row | None:
    """The waiting ticket that `who` has, if any."""
    waiting = ticket.c.id.in_(sa.select(queue_entry.c.ticket))
    return connection.execute(sa.select(ticket).where(waiting, _of(who, now)).order_by(ticket.c.claimed_at)).first()


def holder(row: Row, now: datetime) -> str | None:
    """Who has this ticket now."""
    held = row.waiting and row.claimed_until is not None and row.claimed_until > now
    return str(row.claimed_by) if held else None


def renew(connection: sa.Connection, desk: str, ticket_id: str, who: str, now: datetime, until: datetime) -> Row | None:
    """Let `who` have the ticket until `until`; None when it is not theirs any more."""
    row = tickets.get(connection, desk, ticket_id)
    return None if row is None else _claim(connection, row, _of(who, now), claimed_until=until)


def give_back(connection: sa.Connection, desk: str, ticket_id: str, who: str, now: datetime) -> bool:
    """Make the ticket anybody's again, `who` included; false when it is not theirs any more."""
    row = tickets.get(connection, desk, ticket_id)
    return row is not None and _claim(connection, row, _of(who, now), **UNCLAIMED) is not None


def skip(connection: sa.Connection, desk: str, ticket_id: str, who: str, reason: str, now: datetime) -> Row | None:
    """Give the ticket back and log that `who` passed it over, where it stood and why.

    The logged move, or None when the ticket is not theirs any more. It keeps its place for everybody else.
    """
    row = tickets.get(connection, desk, ticket_id)
    if row is None or _claim(connection, row, _of(who, now), **UNCLAIMED) is None:
        return None
    place = queue.position(connection, row)
    return moves.log(
        connection, row, kind=moves.SKIP, at=now, by=who, reason=reason, position_before=place, position_after=place
    )


def skipped_by(connection: sa.Connection, who: str, pools: Collection[str], now: datetime) -> int:
    """How many tickets of these pools (none: of all) nobody has, and are not offered to `who`, who skipped them."""
    chosen = [queue_entry.c.pool.in_(pools)] if pools else []
    counted = (
        sa.select(sa.func.count(sa.distinct(ticket.c.id)))
        .select_from(move.join(ticket, _same_wait()).join(queue_entry, queue_entry.c.ticket == ticket.c.id))
        .where(move.c.kind == moves.SKIP, move.c.by == who, _free(now), *chosen)
    )
    return int(connection.scalar(counted) or 0)


def _head(connection: sa.Connection, who: str, pools: Collection[str], now: datetime) -> Row | None:
    names = pools or queue.pool_names(connection)
    heads = [row for name in names if (row := _first_free(connection, name, who, now)) is not None]
    return _first(heads)


def _first(heads: Sequence[Row]) -> Row | None:
    by_calendar: dict[str, Row] = {}
    for row in sorted(heads, key=lambda row: (row.key, row.id)):
        by_calendar.setdefault(row.calendar, row)
    return min(by_calendar.values(), key=lambda row: (not row.emergency, row.arrived_at, row.id), default=None)


def _first_free(connection: sa.Connection, pool: str, who: str, now: datetime) -> Row | None:
    skipped = sa.exists().where(move.c.kind == moves.SKIP, move.c.by == who, _same_wait())
    return connection.execute(
        sa.select(ticket)
        .select_from(queue_entry.join(ticket, ticket.c.id == queue_entry.c.ticket))
        .where(queue_entry.c.pool == pool, _free(now), ~skipped)
        .order_by(queue_entry.c.pool, queue_entry.c.key, queue_entry.c.ticket)
        .limit(1)
    ).first()


def _claim(connection: sa.Connection, row: Row, condition: sa.ColumnElement[bool], **values: Any) -> Row | None:
    return connection.execute(
        sa.update(ticket).where(ticket.c.id == row.id, ticket.c.waiting, condition).values(**values).returning(ticket)
    ).first()


def _free(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(ticket.c.claimed_until.is_(None), ticket.c.claimed_until <= now)


def _of(who: str, now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(ticket.c.claimed_by == who, ticket.c.claimed_until > now)


def _same_wait() -> sa.ColumnElement[bool]:
    # A ticket that came back waits anew, and whoever skipped it then may be right for it now.
    return sa.and_(
        move.c.desk == ticket.c.desk, move.c.ticket_id == ticket.c.ticket_id, move.c.at >= ticket.c.arrived_at
    )
