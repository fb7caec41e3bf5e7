"""When a waiting ticket will be taken, as the pages and the API say it: by the clock, in full minutes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from flask import url_for

from deskside.order.calendar import WorkingTime
from deskside.order.estimate import LEAST_SCORED, Quantiles
from deskside.store import estimates, paces
from deskside.store.database import Row, utc_now
from deskside.store.estimates import Expectation
from webhooks import place_tokens
from webhooks.context import current
from webhooks.places import Queued

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Range:
    """By when, by the clock, a half, four fifths and nine tenths of such tickets are taken."""

    half: datetime
    most: datetime
    nearly_all: datetime


@dataclass(frozen=True, slots=True)
class Times:
    """What is said of a ticket's time; `range` and `worst` are None while they are not known.

    `scored` of `needed` estimates have come out. `safe_at`: after it only an emergency can newly go ahead.
    """

    position: int
    at: datetime
    range: Range | None
    worst: datetime | None
    quantiles: Quantiles | None
    safe_at: datetime | None
    scored: int
    needed: int = LEAST_SCORED


def shown(row: Row, shown_in: str) -> Times | None:
    """The times of a ticket for somebody's eyes, kept to be scored; None when it does not wait."""
    if not row.waiting:
        return None
    context = current()
    clock = clock_of(row)
    found = estimates.show(context.database, row, clock, context.settings.caps, utc_now(), shown_in)
    return None if found is None else _by_the_clock(row, found, clock)


def glances(connection: sa.Connection, pool: str, queued: Iterable[Queued]) -> dict[int, Quantiles]:
    """The times of a stretch of a pool, by the id of the ticket's row: a glance for agents, which is not kept.

    Without those of tickets whose own pool is another one: their place there is what counts.
    """
    settings, now = current().settings, utc_now()
    known, calendars, caps = paces.known(connection, pool), settings.calendars, settings.caps
    found = {}
    for place in queued:
        row = place.row
        if row.pool != pool:
            continue
        clock = calendars.get(row.calendar) or calendars[""]
        made = estimates.expected(known, row, clock, caps, now, place.position)
        if made.quantiles:
            found[row.id] = made.quantiles
    return found


def link(row: Row) -> str:
    """The address of the client's own page."""
    settings = current().settings
    token = place_tokens.make(settings.web["secret_key"], row.desk, row.ticket_id)
    return settings.base_url + url_for("pages.place_page", token=token)


def clock_of(row: Row) -> WorkingTime:
    """The working time of a ticket."""
    calendars = current().settings.calendars
    return calendars.get(row.calendar) or calendars[""]


def _by_the_clock(row: Row, found: Expectation, clock: WorkingTime) -> Times:
    start = clock.seconds(found.at)

    def after(seconds: int) -> datetime:
        return full_minute(max(found.at, clock.at(start + seconds)))

    known = found.quantiles
    return Times(
        position=found.position,
        at=found.at,
        range=Range(after(known.q50), after(known.q80), after(known.q90)) if known else None,
        worst=None if found.worst is None or known is None else after(found.worst),
        quantiles=known,
        safe_at=row.safe_at,
        scored=found.scored,
    )


def full_minute(at: datetime) -> datetime:
    """The next full minute: who is promised 14:20 is not told a minute too early."""
    floor = at.astimezone(UTC).replace(second=0, microsecond=0)
    return floor if floor == at else floor + MINUTE
