"""What a dry run shows is what the gates would do."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from push.chains.definition import read
from push.chains.rehearsal import rehearse
from push.model import Person, Window
from push.sending.gates import Manners
from tests.push.chains.people import WELCOME, step

QUIET = Manners(zone=ZoneInfo("UTC"), quiet=Window(time(22), time(8)), per_week=3, gap=timedelta(hours=4))
EVENING = datetime(2026, 3, 4, 21, 58, tzinfo=UTC)


def test_a_step_in_the_quiet_hours_comes_in_the_morning_and_the_rest_follows_from_there() -> None:
    hello, tour, tips = rehearse(read(WELCOME), Person(1), QUIET, EVENING)
    morning = datetime(2026, 3, 5, 8, 0, tzinfo=UTC)
    # Too late for a greeting: its limit was six hours.
    assert hello.sent_at is None
    assert "quiet hours" in hello.reasons[-1]
    assert tour.due_at == hello.due_at + timedelta(hours=6) + timedelta(hours=14)
    assert tour.sent_at == tour.due_at > morning
    assert tips.sent_at == tour.sent_at + timedelta(days=2)


def test_two_days_over_the_change_of_the_clocks_keep_the_local_hour() -> None:
    person = Person(1, zone="Europe/Berlin")
    entered = datetime(2026, 3, 27, 9, 55, tzinfo=UTC)
    only = read({"steps": [step("a", after={"minutes": 5}), step("b", after={"days": 2})]})
    first, second = rehearse(only, person, QUIET, entered)
    berlin = ZoneInfo("Europe/Berlin")
    assert first.sent_at is not None
    assert second.sent_at is not None
    assert second.sent_at - first.sent_at == timedelta(hours=47)
    assert second.sent_at.astimezone(berlin).time() == first.sent_at.astimezone(berlin).time()


def test_the_distance_between_two_messages_and_the_weeks_cap_are_kept() -> None:
    every_hour = read({"steps": [step(key, late_minutes=60 * 24 * 14) for key in "abcd"]})
    monday = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    moments = rehearse(every_hour, Person(1), QUIET, monday)
    sent = [moment.sent_at for moment in moments]
    assert sent[:3] == [monday + timedelta(hours=number) for number in (1, 5, 9)]
    assert sent[3] == datetime(2026, 3, 9, 8, 0, tzinfo=UTC)
    assert any("at most 3" in reason for reason in moments[3].reasons)


def test_the_way_of_somebody_who_clicks_can_be_shown_too() -> None:
    forked = read({"steps": [step("a", clicked="c"), step("b", following=""), step("c")]})
    monday = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    assert [moment.step.key for moment in rehearse(forked, Person(1), QUIET, monday)] == ["a", "b"]
    clicking = rehearse(forked, Person(1), QUIET, monday, clicks=frozenset("a"))
    assert [moment.step.key for moment in clicking] == ["a", "c"]
