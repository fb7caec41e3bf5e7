"""How good the times were: how often each promise held, and how far off it was."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

import sqlalchemy as sa

from deskside.order.estimate import LEVELS, pinball, quantile
from deskside.store.database import Row
from deskside.store.paces import ARRIVAL, SAMPLE
from deskside.store.tables import estimate

Three = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Score:
    """How `number` times came out, for each of `LEVELS`.

    `held`: the share that was taken within the time. `loss`: the mean pinball loss in working seconds. `constant`: the
    loss of who always names the same time, the best one for these very tickets.
    """

    number: int
    held: Three
    loss: Three
    constant: Three

    @property
    def gain(self) -> float:
        """How much smaller the loss is than that of always naming the same time; below 0 it is larger."""
        constant = sum(self.constant)
        return 1 - sum(self.loss) / constant if constant else 0.0


@dataclass(frozen=True, slots=True)
class PoolScore:
    """The times of one pool: those of the arrival, one a ticket; those shown later; and the former by day."""

    pool: str
    arrival: Score | None
    later: Score | None
    days: tuple[tuple[date, Score], ...]


def of_pools(connection: sa.Connection, since: datetime, zone: tzinfo) -> list[PoolScore]:
    """The times scored since then, by pool. A day is one of `zone`, the one in which the ticket was taken."""
    pools = list(connection.scalars(sa.select(estimate.c.pool).distinct().order_by(estimate.c.pool)))
    found = [_of_pool(connection, pool, since, zone) for pool in pools]
    return [score for score in found if score.arrival or score.later]


def _of_pool(connection: sa.Connection, pool: str, since: datetime, zone: tzinfo) -> PoolScore:
    arrivals: list[Row] = []
    later: list[Row] = []
    days: dict[date, list[Row]] = defaultdict(list)
    named = ("actual", "q50", "q80", "q90", "shown_in", "scored_at")
    rows = connection.execute(
        sa.select(*(estimate.c[name] for name in named))
        .where(
            estimate.c.pool == pool,
            estimate.c.scored_at >= since,
            estimate.c.actual.is_not(None),
            estimate.c.q90.is_not(None),
            estimate.c.shown_in != SAMPLE,
        )
        .order_by(estimate.c.scored_at)
    )
    for row in rows.all():
        if row.shown_in == ARRIVAL:
            arrivals.append(row)
            days[row.scored_at.astimezone(zone).date()].append(row)
        else:
            later.append(row)
    by_day = tuple((day, score) for day, of_day in sorted(days.items()) if (score := _score(of_day)))
    return PoolScore(pool, _score(arrivals), _score(later), by_day)


def _score(rows: Sequence[Row]) -> Score | None:
    if not rows:
        return None
    actual = [row[0] for row in rows]
    ordered = sorted(actual)
    held, loss, constant = [], [], []
    for place, level in enumerate(LEVELS, start=1):
        same = quantile(ordered, level)
        held.append(sum(row[0] <= row[place] for row in rows) / len(rows))
        loss.append(sum(pinball(row[0], row[place], level) for row in rows) / len(rows))
        constant.append(sum(pinball(value, same, level) for value in actual) / len(rows))
    return Score(len(rows), _three(held), _three(loss), _three(constant))


def _three(values: Sequence[float]) -> Three:
    half, most, nearly_all = values
    return half, most, nearly_all
