"""How sure a difference is: histories drawn from the days of one, each replayed in both orders."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf

from deskside.backtest.comparison import Group, Interval, Order, Scope, keys_of, pin_of
from deskside.backtest.lines import Day, Desk, Job, Line
from deskside.backtest.measures import kept, quantile
from deskside.backtest.replay import Session, always, by_key

Stage = Callable[[str, int, int], None]
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
    chance = random.Random(seed)  # noqa: S311 - draws days, guards nothing
    found: dict[tuple[Scope, str], list[Difference]] = defaultdict(list)
    for done in range(years):
        for key, difference in years_drawn.draw(chance):
            found[key].append(difference)
        stage("years", done + 1, years)
    return [_bounded(group, found[group.scope, group.name]) for group in groups]


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
        self.desk, self.orders, self.pace = desk, orders, pace
        self.days = [desk.days[number] for number in days]
        self.alike: dict[int, list[int]] = defaultdict(list)
        for number in days:
            self.alike[desk.days[number].date.weekday()].append(number)
        self.jobs: list[list[list[int]]] = []
        self.sessions: list[list[list[Session]]] = []
        for line in desk.lines:
            jobs: list[list[int]] = [[] for _ in desk.days]
            sessions: list[list[Session]] = [[] for _ in desk.days]
            for place, job in enumerate(line.jobs):
                jobs[job.day].append(place)
            for day, session in line.sessions:
                sessions[day].append(session)
            self.jobs.append(jobs)
            self.sessions.append(sessions)

    def draw(self, chance: random.Random) -> list[tuple[tuple[Scope, str], Difference]]:
        """One resampled history, replayed in both orders: the difference for each group."""
        drawn = [chance.choice(self.alike[day.date.weekday()]) for day in self.days]
        groups: dict[tuple[Scope, str], tuple[list[float], list[float], list[float | None]]] = defaultdict(
            lambda: ([], [], [])
        )
        for number in range(len(self.desk.lines)):
            for job, first, second in self._replayed(number, drawn):
                for key in keys_of(job):
                    waits = groups[key]
                    waits[0].append(first)
                    waits[1].append(second)
                    waits[2].append(job.within)
        return [(key, _difference(*waits)) for key, waits in groups.items()]

    def _replayed(self, number: int, drawn: Sequence[int]) -> Iterator[tuple[Job, float, float]]:
        line, days = self.desk.lines[number], self.desk.days
        places: list[int] = []
        arrived: list[float] = []
        sessions: list[Session] = []
        start = 0
        for day in drawn:
            shift = start - days[day].start
            places += self.jobs[number][day]
            arrived += [line.jobs[place].arrived + shift for place in self.jobs[number][day]]
            sessions += [Session(item.start + shift, item.end + shift) for item in self.sessions[number][day]]
            start += days[day].end - days[day].start
        if not places:
            return
        handling = [line.jobs[place].handling * self.pace for place in places]
        agents = always(line.agents) if line.agents else _endless(sessions, line, days)
        served = []
        for order in self.orders:
            starts = order.head_starts[number]
            keys = [came - starts[place] for came, place in zip(arrived, places, strict=True)]
            emergencies = order.emergencies[number]
            pin = pin_of(order, frozenset(index for index, place in enumerate(places) if place in emergencies))
            served.append(by_key(arrived, keys, handling, agents, pin).starts)
        for place, came, first, second in zip(places, arrived, *served, strict=True):
            yield line.jobs[place], first - came, second - came


def _endless(sessions: list[Session], line: Line, days: Sequence[Day]) -> list[Session]:
    """The sessions, the latest without an end; where no day was drawn on which somebody worked, one agent."""
    if not sessions:
        return always(1)
    latest = max(session.start for session in sessions)
    longest = max(day.end - day.start for day in days)
    return [replace(item, end=inf) if item.start > latest - longest else item for item in sessions]


def _difference(first: list[float], second: list[float], within: list[float | None]) -> Difference:
    promised = kept(first, within), kept(second, within)
    first, second = sorted(first), sorted(second)
    return Difference(
        mean=(sum(second) - sum(first)) / len(first),
        p50=quantile(second, 0.5) - quantile(first, 0.5),
        p90=quantile(second, 0.9) - quantile(first, 0.9),
        kept=None if promised[0] is None or promised[1] is None else promised[1] - promised[0],
    )


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
