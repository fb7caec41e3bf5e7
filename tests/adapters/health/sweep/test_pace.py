"""The timetable: everybody once, no faster than agreed, no network too often."""

import itertools
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.health.sweep.pace import Pace, fitting, network_of, timetable

addresses = st.lists(
    st.tuples(st.integers(0, 3), st.integers(1, 254)).map(lambda pair: f"192.0.{pair[0]}.{pair[1]}"),
    unique=True,
    max_size=120,
)


@given(addresses, st.sampled_from([0, 20, 100, 2000]), st.sampled_from([0, 5, 50]), st.integers(0, 99))
def test_everybody_has_one_turn_and_no_limit_is_passed(
    asked: list[str], per_second: int, per_network: int, seed: int
) -> None:
    turns = list(timetable(asked, Pace(per_second, per_network), random.Random(seed).shuffle))
    assert sorted(index for _, index in turns) == list(range(len(asked)))
    times = [due for due, _ in turns]
    assert times == sorted(times)
    if per_second:
        assert all(later - earlier >= 1 / per_second - 1e-9 for earlier, later in itertools.pairwise(times))
    if per_network:
        last: dict[str, float] = {}
        for due, index in turns:
            network = network_of(asked[index])
            assert due - last.get(network, -1.0) >= 1 / per_network - 1e-9
            last[network] = due


def test_the_order_is_shuffled_so_that_no_network_is_asked_in_one_go() -> None:
    asked = [f"192.0.{network}.{host}" for network in range(8) for host in range(1, 101)]
    turns = timetable(asked, Pace(1000, 0), random.Random(7).shuffle)
    first = Counter(network_of(asked[index]) for _, index in list(turns)[:80])
    assert len(first) == 8
    assert max(first.values()) < 30


def test_one_crowded_network_does_not_hold_up_the_others() -> None:
    asked = [f"192.0.2.{host}" for host in range(1, 201)] + [f"198.51.{number}.1" for number in range(100)]
    turns = list(timetable(asked, Pace(1000, 50), random.Random(7).shuffle))
    others = [due for due, index in turns if not asked[index].startswith("192.0.2.")]
    assert max(others) < 1
    assert turns[-1][0] == pytest.approx(199 / 50, abs=0.1)


@pytest.mark.parametrize(
    ("hosts", "seconds", "wish", "per_second"),
    [(10, 60, 0, 50), (16_000, 60, 0, 445), (16_000, 5, 0, 2000), (16_000, 60, 800, 800), (10, 60, 5000, 2000)],
)
def test_a_round_fits_its_time_within_the_limits_of_politeness(
    hosts: int, seconds: float, wish: int, per_second: float
) -> None:
    assert fitting(hosts, seconds, wish) == Pace(per_second, 50)


def test_addresses_of_ipv6_share_a_limit_by_64() -> None:
    assert network_of("2001:db8:1:2::9") == network_of("2001:db8:1:2:3::1") == "2001:db8:1:2::/64"
    assert network_of("192.0.2.77") == "192.0.2.0/24"
