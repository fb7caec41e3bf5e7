"""Waiting has no minutes: the arrival is the key's own first term."""

from adapters.ranking.waiting import factor
from deskside.model.place import Scale
from tests.adapters.ranking.situations import EXTREME, situation


def test_it_says_since_when_and_gives_nothing() -> None:
    found = factor.weigh(situation())
    assert (found.factor, found.minutes, found.scale) == ("waiting", 0, Scale.COMMERCIAL)
    assert found.reason == "waits since 2026-11-23 09:00 UTC"


def test_nothing_about_a_ticket_makes_it_more() -> None:
    assert factor.weigh(situation(**EXTREME)).minutes == 0
