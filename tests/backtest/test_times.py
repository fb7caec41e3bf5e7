"""Dates as exports write them are read, or refused with the reason; what is the day in 03/04 is never guessed."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from deskside.backtest.times import DayOrder, day_order, read_time
from deskside.errors import Malformed

BERLIN = ZoneInfo("Europe/Berlin")
AT = datetime(2026, 3, 25, 14, 5, tzinfo=BERLIN)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-25T14:05:00",
        "2026-03-25 14:05",
        "2026-03-25T13:05:00Z",
        "2026-03-25 13:05:00 UTC",
        "2026-03-25T14:05:00.000+01:00",
        "2026-03-25 14:05:00 +0100",
        "2026/03/25 14:05",
        "25.03.2026 14:05",
        "25.3.2026, 14:05:00",
        "25 Mar 2026 14:05",
        "25-Mar-2026 2:05 pm",
        "March 25, 2026 2:05 PM",
        "Mar 25, 2026 at 2:05 p.m.",
        "Wed, 25 Mar 2026 13:05:00 GMT",
        "1774443900",
        "1774443900000",
    ],
)
def test_a_common_form_is_read(text: str) -> None:
    assert read_time(text, BERLIN, None) == AT


def test_the_order_of_day_and_month_is_as_told() -> None:
    assert read_time("03/04/2026 10:00", UTC, DayOrder.DAY) == datetime(2026, 4, 3, 10, tzinfo=UTC)
    assert read_time("03/04/2026 10:00", UTC, DayOrder.MONTH) == datetime(2026, 3, 4, 10, tzinfo=UTC)
    assert read_time("3/4/2026 12:30 AM", UTC, DayOrder.MONTH) == datetime(2026, 3, 4, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2026-03-25", "no time of day"),
        ("25/03/2026", "no time of day"),
        ("yesterday", "is no date"),
        ("", "is no date"),
        ("03/04/2026 10:00", "day or the month first"),
        ("03/04/26 10:00", "four digits"),
        ("31.02.2026 10:00", "day"),
        ("25 Mär 2026 10:00", "is no date"),
        ("25 Foo 2026 10:00", "no month"),
        ("25 Mar 2026 13:05 PM", "hour"),
        ("2026-03-25 25:00", "hour"),
        ("46106.58", "is no date"),
    ],
)
def test_what_is_no_date_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_time(text, UTC, None)


def test_one_date_proves_the_order_of_all() -> None:
    order, proof = day_order([(2, "arrived", "03/04/2026 10:00"), (9, "taken", "25/03/2026 10:00")])
    assert order is DayOrder.DAY
    assert "row 9" in proof and "25/03/2026 10:00" in proof
    assert day_order([(2, "arrived", "3/25/2026 10:00 AM")])[0] is DayOrder.MONTH


def test_dates_that_say_it_themselves_need_no_proof() -> None:
    assert (
        day_order([(2, "arrived", "2026-03-04 10:00"), (3, "arrived", "03.04.2026 10:00"), (4, "taken", "")])[0] is None
    )


def test_an_order_that_nothing_proves_is_an_error_that_says_so() -> None:
    with pytest.raises(Malformed, match=r"row 2, arrived: 03/04/2026 10:00 may have .* --dates dmy or --dates mdy"):
        day_order([(2, "arrived", "03/04/2026 10:00"), (3, "arrived", "05/06/2026 10:00")])


def test_orders_that_contradict_each_other_are_an_error_that_names_both_rows() -> None:
    with pytest.raises(Malformed, match=r"row 2, arrived .*25/03/2026.* row 5, taken .*03/25/2026"):
        day_order([(2, "arrived", "25/03/2026 10:00"), (5, "taken", "03/25/2026 10:00")])
