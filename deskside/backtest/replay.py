"""The replay: the same arrivals, the same handling times and the same agents, served in another order.

Everything is in working seconds from one common origin. Tickets are given in order of arrival and known by their index;
ties are broken by it. An agent takes a ticket as soon as he is free and somebody waits, and finishes what he began.
The loop is a heap of agents and a heap of tickets; `benchmarks/backtest.py` sets it beside simpy.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush, heapreplace
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Session:
    """One agent's presence: takes tickets from `start` until before `end` (working seconds)."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Pin:
    """The cap on overtaking of docs/order.md, T5.

    A ticket that `overtaken` later ones went ahead of gets the key `arrived - head_start`, where `head_start` (seconds)
    is the most a ticket that is no emergency can have. Emergencies (by index) are neither pinned nor counted.
    """

    overtaken: int
    head_start: float
    emergencies: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if self.overtaken < 1:
            raise ValueError("a cap on overtaking lets at least one ticket ahead")


@dataclass(frozen=True, slots=True)
class Served:
    """When each ticket was started, by index; `order` lists the indices as they were started.

    A ticket that nobody was left for starts at infinity and is not in `order`.
    """

    starts: list[float]
    order: list[int]


def always(agents: int) -> list[Session]:
    """That many agents who never leave."""
    return [Session(-math.inf, math.inf)] * agents


def by_key(
    arrived: Sequence[float],
    keys: Sequence[float],
    handling: Sequence[float],
    sessions: Sequence[Session],
    pin: Pin | None = None,
) -> Served:
    """Serve the smallest key first.

    Keys of `arrived` are first come, first served; of classes, strict priority (Cobham 1954); of `arrived` less a head
    start, the order of `deskside.order.key`. Raises ValueError when the arrivals are not in order.
    """
    _check(arrived, keys, handling)
    count = len(arrived)
    starts = [math.inf] * count
    order: list[int] = []
    waiting: list[tuple[float, int]] = []
    free = [(session.start, session.end) for session in sessions]
    heapify(free)
    clock = -math.inf
    upcoming = 0
    oldest = _Oldest(arrived, keys, starts, pin) if pin is not None else None
    while free and len(order) < count:
        since, end = free[0]
        # The clock never goes back: an agent may have been free for long when the next ticket comes.
        now = since if since > clock else clock
        if len(order) == upcoming and arrived[upcoming] > now:
            now = arrived[upcoming]
        if now >= end:
            heappop(free)
            continue
        clock = now
        while upcoming < count and arrived[upcoming] <= now:
            heappush(waiting, (keys[upcoming], upcoming))
            upcoming += 1
        ticket = heappop(waiting)[1] if oldest is None else oldest.take(waiting)
        starts[ticket] = now
        order.append(ticket)
        heapreplace(free, (now + handling[ticket], end))
    return Served(starts, order)


class _Oldest:
    """Watches the ticket that waits longest: nobody who waits was overtaken more often, so it is pinned first."""

    def __init__(self, arrived: Sequence[float], keys: Sequence[float], starts: list[float], pin: Pin) -> None:
        self.arrived, self.keys, self.starts, self.pin = arrived, keys, starts, pin
        self.ordinary = [number for number in range(len(arrived)) if number not in pin.emergencies]
        self.place = 0
        self.started = 0

    def take(self, waiting: list[tuple[float, int]]) -> int:
        """The next ticket: the smallest key, where the oldest has its pinned key if it was overtaken too often."""
        while waiting and self.starts[waiting[0][1]] != math.inf:
            heappop(waiting)
        ticket = waiting[0][1]
        while self.place < len(self.ordinary) and self.starts[self.ordinary[self.place]] != math.inf:
            self.place += 1
        # All ordinary tickets before the oldest are started; whoever else is, came later and went ahead of it.
        if self.started - self.place >= self.pin.overtaken and self.place < len(self.ordinary):
            oldest = self.ordinary[self.place]
            pinned = min(self.keys[oldest], self.arrived[oldest] - self.pin.head_start)
            if (pinned, oldest) < waiting[0]:
                ticket = oldest
        if ticket == waiting[0][1]:
            heappop(waiting)
        self.started += ticket not in self.pin.emergencies
        return ticket


def _check(arrived: Sequence[float], order: Sequence[float], handling: Sequence[float]) -> None:
    if not len(arrived) == len(order) == len(handling):
        raise ValueError("every ticket needs an arrival, a place in the order and a handling time")
    if any(later < earlier for earlier, later in pairwise(arrived)):
        raise ValueError("the tickets must be in order of arrival")
