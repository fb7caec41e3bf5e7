"""A rule to set the replay beside that nobody uses: what the theory of queues knows much of."""

import math
from collections import deque
from collections.abc import Sequence
from heapq import heapify, heappop, heapreplace

from deskside.backtest.replay import Served, Session


def by_rates(
    arrived: Sequence[float],
    groups: Sequence[int],
    rates: Sequence[float],
    handling: Sequence[float],
    sessions: Sequence[Session],
) -> Served:
    """Serve the largest `rate * waited`: priorities that grow at a speed of their own (Kleinrock 1964).

    `groups` names each ticket's class, `rates` the speed of each class. Inside a class the order is first come, first
    served, so only the heads are compared.
    """
    count = len(arrived)
    starts = [math.inf] * count
    order: list[int] = []
    lines: list[deque[int]] = [deque() for _ in rates]
    free = [(session.start, session.end) for session in sessions]
    heapify(free)
    clock = -math.inf
    upcoming = 0
    while free and len(order) < count:
        since, end = free[0]
        now = since if since > clock else clock
        if len(order) == upcoming and arrived[upcoming] > now:
            now = arrived[upcoming]
        if now >= end:
            heappop(free)
            continue
        clock = now
        while upcoming < count and arrived[upcoming] <= now:
            lines[groups[upcoming]].append(upcoming)
            upcoming += 1
        best, most = -1, -math.inf
        for group, line in enumerate(lines):
            if line:
                priority = rates[group] * (now - arrived[line[0]])
                if priority > most or (priority == most and line[0] < lines[best][0]):
                    best, most = group, priority
        ticket = lines[best].popleft()
        starts[ticket] = now
        order.append(ticket)
        heapreplace(free, (now + handling[ticket], end))
    return Served(starts, order)
