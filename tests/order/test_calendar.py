"""Working time only grows, stands still while the desk is closed, and can be read backwards."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from deskside.order.calendar import WorkingTime

BERLIN = ZoneInfo("Europe/Berlin")
NINE_TO_SIX = (time(9), time(18))
OFFICE = WorkingTime(BERLIN, dict.fromkeys(range(5), NINE_TO_SIX), (date(2026, 12, 25),))
NIGHTS = WorkingTime(BERLIN, dict.fromkeys(range(7), (time(1), time(4))))
ALWAYS = WorkingTime()

moments = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def test_an_hour_of_work_is_an_hour() -> None:
    monday = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    assert OFFICE.seconds(monday + timedelta(hours=1)) - OFFICE.seconds(monday) == 3600


def test_a_weekend_does_not_count() -> None:
    friday_evening = datetime(2026, 11, 20, 18, tzinfo=BERLIN)
    monday_morning = datetime(2026, 11, 23, 9, tzinfo=BERLIN)
    assert OFFICE.seconds(friday_evening) == OFFICE.seconds(monday_morning)


def test_a_holiday_does_not_count() -> None:
    before, after = datetime(2026, 12, 24, 18, tzinfo=BERLIN), datetime(2026, 12, 28, 9, tzinfo=BERLIN)
    assert OFFICE.seconds(before) == OFFICE.seconds(after)


def test_a_week_has_its_forty_five_hours_also_across_a_change_of_the_clocks() -> None:
    start = datetime(2026, 10, 19, 0, tzinfo=BERLIN)
    assert OFFICE.seconds(start + timedelta(days=14)) - OFFICE.seconds(start) == 2 * 45 * 3600


def test_a_desk_that_never_closes_counts_real_seconds() -> None:
    moment = datetime(2026, 10, 25, 0, tzinfo=UTC)
    assert ALWAYS.seconds(moment + timedelta(days=1)) - ALWAYS.seconds(moment) == 86_400


@given(moments, st.timedeltas(timedelta(0), timedelta(days=400)), st.sampled_from([OFFICE, NIGHTS, ALWAYS]))
def test_it_never_runs_backwards_nor_faster_than_time(
    moment: datetime, later: timedelta, calendar: WorkingTime
) -> None:
    passed = calendar.seconds(moment + later) - calendar.seconds(moment)
    # A night window that loses an hour to summer time is still counted whole, once a year.
    assert 0 <= passed <= later.total_seconds() + 1 + 3600 * (2 + later.days // 365)


@given(moments, st.sampled_from([OFFICE, NIGHTS, ALWAYS]))
def test_reading_backwards_finds_the_first_moment(moment: datetime, calendar: WorkingTime) -> None:
    seconds = calendar.seconds(moment)
    found = calendar.at(seconds)
    assert calendar.seconds(found) >= seconds
    assert found <= moment + timedelta(seconds=1)
