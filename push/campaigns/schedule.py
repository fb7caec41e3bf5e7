"""When each person gets a campaign, and when the first and the last of them do. Pure."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from push.campaigns.definition import Schedule, When
from push.sending import windows

# The last part of a window is left free, so that who is last has time to get it too.
SPREAD = 0.9


@dataclass(frozen=True, slots=True)
class Slot:
    """When a message is due, and after when it is of no use any more."""

    due_at: datetime
    not_after: datetime


def slot(schedule: Schedule, where: ZoneInfo, now: datetime, late: timedelta, fraction: float) -> Slot:
    """When somebody in the time zone `where` gets a campaign that starts `now`.

    `fraction` (0 to 1) is their place in the spread over a window. What would have been due before `now` is due at
    once, as long as it is of use: for `late` after the time of a LOCAL one, until the window of a WINDOW one closes.
    """
    if schedule.when is When.LOCAL:
        assert schedule.day is not None and schedule.time_of_day is not None
        moment = windows.instant(schedule.day, schedule.time_of_day, where)
        return Slot(moment, moment + late)
    if schedule.when is When.WINDOW:
        opens, closes = _window(schedule, where)
        begin = min(max(opens, now), closes)
        return Slot(begin + (closes - begin) * (fraction * SPREAD), closes)
    moment = max(now, schedule.at) if schedule.when is When.AT and schedule.at else now
    return Slot(moment, moment + timedelta(hours=schedule.hours))


def bounds(
    schedule: Schedule, zones: Collection[ZoneInfo], now: datetime, late: timedelta
) -> tuple[datetime, datetime]:
    """The first instant at which anybody in these zones gets it, and the instant after which nobody does."""
    if schedule.when is When.WINDOW:
        spans = [_window(schedule, where) for where in zones]
        return min(opens for opens, _ in spans), max(closes for _, closes in spans)
    if schedule.when is When.AT and schedule.at is not None:
        return schedule.at, schedule.at + timedelta(hours=schedule.hours)
    slots = [slot(schedule, where, now, late, 0.0) for where in zones]
    return min(one.due_at for one in slots), max(one.not_after for one in slots)


def fraction(seed: str, person: int) -> float:
    """A person's place in the spread: the same at every look, and independent of their variant."""
    return int.from_bytes(hashlib.sha256(f"spread:{seed}:{person}".encode()).digest()[:8]) / 2**64


def _window(schedule: Schedule, where: ZoneInfo) -> tuple[datetime, datetime]:
    assert schedule.window is not None and schedule.day is not None
    own = windows.zone(schedule.zone) or where
    found = windows.span(schedule.window, schedule.day, own)
    if found is not None:
        return found
    # The clocks leave this window out on this day: it has no length.
    opens = windows.instant(schedule.day, schedule.window.start, own)
    return opens, opens
