"""When the next digest is to be drafted: once a local date, whatever the clocks do that night."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from push.digests.settings import Schedule

# A weekly digest that was missed for longer than this waits for the next week.
LATE_DAYS = 2


def due(schedule: Schedule, zone: ZoneInfo, now: datetime, last_made: datetime | None) -> bool:
    """Whether a draft is due at `now`; `last_made` is when the clock made the last one.

    Compared are dates and wall-clock times, so that a day of 23 or 25 hours has one draft like any other.
    """
    local = now.astimezone(zone)
    day = local.date()
    if schedule.weekday is not None:
        behind = (day.weekday() - schedule.weekday) % 7
        if behind > LATE_DAYS:
            return False
        day -= timedelta(days=behind)
    if day == local.date() and local.time() < schedule.at:
        return False
    return last_made is None or last_made.astimezone(zone).date() < day
