"""Minutes and hours are absolute, days keep the time of the local day, and a window never makes a step late."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from push.chains.definition import Delay, read
from push.chains.timing import due, later
from push.model import Window
from tests.push.chains.people import step

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
# The clocks go forward at 2026-03-29 01:00 UTC.
BEFORE = datetime(2026, 3, 28, 11, 0, tzinfo=UTC)


def test_two_days_keep_the_local_time_over_the_change_of_the_clocks() -> None:
    assert later(BEFORE, Delay(days=2), BERLIN) == datetime(2026, 3, 30, 10, 0, tzinfo=UTC)


def test_forty_eight_hours_do_not() -> None:
    assert later(BEFORE, Delay(hours=48), BERLIN) == datetime(2026, 3, 30, 11, 0, tzinfo=UTC)


def test_a_step_waits_for_its_window_and_its_late_limit_counts_from_there() -> None:
    one = read({"steps": [step("a", after={"minutes": 5}, window="11:00-14:00", late_minutes=60)]}).first
    found = due(one, datetime(2026, 3, 4, 13, 58, tzinfo=UTC), ZoneInfo("UTC"), None)
    assert found.at == datetime(2026, 3, 5, 11, 0, tzinfo=UTC)
    assert found.not_after == datetime(2026, 3, 5, 12, 0, tzinfo=UTC)


def test_a_window_of_weekdays_counts_the_persons_own_day() -> None:
    one = read({"steps": [step("a", after={"minutes": 0}, window="09:00-10:00", days=[0])]}).first
    # Monday nine o'clock in Sydney is still Sunday in UTC.
    found = due(one, datetime(2026, 3, 4, 12, 0, tzinfo=UTC), ZoneInfo("Australia/Sydney"), None)
    assert found.at.astimezone(ZoneInfo("Australia/Sydney")).strftime("%a %H:%M") == "Mon 09:00"


@given(
    anchor=st.integers(0, 365 * 24 * 60).map(lambda minutes: NEW_YEAR + timedelta(minutes=minutes)),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]),
    start=st.integers(0, 23),
    length=st.integers(1, 23),
    days=st.integers(0, 3),
)
def test_no_step_comes_before_its_delay_or_outside_its_window(
    anchor: datetime, zone: str, start: int, length: int, days: int
) -> None:
    end = (start + length) % 24
    text = f"{start:02}:00-{end:02}:00"
    one = read({"steps": [step("a", after={"days": days, "minutes": 7}, window=text)]}).first
    where = ZoneInfo(zone)
    found = due(one, anchor, where, Window(one.window.start, one.window.end))  # type: ignore[union-attr]
    assert found.at >= later(anchor, one.after, where)
    assert found.not_after - found.at == timedelta(minutes=one.late_minutes)
    hour = found.at.astimezone(where).hour
    assert (hour - start) % 24 <= length
