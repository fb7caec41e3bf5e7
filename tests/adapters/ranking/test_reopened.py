"""A ticket that came back carries what it waited before, up to a limit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.ranking.reopened import factor
from deskside.model.place import Scale
from tests.adapters.ranking.situations import situation


@pytest.mark.parametrize(
    ("reopened", "carried", "minutes"),
    [(False, 30, 30), (True, 30, 75), (True, 0, 45), (False, 120, 120), (False, 5000, 120), (True, 5000, 165)],
)
def test_the_wait_of_earlier_turns_is_carried(reopened: bool, carried: int, minutes: int) -> None:
    found = factor.weigh(situation(reopened=reopened, carried_minutes=carried))
    assert found is not None
    assert (found.minutes, found.scale) == (minutes, Scale.COMMERCIAL)


def test_a_ticket_that_never_waited_before_gets_nothing() -> None:
    assert factor.weigh(situation()) is None


@given(st.booleans(), st.integers(-1000, 10**6), st.integers(0, 500), st.integers(0, 500))
def test_it_is_never_negative_and_never_more_than_both_limits(
    reopened: bool, carried: int, most_carried: int, extra: int
) -> None:
    options = {"carried_minutes": most_carried, "reopened_minutes": extra}
    found = factor.weigh(situation(reopened=reopened, carried_minutes=carried, options=options))
    assert 0 <= (found.minutes if found else 0) <= most_carried + extra


def test_the_reason_tells_a_solved_ticket_from_one_that_was_only_answered() -> None:
    solved = factor.weigh(situation(reopened=True, carried_minutes=30))
    answered = factor.weigh(situation(carried_minutes=30))
    assert solved is not None and solved.reason == "was solved and came back, having waited 30 min before"
    assert answered is not None and answered.reason == "came back, having waited 30 min before"
