"""The client's plan gives the minutes the settings say."""

import pytest

from adapters.ranking.plan import factor
from deskside.model.place import Scale
from tests.adapters.ranking.situations import situation

PLANS = {"plan_minutes": {"Business": 30, "enterprise": 90, "free": 0}}


@pytest.mark.parametrize(("value", "minutes"), [("Business", 30), ("business", 30), (" ENTERPRISE ", 90)])
def test_a_plan_gives_its_minutes_however_it_is_written(value: str, minutes: int) -> None:
    found = factor.weigh(situation(client_fields={"plan": value}, options=PLANS))
    assert found is not None
    assert (found.minutes, found.scale) == (minutes, Scale.COMMERCIAL)
    assert found.reason == f"is on the plan {value.strip()}"


@pytest.mark.parametrize("value", ["", "  ", "free", "unheard of"])
def test_a_plan_without_minutes_gives_nothing(value: str) -> None:
    assert factor.weigh(situation(client_fields={"plan": value}, options=PLANS)) is None


def test_a_client_without_the_field_gets_nothing() -> None:
    assert factor.weigh(situation(options=PLANS)) is None


def test_the_field_is_the_one_of_the_settings() -> None:
    found = factor.weigh(
        situation(client_fields={"tier": "business", "plan": "enterprise"}, options={**PLANS, "plan_field": "tier"})
    )
    assert found is not None and found.minutes == 30


def test_the_reason_cuts_a_long_name() -> None:
    name = "x" * 500
    found = factor.weigh(situation(client_fields={"plan": name}, options={"plan_minutes": {name: 5}}))
    assert found is not None and len(found.reason) < 100
