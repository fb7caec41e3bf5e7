"""Desks whose rule is known, because these tests made it."""

import csv
import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from heapq import heapreplace
from pathlib import Path

from deskside.backtest.history import HistoryTicket

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
KINDS = ("vip", "regular")


def always(**credit: int) -> Callable[[int], Mapping[str, int]]:
    """The same credits at any moment, in seconds by class."""
    return lambda _now: credit


def planted(
    count: int,
    credit: Callable[[int], Mapping[str, int]] = lambda _now: {},
    obedience: float = 1.0,
    agents: int = 5,
    slower: float = 1.0,
    seed: int = 1,
    gap: float = 20,
    epoch: datetime = MONDAY,
) -> list[HistoryTicket]:
    """Tickets as a desk served them: by arrival less a credit (seconds by class, at a moment), open day and night.

    With the chance 1 - `obedience` an agent takes just anybody. A ticket keeps an agent `slower` times as long as its
    handling time says.
    """
    chance = random.Random(seed)
    clock = 0.0
    arrived, kinds, handling = [], [], []
    for _ in range(count):
        clock += chance.expovariate(1 / gap)
        arrived.append(int(clock))
        kinds.append(chance.choices(KINDS, (3, 7))[0])
        handling.append(1 + int(chance.expovariate(1 / (gap * agents * 0.85))))
    free = [(0, agent) for agent in range(agents)]
    waiting: list[int] = []
    tickets = []
    now = upcoming = 0
    while len(tickets) < count:
        now = max(now, free[0][0])
        if not waiting:
            now = max(now, arrived[upcoming])
        while upcoming < count and arrived[upcoming] <= now:
            waiting.append(upcoming)
            upcoming += 1
        credits = credit(now)
        keys = {number: (arrived[number] - credits.get(kinds[number], 0), number) for number in waiting}
        number = min(waiting, key=keys.__getitem__) if chance.random() < obedience else chance.choice(waiting)
        waiting.remove(number)
        _, agent = heapreplace(free, (now + round(handling[number] * slower), free[0][1]))
        tickets.append(
            HistoryTicket(
                ticket=str(number),
                arrived=epoch + timedelta(seconds=arrived[number]),
                taken=epoch + timedelta(seconds=now),
                handling_minutes=handling[number] / 60,
                agent=f"agent {agent}",
                kind=kinds[number],
            )
        )
    return tickets


def write_csv(path: Path, tickets: list[HistoryTicket]) -> Path:
    """The tickets as a CSV file with the columns' own names."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["ticket", "arrived", "taken", "handling_minutes", "agent", "pool", "class", "sla_minutes"])
        for item in tickets:
            taken = item.taken.isoformat() if item.taken else ""
            row = [
                item.ticket,
                item.arrived.isoformat(),
                taken,
                item.handling_minutes,
                item.agent,
                item.pool,
                item.kind,
            ]
            writer.writerow([*row, 30 if item.kind == "vip" else 240])
    return path
