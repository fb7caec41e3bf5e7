"""How sure a difference is: histories drawn from the days of one, each replayed in both orders."""

import os
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from math import inf

from deskside.backtest.comparison import Group, Interval, Order, Scope, pin_of
from deskside.backtest.lines import Day, Desk
from deskside.backtest.measures import quantile
from deskside.backtest.replay import Session, always, by_key

Stage = Callable[[str, int, int], None]
FEW_YEARS = 20
"""Resampled histories for which starting a process is not worth it."""
FEWEST_DAYS = 10
"""Days below which there are no intervals: too few to draw from."""


def with_intervals(
    desk: Desk,
    orders: tuple[Order, Order],
    pace: float,
    measured: Sequence[bool],
    groups: Sequence[Group],
    years: int,
    seed: int = 1,
    stage: Stage = lambda _name, _done, _total: None,
) -> list[Group]:
    """The groups with 95 % intervals from `years` resampled histories, each replayed in both orders.

    A resampled history has as many days, each drawn with replacement from those of the same weekday, with its arrivals
    and its agents: both orders meet the same days, so what differs is the order alone.
    """
    if sum(measured) < FEWEST_DAYS or years < 1:
        return list(groups)
    years_drawn = Years(desk, orders, pace, [number for number, counts in enumerate(measured) if counts])
    found: dict[tuple[Scope, str], list[Difference]] = defaultdict(list)
    for done, differences in enumerate(drawn(years_drawn, years, seed), start=1):
        for key, difference in differences:
            found[key].append(difference)
        stage("years", done, years)
    return [_bounded(group, found[group.scope, group.name]) for group in groups]


Drawn = list[tuple[tuple[Scope, str], "Difference"]]


