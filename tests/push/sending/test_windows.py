"""Local time is kept: over changes of the clocks, over midnight, and in every zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from push.model import Window
from push.sending import windows

VILNIUS = ZoneInfo("Europe/Vilnius")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
ZONES = [ZoneInfo(name) for name in ("UTC", "Europe/Vilnius", "America/New_York", "Asia/Kolkata", "Pacific/Apia")]
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
LUNCH = Window(time(11), time(14))
NIGHT = Window(time(22), time(6))

instants = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
opening = st.builds(Window, times, times, st.frozensets(st.integers(0, 6), min_size=1)).filter(
    lambda w: w.start != w.end
)
zones = st.sampled_from([*ZONES, LORD_HOWE])


def wall(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%d %H:%M}"


def changes_near(moment: datetime, zone: ZoneInfo) -> bool:
    """Whether the clocks change within two days."""
    offsets = {(moment + timedelta(hours=hours)).astimezone(zone).utcoffset() for hours in range(-48, 49)}
    return len(offsets) > 1


def wall_says_open(window: Window, moment: datetime, zone: ZoneInfo) -> bool:
    """The plain reading of a window on a day on which the clocks do not change."""
    local = moment.astimezone(zone)
    at, today = local.time(), local.weekday()
    if window.start < window.end:
        return window.start <= at < window.end and today in window.days
    return (at >= window.start and today in window.days) or (at < window.end and (today - 1) % 7 in window.days)


@given(opening, instants, zones)
def test_open_means_what_the_clock_on_the_wall_says(window: Window, moment: datetime, zone: ZoneInfo) -> None:
    if not changes_near(moment, zone):
        assert (windows.closes(window, moment, zone) is not None) is wall_says_open(window, moment, zone)


@given(opening, instants, zones)
def test_it_is_open_when_it_is_said_to_open_and_not_before(window: Window, moment: datetime, zone: ZoneInfo) -> None:
    opens = windows.opens(window, moment, zone)
    if opens is None:
        # A window inside the hour that a clock leaves out, on the only day it would open.
        assert len(window.days) == 1
        return
    assert opens >= moment
    assert windows.closes(window, opens, zone) is not None
    if opens > moment:
        assert windows.closes(window, moment, zone) is None
        assert windows.closes(window, opens - timedelta(microseconds=1), zone) is None


@given(opening, instants, zones)
def test_a_window_is_closed_when_it_is_said_to_close(window: Window, moment: datetime, zone: ZoneInfo) -> None:
    closes = windows.closes(window, moment, zone)
    if closes is not None:
        assert closes > moment
        again = windows.opens(window, closes, zone)
        assert again is None or again >= closes


@given(opening, instants, zones)
def test_quiet_hours_end_and_begin_again(quiet: Window, moment: datetime, zone: ZoneInfo) -> None:
    until = windows.quiet_until(quiet, moment, zone)
    start = windows.quiet_from(quiet, moment, zone)
    assert until is None or moment < until <= moment + timedelta(hours=26)
    assert start is None or start > moment


@pytest.mark.parametrize(
    ("day", "hours"), [(SPRING, 7), (AUTUMN, 9)], ids=["the night that is short", "the night that is long"]
)
def test_a_night_over_a_change_of_the_clocks_lasts_as_long_as_it_does(day: date, hours: int) -> None:
    opens, closes = windows.span(NIGHT, day - timedelta(days=1), VILNIUS) or (None, None)
    assert opens is not None and closes is not None
    assert wall(opens, VILNIUS).endswith("22:00") and wall(closes, VILNIUS).endswith("06:00")
    assert closes - opens == timedelta(hours=hours)


def test_a_time_that_is_left_out_is_the_same_time_after_the_change() -> None:
    assert wall(windows.instant(SPRING, time(3, 30), VILNIUS), VILNIUS) == "29 04:30"


def test_of_a_time_that_comes_twice_the_first_is_meant_and_quiet_lasts_until_the_second() -> None:
    first = windows.instant(AUTUMN, time(3, 30), VILNIUS)
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    quiet = Window(time(22), time(3, 30))
    assert windows.quiet_until(quiet, first + timedelta(minutes=15), VILNIUS) == first + timedelta(hours=1)
    assert windows.closes(quiet, first + timedelta(minutes=15), VILNIUS) is None


def test_a_window_inside_the_hour_that_is_left_out_opens_after_it() -> None:
    inside = Window(time(3, 15), time(3, 45))
    day = datetime(2026, 3, 28, 12, tzinfo=UTC)
    opens = windows.opens(inside, day, VILNIUS)
    assert opens is not None and wall(opens, VILNIUS) in ("29 04:15", "30 03:15")


def test_days_are_days_of_the_calendar_not_of_24_hours() -> None:
    before = windows.instant(AUTUMN - timedelta(days=1), time(12), VILNIUS)
    assert wall(windows.add_days(before, 2, VILNIUS), VILNIUS) == "26 12:00"
    assert windows.add_days(before, 2, VILNIUS) - before == timedelta(hours=49)


def test_the_weekday_is_the_persons_own_and_that_of_the_opening() -> None:
    mondays = Window(time(9), time(10), frozenset({0}))
    sydney = ZoneInfo("Australia/Sydney")
    opens = windows.opens(mondays, datetime(2026, 11, 21, tzinfo=UTC), sydney)
    assert opens is not None and f"{opens.astimezone(sydney):%a %H:%M}" == "Mon 09:00"
    fridays = Window(time(22), time(2), frozenset({4}))
    saturday_night = datetime(2026, 11, 28, 0, 30, tzinfo=UTC)
    assert windows.closes(fridays, saturday_night, ZoneInfo("UTC")) is not None
    assert windows.closes(fridays, saturday_night + timedelta(days=1), ZoneInfo("UTC")) is None


@given(instants, zones)
def test_a_week_ends_when_the_next_begins(moment: datetime, zone: ZoneInfo) -> None:
    following = windows.next_week(moment, zone)
    assert windows.week(following - timedelta(microseconds=1), zone) == windows.week(moment, zone)
    assert windows.week(following, zone) > windows.week(moment, zone)
    assert moment < windows.next_day(moment, zone) <= moment + timedelta(hours=49)


def test_the_week_of_new_year_is_the_isos() -> None:
    assert windows.week(datetime(2027, 1, 1, tzinfo=UTC), ZoneInfo("UTC")) == "2026-W53"


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd", "Europe", "/etc/passwd", "x\0y"])
def test_what_is_no_zone_is_none(name: str) -> None:
    assert windows.zone(name) is None


def test_no_quiet_time_at_all_can_be_wished() -> None:
    assert windows.of_minutes(540, 540) is None
    assert windows.of_minutes(22 * 60, 8 * 60) == Window(time(22), time(8))
    assert windows.of_minutes(1440, 60) == Window(time(0), time(1))


def test_a_window_on_no_day_never_opens() -> None:
    never = Window(time(9), time(10), frozenset())
    assert windows.opens(never, datetime(2026, 1, 1, tzinfo=UTC), VILNIUS) is None
