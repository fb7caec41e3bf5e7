"""The figures of a report, against their plain definitions."""

import math

from hypothesis import given
from hypothesis import strategies as st

from deskside.backtest.measures import kept, measure, overtakes, quantile


@given(st.lists(st.integers(0, 1000), min_size=1), st.sampled_from([0.025, 0.5, 0.9, 0.99, 1.0]))
def test_a_quantile_is_the_smallest_value_that_enough_do_not_exceed(values: list[int], part: float) -> None:
    found = quantile(sorted(values), part)
    assert found in values
    assert sum(value <= found for value in values) >= math.ceil(len(values) * part - 1e-9)
    assert sum(value < found for value in values) < len(values) * part


@given(st.permutations(range(12)))
def test_overtakes_are_the_later_tickets_that_were_started_first(order: list[int]) -> None:
    place = {ticket: number for number, ticket in enumerate(order)}
    expected = [sum(place[later] < place[ticket] for later in range(ticket + 1, 12)) for ticket in range(12)]
    assert overtakes(order) == expected


def test_only_promises_are_kept_or_broken() -> None:
    assert kept([10, 20, 30], [None, None, None]) is None
    assert kept([10, 20, 30], [None, 20, 29]) == 0.5


def test_waits_are_reported_in_minutes() -> None:
    found = measure([60, 120, 600], [90, 90, None], [0, 1, 5])
    assert (found.tickets, found.mean, found.p50, found.longest) == (3, 780 / 180, 2, 10)
    assert (found.kept, found.overtaken, found.most_overtaken) == (0.5, 2, 5)
