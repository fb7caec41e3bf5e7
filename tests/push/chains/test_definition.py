"""A chain is checked when it is written, so that nobody is stuck in it later."""

from typing import Any

import pytest
from marshmallow import ValidationError

from push.chains.definition import read
from tests.push.chains.people import WELCOME, step


def test_steps_follow_one_another_as_they_are_written() -> None:
    chain = read(WELCOME)
    assert chain.first.key == "hello"
    assert [chain.next_after(key, clicked=False) for key in ("hello", "tour")] == [
        chain.steps["tour"],
        chain.steps["tips"],
    ]
    assert chain.next_after("tips", clicked=False) is None


def test_a_click_can_take_another_way() -> None:
    chain = read({"steps": [step("a", clicked="c"), step("b", following=""), step("c")]})
    assert chain.next_after("a", clicked=True) == chain.steps["c"]
    assert chain.next_after("a", clicked=False) == chain.steps["b"]
    assert chain.next_after("b", clicked=False) is None


@pytest.mark.parametrize(
    ("steps", "fault"),
    [
        ([], "Length must be between 1 and 20"),
        ([step("a"), step("a")], "two steps 'a'"),
        ([step("a", following="b")], "no step 'b'"),
        ([step("a"), step("b", clicked="a")], "no step 'a'"),
        ([step("A b")], "does not match"),
        ([step("a", after={"hours": -1})], "Must be greater"),
        ([step("a", after={"weeks": 1})], "Unknown field"),
        ([step("a", window="25:00-26:00")], "different times of the day"),
        ([step("a", contents={})], "no text in any language"),
        ([step("a", contents={"en": {"title": "No link"}})], "no message"),
        ([step("a", late_minutes=0)], "Must be greater"),
    ],
)
def test_a_fault_is_named(steps: list[dict[str, Any]], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        read({"steps": steps})
