"""The replay keeps the promises of docs/order.md on every path, and agrees with two simulators nobody here wrote."""

import itertools
import math
import random
from collections.abc import Sequence
from typing import Any

import ciw
import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st

from deskside.backtest.replay import Pin, Served, Session, always, by_key
from tests.backtest.rates import by_rates
from tests.backtest.systems import SYSTEMS

MOST = 480
tickets = st.lists(
    st.tuples(
        st.integers(0, 5) | st.integers(0, 400),  # seconds since the arrival before; 0 is simultaneous
        st.integers(0, MOST),  # head start
        st.integers(1, 500),  # handling time
        st.booleans() | st.just(False),  # an emergency
    ),
    min_size=1,
    max_size=60,
)
Tickets = list[tuple[int, int, int, bool]]


def columns(given_tickets: Tickets) -> tuple[list[int], list[int], list[int]]:
    arrived = list(itertools.accumulate(gap for gap, *_ in given_tickets))
    return arrived, [row[1] for row in given_tickets], [row[2] for row in given_tickets]


def ahead(served: Served) -> list[list[int]]:
    """Who came later than each ticket and was started before it."""
    place = {ticket: number for number, ticket in enumerate(served.order)}
    return [[later for later in range(i + 1, len(place)) if place[later] < place[i]] for i in range(len(place))]


@given(tickets, st.integers(1, 5))
def test_nobody_is_overtaken_by_who_came_after_the_window(rows: Tickets, agents: int) -> None:
    arrived, starts, handling = columns(rows)
    keys = [came - start for came, start in zip(arrived, starts, strict=True)]
    served = by_key(arrived, keys, handling, always(agents))
    for i, later in enumerate(ahead(served)):
        assert all(arrived[j] - arrived[i] <= starts[j] - starts[i] for j in later)
        window = [j for j in range(i + 1, len(rows)) if arrived[j] <= arrived[i] + starts[j] - starts[i]]
        assert len(later) <= len(window)


@given(tickets, st.integers(1, 4), st.integers(1, 6))
def test_the_cap_on_overtaking_holds_for_everybody_but_emergencies(rows: Tickets, agents: int, most: int) -> None:
    arrived, starts, handling = columns(rows)
    emergencies = frozenset(number for number, row in enumerate(rows) if row[3])
    keys = [
        came - (start + 5 * MOST if number in emergencies else start)
        for number, (came, start) in enumerate(zip(arrived, starts, strict=True))
    ]
    served = by_key(arrived, keys, handling, always(agents), Pin(most, MOST, emergencies))
    assert sorted(served.order) == list(range(len(rows)))
    for i, later in enumerate(ahead(served)):
        if i not in emergencies:
            assert len([j for j in later if j not in emergencies]) <= most


@given(tickets, st.integers(1, 4))
def test_a_cap_that_nobody_reaches_changes_nothing(rows: Tickets, agents: int) -> None:
    arrived, starts, handling = columns(rows)
    keys = [came - start for came, start in zip(arrived, starts, strict=True)]
    assert by_key(arrived, keys, handling, always(agents), Pin(100, MOST)) == by_key(
        arrived, keys, handling, always(agents)
    )


@given(tickets)
def test_the_work_ahead_of_one_agent_does_not_depend_on_the_order(rows: Tickets) -> None:
    arrived, starts, handling = columns(rows)
    groups = [start % 3 for start in starts]
    keys = [came - start for came, start in zip(arrived, starts, strict=True)]
    areas = {
        sum(work * (start - came) for work, start, came in zip(handling, served.starts, arrived, strict=True))
        for served in (
            by_key(arrived, arrived, handling, always(1)),
            by_key(arrived, groups, handling, always(1)),
            by_key(arrived, keys, handling, always(1)),
            by_key(arrived, keys, handling, always(1), Pin(2, MOST)),
            by_rates(arrived, groups, (9, 3, 1), handling, always(1)),
        )
    }
    assert len(areas) == 1


@given(tickets, st.integers(1, 4))
def test_without_head_starts_it_is_first_come_first_served(rows: Tickets, agents: int) -> None:
    arrived, _, handling = columns(rows)
    served = by_key(arrived, arrived, handling, always(agents))
    assert served.order == list(range(len(rows)))
    assert served == by_rates(arrived, [0] * len(rows), (1,), handling, always(agents))


