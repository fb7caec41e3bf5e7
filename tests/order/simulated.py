"""A simulated pool: tickets with head starts, agents who take the smallest key, days that differ. Working seconds."""

import heapq
import math
import random
from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass

DAY = 8 * 3600


@dataclass
class Simulated:
    """A ticket; `ended` is when it was taken, or left unserved."""

    number: int
    arrived: int
    head_start: int
    ended: int | None = None
    served: bool = True

    @property
    def key(self) -> int:
        return self.arrived - self.head_start


def simulate(
    seed: int, *, days: int, tickets_a_day: float, agents: int, minutes: float, patience_hours: float | None = None
) -> list[Simulated]:
    """Everything that arrived in so many days. Half as many tickets again come in the first third of a day, the number
    of agents changes from day to day, handling times are lognormal, and who has no more patience goes.
    """
    rnd = random.Random(seed)
    tickets = list(_arrivals(rnd, days, tickets_a_day))
    staff = [max(1, agents + rnd.choice([-1, 0, 0, 0, 1])) for _ in range(days)]
    events: list[tuple[float, int, int]] = [(ticket.arrived, 0, ticket.number) for ticket in tickets]
    events += [(0, 2, agent) for agent in range(agents + 1)]
    heapq.heapify(events)
    waiting: list[tuple[int, int]] = []
    idle: list[int] = []

    def take(now: float, agent: int) -> None:
        day = min(days - 1, int(now // DAY))
        if agent >= staff[day]:
            heapq.heappush(events, ((day + 1) * DAY + 1, 2, agent))
        elif not waiting:
            idle.append(agent)
        else:
            _, number = waiting.pop(0)
            tickets[number].ended = int(now)
            heapq.heappush(events, (now + rnd.lognormvariate(math.log(minutes * 60) - 0.32, 0.8), 2, agent))

    while events and events[0][0] <= days * DAY:
        now, kind, number = heapq.heappop(events)
        if kind == 2:
            take(now, number)
            continue
        ticket = tickets[number]
        if kind == 0:
            insort(waiting, (ticket.key, number))
            if patience_hours:
                heapq.heappush(events, (now + rnd.expovariate(1 / (patience_hours * 3600)), 1, number))
            if idle:
                take(now, idle.pop())
        elif ticket.ended is None:
            waiting.remove((ticket.key, number))
            ticket.ended, ticket.served = int(now), False
    return tickets


def _arrivals(rnd: random.Random, days: int, tickets_a_day: float) -> Iterator[Simulated]:
    number = 0
    for day in range(days):
        rate = tickets_a_day / DAY * (1.25, 1, 1, 1, 0.85)[day % 5] * rnd.lognormvariate(0, 0.12)
        at = rnd.expovariate(rate * 1.4)
        while at < DAY:
            if rnd.random() < (1 if at < DAY / 3 else 0.57):
                yield Simulated(number, day * DAY + int(at), _head_start(rnd))
                number += 1
            at += rnd.expovariate(rate * 1.4)


def _head_start(rnd: random.Random) -> int:
    """Half have none, a third some commercial minutes, some a promised reply, few a dead server."""
    drawn = rnd.random()
    if drawn < 0.55:
        return 0
    if drawn < 0.95:
        return round(rnd.uniform(5, 45) if drawn < 0.8 else rnd.uniform(60, 240)) * 60
    return (480 if drawn < 0.985 else 4320) * 60


@dataclass(frozen=True)
class Look:
    """A moment at which the time of a ticket is made, and how many stand before it then.

    `kind`: `arrival` of every ticket, `sample` drawn every ten minutes of those who wait, `shown` at some moment of
    every wait of more than ten minutes.
    """

    at: int
    ticket: Simulated
    ahead: int
    kind: str


def looks(tickets: list[Simulated], seed: int) -> Iterator[Look]:
    """All looks in the order of time."""
    rnd = random.Random(seed)
    moments: list[tuple[int, str, Simulated | None]] = [(ticket.arrived, "arrival", ticket) for ticket in tickets]
    moments += [(at, "sample", None) for at in range(0, tickets[-1].arrived, 600)]
    for ticket in tickets:
        if ticket.ended is not None and ticket.ended - ticket.arrived > 600:
            moments.append((rnd.randrange(ticket.arrived + 1, ticket.ended), "shown", ticket))
    moments.sort(key=lambda moment: (moment[0], moment[1], moment[2].number if moment[2] else 0))
    ends = sorted((ticket.ended, ticket.number) for ticket in tickets if ticket.ended is not None)
    waiting: list[tuple[int, int]] = []
    done = 0
    for at, kind, named in moments:
        while done < len(ends) and ends[done][0] <= at:
            gone = tickets[ends[done][1]]
            place = bisect_left(waiting, (gone.key, gone.number))
            if place < len(waiting) and waiting[place][1] == gone.number:
                del waiting[place]
            done += 1
        ticket = named
        if ticket is None:
            if not waiting:
                continue
            ticket = tickets[rnd.choice(waiting)[1]]
        ahead = bisect_left(waiting, (ticket.key, ticket.number))
        if kind == "arrival" and ticket.ended != at:
            insort(waiting, (ticket.key, ticket.number))
        yield Look(at, ticket, ahead, kind)
