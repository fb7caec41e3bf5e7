"""Waiting tickets that people moved forward, or passed over: what it would change, what it may, and the log of it.

A move is a late boost: the ticket counts at most as if it had come at that moment with a full head start, so that the
promises of docs/order.md stay true for everybody who is passed.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, time
from typing import Any

import sqlalchemy as sa

from deskside.model.place import Band, Contribution, Scale, because
from deskside.order import key as order
from deskside.order.calendar import WorkingTime
from deskside.order.key import Caps
from deskside.store import boosts, queue, tickets
from deskside.store.database import Row
from deskside.store.tables import move, queue_entry, ticket, turn

FRONT, SECOND, COMPLAINT, SKIP, REVOKED = "front", "second", "complaint", "skip", "revoked"
FORWARD = (FRONT, SECOND, COMPLAINT)
# The factors of contributions that stand for a move: one that a person decided, and one that was paid for.
FACTOR, BOUGHT = "moved", "boost"

PER_CLIENT_AND_DAY = 1
SHARE = 0.02
RECENT_SECONDS = 8 * 3600

# Who counts over the moves and then makes one holds this lock until its transaction ends (any number of our own).
_LOCK = 7_205_759_405


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a move would do: the key the ticket would have, and its place in its pool now and then (1 is next)."""

    kind: str
    key: int
    before: int
    after: int

    @property
    def helps(self) -> bool:
        """Whether the ticket would stand further ahead than it does."""
        return self.after < self.before


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a wish to move a ticket. `made` says whether it was moved.

    `refused` says why it may not be: "client" (this client had its move today), "share" (too many of the recent
    arrivals were moved), "changed" (the place it would get is not the one that was expected), or "" when it may.
    """

    prospect: Prospect
    made: bool = False
    refused: str = ""


def lock(connection: sa.Connection) -> None:
    """Let nobody else move a ticket until this transaction ends. On SQLite a writing transaction is alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


def foresee(connection: sa.Connection, row: Row, kind: str, event: int, caps: Caps) -> Prospect:
    """What a move of this waiting ticket would do at `event` (working seconds of its calendar). Changes nothing."""
    before = queue.position(connection, row)
    key = _key(connection, row, kind, event, caps)
    # Its own row never stands before the new key: that is not above the old one.
    ahead = sa.select(sa.func.count()).where(queue_entry.c.pool == row.pool, queue.ahead_of(key, row.id))
    return Prospect(kind, key, before, _count(connection, ahead) + 1)


def _key(connection: sa.Connection, row: Row, kind: str, event: int, caps: Caps) -> int:
    if kind == COMPLAINT:
        return order.boosted(row.key, event, caps.commercial)
    head = connection.scalar(
        sa.select(queue_entry.c.key)
        .where(queue_entry.c.pool == row.pool, queue_entry.c.ticket != row.id)
        .order_by(queue_entry.c.pool, queue_entry.c.key, queue_entry.c.ticket)
        .limit(1)
    )
    own: int = row.key
    return own if head is None else order.jumped(own, head, event, caps, behind_first=kind == SECOND)


def refusal(connection: sa.Connection, row: Row, now: datetime, clock: WorkingTime, *, besides: str = "") -> str:
    """Why this ticket may not be moved at `now`, as in `Answer.refused`; `clock` is that of its calendar.

    A move that a client was offered and can pay for any moment counts as made, but that of the boost `besides`.
    """
    midnight = datetime.combine(now.astimezone(clock.zone).date(), time(), clock.zone)
    of_client = move.join(ticket, sa.and_(ticket.c.desk == move.c.desk, ticket.c.ticket_id == move.c.ticket_id))
    today = _count(
        connection,
        sa.select(sa.func.count())
        .select_from(of_client)
        .where(
            move.c.at >= midnight,
            move.c.kind.in_(FORWARD),
            ticket.c.desk == row.desk,
            ticket.c.client_id == row.client_id,
        ),
    )
    held = boosts.held(connection, now, besides)
    today += sum(item.desk == row.desk and item.client_id == row.client_id for item in held)
    if today >= PER_CLIENT_AND_DAY:
        return "client"
    since = clock.at(clock.seconds(now) - RECENT_SECONDS)
    recent = _count(
        connection, sa.select(sa.func.count()).select_from(move).where(move.c.at >= since, move.c.kind.in_(FORWARD))
    )
    return "share" if recent + len(held) >= max(1, int(SHARE * _arrivals(connection, since))) else ""


def _arrivals(connection: sa.Connection, since: datetime) -> int:
    """How many waits began since then: those that last, and those that ended."""
    waiting = sa.select(sa.func.count(sa.distinct(queue_entry.c.ticket))).where(queue_entry.c.arrived_at >= since)
    # Nobody is answered before they came: the second condition is true of all, and lets an index be used.
    ended = sa.select(sa.func.count()).where(turn.c.arrived_at >= since, turn.c.replied_at >= since)
    return _count(connection, waiting) + _count(connection, ended)


def _count(connection: sa.Connection, query: sa.Select[Any]) -> int:
    return int(connection.scalar(query) or 0)