@given(tickets, st.integers(1, 4))
def test_head_starts_longer_than_any_wait_are_strict_priority(rows: Tickets, agents: int) -> None:
    arrived, starts, handling = columns(rows)
    groups = [start % 3 for start in starts]
    keys = [came - 10**9 * (2 - group) for came, group in zip(arrived, groups, strict=True)]
    assert by_key(arrived, keys, handling, always(agents)) == by_key(arrived, groups, handling, always(agents))


@given(tickets, st.integers(1, 5))
def test_the_clock_never_runs_backwards(rows: Tickets, agents: int) -> None:
    arrived, starts, handling = columns(rows)
    keys = [came - start for came, start in zip(arrived, starts, strict=True)]
    served = by_key(arrived, keys, handling, always(agents))
    moments = [served.starts[ticket] for ticket in served.order]
    assert moments == sorted(moments)
    assert all(start >= came for start, came in zip(served.starts, arrived, strict=True))
    # Never more at work than there are agents.
    ends = [start + work for start, work in zip(served.starts, handling, strict=True)]
    for moment in moments:
        assert sum(start <= moment < end for start, end in zip(served.starts, ends, strict=True)) <= agents


def test_an_agent_takes_nothing_after_the_session_and_finishes_what_was_begun() -> None:
    served = by_key([0, 0, 0], [0, 0, 0], [30, 30, 30], [Session(10, 50), Session(200, 300)])
    assert served.starts == [10, 40, 200]


def test_who_nobody_is_left_for_is_not_served() -> None:
    served = by_key([0, 5], [0, 5], [30, 30], [Session(0, 20)])
    assert served == Served([0, math.inf], [0])


def test_arrivals_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="order of arrival"):
        by_key([5, 0], [0, 0], [1, 1], always(1))


@pytest.fixture(scope="module")
def drawn() -> tuple[list[float], list[int], list[float]]:
    return SYSTEMS[-1].draw(random.Random(7), 4000)


def test_simpy_gives_the_identical_waits(drawn: tuple[list[float], list[int], list[float]]) -> None:
    arrived, groups, handling = drawn
    keys = [came - (0.8, 0.3, 0.0)[group] for came, group in zip(arrived, groups, strict=True)]
    starts = [0.0] * len(arrived)

    def ticket(number: int) -> Any:
        yield desk.timeout(arrived[number])
        with agents.request(priority=keys[number]) as turn:
            yield turn
            starts[number] = desk.now
            yield desk.timeout(handling[number])

    desk = simpy.Environment()
    agents = simpy.PriorityResource(desk, 18)
    for number in range(len(arrived)):
        desk.process(ticket(number))
    desk.run()
    assert by_key(arrived, keys, handling, always(18)).starts == starts


def test_ciw_gives_the_same_waits(drawn: tuple[list[float], list[int], list[float]]) -> None:
    arrived, groups, handling = drawn
    starts = {0: 0.8, 1: 0.3, 2: 0.0}

    def smallest_key(people: Sequence[Any], _now: float) -> Any:
        return min(people, key=lambda person: person.arrival_date - starts[groups[person.id_number - 1]])

    gaps = [later - before for before, later in itertools.pairwise([0.0, *arrived])]
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential([*gaps, math.inf])],
        service_distributions=[_InOrderOfArrival(handling)],
        number_of_servers=[18],
        service_disciplines=[smallest_key],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(len(arrived), method="Finish")
    found = {record.id_number - 1: record.waiting_time for record in simulation.get_all_records()}
    assert len(found) >= len(arrived) - 18
    keys = [came - starts[group] for came, group in zip(arrived, groups, strict=True)]
    ours = by_key(arrived, keys, handling, always(18)).starts
    for number, waited in found.items():
        assert ours[number] - arrived[number] == pytest.approx(waited, abs=1e-6)


class _InOrderOfArrival(ciw.dists.Distribution):  # type: ignore[misc, no-any-unimported]
    """The handling time that belongs to the ticket, whatever the order of service."""

    def __init__(self, handling: Sequence[float]) -> None:
        super().__init__()
        self.handling = handling

    def sample(self, t: float | None = None, ind: Any = None) -> float:
        return self.handling[ind.id_number - 1]
