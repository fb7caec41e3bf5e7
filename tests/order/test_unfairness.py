"""The budget of unfairness says what head starts can cost at most, and an order of tickets never costs more."""

import random
from statistics import fmean

import pytest

from deskside.backtest.replay import always, by_key
from deskside.order.unfairness import budget


def test_without_head_starts_nobody_can_lose_anything() -> None:
    assert budget([]) == 0
    assert budget([(0.9, 0)]) == 0


def test_one_percent_of_the_load_with_four_hours_costs_at_most_a_few_minutes() -> None:
    assert budget([(0.009, 240), (0.891, 0)]) == pytest.approx(2.16)


def test_every_kind_adds_its_load_times_its_minutes() -> None:
    assert budget([(0.1, 60), (0.2, 30)]) == pytest.approx(12)


@pytest.mark.parametrize("share", [(-0.1, 60), (0.1, -60)])
def test_nothing_negative_is_accepted(share: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="ever negative"):
        budget([share])


def test_a_simulated_desk_stays_within_its_budget() -> None:
    chance = random.Random(3)
    clock, arrived, starts, handling = 0.0, [], [], []
    for _ in range(40_000):
        clock += chance.expovariate(0.9)
        arrived.append(clock)
        starts.append(chance.choice([0, 0, 0, 5, 20]))
        handling.append(chance.expovariate(1))
    keys = [came - start for came, start in zip(arrived, starts, strict=True)]

    def mean_of_the_others(keys: list[float]) -> float:
        served = by_key(arrived, keys, handling, always(1))
        return fmean(served.starts[i] - arrived[i] for i in range(len(arrived)) if not starts[i])

    lost = mean_of_the_others(keys) - mean_of_the_others(arrived)
    assert 0 < lost <= budget([(0.9 * 0.2, 5), (0.9 * 0.2, 20)])
