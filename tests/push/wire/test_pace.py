"""Additive increase, multiplicative decrease, and silence where it is asked for."""

from hypothesis import given
from hypothesis import strategies as st

from push.wire.pace import FIRST, Pace


def after(pace: Pace, accepted: int) -> int:
    """The window after so many messages went well."""
    for _ in range(accepted):
        pace.went_well()
    return pace.window


def test_the_window_doubles_with_each_round_until_the_most() -> None:
    pace = Pace(256)
    assert pace.window == FIRST
    assert after(pace, FIRST) == 2 * FIRST
    assert after(pace, 2 * FIRST) == 4 * FIRST
    assert after(pace, 1000) == 256


def test_a_small_most_is_kept_from_the_start() -> None:
    assert Pace(8).window == 8


def test_a_refusal_halves_and_growth_is_then_one_message_a_round() -> None:
    pace = Pace(256)
    after(pace, 1000)
    pace.too_much(pace.start(), 0.0, 0.0, "429")
    assert pace.window == 128
    assert after(pace, 128) in (128, 129)
    assert after(pace, 130) in (129, 130)


def test_a_round_of_refusals_halves_once() -> None:
    pace = Pace(256)
    after(pace, 1000)
    tickets = [pace.start() for _ in range(200)]
    for ticket in tickets:
        pace.too_much(ticket, 0.0, 0.0, "429")
    assert pace.window == 128
    pace.too_much(pace.start(), 0.0, 0.0, "429")
    assert pace.window == 64


def test_the_window_never_closes() -> None:
    pace = Pace(256)
    for _ in range(50):
        pace.too_much(pace.start(), 0.0, 0.0, "429")
        pace.end()
    assert pace.window == 1
    assert pace.has_room()


def test_a_service_that_says_when_is_left_alone_until_then() -> None:
    pace = Pace(256)
    pace.too_much(pace.start(), 10.0, 30.0, "429 slower")
    assert pace.blocked_for(10.0) == 30.0
    assert pace.blocked_for(39.0) == 1.0
    assert pace.blocked_for(40.0) == 0.0
    assert pace.why == "429 slower"


def test_without_a_time_the_silence_doubles_up_to_a_minute() -> None:
    pace, now, waits = Pace(256), 0.0, []
    for _ in range(8):
        pace.too_much(pace.start(), now, None, "503")
        waits.append(pace.blocked_for(now))
        now += waits[-1]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    pace.went_well()
    pace.too_much(pace.start(), now, None, "503")
    assert pace.blocked_for(now) == 1


def test_a_shorter_block_does_not_end_a_longer_one() -> None:
    pace = Pace(256)
    pace.block(0.0, 100.0, "long")
    pace.block(0.0, 1.0, "short")
    assert pace.blocked_for(50.0) == 50.0
    assert pace.why == "long"


def test_one_lost_answer_is_an_accident_and_two_rounds_are_an_outage() -> None:
    pace = Pace(256)
    pace.lost(pace.start(), 0.0, "no answer")
    assert pace.blocked_for(0.0) == 0
    pace.lost(pace.start(), 0.0, "no answer")
    assert pace.blocked_for(0.0) == 1


@given(st.lists(st.sampled_from(["start", "well", "too much", "lost"]), max_size=300), st.integers(1, 1000))
def test_whatever_happens_the_window_stays_between_one_and_the_most(events: list[str], most: int) -> None:
    pace, tickets = Pace(most), []
    for event in events:
        if event == "start" and pace.has_room():
            tickets.append(pace.start())
        elif event != "start" and tickets:
            ticket = tickets.pop(0)
            pace.end()
            if event == "well":
                pace.went_well()
            elif event == "lost":
                pace.lost(ticket, 0.0, "x")
            else:
                pace.too_much(ticket, 0.0, None, "x")
        assert 1 <= pace.window <= most
        assert pace.under_way == len(tickets)
