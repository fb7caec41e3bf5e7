"""A round in which too much fell silent at once is not believed."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.health.sweep.brake import HELD_WITH_ANCHORS, HELD_WITHOUT_ANCHORS, Fallen, doubt, fallen
from adapters.health.sweep.state import Sight, Standing
from deskside.model.health import Word

AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
ALIVE, SILENT = Sight(Word.OK, "", True, 1.0), Sight(Word.DOWN, "")
LIVED, WAS_DOWN = Standing(Word.OK, AT, checked_at=AT), Standing(Word.DOWN, AT, checked_at=AT)
NEVER_SEEN = Standing(Word.UNKNOWN, AT)


@pytest.mark.parametrize(
    ("hosts", "silent", "many"),
    [
        (1, 1, False),
        (2, 1, False),
        (2, 2, True),
        (10, 2, False),
        (10, 3, True),
        (100, 5, False),
        (100, 6, True),
        (16_000, 800, False),
        (16_000, 801, True),
    ],
)
def test_too_many_at_once(hosts: int, silent: int, many: bool) -> None:
    assert Fallen(hosts, hosts - silent, silent).many is many


def test_only_who_lived_before_counts_as_fallen() -> None:
    found = fallen([(LIVED, SILENT), (WAS_DOWN, SILENT), (LIVED, ALIVE), (WAS_DOWN, ALIVE)])
    assert found == Fallen(4, 2, 1)


def test_a_first_round_into_our_own_outage_is_seen_as_such_and_a_few_dead_hosts_are_not() -> None:
    assert fallen([(NEVER_SEEN, SILENT)] * 9 + [(NEVER_SEEN, ALIVE)]).many
    assert not fallen([(NEVER_SEEN, SILENT)] * 4 + [(NEVER_SEEN, ALIVE)] * 6).many


def test_silent_anchors_mean_our_side_whatever_the_share() -> None:
    assert "anchors" in doubt(Fallen(1000, 999, 1), False, 100)
    assert doubt(Fallen(1000, 1000, 0), False, 0) == ""


def test_a_silence_that_lasts_is_believed_once_our_side_has_proved_to_work() -> None:
    rack = Fallen(100, 90, 10)
    assert doubt(rack, True, HELD_WITH_ANCHORS - 1)
    assert doubt(rack, True, HELD_WITH_ANCHORS) == ""
    assert doubt(rack, None, HELD_WITHOUT_ANCHORS - 1)
    assert doubt(rack, None, HELD_WITHOUT_ANCHORS) == ""


@given(st.integers(2, 20_000), st.floats(0.51, 1), st.integers(0, 10_000))
def test_most_of_a_fleet_silent_is_never_believed_without_an_anchor(hosts: int, share: float, held: int) -> None:
    silent = max(int(hosts * share), hosts // 2 + 1)
    if Fallen(hosts, hosts - silent, silent).many:
        assert doubt(Fallen(hosts, hosts - silent, silent), None, held)
