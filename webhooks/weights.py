"""What other minutes would do: to the queue of this moment, and to tickets without a head start."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from deskside.order import mix, weights
from deskside.order.weights import Weighed
from deskside.settings import Settings
from deskside.store import arrivals, queue
from deskside.store import weights as store
from deskside.store.database import Row

SHOWN = 20
MOVERS = 6
# So many of a pool are looked at: nobody looks further back.
MOST = 2000


@dataclass(frozen=True, slots=True)
class Part:
    """A factor's minutes before and after."""

    factor: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Line:
    """A ticket in one pool: its place now and then (1 is next), and which of its factors' minutes change.

    `minutes` is by how much its head start changes, after the caps.
    """

    row: Row
    before: int
    after: int
    minutes: int
    parts: tuple[Part, ...]

    @property
    def up(self) -> int:
        """By how many places it moves up; below 0 down."""
        return self.before - self.after


@dataclass(frozen=True, slots=True)
class Pool:
    """One pool: the first as they stand now and as they would, and who moves furthest among the others.

    `unsettled` tickets would fall behind although no later one could go ahead of them any more. `cut` when only the
    first of the pool were looked at.
    """

    name: str
    waiting: int
    moving: int
    unsettled: int
    cut: bool
    now: tuple[Line, ...]
    then: tuple[Line, ...]
    movers: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Unfairness:
    """The budget in minutes: of these minutes, of those in force, the limit, and what each weight makes of it.

    `tickets` arrived in the last 30 days. `emergencies` is what comes on top, which no weight decides. `lower` is the
    weight to lower and how far (None: even 0 is not enough) where these minutes may not be saved.
    """

    found: float
    now: float
    limit: float
    tickets: int
    emergencies: float
    parts: tuple[tuple[str, float], ...]
    lower: tuple[str, int | None] | None


@dataclass(frozen=True, slots=True)
class Preview:
    """The minutes somebody considers, beside those in force; `changed` are the names whose minutes differ."""

    minutes: Mapping[str, int]
    now: Mapping[str, int]
    changed: tuple[str, ...]
    unfairness: Unfairness
    pools: tuple[Pool, ...]

    @property
    def moving(self) -> int:
        """How many places in a pool change."""
        return sum(pool.moving for pool in self.pools)

    @property
    def unsettled(self) -> int:
        """How many tickets fall behind that could not be overtaken any more."""
        return sum(pool.unsettled for pool in self.pools)


def preview(connection: sa.Connection, settings: Settings, minutes: Mapping[str, int], at: datetime) -> Preview:
    """Work out what these minutes would do. Reads only."""
    own = weights.configured(settings.queue)
    versions = store.by_version(connection, own)
    now = store.in_force(connection, own)

    def again(row: Row) -> Weighed:
        return weights.again(store.weighed(row), versions.get(row.model, own), minutes, settings.caps)

    pools = []
    for state in queue.pools(connection):
        rows = queue.top(connection, state.pool, MOST)
        pools.append(_pool(state, rows, {row.id: again(row) for row in rows}, at))
    changed = tuple(name for name in minutes if minutes[name] != now[name])
    fairness = _unfairness(settings, arrivals.mix(connection, versions, at), minutes, now, free=minutes == own)
    return Preview(minutes, now, changed, fairness, tuple(pools))


def _pool(state: queue.PoolState, rows: Sequence[Row], weighed: Mapping[int, Weighed], at: datetime) -> Pool:
    after = sorted(rows, key=lambda row: (weighed[row.id].key, row.id))
    places = {row.id: place for place, row in enumerate(after, start=1)}
    lines = [_line(row, before, places[row.id], weighed[row.id]) for before, row in enumerate(rows, start=1)]
    then = sorted(lines, key=lambda line: line.after)
    apart = [line for line in lines if line.up and line.before > SHOWN and line.after > SHOWN]
    return Pool(
        name=state.pool,
        waiting=state.waiting,
        moving=sum(line.up != 0 for line in lines),
        unsettled=sum(line.up < 0 and line.row.safe_at is not None and line.row.safe_at <= at for line in lines),
        cut=state.waiting > len(rows),
        now=tuple(lines[:SHOWN]),
        then=tuple(then[:SHOWN]),
        movers=tuple(sorted(apart, key=lambda line: (-abs(line.up), line.after))[:MOVERS]),
    )


def _line(row: Row, before: int, after: int, weighed: Weighed) -> Line:
    parts = tuple(
        Part(old.factor, old.minutes, new.minutes)
        for old, new in zip(store.contributions(row), weighed.contributions, strict=True)
        if old.minutes != new.minutes
    )
    return Line(row, before, after, (weighed.head_start - row.head_start) // 60, parts)


def _unfairness(
    settings: Settings, lately: mix.Mix, minutes: Mapping[str, int], now: Mapping[str, int], *, free: bool
) -> Unfairness:
    """`free` minutes are never refused: the configuration's own."""
    caps, limit = settings.caps, settings.queue["unfairness_minutes"]
    found, before = mix.unfairness(lately, minutes, caps), mix.unfairness(lately, now, caps)
    refused = mix.too_unfair(found, before, limit) and not free
    parts = sorted(mix.parts(lately, minutes, caps).items(), key=lambda part: -part[1])
    return Unfairness(
        found=found,
        now=before,
        limit=limit,
        tickets=lately.tickets,
        emergencies=mix.emergencies(lately, minutes, caps),
        parts=tuple(part for part in parts if part[1] >= 0.05),
        lower=mix.lower(lately, minutes, caps, limit) if refused else None,
    )
