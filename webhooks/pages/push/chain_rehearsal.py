"""The dry run of a chain: what one person would get when, or somebody made up in a time zone, clicks included."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import request
from flask.typing import ResponseReturnValue

from deskside.errors import Malformed
from deskside.store.database import reading, utc_now
from push.chains import rehearsal, store
from push.chains.rehearsal import Moment
from push.model import Person
from push.sending import windows
from push.subscribers import registry
from webhooks.context import current
from webhooks.pages.access import needs
from webhooks.pages.blueprint import pages
from webhooks.pages.push import room
from webhooks.pages.rows import one, row_id
from webhooks.pages.words import gettext

# Zones with a change of the clocks or without, offered to choose from; any other can be typed.
ZONES = (
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Moscow",
    "Asia/Kolkata",
    "America/New_York",
    "Pacific/Auckland",
)
NOBODY = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A step on the line of time, with how many hours the clocks moved since the one before (0: they did not)."""

    moment: Moment
    moved: float


@pages.get("/chains/<int:number>/rehearsal")
@needs("ops")
def chain_rehearsal(number: int) -> ResponseReturnValue:
    """The newest version, as nobody but one person who enters at the given local time would see it."""
    asked = {name: request.args.get(name, "").strip()[:80] for name in ("person", "zone", "day", "time")}
    problem, own = "", room.zone()
    lines: tuple[Line, ...] = ()
    with reading(current().database) as connection:
        row = one(connection, store.get, number)
        definition = store.definition(connection, number, row.version)
        clicks = frozenset(request.args.getlist("click")) & frozenset(definition.steps)
        try:
            who = _person(connection, asked)
            own = windows.zone(who.zone) or room.zone()
            entered = _entered(asked, own)
            lines = _lines(rehearsal.rehearse(definition, who, room.manners(), entered, clicks=clicks), entered, own)
        except Malformed as error:
            problem, entered = str(error), utc_now()
        return room.render(
            connection,
            "chain_rehearsal.html",
            row=row,
            definition=definition,
            asked=asked,
            clicks=clicks,
            own=own,
            entered=entered,
            local_entered=entered.astimezone(own),
            lines=lines,
            problem=problem,
            zones=ZONES,
        )


def _person(connection: sa.Connection, asked: dict[str, str]) -> Person:
    """Somebody real by their number, else somebody with no wishes of their own in the zone."""
    if asked["person"]:
        text = asked["person"]
        number = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
        found = registry.people(connection, [number]).get(number) if row_id(number) else None
        if found is None:
            raise Malformed(gettext("There is no subscriber %(number)s.", number=text))
        return found
    if asked["zone"] and windows.zone(asked["zone"]) is None:
        raise Malformed(
            gettext("There is no time zone %(name)s; use a name such as Europe/Berlin.", name=asked["zone"])
        )
    return Person(NOBODY, zone=asked["zone"])


def _entered(asked: dict[str, str], own: ZoneInfo) -> datetime:
    now = utc_now().astimezone(own)
    try:
        day = date.fromisoformat(asked["day"]) if asked["day"] else now.date()
        at = time.fromisoformat(asked["time"]) if asked["time"] else now.time().replace(second=0, microsecond=0)
        if at.tzinfo is not None or not 1970 <= day.year <= 2200:
            raise ValueError
    except ValueError:
        raise Malformed(gettext("The day must be such as 2026-11-30, the time such as 11:30.")) from None
    return windows.instant(day, at, own)


def _lines(moments: Sequence[Moment], entered: datetime, own: ZoneInfo) -> tuple[Line, ...]:
    before, lines = entered, []
    for moment in moments:
        at = moment.sent_at or moment.due_at
        moved = (at.astimezone(own).utcoffset() or at - at) - (before.astimezone(own).utcoffset() or at - at)
        lines.append(Line(moment, moved.total_seconds() / 3600))
        before = at
    return tuple(lines)
