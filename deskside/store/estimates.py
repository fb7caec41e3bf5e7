"""The times that are shown: each is kept, and scored when the ticket is taken."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from deskside.order import estimate as order
from deskside.order.calendar import WorkingTime
from deskside.order.estimate import Calibration, Quantiles
from deskside.order.key import Caps
from deskside.store import paces, queue, tickets
from deskside.store.database import Row, reading
from deskside.store.paces import ARRIVAL, SAMPLE, WINDOW, Known
from deskside.store.tables import estimate, ticket

CLIENT, REPLY, PAGE, API = "client", "reply", "page", "api"
# A new time is not kept, and the last one shown again, before a minute and a fiftieth of the wait went by: so who asks
# all the time makes 50 rows in the first 50 minutes, and some 250 in three days.
_LEAST = timedelta(minutes=1)
_PART_OF_WAIT = 50


@dataclass(frozen=True, slots=True)
class Expectation:
    """What can be said of a waiting ticket.

    `position` is 1 for the next of its pool. `quantiles` and `worst` are working seconds from `at`; None is not known
    yet. `base` is the estimate before calibration. `scored` is how many estimates of the pool were scored lately.
    """

    position: int
    at: datetime
    base: int | None
    quantiles: Quantiles | None
    worst: int | None
    scored: int


def expect(
    connection: sa.Connection, row: Row, clock: WorkingTime, caps: Caps, now: datetime, position: int | None = None
) -> Expectation:
    """The time of a waiting ticket as it is now, which nobody is shown yet."""
    place = position or queue.position(connection, row)
    return expected(paces.known(connection, row.pool), row, clock, caps, now, place)


def expected(known: Known, row: Row, clock: WorkingTime, caps: Caps, now: datetime, position: int) -> Expectation:
    """The time of a waiting ticket at this position of a pool of which so much is known."""
    return _expected(known, known.waiting, row, clock, caps, now, position)


def _expected(
    known: Known,
    calibration: Calibration | None,
    row: Row,
    clock: WorkingTime,
    caps: Caps,
    now: datetime,
    position: int,
) -> Expectation:
    ahead, lead = position - 1, clock.seconds(now) - row.key
    if known.pace is None:
        return Expectation(position, now, None, None, None, known.scored)
    quantiles = order.quantiles(ahead, lead, known.pace, calibration) if calibration else None
    worst = order.worst(ahead, lead, known.pace, caps.contract * 60)
    if quantiles and worst is not None:
        worst = max(worst, quantiles.q90)
    return Expectation(position, now, order.base(ahead, lead, known.pace), quantiles, worst, known.scored)


def arrived(connection: sa.Connection, row: Row, clock: WorkingTime, caps: Caps, now: datetime) -> None:
    """Keep the estimate of a ticket that has just begun to wait, whether anybody looks or not."""
    known, position = paces.known(connection, row.pool), queue.position(connection, row)
    _keep(connection, row, _expected(known, known.arrival, row, clock, caps, now, position), ARRIVAL)


def sample(connection: sa.Connection, row: Row, clock: WorkingTime, caps: Caps, now: datetime) -> None:
    """Keep the estimate of a ticket that waits and was drawn: what those learn from who ask while they wait."""
    made = expect(connection, row, clock, caps, now)
    if made.base is not None:
        _keep(connection, row, made, SAMPLE)


def show(
    database: sa.Engine, row: Row, clock: WorkingTime, caps: Caps, now: datetime, shown_in: str
) -> Expectation | None:
    """The time of a waiting ticket for somebody's eyes; what is returned was kept. None when it waits no longer.

    While little changed the last one is shown again: who looks twice within a minute reads the same.
    """
    with reading(database) as connection:
        fresh = expect(connection, row, clock, caps, now)
        if fresh.quantiles is None:
            return fresh
        shown = _again(connection, row, clock, fresh, shown_in)
    if shown is not None:
        return shown
    with database.begin() as connection:
        current = tickets.get(connection, row.desk, row.ticket_id)
        if current is None or not current.waiting or current.turns != row.turns:
            return None
        shown = _again(connection, row, clock, fresh, shown_in)
        if shown is None:
            _keep(connection, row, fresh, shown_in)
    return shown or fresh


def score(connection: sa.Connection, row: Row, clock: WorkingTime, served_at: datetime) -> None:
    """The ticket was taken: say of every estimate of this wait how long it took. `row` is its row from before.

    One made after it had been taken already, because word of it came late, says nothing and goes.
    """
    mine = _open(row)
    connection.execute(sa.delete(estimate).where(mine, estimate.c.at > served_at))
    end = clock.seconds(served_at)
    for number, at in connection.execute(sa.select(estimate.c.id, estimate.c.at).where(mine)).all():
        connection.execute(
            sa.update(estimate)
            .where(estimate.c.id == number, estimate.c.scored_at.is_(None))
            .values(actual=end - clock.seconds(at), scored_at=served_at)
        )


def left(connection: sa.Connection, row: Row, at: datetime) -> None:
    """The ticket went without being served: its estimates are closed, and not scored."""
    connection.execute(sa.update(estimate).where(_open(row)).values(scored_at=at))


def drop(connection: sa.Connection, row: Row) -> None:
    """Forget the open estimates of a ticket whose working time is another now: they were made by another clock."""
    connection.execute(sa.delete(estimate).where(_open(row)))


def purge(connection: sa.Connection, before: datetime, now: datetime) -> None:
    """Delete what is closed and older than `before`, but nothing of the window that calibration reads.

    What was never closed goes with it, unless its ticket still waits.
    """
    before = min(before, now - WINDOW)
    waits = (
        sa.select(ticket.c.id)
        .where(ticket.c.desk == estimate.c.desk, ticket.c.ticket_id == estimate.c.ticket_id, ticket.c.waiting)
        .exists()
    )
    connection.execute(
        sa.delete(estimate).where(
            sa.or_(
                estimate.c.scored_at < before, sa.and_(estimate.c.scored_at.is_(None), estimate.c.at < before, ~waits)
            )
        )
    )


def _open(row: Row) -> sa.ColumnElement[bool]:
    return sa.and_(
        estimate.c.desk == row.desk,
        estimate.c.ticket_id == row.ticket_id,
        estimate.c.number == row.turns + 1,
        estimate.c.scored_at.is_(None),
    )


def _keep(connection: sa.Connection, row: Row, made: Expectation, shown_in: str) -> None:
    known = made.quantiles
    connection.execute(
        sa.insert(estimate).values(
            desk=row.desk,
            ticket_id=row.ticket_id,
            number=row.turns + 1,
            pool=row.pool,
            shown_in=shown_in,
            at=made.at,
            position=made.position,
            base=made.base or 0,
            q50=known.q50 if known else None,
            q80=known.q80 if known else None,
            q90=known.q90 if known else None,
        )
    )


def _again(
    connection: sa.Connection, row: Row, clock: WorkingTime, fresh: Expectation, shown_in: str
) -> Expectation | None:
    """What was shown there last, if it still stands."""
    last = connection.execute(
        sa.select(estimate)
        .where(_open(row), estimate.c.shown_in == shown_in, estimate.c.q90.is_not(None))
        .order_by(estimate.c.id.desc())
        .limit(1)
    ).first()
    if last is None:
        return None
    assert fresh.quantiles is not None
    went = clock.seconds(fresh.at) - clock.seconds(last.at)
    later = fresh.quantiles.q90 + went - last.q90
    moved = abs(fresh.position - last.position) >= max(1, last.position // 4) or abs(later) > max(120, last.q90 // 10)
    young = fresh.at - last.at < max(_LEAST, (fresh.at - row.arrived_at) / _PART_OF_WAIT)
    if moved and not young:
        return None
    worst = None if fresh.worst is None else fresh.worst + went
    return replace(fresh, at=last.at, quantiles=Quantiles(last.q50, last.q80, last.q90), worst=worst)
