"""Two orders on the same arrivals, the same handling times and the same agents, group by group."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from deskside.backtest.lines import Desk, Job, Line
from deskside.backtest.measures import Measures, measure, overtakes
from deskside.backtest.replay import Pin, Served, by_key
from deskside.backtest.weights import Weights
from deskside.model.place import Band


@dataclass(frozen=True, slots=True)
class Order:
    """The head start (seconds) of each job of each line, who is an emergency, and the cap on overtaking.

    `most` is the most head start of a ticket that is no emergency, `overtaken` 0 pins nobody.
    """

    head_starts: tuple[tuple[float, ...], ...]
    emergencies: tuple[frozenset[int], ...]
    overtaken: int = 0
    most: float = 0


class Scope(StrEnum):
    """What a group is made of."""

    ALL = "all"
    KIND = "class"
    POOL = "pool"


@dataclass(frozen=True, slots=True)
class Interval:
    """A difference (after less before) and its 95 % interval over resampled days; no bounds where too few days."""

    value: float
    low: float | None = None
    high: float | None = None

    @property
    def sure(self) -> bool:
        """Whether the days agree that there is a difference, and in which direction."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


@dataclass(frozen=True, slots=True)
class Group:
    """A group under both orders. Differences in working minutes, `kept` as a share."""

    scope: Scope
    name: str
    before: Measures
    after: Measures
    mean: Interval
    p50: Interval
    p90: Interval
    kept: Interval | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened to a job in both orders: waits in working seconds, and how many went ahead."""

    job: Job
    waits: tuple[float, float]
    overtaken: tuple[int, int]


def weighted(desk: Desk, weights: Weights) -> Order:
    """The order that weights give."""
    head_starts, emergencies = [], []
    for line in desk.lines:
        places = [weights.place(job.ticket, job.arrived) for job in line.jobs]
        head_starts.append(tuple(float(place.head_start) for place in places))
        emergencies.append(frozenset(number for number, place in enumerate(places) if place.band is Band.EMERGENCY))
    return Order(tuple(head_starts), tuple(emergencies), weights.caps.overtaken, weights.caps.contract * 60)


def credited(desk: Desk, credit: Callable[[Job], float]) -> Order:
    """The order in which each job has the head start `credit` gives it, in seconds."""
    starts = tuple(tuple(credit(job) for job in line.jobs) for line in desk.lines)
    return Order(starts, tuple(frozenset() for _ in desk.lines))


def replay(line: Line, order: Order, number: int, pace: float) -> Served:
    """Replay line `number` in an order; `pace` multiplies every handling time."""
    arrived = [job.arrived for job in line.jobs]
    keys = [came - start for came, start in zip(arrived, order.head_starts[number], strict=True)]
    handling = [job.handling * pace for job in line.jobs]
    return by_key(arrived, keys, handling, line.presence(), pin_of(order, order.emergencies[number]))


def compare(
    desk: Desk, before: Order, after: Order, pace: float, measured: Sequence[bool]
) -> tuple[list[Outcome], list[Group]]:
    """Both orders on the whole history, and the groups of those who came on a `measured` day. No intervals yet."""
    outcomes = []
    for number, line in enumerate(desk.lines):
        first, second = (replay(line, order, number, pace) for order in (before, after))
        counts = overtakes(first.order), overtakes(second.order)
        for place, job in enumerate(line.jobs):
            if measured[job.day]:
                waits = first.starts[place] - job.arrived, second.starts[place] - job.arrived
                outcomes.append(Outcome(job, waits, (counts[0][place], counts[1][place])))
    groups = [
        Group(
            scope,
            name,
            sides[0],
            sides[1],
            Interval(sides[1].mean - sides[0].mean),
            Interval(sides[1].p50 - sides[0].p50),
            Interval(sides[1].p90 - sides[0].p90),
            None if sides[0].kept is None or sides[1].kept is None else Interval(sides[1].kept - sides[0].kept),
        )
        for (scope, name), found in _grouped(outcomes)
        if (sides := [_measures(found, side) for side in (0, 1)])
    ]
    return outcomes, groups


def pin_of(order: Order, emergencies: frozenset[int]) -> Pin | None:
    """The cap on overtaking as the replay takes it."""
    return Pin(order.overtaken, order.most, emergencies) if order.overtaken else None


def _keys(job: Job) -> tuple[tuple[Scope, str], ...]:
    return (Scope.ALL, ""), (Scope.KIND, job.ticket.kind), (Scope.POOL, job.ticket.pool)


def _grouped(outcomes: Sequence[Outcome]) -> list[tuple[tuple[Scope, str], list[Outcome]]]:
    """All, then each class, then each pool, the largest first; a single class or pool is all over again."""
    groups: dict[tuple[Scope, str], list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        for key in _keys(outcome.job):
            groups[key].append(outcome)
    scopes = list(Scope)
    alone = {scope for scope in scopes[1:] if sum(key[0] is scope for key in groups) == 1}
    kept_groups = [item for item in groups.items() if item[0][0] not in alone]
    return sorted(kept_groups, key=lambda item: (scopes.index(item[0][0]), -len(item[1]), item[0][1]))


def _measures(outcomes: Sequence[Outcome], side: int) -> Measures:
    return measure(
        [outcome.waits[side] for outcome in outcomes],
        [outcome.job.within for outcome in outcomes],
        [outcome.overtaken[side] for outcome in outcomes],
    )