def drawn(source: "Years", years: int, seed: int) -> Iterator[Drawn]:
    """The differences of each resampled history, by as many processes as there are processors.

    Each has a seed of its own, so that the number of processes changes nothing.
    """
    processes = min(os.cpu_count() or 1, years // FEW_YEARS)
    if processes < 2:
        yield from (source.draw(_chance(seed, number)) for number in range(years))
        return
    with ProcessPoolExecutor(processes, initializer=_remember, initargs=(source, seed)) as pool:
        yield from pool.map(_draw, range(years), chunksize=FEW_YEARS // 4)


_source: "tuple[Years, int] | None" = None


def _remember(source: "Years", seed: int) -> None:
    global _source
    _source = source, seed


def _draw(number: int) -> Drawn:
    assert _source is not None
    source, seed = _source
    return source.draw(_chance(seed, number))


def _chance(seed: int, number: int) -> random.Random:
    return random.Random(f"{seed}:{number}")  # noqa: S311 - draws days, guards nothing


@dataclass(frozen=True, slots=True)
class Difference:
    """How two orders differ in one resampled history, in seconds and as a share."""

    mean: float
    p50: float
    p90: float
    kept: float | None


class Years:
    """Draws histories from the days of one."""

    def __init__(self, desk: Desk, orders: tuple[Order, Order], pace: float, days: Sequence[int]) -> None:
        self.desk, self.days = desk, [desk.days[number] for number in days]
        self.alike: dict[int, list[int]] = defaultdict(list)
        for number in days:
            self.alike[desk.days[number].date.weekday()].append(number)
        self.lines = [_LineByDay(desk, orders, pace, number) for number in range(len(desk.lines))]

    def draw(self, chance: random.Random) -> list[tuple[tuple[Scope, str], Difference]]:
        """One resampled history, replayed in both orders: the difference for each group."""
        drawn = [chance.choice(self.alike[day.date.weekday()]) for day in self.days]
        everybody = _Waits()
        kinds: dict[str, _Waits] = defaultdict(_Waits)
        pools: dict[str, _Waits] = defaultdict(_Waits)
        for line in self.lines:
            for kind, waits in line.replayed(drawn).items():
                waits.sort()
                everybody.add(waits)
                kinds[kind].add(waits)
                pools[line.pool].add(waits)
        found = [((Scope.ALL, ""), everybody.difference())]
        found += [((Scope.KIND, kind), waits.difference()) for kind, waits in kinds.items()]
        return found + [((Scope.POOL, pool), waits.difference()) for pool, waits in pools.items()]


class _Waits:
    """The waits of some tickets in both orders, and how many of the promises were kept."""

    def __init__(self) -> None:
        self.sides: tuple[list[float], list[float]] = ([], [])
        self.kept = [0, 0]
        self.promised = 0

    def sort(self) -> None:
        for side in self.sides:
            side.sort()

    def add(self, other: "_Waits") -> None:
        for side in (0, 1):
            self.sides[side].extend(other.sides[side])
            self.kept[side] += other.kept[side]
        self.promised += other.promised

    def difference(self) -> Difference:
        self.sort()  # quick: what was added is sorted already
        first, second = self.sides
        return Difference(
            mean=(sum(second) - sum(first)) / len(first),
            p50=quantile(second, 0.5) - quantile(first, 0.5),
            p90=quantile(second, 0.9) - quantile(first, 0.9),
            kept=(self.kept[1] - self.kept[0]) / self.promised if self.promised else None,
        )


class _LineByDay:
    """One pool cut into its days, so that a history of drawn days is put together quickly."""

    def __init__(self, desk: Desk, orders: tuple[Order, Order], pace: float, number: int) -> None:
        self.line, self.days, self.orders, self.number = desk.lines[number], desk.days, orders, number
        self.pool = self.line.pool
        self.handling = [job.handling * pace for job in self.line.jobs]
        self.places: list[list[int]] = [[] for _ in desk.days]
        self.sessions: list[list[Session]] = [[] for _ in desk.days]
        for place, job in enumerate(self.line.jobs):
            self.places[job.day].append(place)
        for day, session in self.line.sessions:
            self.sessions[day].append(session)

    def replayed(self, drawn: Sequence[int]) -> dict[str, _Waits]:
        """The waits of each class, where the days are those drawn."""
        jobs = self.line.jobs
        places: list[int] = []
        arrived: list[float] = []
        sessions: list[Session] = []
        start = 0
        for day in drawn:
            shift = start - self.days[day].start
            places += self.places[day]
            arrived += [jobs[place].arrived + shift for place in self.places[day]]
            sessions += [Session(item.start + shift, item.end + shift) for item in self.sessions[day]]
            start += self.days[day].end - self.days[day].start
        found: dict[str, _Waits] = defaultdict(_Waits)
        if not places:
            return found
        agents = always(self.line.agents) if self.line.agents else _endless(sessions, self.days)
        sides = [self._starts(order, places, arrived, agents) for order in self.orders]
        for place, came, first, second in zip(places, arrived, *sides, strict=True):
            job = jobs[place]
            waits = found[job.ticket.kind]
            waits.sides[0].append(first - came)
            waits.sides[1].append(second - came)
            if job.within is not None:
                waits.promised += 1
                waits.kept[0] += first - came <= job.within
                waits.kept[1] += second - came <= job.within
        return found

    def _starts(
        self, order: Order, places: Sequence[int], arrived: Sequence[float], agents: Sequence[Session]
    ) -> list[float]:
        starts, emergencies = order.head_starts[self.number], order.emergencies[self.number]
        keys = [came - starts[place] for came, place in zip(arrived, places, strict=True)]
        handling = [self.handling[place] for place in places]
        pin = pin_of(order, frozenset(index for index, place in enumerate(places) if place in emergencies))
        return by_key(arrived, keys, handling, agents, pin).starts


def _endless(sessions: list[Session], days: Sequence[Day]) -> list[Session]:
    """The sessions, the latest without an end; where no day was drawn on which somebody worked, one agent."""
    if not sessions:
        return always(1)
    latest = max(session.start for session in sessions)
    longest = max(day.end - day.start for day in days)
    return [replace(item, end=inf) if item.start > latest - longest else item for item in sessions]


def _bounded(group: Group, found: Sequence[Difference]) -> Group:
    shares = [difference.kept for difference in found if difference.kept is not None]
    return replace(
        group,
        mean=_interval(group.mean, [difference.mean / 60 for difference in found]),
        p50=_interval(group.p50, [difference.p50 / 60 for difference in found]),
        p90=_interval(group.p90, [difference.p90 / 60 for difference in found]),
        kept=None if group.kept is None else _interval(group.kept, shares),
    )


def _interval(interval: Interval, values: Sequence[float]) -> Interval:
    if not values:
        return interval
    ordered = sorted(values)
    return replace(interval, low=quantile(ordered, 0.025), high=quantile(ordered, 0.975))
