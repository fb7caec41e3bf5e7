"""How fast each pool moves and how good its times were, measured now and then from what is kept, and read by everybody.

Measuring reads the last `WINDOW` of waits; who shows a time only reads what was measured last.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from deskside.order.calendar import WorkingTime
from deskside.order.estimate import Calibration, Outcome, calibrate
from deskside.order.pace import Pace, Wait, measure
from deskside.store import cursors
from deskside.store.tables import estimate, queue_entry, ticket, turn

# Long enough that a weekday comes twice, short enough that a new colleague is believed within the month.
WINDOW = timedelta(days=14)
# The kinds of estimates that calibrate: one of every ticket as it arrives, and one of somebody who waits, drawn now and
# then in each pool. Who still waits is not like who arrives: the lucky ones are gone.
ARRIVAL, SAMPLE = "arrival", "sample"
_SOURCE = "queue.paces"

Clocks = Callable[[str], WorkingTime]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a pool: its pace, the calibration of a time named at `arrival` and of one named to somebody who
    is `waiting`, and how many estimates of arrivals were scored in the window.

    Each is None as long as there is too little to tell from.
    """

    pace: Pace | None = None
    arrival: Calibration | None = None
    waiting: Calibration | None = None
    scored: int = 0


def known(connection: sa.Connection, pool: str) -> Known:
    """What the last measurement says of a pool."""
    return every(connection, [pool])[pool]


def every(connection: sa.Connection, pools: Iterable[str]) -> dict[str, Known]:
    """What the last measurement says of these pools."""
    stored = json.loads(cursors.get(connection, _SOURCE) or "{}")
    found = {}
    for pool in pools:
        own, others = stored.get("pools", {}).get(pool, {}), stored.get("everywhere", {})
        arrival = own.get("arrival") or others.get("arrival")
        waiting = own.get("waiting") or others.get("waiting") or arrival
        found[pool] = Known(
            pace=_pace(own["pace"]) if own.get("pace") else None,
            arrival=_calibration(arrival) if arrival else None,
            waiting=_calibration(waiting) if waiting else None,
            scored=own.get("scored", 0),
        )
    return found


def put(connection: sa.Connection, measured: str) -> None:
    """Store what `measure_all` found, for everybody to read."""
    cursors.put(connection, _SOURCE, measured)


def measure_all(connection: sa.Connection, clocks: Clocks, now: datetime) -> str:
    """Measure every pool in which somebody waited within the window; what was found, as it is stored.

    `clocks` gives the working time of a calendar's name.
    """
    since = now - WINDOW
    calendars = _calendars(connection, since)
    outcomes = {kind: _outcomes(connection, calendars, since, kind) for kind in (ARRIVAL, SAMPLE)}
    calibrations = {kind: calibrate(found) for kind, found in outcomes.items()}
    waits = _waits(connection, calendars, clocks, since)
    found = {}
    for pool, calendar in calendars.items():
        clock = clocks(calendar)
        found[pool] = Known(
            pace=measure(waits[pool], clock.seconds(since), clock.seconds(now)),
            arrival=calibrations[ARRIVAL].get(pool),
            waiting=calibrations[SAMPLE].get(pool),
            scored=len(outcomes[ARRIVAL][pool]),
        )
    everywhere = Known(None, calibrations[ARRIVAL].get(None), calibrations[SAMPLE].get(None))
    return as_text(found, everywhere)


def as_text(pools: Mapping[str, Known], everywhere: Known | None = None) -> str:
    """What was found of each pool, and of any other one, as it is stored."""
    return json.dumps(
        {"pools": {pool: asdict(own) for pool, own in pools.items()}, "everywhere": asdict(everywhere or Known())}
    )


def _calendars(connection: sa.Connection, since: datetime) -> dict[str, str]:
    """The pools of the window and the calendar of each, as its newest ticket has it."""
    last = sa.select(sa.func.max(turn.c.id)).where(turn.c.replied_at >= since).group_by(turn.c.pool)
    ended = connection.execute(sa.select(turn.c.pool, turn.c.calendar).where(turn.c.id.in_(last)))
    found = {row.pool: row.calendar for row in ended}
    newest = sa.select(queue_entry.c.pool, sa.func.max(queue_entry.c.ticket).label("id")).group_by(queue_entry.c.pool)
    waiting = newest.subquery()
    rows = connection.execute(
        sa.select(waiting.c.pool, ticket.c.calendar).join_from(waiting, ticket, ticket.c.id == waiting.c.id)
    )
    return found | {row.pool: row.calendar for row in rows}


