"""What the note says of the time before: since when it is so, and how the neighbours are."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.health.background import Background
from adapters.health.wording import note_lines
from deskside.model.health import HealthReport, Word
from deskside.model.service import Target

NOW = datetime(2026, 11, 22, 10, 45, 2, tzinfo=UTC)
TARGET = Target("srv1", None, "192.0.2.1", (22,), "")


def report(word: Word) -> HealthReport:
    return HealthReport(TARGET, "192.0.2.1", word, "", (), NOW, 3000.0, "FRA")


def test_the_note_says_since_when_and_that_the_neighbours_live() -> None:
    down = report(Word.DOWN)
    found = background(down, Word.DOWN, minutes=14, up=61, total=61)
    lines = note_lines(down, None, "en", found)
    assert "DOWN for 14 min, since" in lines[1]
    assert "last sign of life at" in lines[1]
    assert lines[2] == "Neighbours in 192.0.2.0/24: 61 of 61 up, so it is this server and not the network."
    russian = note_lines(down, None, "ru", found)
    assert "НЕ РАБОТАЕТ уже 14 мин" in russian[1]
    assert "работают 61 из 61, значит, дело в сервере" in russian[2]


def test_silent_neighbours_point_at_the_network_and_few_say_nothing() -> None:
    down = report(Word.DOWN)
    assert "likely the network" in note_lines(down, None, "en", background(down, Word.DOWN, up=3, total=61))[2]
    assert not any("Neighbours" in line for line in note_lines(down, None, "en", background(down, Word.DOWN, total=2)))


def test_what_the_sweep_had_not_seen_yet_is_told_as_new() -> None:
    down = report(Word.DOWN)
    assert note_lines(down, None, "en", background(down, Word.OK))[1].startswith("New: the sweep still saw it alive")


def test_a_healthy_server_needs_no_word_about_its_neighbours() -> None:
    fine = report(Word.OK)
    lines = note_lines(fine, None, "en", background(fine, Word.OK, minutes=3 * 1440, up=3, total=61))
    assert "In this state (OK) for 3 days" in lines[1]
    assert not any("Neighbours" in line for line in lines)


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("word", list(Word))
@pytest.mark.parametrize("before", list(Word))
def test_every_background_fits_into_the_note(language: str, word: Word, before: Word) -> None:
    seen = report(word)
    for minutes in (0, 75, 5000):
        found = replace(background(seen, before, minutes=minutes, up=30, total=61), flapping=True)
        lines = note_lines(seen, None, language, found)
        assert len(lines) < 15
        assert not any("{" in line for line in lines)


def background(seen: HealthReport, word: Word, *, minutes: int = 5, up: int = 0, total: int = 0) -> Background:
    """The sweep's word since some minutes before the report."""
    since = seen.checked_at - timedelta(minutes=minutes)
    alive = seen.checked_at - timedelta(minutes=minutes + 1)
    return Background(word, since, alive, False, "192.0.2.0/24", up, total)
