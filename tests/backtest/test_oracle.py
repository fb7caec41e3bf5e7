"""The replay against queueing theory: mean waits that have been known since 1932, 1954 and 1964."""

import random
from collections.abc import Sequence
from statistics import fmean

import pytest

from deskside.backtest.replay import always, by_key
from tests.backtest.rates import by_rates
from tests.backtest.systems import HEAD_STARTS, SYSTEMS, A, HeadStarts, System, class_means, exponential, half_width

REPLICATIONS = 24
# The queue starts empty, so the first part of each replication is not measured.
MEASURED, WARM_UP = 12_000, 3_000


def near(found: Sequence[float], expected: float) -> bool:
    return abs(fmean(found) - expected) <= 1.5 * half_width(found)


def waits(arrived: Sequence[float], starts: Sequence[float]) -> list[float]:
    return [start - came for came, start in zip(arrived, starts, strict=True)]


@pytest.mark.slow
@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)
def test_the_mean_waits_are_those_of_theory(system: System) -> None:
    count = len(system.shares)
    rows: list[list[float]] = []
    for seed in range(REPLICATIONS):
        arrived, groups, handling = system.draw(random.Random(seed), WARM_UP + MEASURED)
        agents = always(system.agents)
        row: list[float] = []
        for served in (
            by_key(arrived, arrived, handling, agents),
            by_key(arrived, groups, handling, agents),
            by_rates(arrived, groups, system.rates, handling, agents),
        ):
            measured = waits(arrived, served.starts)[WARM_UP:]
            row += [fmean(measured), *class_means(measured, groups[WARM_UP:], count)]
        rows.append(row)
    columns = list(zip(*rows, strict=True))
    assert near(columns[0], system.fcfs)
    for group in range(count):
        assert near(columns[count + 2 + group], system.cobham[group]), f"Cobham, class {group + 1}"
        assert near(columns[2 * count + 3 + group], system.kleinrock[group]), f"Kleinrock, class {group + 1}"


@pytest.mark.slow
@pytest.mark.parametrize("system", HEAD_STARTS, ids=lambda system: system.name)
def test_head_starts_give_the_exact_means_and_obey_their_invariants(system: HeadStarts) -> None:
    model = System("", system.agents, system.rho, A, (), exponential, 0, (), ())
    rows: list[list[float]] = []
    for seed in range(REPLICATIONS):
        arrived, groups, handling = model.draw(random.Random(seed), WARM_UP + MEASURED)
        row = []
        for head_start in (0, *(row[0] for row in system.rows)):
            keys = [came - head_start * (group == 0) for came, group in zip(arrived, groups, strict=True)]
            measured = waits(arrived, by_key(arrived, keys, handling, always(system.agents)).starts)[WARM_UP:]
            row += class_means(measured, groups[WARM_UP:], 2)
        rows.append(row)
    columns = list(zip(*rows, strict=True))
    urgent, others = columns[::2], columns[1::2]
    for number, (head_start, first, second) in enumerate(system.rows, start=1):
        assert near(urgent[number], first)
        assert near(others[number], second)
        # Nobody loses more than the load of the favoured times their minutes.
        lost = [after - before for after, before in zip(others[number], others[0], strict=True)]
        assert fmean(lost) <= system.rho * A[0] * head_start
    assert [fmean(column) for column in urgent] == sorted((fmean(column) for column in urgent), reverse=True)
    assert [fmean(column) for column in others] == sorted(fmean(column) for column in others)
