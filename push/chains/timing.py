"""When a step comes. Pure; instants are aware UTC."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from push.chains.definition import Delay, Step
from push.model import Window
from push.sending import windows


@dataclass(frozen=True, slots=True)
class Due:
    """When a step is due, and when it is of no use any more."""

    at: datetime
    not_after: datetime


def later(anchor: datetime, delay: Delay, zone: ZoneInfo) -> datetime:
    """So long after `anchor`: first the calendar days of this zone, then the hours and minutes."""
    moved = windows.add_days(anchor, delay.days, zone) if delay.days else anchor
    return moved + timedelta(hours=delay.hours, minutes=delay.minutes)


def due(step: Step, anchor: datetime, zone: ZoneInfo, portal: Window | None) -> Due:
    """When this step is due for somebody in this zone, if the one before was at `anchor`.

    It waits for its window, or the portal's; the late limit counts from there, so that a window never makes it late.
    """
    at = later(anchor, step.after, zone)
    window = step.window or portal
    if window is not None:
        at = windows.opens(window, at, zone) or at
    return Due(at, at + timedelta(minutes=step.late_minutes))
