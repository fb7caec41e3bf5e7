"""The budget of unfairness: what a ticket with no head start can lose in the mean."""

import heapq
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskside.order.unfairness import budget

shares = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 480)), max_size=8)


def test_it_is_the_load_times_the_head_start_of_every_kind() -> None:
    assert budget([(0.1, 60), (0.02, 240), (0.88, 0)]) == pytest.approx(6 + 4.8)


def test_without_head_starts_nobody_loses_anything() -> None:
    assert budget([]) == 0
    assert budget([(0.9, 0), (0.1, 0)]) == 0


@settings(deadline=None)
@given(shares, st.tuples(st.floats(0, 1), st.floats(0, 480)))
def test_another_kind_with_a_head_start_never_makes_it_fairer(found: list, more: tuple[float, float]) -> None:
    assert budget([*found, more]) >= budget(found)


@settings(deadline=None)
@given(shares)
def test_the_order_of_the_kinds_does_not_matter(found: list) -> None:
    assert budget(found[::-1]) == pytest.approx(budget(found))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("part", "minutes"), [(0.3, 5.0), (0.1, 20.0), (0.5, 2.0)])
def test_in_a_simulated_queue_nobody_loses_more(seed: int, part: float, minutes: float) -> None:
    load = 0.8
    plan = arrivals(random.Random(seed), part, load, 40_000)
    first_come = waits(plan, 0.0)
    weighted = waits(plan, minutes)
    loss = weighted - first_come
    assert 0 < loss <= budget([(load * part, minutes)]) * 1.1  # the simulated mean is not exact


def arrivals(chance: random.Random, part: float, load: float, count: int) -> list[tuple[float, float, bool]]:
    """Arrival, service time (mean 1) and whether it has a head start."""
    now, found = 0.0, []
    for _ in range(count):
        now += chance.expovariate(load)
        found.append((now, chance.expovariate(1), chance.random() < part))
    return found


def waits(plan: list[tuple[float, float, bool]], minutes: float) -> float:
    """The mean wait of those without a head start, one agent, smallest `arrival - head start` first."""
    waiting: list[tuple[float, int]] = []
    free, coming, total, count = 0.0, 0, 0.0, 0
    while coming < len(plan) or waiting:
        if not waiting:
            free = max(free, plan[coming][0])
        while coming < len(plan) and plan[coming][0] <= free:
            heapq.heappush(waiting, (plan[coming][0] - minutes * plan[coming][2], coming))
            coming += 1
        _, chosen = heapq.heappop(waiting)
        arrived, service, ahead = plan[chosen]
        if not ahead:
            total, count = total + free - arrived, count + 1
        free += service
    return total / count
