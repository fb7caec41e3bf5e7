"""The shorter the promise, the larger the head start."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.ranking.sla_target import factor
from deskside.model.place import Scale
from tests.adapters.ranking.situations import situation


def minutes(left: int | None) -> int:
    found = factor.weigh(situation(minutes_to_breach=left))
    return found.minutes if found else 0


@pytest.mark.parametrize(("left", "given"), [(30, 450), (240, 240), (479, 1), (480, 0), (5000, 0), (0, 480)])
def test_it_is_what_is_left_of_the_longest_promise(left: int, given: int) -> None:
    assert minutes(left) == given


def test_a_ticket_without_a_promise_gets_nothing() -> None:
    assert factor.weigh(situation(minutes_to_breach=None)) is None


def test_a_promise_broken_long_ago_is_capped_so_that_it_cannot_freeze_the_queue() -> None:
    assert minutes(-100_000) == 480


@given(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6))
def test_of_two_promises_the_shorter_never_gives_less(one: int, other: int) -> None:
    short, long = sorted((one, other))
    assert 480 >= minutes(short) >= minutes(long) >= 0


def test_the_reason_never_speaks_of_minutes_below_zero() -> None:
    found = factor.weigh(situation(minutes_to_breach=-90))
    assert found is not None
    assert found.scale is Scale.CONTRACT
    assert found.reason == "a reply is promised within 0 min of arriving"
