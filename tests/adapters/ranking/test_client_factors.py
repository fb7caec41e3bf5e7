"""What a client is gives minutes: years, money, silence; each within its weight, never below zero."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.ranking import asks_seldom, spend, tenure
from deskside.model.place import Scale
from deskside.ports import Situation
from tests.adapters.ranking.situations import situation


def client(**values: Any) -> Situation:
    plain = situation()
    return replace(plain, ticket=replace(plain.ticket, client=replace(plain.ticket.client, **values)))


@pytest.mark.parametrize(
    ("since", "minutes"),
    [
        (date(2026, 11, 23), None),
        (date(2025, 11, 24), None),
        (date(2025, 11, 23), 6),
        (date(2022, 1, 1), 24),
        (date(1999, 1, 1), 30),
        (date(2031, 1, 1), None),
    ],
)
def test_each_whole_year_counts_up_to_five(since: date, minutes: int | None) -> None:
    found = tenure.factor.weigh(client(since=since))
    assert (found.minutes if found else None) == minutes


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("2022-11-01", 24), ("2022-11-01T10:00:00Z", 24), ("01/11/2022", None), ("", None), ("x", None)],
)
def test_the_day_may_stand_in_a_field_of_the_client(text: str, minutes: int | None) -> None:
    found = tenure.factor.weigh(situation(client_fields={"client_since": text}))
    assert (found.minutes if found else None) == minutes


def test_ten_times_the_money_is_fifteen_minutes_more_and_no_fortune_buys_more_than_the_weight() -> None:
    given = {amount: spend.factor.weigh(client(monthly_spend=Decimal(amount))) for amount in (90, 990, 9_990, 10**9)}
    assert [found.minutes if found else None for found in given.values()] == [15, 30, 45, 45]


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-5", "1e99", "12,50", "$90", "", "0"])
def test_what_is_no_sum_of_money_gives_nothing(text: str) -> None:
    assert spend.factor.weigh(situation(client_fields={"monthly_spend": text})) is None


def test_who_asks_seldom_is_rewarded_and_who_is_not_watched_long_enough_is_not() -> None:
    minutes = [asks_seldom.factor.weigh(situation(recent_tickets=count)) for count in (0, 3, 6, 30)]
    assert [found.minutes if found else None for found in minutes] == [30, 11, 4, None]
    assert asks_seldom.factor.weigh(situation(recent_tickets=None)) is None


@given(
    st.dates() | st.none(),
    st.decimals(allow_nan=False) | st.none(),
    st.integers(0, 10**6) | st.none(),
    st.integers(0, 1000),
)
def test_minutes_are_between_nothing_and_the_weight(
    since: date | None, paid: Decimal | None, recent: int | None, weight: int
) -> None:
    names = ("tenure_minutes", "spend_minutes", "seldom_minutes")
    plain = situation(recent_tickets=recent, options=dict.fromkeys(names, weight))
    asked = replace(
        plain, ticket=replace(plain.ticket, client=replace(plain.ticket.client, since=since, monthly_spend=paid))
    )
    for module in (tenure, spend, asks_seldom):
        found = module.factor.weigh(asked)
        assert found is None or (0 < found.minutes <= weight and found.scale is Scale.COMMERCIAL)
