"""Which change is worth a note: bad news and its end at once, our own doubt only when it stays."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from adapters.health.changes import QUIET, Seen, down_span, told, worth_a_note
from deskside.model.health import Word

START = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
DOWN, DEGRADED, OK, UNKNOWN = Word.DOWN, Word.DEGRADED, Word.OK, Word.UNKNOWN


def seen(word: Word, minute: float) -> Seen:
    return Seen(word, START + timedelta(minutes=minute))


def noted(*checks: tuple[Word, float]) -> list[tuple[Word, float]]:
    """Those of the checks that are worth a note, one after the other."""
    history = [seen(*check) for check in checks]
    return [check for index, check in enumerate(checks) if worth_a_note(history[:index], history[index])]


histories = st.lists(st.tuples(st.sampled_from(Word), st.floats(0.1, 30)), max_size=15).map(
    lambda steps: [
        seen(word, sum(minutes for _, minutes in steps[: index + 1])) for index, (word, _) in enumerate(steps)
    ]
)
words = st.sampled_from(Word)
gaps = st.floats(0.1, 60)


def after(history: list[Seen], word: Word, minutes: float) -> Seen:
    return Seen(word, (history[-1].at if history else START) + timedelta(minutes=minutes))


def test_the_first_check_is_told_and_the_same_again_is_not() -> None:
    assert noted((OK, 0), (OK, 5), (OK, 50)) == [(OK, 0)]


def test_a_short_doubt_is_not_told_nor_is_its_end() -> None:
    assert noted((OK, 0), (UNKNOWN, 2), (OK, 4), (UNKNOWN, 5), (OK, 9)) == [(OK, 0)]
    assert noted((DOWN, 0), (UNKNOWN, 2), (DOWN, 4)) == [(DOWN, 0)]


def test_a_doubt_that_stays_is_told_and_so_is_its_late_end() -> None:
    assert noted((OK, 0), (UNKNOWN, 2), (UNKNOWN, 11), (UNKNOWN, 12), (OK, 30)) == [(OK, 0), (UNKNOWN, 11), (OK, 30)]


def test_the_end_of_a_doubt_that_was_just_told_waits_and_is_not_lost() -> None:
    assert noted((UNKNOWN, 0), (OK, 2), (OK, 11)) == [(UNKNOWN, 0), (OK, 11)]


def test_down_never_waits() -> None:
    assert noted((UNKNOWN, 0), (DOWN, 1)) == [(UNKNOWN, 0), (DOWN, 1)]
    assert noted((OK, 0), (UNKNOWN, 1), (DOWN, 2)) == [(OK, 0), (DOWN, 2)]


def test_up_again_is_told_even_when_a_doubt_lay_between() -> None:
    checks = [seen(OK, 0), seen(DOWN, 14), seen(UNKNOWN, 15), seen(DOWN, 16), seen(UNKNOWN, 17)]
    assert worth_a_note(checks, seen(OK, 18))
    assert down_span(checks, seen(OK, 18)) == (START + timedelta(minutes=14), START + timedelta(minutes=16))
    assert down_span(checks, seen(DEGRADED, 18)) is not None


def test_only_the_first_life_after_down_is_up_again() -> None:
    checks = [seen(DOWN, 0), seen(OK, 5)]
    assert down_span(checks, seen(DEGRADED, 6)) is None
    assert down_span([], seen(OK, 0)) is None
    assert down_span([seen(DOWN, 0)], seen(UNKNOWN, 1)) is None


@given(histories, words, gaps)
def test_the_word_of_the_last_note_is_never_repeated(history: list[Seen], word: Word, gap: float) -> None:
    if worth_a_note(history, after(history, word, gap)):
        assert told(history) is not word


@given(histories, gaps)
def test_news_of_death_is_always_told(history: list[Seen], gap: float) -> None:
    if told(history) is not DOWN:
        assert worth_a_note(history, after(history, DOWN, gap))


@given(histories, st.sampled_from([OK, DEGRADED]), gaps)
def test_life_after_a_noted_death_is_always_told_and_dated(history: list[Seen], word: Word, gap: float) -> None:
    now = after(history, word, gap)
    if told(history) is DOWN:
        assert worth_a_note(history, now)
        span = down_span(history, now)
        assert span is not None
        assert span[0] <= span[1] < now.at
    else:
        assert down_span(history, now) is None


@given(histories, words, gaps)
def test_no_change_to_or_from_unknown_is_told_within_ten_minutes(history: list[Seen], word: Word, gap: float) -> None:
    now = after(history, word, gap)
    if not history or word is DOWN or told(history) is DOWN:
        return
    recent = [each for each in history if now.at - each.at < QUIET]
    if word is UNKNOWN and any(each.word is not UNKNOWN for each in recent):
        assert not worth_a_note(history, now)


@given(histories, words)
def test_whatever_stays_is_told_in_the_end(history: list[Seen], word: Word) -> None:
    for _ in range(4):
        history = [*history, after(history, word, 10)]
    assert told(history) is word


@given(histories, words, gaps)
def test_a_longer_silence_never_makes_news_less_worth(history: list[Seen], word: Word, gap: float) -> None:
    if worth_a_note(history, after(history, word, gap)):
        assert worth_a_note(history, after(history, word, gap + 1))
