"""First replies: how long clients waited for them, and how many came in time, by day, month or year.

A first reply is the end of a ticket's first wait as `turn` keeps it. When it was given comes from the desk's public
replies: a private note, ours or anybody's, is none.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from deskside.model.place import Band
from deskside.order.calendar import WorkingTime
from deskside.store.database import EPOCH, Row
from deskside.store.tables import turn

# How many of each are shown.
PERIODS = {"day": 30, "month": 12, "year": 5}
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Figures:
    """Of some first replies: how many, how many had a promised time and kept it, and how long they took.

    `median` and `p90` are working seconds by the calendar of each ticket's pool (nearest rank), None without replies.
    """

    replies: int = 0
    promised: int = 0
    met: int = 0
    median: int | None = None
    p90: int | None = None

    @property
    def share(self) -> float | None:
        """The share of the promised times that were kept, 0 to 1; None when none was promised."""
        return self.met / self.promised if self.promised else None


@dataclass(frozen=True, slots=True)
class Period:
    """A day, month or year, by its first day."""

    start: date
    figures: Figures


@dataclass(frozen=True, slots=True)
class Group:
    """One band of one pool over the whole time."""

    pool: str
    band: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Report:
    """The whole time, each period of it (also those without a reply), and each band of each pool."""

    whole: Figures
    periods: tuple[Period, ...]
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """Which replies: those of the last `PERIODS[step]` periods, that of `end` included, of one pool or band or all."""

    step: str
    end: date
    pool: str | None = None
    band: str | None = None

    @property
    def starts(self) -> tuple[date, ...]:
        """The first days of the periods, oldest first."""
        found = [_start(self.step, self.end)]
        while len(found) < PERIODS[self.step]:
            found.append(_start(self.step, found[-1] - timedelta(days=1)))
        return tuple(reversed(found))

    @property
    def after(self) -> date:
        """The first day after the last period."""
        start = _start(self.step, self.end)
        return _start(self.step, start + timedelta(days={"day": 1, "month": 31, "year": 366}[self.step]))


@dataclass(slots=True)
class _Tally:
    promised: int = 0
    met: int = 0
    took: list[int] = field(default_factory=list)

    def figures(self) -> Figures:
        took = sorted(self.took)
        return Figures(len(took), self.promised, self.met, _percentile(took, 50), _percentile(took, 90))


def report(
    connection: sa.Connection, question: Question, zone: ZoneInfo, calendars: Mapping[str, WorkingTime]
) -> Report:
    """The figures of the first replies in question; days begin at midnight in `zone`.

    Every reply of the time is read: a year of a busy desk is a quarter of a million, and takes seconds.
    """
    starts = question.starts
    midnights = [_microseconds(datetime.combine(day, time(), zone)) for day in (*starts, question.after)]
    periods = [_Tally() for _ in starts]
    groups: dict[tuple[str, str], _Tally] = defaultdict(_Tally)
    whole = _Tally()
    for pool, band, calendar, arrived, replied, due in _replies(connection, question, midnights[0], midnights[-1]):
        took = _seconds_between(calendars.get(calendar) or calendars[""], arrived, replied)
        for tally in (whole, periods[bisect_right(midnights, replied) - 1], groups[pool, band]):
            tally.took.append(took)
            if due is not None:
                tally.promised += 1
                tally.met += replied <= due
    return Report(
        whole.figures(),
        tuple(Period(start, tally.figures()) for start, tally in zip(starts, periods, strict=True)),
        tuple(Group(*name, tally.figures()) for name, tally in sorted(groups.items(), key=_by_pool_and_band)),
    )


def _replies(connection: sa.Connection, question: Question, first: int, after: int) -> Iterator[Row]:
    # As plain numbers: a datetime for each of three columns would take longer than everything else.
    moments = [_as_microseconds(connection, column) for column in (turn.c.arrived_at, turn.c.replied_at, turn.c.due_at)]
    conditions = [turn.c.number == 1, turn.c.replied_at >= _moment(first), turn.c.replied_at < _moment(after)]
    if question.pool is not None:
        conditions.append(turn.c.pool == question.pool)
    if question.band is not None:
        conditions.append(turn.c.band == question.band)
    yield from connection.execute(sa.select(turn.c.pool, turn.c.band, turn.c.calendar, *moments).where(*conditions))


def _as_microseconds(connection: sa.Connection, column: sa.Column[datetime]) -> sa.ColumnElement[int]:
    if connection.dialect.name == "sqlite":
        return sa.type_coerce(column, sa.BigInteger)
    return sa.cast(sa.extract("epoch", column) * 1_000_000, sa.BigInteger)


def _microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // _MICROSECOND


def _moment(microseconds: int) -> datetime:
    return EPOCH + microseconds * _MICROSECOND


def _seconds_between(clock: WorkingTime, first: int, last: int) -> int:
    if not clock.windows:
        return max(0, last // 1_000_000 - first // 1_000_000)
    return max(0, clock.seconds(_moment(last)) - clock.seconds(_moment(first)))


def _by_pool_and_band(item: tuple[tuple[str, str], _Tally]) -> tuple[str, int]:
    pool, band = item[0]
    return pool, list(Band).index(Band(band))


def _start(step: str, day: date) -> date:
    if step == "day":
        return day
    return day.replace(day=1) if step == "month" else day.replace(month=1, day=1)


def _percentile(ordered: Sequence[int], percent: int) -> int | None:
    """The smallest value that at least `percent` of all values do not exceed (nearest rank)."""
    if not ordered:
        return None
    return ordered[max(1, -(-len(ordered) * percent // 100)) - 1]
