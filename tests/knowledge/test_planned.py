"""Promises of reading a plan: whatever stands in it, what can be told is told."""

import json

from hypothesis import given
from hypothesis import strategies as st

from deskside.knowledge import planned
from tests.knowledge.library import action

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=20,
)
NAMES = st.sampled_from([*planned.Planned.__dataclass_fields__, "later"])


def test_what_waits_for_a_person_comes_first() -> None:
    kinds = ["update", "drift", "later kind", "held", "conflict"]
    found = planned.read(json.dumps({"actions": [action(kind) for kind in kinds]}))
    assert [one.kind for one in found.actions] == ["conflict", "drift", "held", "update", "later kind"]
    assert list(found.counts) == ["conflict", "drift", "held", "update", "later kind"]
    assert found.actions[0].section == ("Billing",)


def test_the_number_that_lets_articles_go_is_told_for_each_target() -> None:
    held = [action("held", f"d{number}", numbered=True, would="archive") for number in range(3)]
    other = [action("held", "x", "whmcs", numbered=True), action("held", "y", "whmcs")]
    found = planned.read(json.dumps({"actions": [*held, *other]}))
    assert found.numbered == {"guide": 3, "whmcs": 1}


def test_how_sources_and_targets_were_is_told() -> None:
    told = {
        "sources": {"wiki": {"title": "Wiki", "error": "401", "unreadable": {"7": "too deep"}}},
        "targets": {"guide": {"requests": 9, "articles": 400}, "odd": 3},
        "actions": [],
    }
    found = planned.read(json.dumps(told))
    assert (found.sources["wiki"].error, found.sources["wiki"].unreadable) == ("401", {"7": "too deep"})
    assert (found.targets["guide"].requests, list(found.targets)) == (9, ["guide"])


def test_what_is_no_plan_is_not_readable() -> None:
    for text in ("", "{", "[]", '{"actions": 3}', "null"):
        assert not planned.read(text).readable


@given(st.lists(st.dictionaries(NAMES, JSON, max_size=8), max_size=4), JSON, JSON)
def test_nothing_in_a_plan_breaks_the_reading(actions: list[object], sources: object, targets: object) -> None:
    found = planned.read(json.dumps({"actions": actions, "sources": sources, "targets": targets}))
    assert found.readable and len(found.actions) == len(actions)
    assert sum(found.counts.values()) == len(actions)
    for one in found.actions:
        assert isinstance(one.reason, str) and isinstance(one.warnings, tuple) and isinstance(one.numbered, bool)
