"""The confirmed word: slow to alarm, two kinds of silence for down, two good rounds to calm down."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.health.connect import State
from adapters.health.sweep.rounds import Host, Seen
from adapters.health.sweep.state import (
    CHANGES_WITHIN,
    MOST_CHANGES,
    ROUNDS_OF_CALM,
    Sight,
    Standing,
    follow,
    judge,
    refreshed,
)
from deskside.model.health import Word

AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOST = Host("192.0.2.1", (22, 443))
GOOD, BAD, SLOW, QUIET = (
    Sight(Word.OK, "ping answers", True, 10.0),
    Sight(Word.DOWN, "no answer"),
    Sight(Word.DEGRADED, "slow", True, 300.0),
    Sight(Word.UNKNOWN, "silent"),
)
NOTHING = Sight(None, "")
NEW = Standing(Word.UNKNOWN, AT)

states = st.sampled_from(list(State))
sights = st.sampled_from([GOOD, GOOD, BAD, SLOW, QUIET, NOTHING])


def ports(first: State, second: State) -> dict[int, State]:
    return {22: first, 443: second}


def play(seen: list[Sight], start: Standing = NEW) -> list[Standing]:
    """The standings after each round, a minute apart, with the changes counted as the store does."""
    standings, changes = [start], []
    for minute, sight in enumerate(seen, start=1):
        at = AT + minute * MINUTE
        recent = sum(1 for change in changes if change > at - CHANGES_WITHIN)
        standings.append(follow(standings[-1], sight, at, recent))
        if standings[-1].word is not standings[-2].word and standings[-2].checked_at:
            changes.append(at)
    return standings[1:]


@given(st.integers(0, 3), st.booleans(), states, states, st.booleans())
def test_down_is_only_said_after_three_silent_pings_and_a_dead_expected_port(
    sent: int, expected: bool, first: State, second: State, certain: bool
) -> None:
    sight = judge(replace(HOST, expected=expected), Seen(sent, (), ports(first, second), certain), None)
    dead = any(state.silent for state in (first, second)) and not any(state.alive for state in (first, second))
    assert (sight.word is Word.DOWN) == (sent == 3 and expected and dead and certain)


@given(st.lists(st.floats(0, 500), min_size=1, max_size=3), st.sampled_from([None, 10.0]))
def test_whoever_answers_is_alive_and_never_down(rtts: list[float], usual: float | None) -> None:
    sight = judge(HOST, Seen(3, tuple(rtts)), usual)
    assert sight.alive
    assert sight.word in (Word.OK, Word.DEGRADED)


@pytest.mark.parametrize(
    ("seen", "usual", "word"),
    [
        (Seen(1, (10.0,)), 10.0, Word.OK),
        (Seen(3, (10.0, 11.0)), 10.0, Word.OK),
        (Seen(3, (10.0,)), 10.0, Word.DEGRADED),
        (Seen(1, (161.0,)), 10.0, Word.DEGRADED),
        (Seen(1, (160.0,)), 10.0, Word.OK),
        (Seen(1, (400.0,)), None, Word.OK),
        (Seen(3, (), ports(State.OPEN, State.OPEN)), None, Word.OK),
        (Seen(3, (), ports(State.OPEN, State.TIMEOUT)), None, Word.DEGRADED),
        (Seen(3, (), ports(State.REFUSED, State.REFUSED)), None, Word.DEGRADED),
        (Seen(3, (), ports(State.TIMEOUT, State.TIMEOUT)), None, Word.DOWN),
        (Seen(3, (), ports(State.TIMEOUT, State.BLOCKED)), None, Word.DOWN),
        (Seen(3, (), ports(State.BLOCKED, State.BLOCKED)), None, None),
        (Seen(3, (), ports(State.TIMEOUT, State.TIMEOUT), certain=False), None, None),
        (Seen(3, (), ports(State.OPEN, State.OPEN), certain=False), None, Word.OK),
        (Seen(0, (), ports(State.TIMEOUT, State.TIMEOUT)), None, Word.UNKNOWN),
        (Seen(0, (), ports(State.OPEN, State.OPEN)), None, Word.OK),
    ],
)
def test_a_round_alone_says(seen: Seen, usual: float | None, word: Word | None) -> None:
    assert judge(HOST, seen, usual).word is word


def test_a_silent_host_without_expected_ports_is_unknown_and_not_down() -> None:
    usual = Host("192.0.2.1", (22, 443), expected=False)
    assert judge(usual, Seen(3, (), ports(State.TIMEOUT, State.TIMEOUT)), None).word is Word.UNKNOWN
    assert judge(usual, Seen(3, (), ports(State.REFUSED, State.TIMEOUT)), None).word is Word.OK
    assert judge(Host("192.0.2.1"), Seen(3), None).word is Word.UNKNOWN


@given(st.lists(sights, max_size=60))
def test_nobody_becomes_ok_but_by_two_good_rounds_in_a_row(seen: list[Sight]) -> None:
    standings = [NEW, *play(seen)]
    for number in range(1, len(standings)):
        before, now = standings[number - 1], standings[number]
        if now.word is Word.OK and before.word is not Word.OK and before.checked_at is not None:
            told = [sight for sight in seen[:number] if sight.word is not None]
            assert [sight.word for sight in told[-2:]] == [Word.OK, Word.OK]


@given(st.lists(sights, max_size=120))
def test_down_follows_only_a_round_that_was_down(seen: list[Sight]) -> None:
    for before, sight, now in zip([NEW, *play(seen)], seen, play(seen), strict=False):
        if now.word is Word.DOWN and before.word is not Word.DOWN:
            assert sight is BAD


@given(st.lists(sights, max_size=200))
def test_a_word_changes_at_most_three_times_in_half_an_hour_and_once_more_when_it_became_calm(
    seen: list[Sight],
) -> None:
    standings = [NEW, *play(seen)]
    changed = [
        number
        for number in range(1, len(standings))
        if standings[number].word is not standings[number - 1].word and standings[number - 1].checked_at
    ]
    for start in changed:
        assert sum(1 for number in changed if start <= number < start + 30) <= MOST_CHANGES + 2


@given(st.lists(sights, max_size=60))
def test_what_could_not_be_measured_changes_nothing(seen: list[Sight]) -> None:
    for before, sight, now in zip([NEW, *play(seen)], seen, play(seen), strict=False):
        if sight is NOTHING:
            assert now == before


def test_who_changes_too_often_is_held_until_it_has_been_calm() -> None:
    swinging = play([GOOD, *([BAD, GOOD, GOOD] * 4)])
    assert swinging[-1].flapping
    held = swinging[-1].word
    calm = play([BAD] * ROUNDS_OF_CALM, swinging[-1])
    assert [standing.word for standing in calm[:-1]] == [held] * (ROUNDS_OF_CALM - 1)
    assert (calm[-1].word, calm[-1].flapping) == (Word.DOWN, False)


def test_a_flapping_host_that_calms_down_where_it_was_held_has_not_changed() -> None:
    held = Standing(Word.OK, AT, flapping=True, checked_at=AT)
    calm = play([GOOD] * ROUNDS_OF_CALM, held)[-1]
    assert (calm.flapping, calm.word, calm.since) == (False, Word.OK, AT)


def test_since_when_and_when_it_last_lived_are_kept() -> None:
    standings = play([GOOD, GOOD, BAD, BAD])
    assert standings[-1].since == AT + 3 * MINUTE
    assert standings[-1].alive_at == AT + 2 * MINUTE


def test_a_slow_while_does_not_become_usual_and_a_lasting_one_does() -> None:
    slow = Seen(1, (300.0,))
    standing = follow(Standing(Word.OK, AT, checked_at=AT, baseline_ms=10.0), SLOW, AT, 0)
    for _ in range(4):
        standing = refreshed(standing)
    assert judge(HOST, slow, standing.baseline_ms).word is Word.DEGRADED
    for _ in range(44):
        standing = refreshed(standing)
    assert judge(HOST, slow, standing.baseline_ms).word is Word.OK
