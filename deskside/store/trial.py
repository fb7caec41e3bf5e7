"""What came of trying weights beside those in force: both orders, turn by turn."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from deskside.store.database import Row
from deskside.store.tables import turn

MOST = 20_000


@dataclass(frozen=True, slots=True)
class Moved:
    """How far the tickets of one factor (none: "") would have stood further ahead, in places; below 0 behind."""

    factor: str
    taken: int
    ahead: float


@dataclass(frozen=True, slots=True)
class Trial:
    """Turns that ended while weights were tried. Places are counted in the pool, when the ticket was taken.

    `heads` of the `taken` were the first in the order in force; of those, `same` were the first in the tried order too.
    `mean` and `p90` are places between the two orders, either way.
    """

    since: datetime
    taken: int
    heads: int
    same: int
    mean: float
    p90: int
    factors: tuple[Moved, ...]


def report(connection: sa.Connection, since: datetime) -> Trial:
    """Both orders since then (the newest 20,000 turns)."""
    rows = connection.execute(
        sa.select(turn.c.position, turn.c.shadow_position, turn.c.contributions)
        .where(turn.c.served_at >= since, turn.c.shadow_position.is_not(None))
        .order_by(turn.c.id.desc())
        .limit(MOST)
    ).all()
    heads = [row for row in rows if row.position == 0]
    apart = sorted(abs(row.shadow_position - row.position) for row in rows)
    return Trial(
        since=since,
        taken=len(rows),
        heads=len(heads),
        same=sum(row.shadow_position == 0 for row in heads),
        mean=sum(apart) / len(apart) if apart else 0.0,
        # The smallest distance that nine of ten do not exceed.
        p90=apart[-(-len(apart) * 9 // 10) - 1] if apart else 0,
        factors=_by_factor(rows),
    )


def _by_factor(rows: Sequence[Row]) -> tuple[Moved, ...]:
    ahead: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        earned = {item["factor"] for item in row.contributions if item["minutes"] or item.get("share")}
        for factor in earned or {""}:
            ahead[factor].append(row.position - row.shadow_position)
    found = [Moved(factor, len(places), sum(places) / len(places)) for factor, places in ahead.items()]
    return tuple(sorted(found, key=lambda item: (-item.ahead, item.factor)))