def make(
    connection: sa.Connection,
    row: Row,
    prospect: Prospect,
    *,
    by: str,
    reason: str,
    at: datetime,
    clock: WorkingTime,
    caps: Caps,
    invoice: str = "",
) -> Row:
    """Move the ticket as foreseen, log it, and put the reason among those of its place. The ticket's row then.

    With the number of an `invoice` it is a place that was paid for, which `take_back` can take back.
    """
    gained = _minutes(row.arrived - prospect.key) - _minutes(row.arrived - row.key)
    why = _bought(prospect.kind, gained, invoice) if invoice else _contribution(prospect.kind, gained, by, reason)
    values: dict[str, Any] = {
        "key": prospect.key,
        "band": row.band if row.emergency else Band.AHEAD.value,
        "contributions": [*row.contributions, asdict(why)],
        "safe_at": clock.at(prospect.key + caps.contract * 60),
    }
    if invoice:
        values["ordinary_key"] = row.key
    elif row.ordinary_key is not None:
        values["ordinary_key"] = min(row.ordinary_key, prospect.key)
    if row.safe_at is not None:
        values["safe_at"] = min(row.safe_at, values["safe_at"])
    if row.shadow_key is not None:
        # The weights that are tried say nothing about what people decide.
        values["shadow_key"] = min(row.shadow_key, prospect.key)
    tickets.update(connection, row.desk, row.ticket_id, **values)
    log(
        connection,
        row,
        kind=prospect.kind,
        at=at,
        by=by,
        reason=reason,
        position_before=prospect.before,
        position_after=prospect.after,
        minutes=gained,
    )
    moved = tickets.get(connection, row.desk, row.ticket_id)
    assert moved is not None
    return moved


def take_back(
    connection: sa.Connection, row: Row, *, by: str, reason: str, at: datetime, clock: WorkingTime, caps: Caps
) -> Row | None:
    """Give a waiting ticket the key it would have without the place that was paid for; its row then.

    Only itself comes later by that: nobody else's key changes. None when nothing of that place is left.
    """
    if not row.waiting or row.ordinary_key is None:
        return None
    before = queue.position(connection, row)
    rest = [item for item in row.contributions if item["factor"] != BOUGHT]
    ahead = any(item["factor"] == FACTOR for item in rest)
    band = order.band(row.head_start // 60, emergency=row.emergency)
    values: dict[str, Any] = {
        "key": row.ordinary_key,
        "ordinary_key": None,
        "band": (Band.AHEAD if ahead and band is Band.NORMAL else band).value,
        "contributions": rest,
        "safe_at": clock.at(row.ordinary_key + caps.contract * 60),
    }
    if row.shadow_key is not None:
        # As when it was moved: the weights that are tried say nothing about it.
        values["shadow_key"] = row.ordinary_key
    tickets.update(connection, row.desk, row.ticket_id, **values)
    after = tickets.get(connection, row.desk, row.ticket_id)
    assert after is not None
    log(
        connection,
        after,
        kind=REVOKED,
        at=at,
        by=by,
        reason=reason,
        position_before=before,
        position_after=queue.position(connection, after),
        minutes=_minutes(row.key - row.ordinary_key),
    )
    return after


def _bought(kind: str, minutes: int, invoice: str) -> Contribution:
    scale = Scale.COMMERCIAL
    if kind == FRONT:
        return because(BOUGHT, minutes, scale, "moved to the front, paid for with invoice %(invoice)s", invoice=invoice)
    return because(BOUGHT, minutes, scale, "moved behind the first, paid for with invoice %(invoice)s", invoice=invoice)


def _contribution(kind: str, minutes: int, by: str, reason: str) -> Contribution:
    scale = Scale.COMMERCIAL
    if kind == FRONT:
        return because(FACTOR, minutes, scale, "moved to the front by %(by)s: %(reason)s", by=by, reason=reason)
    if kind == SECOND:
        return because(FACTOR, minutes, scale, "moved behind the first by %(by)s: %(reason)s", by=by, reason=reason)
    return because(FACTOR, minutes, scale, "confirmed as a complaint by %(by)s: %(reason)s", by=by, reason=reason)


def _minutes(seconds: int) -> int:
    return round(seconds / 60)


def log(connection: sa.Connection, row: Row, **values: Any) -> Row:
    """Write down what somebody did with this ticket; `values` are the other columns of the table."""
    written = sa.insert(move).values(desk=row.desk, ticket_id=row.ticket_id, **values).returning(move)
    return connection.execute(written).one()


def of_ticket(connection: sa.Connection, desk: str, ticket_id: str, limit: int = 20) -> Sequence[Row]:
    """The newest moves and skips of one ticket, newest first."""
    return connection.execute(
        sa.select(move)
        .where(move.c.desk == desk, move.c.ticket_id == ticket_id)
        .order_by(move.c.id.desc())
        .limit(limit)
    ).all()


def recent(connection: sa.Connection, since: datetime, limit: int = 10) -> Sequence[Row]:
    """The newest moves and skips of all tickets since then, newest first."""
    return connection.execute(
        sa.select(move).where(move.c.at >= since).order_by(move.c.at.desc(), move.c.id.desc()).limit(limit)
    ).all()
