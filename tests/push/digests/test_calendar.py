"""When a draft is due: once a local date, whatever the clocks do."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from push.digests.calendar import due
from push.digests.settings import Schedule, read_schedule

BERLIN = ZoneInfo("Europe/Berlin")
DAILY, TUESDAYS = Schedule(time(10)), Schedule(time(10), 1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def test_a_daily_one_is_due_after_its_time_until_it_was_made() -> None:
    assert not due(DAILY, BERLIN, at("2026-11-23T09:59"), None)
    assert due(DAILY, BERLIN, at("2026-11-23T10:00"), None)
    assert due(DAILY, BERLIN, at("2026-11-23T23:59"), at("2026-11-22T10:00"))
    assert not due(DAILY, BERLIN, at("2026-11-23T23:59"), at("2026-11-23T10:00"))


def test_a_weekly_one_is_due_on_its_day_and_two_days_after_an_outage() -> None:
    last = at("2026-11-17T10:00")
    assert not due(TUESDAYS, BERLIN, at("2026-11-23T12:00"), last)
    assert not due(TUESDAYS, BERLIN, at("2026-11-24T09:00"), last)
    assert due(TUESDAYS, BERLIN, at("2026-11-24T10:05"), last)
    assert due(TUESDAYS, BERLIN, at("2026-11-26T01:00"), last)
    assert not due(TUESDAYS, BERLIN, at("2026-11-27T10:05"), last)
    assert not due(TUESDAYS, BERLIN, at("2026-11-25T10:05"), at("2026-11-24T10:05"))


def test_the_day_is_the_local_one() -> None:
    auckland = ZoneInfo("Pacific/Auckland")
    # Monday evening in UTC is Tuesday morning there.
    assert due(TUESDAYS, auckland, datetime(2026, 11, 23, 21, 30, tzinfo=UTC), None)


@given(
    start=st.integers(0, 700 * 24).map(lambda hours: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)),
    hour=st.integers(0, 23),
    minute=st.sampled_from([0, 30]),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"]),
)
def test_every_local_date_has_exactly_one(start: datetime, hour: int, minute: int, zone: str) -> None:
    local = ZoneInfo(zone)
    schedule = Schedule(time(hour, minute))
    now, last = start, None
    made = []
    for _ in range(7 * 24 * 4):
        if due(schedule, local, now, last):
            last = now
            made.append(now.astimezone(local).date())
        now += timedelta(minutes=15)
    assert len(made) == len(set(made))
    assert {later - earlier for earlier, later in pairwise(made)} <= {timedelta(days=1)}
    assert len(made) >= 6


@pytest.mark.parametrize(
    ("text", "schedule"),
    [("", None), ("10:00", DAILY), ("tue 10:00", TUESDAYS), ("TUE  10:00", TUESDAYS), ("00:30", Schedule(time(0, 30)))],
)
def test_a_schedule_is_read_as_people_write_it(text: str, schedule: Schedule | None) -> None:
    assert read_schedule(text) == schedule


@pytest.mark.parametrize(
    "text", ["soon", "10", "10:00 tue", "25:00", "tue", "tue wed 10:00", "10:00:01", "10:00+01:00"]
)
def test_what_is_no_schedule_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="tue 10:00"):
        read_schedule(text)