def _waits(
    connection: sa.Connection, calendars: dict[str, str], clocks: Clocks, since: datetime
) -> dict[str, list[Wait]]:
    """The waits of the window by pool: those that ended and those that last. A ticket counts in each of its pools."""
    unserved = _unserved(connection, calendars, since)
    found: dict[str, list[Wait]] = defaultdict(list)
    ended = connection.execute(
        sa.select(turn, ticket.c.pools)
        .join_from(turn, ticket, sa.and_(ticket.c.desk == turn.c.desk, ticket.c.ticket_id == turn.c.ticket_id))
        .where(turn.c.replied_at >= since)
    ).all()
    for row in ended:
        # Not as stored: the calendar may have been another then.
        clock = clocks(row.calendar)
        served = unserved.pop((row.desk, row.ticket_id, row.number), None) is None
        wait = Wait(clock.seconds(row.arrived_at), row.head_start, clock.seconds(row.served_at), served)
        _put(found, calendars, row, wait)
    for row in unserved.values():
        clock = clocks(row.calendar)
        wait = Wait(clock.seconds(row.arrived_at), row.head_start, clock.seconds(row.scored_at), served=False)
        _put(found, calendars, row, wait)
    lasting = sa.select(queue_entry.c.pool, queue_entry.c.arrived, queue_entry.c.key)
    for pool, arrived, key in connection.execute(lasting).all():
        found[pool].append(Wait(arrived, max(0, arrived - key)))
    return found


def _put(found: dict[str, list[Wait]], calendars: dict[str, str], row: sa.Row[Any], wait: Wait) -> None:
    for pool in {row.pool, *row.pools}:
        if calendars.get(pool) == row.calendar:
            found[pool].append(wait)


def _unserved(
    connection: sa.Connection, calendars: dict[str, str], since: datetime
) -> dict[tuple[str, str, int], sa.Row[Any]]:
    """The waits that ended without an answer: their estimate was closed, and not scored."""
    rows = connection.execute(
        sa.select(
            estimate.c.desk,
            estimate.c.ticket_id,
            estimate.c.number,
            estimate.c.scored_at,
            *(ticket.c[name] for name in ("pool", "pools", "calendar", "arrived_at", "head_start")),
        )
        .join_from(
            estimate, ticket, sa.and_(ticket.c.desk == estimate.c.desk, ticket.c.ticket_id == estimate.c.ticket_id)
        )
        .where(_closed(calendars, since, ARRIVAL), estimate.c.actual.is_(None))
    )
    return {(row.desk, row.ticket_id, row.number): row for row in rows}


def _outcomes(
    connection: sa.Connection, calendars: dict[str, str], since: datetime, kind: str
) -> dict[str, list[Outcome]]:
    """How estimates of a kind came out. What people were shown does not calibrate: who looks often would count more."""
    found: dict[str, list[Outcome]] = defaultdict(list)
    rows = connection.execute(
        sa.select(estimate.c.pool, estimate.c.position, estimate.c.base, estimate.c.actual).where(
            _closed(calendars, since, kind), estimate.c.actual.is_not(None), estimate.c.base > 0
        )
    )
    for pool, position, base, actual in rows.all():
        found[pool].append(Outcome(position - 1, actual / base))
    return found


def _closed(calendars: dict[str, str], since: datetime, kind: str) -> sa.ColumnElement[bool]:
    return sa.and_(estimate.c.pool.in_(sorted(calendars)), estimate.c.scored_at >= since, estimate.c.shown_in == kind)


def _pace(stored: dict[str, Any]) -> Pace:
    return Pace(**{**stored, "inflow": tuple((head_start, rate) for head_start, rate in stored["inflow"])})


def _calibration(stored: dict[str, Any]) -> Calibration:
    bands = tuple((half, most, nearly_all) for half, most, nearly_all in stored["bands"])
    return Calibration(bands, stored["scored"])
