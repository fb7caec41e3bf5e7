"""Local time: windows of the day, quiet hours, weeks. Pure; instants are aware UTC, whatever comes out too.

A window is one stretch of real time a day. A time of the day that the clocks leave out means the same time after the
change; of one that they repeat, the first is meant, and quiet hours last until the second.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from push.model import Window

_DAY = timedelta(days=1)
_WEEK_AND_MORE = 9


@cache
def zone(name: str) -> ZoneInfo | None:
    """The time zone of this IANA name, or None when there is none."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # A folder of the zone database, or a path out of it, is no zone either.
        return None


def instant(day: date, at: time, where: ZoneInfo) -> datetime:
    """When this local day has this time."""
    return datetime.combine(day, at, where).astimezone(UTC)


def add_days(moment: datetime, days: int, where: ZoneInfo) -> datetime:
    """The same time of the local day, so many calendar days later."""
    local = moment.astimezone(where)
    return instant(local.date() + timedelta(days=days), local.time(), where)


def span(window: Window, day: date, where: ZoneInfo) -> tuple[datetime, datetime] | None:
    """When the window that opens on this local day opens and closes; None when it does not."""
    return _span(window, day, where, last=False)


def closes(window: Window, now: datetime, where: ZoneInfo) -> datetime | None:
    """When the window that is open now closes; None while it is closed."""
    return next((end for start, end in _spans(window, now, where) if start <= now < end), None)


def opens(window: Window, now: datetime, where: ZoneInfo) -> datetime | None:
    """When the window is open next: now, if it is open; None when it never is."""
    return next((max(start, now) for start, end in _spans(window, now, where) if now < end), None)


def quiet_until(quiet: Window, now: datetime, where: ZoneInfo) -> datetime | None:
    """When the quiet hours that are now end; None while it is not quiet."""
    return next((end for start, end in _spans(quiet, now, where, last=True) if start <= now < end), None)


def quiet_from(quiet: Window, now: datetime, where: ZoneInfo) -> datetime | None:
    """When the next quiet hours begin; None when there are none."""
    return next((start for start, _ in _spans(quiet, now, where, last=True) if now < start), None)


def of_minutes(start: int, end: int) -> Window | None:
    """A window of minutes after midnight; None when they are the same, which is no time at all."""
    first, last = divmod(start % 1440, 60), divmod(end % 1440, 60)
    return None if first == last else Window(time(*first), time(*last))


def week(moment: datetime, where: ZoneInfo) -> str:
    """The ISO week of the local day, such as `2026-W48`."""
    year, number, _ = moment.astimezone(where).isocalendar()
    return f"{year}-W{number:02}"


def next_week(moment: datetime, where: ZoneInfo) -> datetime:
    """When the local week after this one begins."""
    day = moment.astimezone(where).date()
    return instant(day + timedelta(days=7 - day.weekday()), time(), where)


def next_day(moment: datetime, where: ZoneInfo) -> datetime:
    """When the local day after this one begins."""
    return instant(moment.astimezone(where).date() + _DAY, time(), where)


def _span(window: Window, day: date, where: ZoneInfo, *, last: bool) -> tuple[datetime, datetime] | None:
    if day.weekday() not in window.days:
        return None
    start = instant(day, window.start, where)
    ends_on = day if window.start < window.end else day + _DAY
    ends = [instant(ends_on, window.end.replace(fold=fold), where) for fold in (0, 1)]
    end = max(ends) if last else min(ends)
    return (start, end) if start < end else None


def _spans(
    window: Window, now: datetime, where: ZoneInfo, *, last: bool = False
) -> Iterator[tuple[datetime, datetime]]:
    # From yesterday on: a window over midnight may still be open.
    today = now.astimezone(where).date()
    for ahead in range(-1, _WEEK_AND_MORE):
        found = _span(window, today + timedelta(days=ahead), where, last=last)
        if found is not None:
            yield found
