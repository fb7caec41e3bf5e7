"""How good the times were that we named: what was promised, what was held, and how far off."""

import math
from dataclasses import dataclass
from datetime import date, timedelta

from flask import render_template
from flask.typing import ResponseReturnValue

from deskside.order.estimate import LEAST_SCORED, LEVELS
from deskside.store import accuracy, paces, queue
from deskside.store.accuracy import PoolScore, Score
from deskside.store.database import reading, utc_now
from webhooks.context import current
from webhooks.pages.access import needs
from webhooks.pages.blueprint import pages

# Less than so many points beside the promise is called kept, and whatever chance alone explains.
NEAR = 0.05
WIDTH, HEIGHT = 560, 160


@dataclass(frozen=True, slots=True)
class Promise:
    """One level of one pool: what was promised, what was held, and `held`, `hopeful` or `careful` for it."""

    level: float
    share: float
    verdict: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What each day held, as points of an SVG `WIDTH` by `HEIGHT`: a line a level, and the days below."""

    lines: tuple[tuple[tuple[float, float], ...], ...]
    days: tuple[tuple[float, date], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One pool as it is shown. `scored` of `LEAST_SCORED` came out while there are too few for a time."""

    pool: str
    score: PoolScore | None
    promises: tuple[Promise, ...]
    chart: Chart | None
    scored: int


@pages.get("/queue/times")
@needs("ops")
def times_page() -> ResponseReturnValue:
    """Coverage and pinball loss of the last days, pool by pool."""
    now, zone = utc_now(), current().settings.working_time.zone
    with reading(current().database) as connection:
        scores = {found.pool: found for found in accuracy.of_pools(connection, now - paces.WINDOW, zone)}
        names = sorted({*scores, *(state.pool for state in queue.pools(connection))})
        known = paces.every(connection, names)
    last = now.astimezone(zone).date()
    days = [last - timedelta(days=back) for back in range(paces.WINDOW.days, -1, -1)]
    return render_template(
        "times.html",
        sections=[_section(name, scores.get(name), known[name].scored, days) for name in names],
        levels=LEVELS,
        least=LEAST_SCORED,
        window=paces.WINDOW.days,
        width=WIDTH,
        height=HEIGHT,
    )


def _section(pool: str, score: PoolScore | None, scored: int, days: list[date]) -> Section:
    arrival = score.arrival if score else None
    promises = promises_of(arrival) if arrival else ()
    return Section(pool, score, promises, _chart(score, days) if score and score.days else None, scored)


def promises_of(score: Score) -> tuple[Promise, ...]:
    """What was held of each promise, and whether that is more than chance away from it."""
    found = []
    for level, share in zip(LEVELS, score.held, strict=True):
        chance = 2 * math.sqrt(level * (1 - level) / score.number)
        off = share - level
        verdict = "held" if abs(off) <= max(NEAR, chance) else "careful" if off > 0 else "hopeful"
        found.append(Promise(level, share, verdict))
    return tuple(found)


def _chart(score: PoolScore, days: list[date]) -> Chart:
    across = {day: round(WIDTH * (number + 0.5) / len(days), 1) for number, day in enumerate(days)}
    shown = [(across[day], found) for day, found in score.days if day in across]
    lines = tuple(
        tuple((x, round(HEIGHT * (1 - found.held[place]), 1)) for x, found in shown) for place in range(len(LEVELS))
    )
    return Chart(lines, tuple((x, day) for day, x in across.items()))
