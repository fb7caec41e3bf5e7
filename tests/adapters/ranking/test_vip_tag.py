"""A mark of the team, on the ticket or on the client."""

import pytest

from adapters.ranking.vip_tag import factor
from deskside.model.place import Scale
from tests.adapters.ranking.situations import situation


@pytest.mark.parametrize("where", ["tags", "client_tags"])
@pytest.mark.parametrize("tag", ["vip", "VIP", "Vip"])
def test_the_tag_counts_on_the_ticket_and_on_the_client_however_it_is_written(where: str, tag: str) -> None:
    found = factor.weigh(situation(**{where: frozenset({tag, "other"})}))
    assert found is not None
    assert (found.minutes, found.scale, found.reason) == (60, Scale.COMMERCIAL, "has the tag vip")


def test_two_marks_count_once() -> None:
    both = {"vip_tags": ["vip", "gold"]}
    found = factor.weigh(situation(tags=frozenset({"vip"}), client_tags=frozenset({"gold"}), options=both))
    assert found is not None and found.minutes == 60


@pytest.mark.parametrize("tags", [frozenset(), frozenset({"vipp", "not_vip", "vi"})])
def test_any_other_tag_is_none(tags: frozenset[str]) -> None:
    assert factor.weigh(situation(tags=tags)) is None


@pytest.mark.parametrize("options", [{"vip_minutes": 0}, {"vip_tags": []}])
def test_it_can_be_switched_off(options: dict[str, object]) -> None:
    assert factor.weigh(situation(tags=frozenset({"vip"}), options=options)) is None
