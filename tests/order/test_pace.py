"""The pace of a pool: what is counted, and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskside.order.pace import LEAST_SERVED, Wait, measure

HOUR = 3600
NOW = 100 * HOUR


def steady(count: int, every: int, wait: int, until: int = NOW, head_start: int = 0) -> list[Wait]:
    """So many tickets taken at a steady beat, the last one at `until`, each after the same wait."""
    return [Wait(until - every * number - wait, head_start, until - every * number) for number in range(count)]


def test_the_rate_is_tickets_over_the_time_in_which_somebody_waited() -> None:
    pace = measure(steady(201, 600, 700), 0, NOW)
    assert pace is not None
    assert pace.rate == pytest.approx(1 / 600, rel=0.02)
    assert (pace.leaving, pace.served) == (0, 200)


def test_time_in_which_nobody_waited_is_not_slow_service() -> None:
    quick = measure(steady(101, 600, 60), 0, NOW)
    assert quick is not None
    assert quick.rate == pytest.approx(1 / 60, rel=0.02)


def test_a_recent_change_moves_the_rate_towards_it() -> None:
    before = steady(200, 600, 700, until=NOW - 4 * HOUR)
    slow = measure([*before, *steady(8, 1800, 2000)], 0, NOW)
    quick = measure([*before, *steady(96, 150, 300)], 0, NOW)
    assert slow is not None and quick is not None
    assert slow.rate < 1 / 610
    assert quick.rate > 1 / 500


def test_two_quick_answers_do_not_throw_a_quiet_pool_about() -> None:
    usual = steady(20, 4 * HOUR, HOUR, until=NOW - 10 * HOUR)
    pace, before = measure([*usual, *steady(2, 60, 60)], 0, NOW), measure(usual, 0, NOW)
    assert pace is not None and before is not None
    assert pace.rate == pytest.approx(before.rate, rel=0.25)


def test_who_left_unserved_is_leaving_and_not_service() -> None:
    left = [Wait(end - 1000, 0, end, served=False) for end in range(NOW - 50_000, NOW, 1000)]
    pace = measure([*steady(101, 500, 500), *left], 0, NOW)
    assert pace is not None
    assert pace.rate == pytest.approx(1 / 500, rel=0.05)
    assert pace.leaving == pytest.approx(50 / 100_000, rel=0.05)


def test_the_inflow_is_by_head_start_and_includes_who_still_waits() -> None:
    # The first end is when the watch began: what came until then is not counted.
    ended = steady(101, 600, 700, head_start=3600)
    waiting = [Wait(NOW - 600 * number, 0) for number in range(1, 51)]
    pace = measure([*ended, *waiting], 0, NOW)
    assert pace is not None
    (none, slow), (hour, quick) = pace.inflow
    assert (none, hour) == (0, 3600)
    assert slow == pytest.approx(50 / 60_000)
    assert quick == pytest.approx(98 / 60_000, rel=0.02)


@pytest.mark.parametrize("count", [0, 1, LEAST_SERVED])
def test_too_little_to_tell_from_is_no_pace(count: int) -> None:
    assert measure(steady(count, 600, 700), 0, NOW) is None


def test_no_time_at_all_is_no_pace() -> None:
    assert measure([Wait(5, 0, 5) for _ in range(50)], 5, 5) is None


waits = st.lists(
    st.builds(
        lambda arrived, head_start, lasted, served: Wait(
            arrived, head_start, None if lasted is None else arrived + lasted, served
        ),
        st.integers(0, 50_000),
        st.integers(0, 300_000),
        st.none() | st.integers(0, 20_000),
        st.booleans(),
    ),
    max_size=60,
)


@given(waits, st.integers(0, 30_000), st.integers(0, 60_000))
def test_whatever_was_seen_a_pace_is_above_zero_and_finite(found: list[Wait], since: int, now: int) -> None:
    pace = measure(found, since, now)
    if pace is not None:
        assert 0 < pace.rate < 1e6
        assert pace.leaving >= 0
        assert all(head_start >= 0 and rate > 0 for head_start, rate in pace.inflow)
        assert list(pace.inflow) == sorted(pace.inflow)
