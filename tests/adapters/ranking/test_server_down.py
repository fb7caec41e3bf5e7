"""A dead server gives the emergency head start; nothing else does."""

from adapters.ranking.server_down import factor
from deskside.model.place import Scale
from tests.adapters.ranking.situations import EXTREME, situation


def test_a_dead_server_gives_the_emergency_head_start() -> None:
    found = factor.weigh(situation(server_down=True))
    assert found is not None
    assert (found.minutes, found.scale) == (4320, Scale.EMERGENCY)
    assert found.reason == "the server is down, measured"


def test_without_one_there_is_nothing() -> None:
    assert factor.weigh(situation(**{**EXTREME, "server_down": False})) is None


def test_the_minutes_are_those_of_the_settings() -> None:
    found = factor.weigh(situation(server_down=True, options={"emergency_minutes": 7}))
    assert found is not None and found.minutes == 7
