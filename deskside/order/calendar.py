"""Working time: how many seconds the desk was open, as one number that only grows."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import accumulate
from zoneinfo import ZoneInfo

_FIRST_DAY = date(2001, 1, 1)  # a Monday


@dataclass(frozen=True)
class WorkingTime:
    """When the desk is open: per weekday (0 is Monday) one window of local wall time, and the days it is closed.

    Without windows the desk never closes and working seconds are plain seconds. A window may end at `time.max`,
    which stands for midnight.
    """

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    windows: Mapping[int, tuple[time, time]] = field(default_factory=dict)
    holidays: tuple[date, ...] = ()

    def seconds(self, at: datetime) -> int:
        """Working seconds from the calendar's first day to `at` (aware). Never falls as `at` grows."""
        if not self.windows:
            return int(at.timestamp())
        local = at.astimezone(self.zone)
        return self._full_days(local.date()) + self._within(local.date(), at)

    def at(self, seconds: int) -> datetime:
        """The first moment (UTC, to the second) at which `seconds` working seconds have passed."""
        if not self.windows:
            return datetime.fromtimestamp(seconds, UTC)
        low = datetime.combine(_FIRST_DAY, time(), UTC)
        step = timedelta(days=7)
        while self.seconds(low + step) < seconds:
            step *= 2
        high = low + step
        while high - low > timedelta(seconds=1):
            middle = low + (high - low) // 2
            if self.seconds(middle) < seconds:
                low = middle
            else:
                high = middle
        return high.replace(microsecond=0)

    def _length(self, day: date) -> int:
        window = self.windows.get(day.weekday())
        return 0 if window is None or day in self.holidays else _wall(window[1]) - _wall(window[0])

    def _full_days(self, day: date) -> int:
        days = (day - _FIRST_DAY).days
        weeks, rest = divmod(days, 7)
        total = weeks * self._before[7] + self._before[rest]
        ordered = self._closed
        past = ordered[bisect_left(ordered, _FIRST_DAY) : bisect_left(ordered, day)]
        return total - sum(self._nominal[holiday.weekday()] for holiday in past)

    @cached_property
    def _nominal(self) -> tuple[int, ...]:
        """The working seconds of each weekday."""
        return tuple(_wall(w[1]) - _wall(w[0]) if (w := self.windows.get(day)) else 0 for day in range(7))

    @cached_property
    def _before(self) -> tuple[int, ...]:
        """The working seconds of a week before each weekday; the last is the whole week."""
        return tuple(accumulate(self._nominal, initial=0))

    @cached_property
    def _closed(self) -> tuple[date, ...]:
        return tuple(sorted(set(self.holidays)))

    def _within(self, day: date, at: datetime) -> int:
        # Counted from the opening in real seconds and cut at the window's length: so an hour that the clocks
        # repeat or leave out can never make working time run backwards.
        length = self._length(day)
        if not length:
            return 0
        opening = datetime.combine(day, self.windows[day.weekday()][0], self.zone)
        return max(0, min(length, int((at - opening.astimezone(UTC)).total_seconds())))


def _wall(moment: time) -> int:
    if moment == time.max:
        return 86_400
    return moment.hour * 3600 + moment.minute * 60 + moment.second
