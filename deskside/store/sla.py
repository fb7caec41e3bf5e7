"""First replies: how long clients waited for them, and how many came in time, by day, month or year.

A first reply is the end of a ticket's first wait as `turn` keeps it. When it was given comes from the desk's public
replies: a private note, ours or anybody's, is none.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from deskside.model.place import Band
from deskside.order.calendar import WorkingTime
from deskside.store.tables import turn

# How many of each are shown.
PERIODS = {"day": 30, "month": 12, "year": 5}


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


@dataclass(frozen=True, slots=True)
class _Reply:
    pool: str
    band: str
    day: date
    took: int
    in_time: bool | None


def report(
    connection: sa.Connection, question: Question, zone: ZoneInfo, calendars: Mapping[str, WorkingTime]
) -> Report:
    """The figures of the first replies in question; days begin at midnight in `zone`."""
    periods = {start: _Tally() for start in question.starts}
    groups: dict[tuple[str, str], _Tally] = {}
    whole = _Tally()
    for reply in _replies(connection, question, zone, calendars):
        period = periods[_start(question.step, reply.day)]
        group = groups.setdefault((reply.pool, reply.band), _Tally())
        for tally in (whole, period, group):
            tally.took.append(reply.took)
            if reply.in_time is not None:
                tally.promised += 1
                tally.met += reply.in_time
    return Report(
        whole.figures(),
        tuple(Period(start, tally.figures()) for start, tally in periods.items()),
        tuple(Group(*name, tally.figures()) for name, tally in sorted(groups.items(), key=_by_pool_and_band)),
    )


def _replies(
    connection: sa.Connection, question: Question, zone: ZoneInfo, calendars: Mapping[str, WorkingTime]
) -> Iterator[_Reply]:
    first, after = (_midnight(day, zone) for day in (question.starts[0], question.after))
    conditions = [turn.c.number == 1, turn.c.replied_at >= first, turn.c.replied_at < after]
    if question.pool is not None:
        conditions.append(turn.c.pool == question.pool)
    if question.band is not None:
        conditions.append(turn.c.band == question.band)
    columns = (turn.c.pool, turn.c.band, turn.c.calendar, turn.c.arrived_at, turn.c.replied_at, turn.c.due_at)
    for pool, band, calendar, arrived_at, replied_at, due_at in connection.execute(
        sa.select(*columns).where(*conditions)
    ):
        clock = calendars.get(calendar) or calendars[""]
        yield _Reply(
            pool,
            band,
            replied_at.astimezone(zone).date(),
            max(0, clock.seconds(replied_at) - clock.seconds(arrived_at)),
            None if due_at is None else replied_at <= due_at,
        )


def _by_pool_and_band(item: tuple[tuple[str, str], _Tally]) -> tuple[str, int]:
    pool, band = item[0]
    return pool, list(Band).index(Band(band))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _start(step: str, day: date) -> date:
    if step == "day":
        return day
    return day.replace(day=1) if step == "month" else day.replace(month=1, day=1)


def _percentile(ordered: Sequence[int], percent: int) -> int | None:
    """The smallest value that at least `percent` of all values do not exceed (nearest rank)."""
    if not ordered:
        return None
    return ordered[max(1, -(-len(ordered) * percent // 100)) - 1]
