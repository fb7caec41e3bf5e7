"""Everybody gets it at their own time, and the two legs of a test over the same hours."""

from datetime import UTC, date, datetime, time, timedelta
from statistics import mean
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from push.campaigns import ab, schedule
from push.campaigns.definition import Schedule, When, read_schedule, schedule_as_json
from push.model import Window

UTC_ZONE, VILNIUS, APIA = ZoneInfo("UTC"), ZoneInfo("Europe/Vilnius"), ZoneInfo("Pacific/Apia")
NEW_YORK, AUCKLAND = ZoneInfo("America/New_York"), ZoneInfo("Pacific/Auckland")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FRIDAY = date(2026, 11, 27)
HOUR = timedelta(hours=1)
LOCAL = Schedule(When.LOCAL, day=FRIDAY, time_of_day=time(11, 30))
LUNCH = Schedule(When.WINDOW, day=FRIDAY, window=Window(time(11), time(14)))
zones = st.sampled_from([UTC_ZONE, VILNIUS, APIA, NEW_YORK, AUCKLAND])


@pytest.mark.parametrize("zone", [UTC_ZONE, VILNIUS, APIA, NEW_YORK])
def test_a_local_time_is_everybodys_own(zone: ZoneInfo) -> None:
    slot = schedule.slot(LOCAL, zone, NOW, HOUR, 0.5)
    assert slot.due_at.astimezone(zone).replace(tzinfo=None) == datetime.combine(FRIDAY, time(11, 30))
    assert slot.not_after == slot.due_at + HOUR


@pytest.mark.parametrize(("day", "utc"), [(date(2026, 10, 24), 8.5), (date(2026, 10, 25), 9.5)])
def test_the_local_time_is_the_one_of_that_day_not_of_today(day: date, utc: float) -> None:
    planned = Schedule(When.LOCAL, day=day, time_of_day=time(11, 30))
    slot = schedule.slot(planned, VILNIUS, datetime(2026, 10, 1, tzinfo=UTC), HOUR, 0)
    assert slot.due_at == datetime.combine(day, time(), UTC) + timedelta(hours=utc)


@given(zones, st.floats(0, 1, exclude_max=True))
def test_a_window_is_kept_and_its_end_left_free(zone: ZoneInfo, fraction: float) -> None:
    slot = schedule.slot(LUNCH, zone, NOW, HOUR, fraction)
    local = slot.due_at.astimezone(zone)
    assert local.date() == FRIDAY
    assert time(11) <= local.time() < time(13, 43)
    assert slot.not_after.astimezone(zone).time() == time(14)


def test_a_window_may_be_the_portals() -> None:
    planned = Schedule(When.WINDOW, day=FRIDAY, window=Window(time(11), time(14)), zone="Europe/Vilnius")
    assert schedule.slot(planned, NEW_YORK, NOW, HOUR, 0) == schedule.slot(planned, VILNIUS, NOW, HOUR, 0)


@given(zones, st.floats(0, 1, exclude_max=True), st.integers(-30, 30))
def test_who_is_late_is_spread_over_what_is_left(zone: ZoneInfo, fraction: float, hours: int) -> None:
    now = datetime(2026, 11, 27, 12, tzinfo=UTC) + timedelta(hours=hours)
    slot = schedule.slot(LUNCH, zone, now, HOUR, fraction)
    assert slot.due_at <= slot.not_after
    assert slot.due_at >= min(now, slot.not_after)


def test_both_legs_of_a_test_go_out_over_the_same_hours() -> None:
    hours: dict[int, list[float]] = {0: [], 1: []}
    for person in range(1000):
        due = schedule.slot(LUNCH, UTC_ZONE, NOW, HOUR, schedule.fraction("seed", person)).due_at
        hours[ab.assign("seed", person, 2)].append(due.timestamp())
    middle = datetime(2026, 11, 27, 12, 21, tzinfo=UTC).timestamp()
    for leg in hours.values():
        assert abs(mean(leg) - middle) < 600
        assert max(leg) - min(leg) > 2.5 * 3600


@given(st.lists(zones, min_size=1), st.sampled_from([LOCAL, LUNCH, Schedule(), Schedule(When.AT, at=NOW + HOUR)]))
def test_nobody_is_before_the_first_or_after_the_last(lived_in: list[ZoneInfo], planned: Schedule) -> None:
    first, last = schedule.bounds(planned, lived_in, NOW, HOUR)
    for zone in lived_in:
        slot = schedule.slot(planned, zone, NOW, HOUR, 0.5)
        assert first <= slot.due_at <= slot.not_after <= last


def test_what_is_due_at_an_instant_that_has_passed_is_due_now() -> None:
    slot = schedule.slot(Schedule(When.AT, at=NOW - HOUR, hours=3), VILNIUS, NOW, HOUR, 0)
    assert (slot.due_at, slot.not_after) == (NOW, NOW + 3 * HOUR)


def test_a_window_that_the_clocks_leave_out_has_no_length() -> None:
    planned = Schedule(When.WINDOW, day=date(2026, 3, 29), window=Window(time(3, 15), time(3, 10), frozenset({5})))
    slot = schedule.slot(planned, VILNIUS, NOW, HOUR, 0.5)
    assert slot.due_at == slot.not_after


@pytest.mark.parametrize("planned", [LOCAL, LUNCH, Schedule(), Schedule(When.AT, at=NOW, hours=2)])
def test_a_schedule_is_read_as_it_was_written(planned: Schedule) -> None:
    assert read_schedule(schedule_as_json(planned)) == planned
