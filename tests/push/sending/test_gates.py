"""Who gets what now: every rule alone, all of them together, and that each row comes to an end."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from push.model import COURTEOUS, INSISTENT, Kind, Person, Window
from push.sending import windows
from push.sending.gates import GATES, LONGEST_TTL, SOONEST, Decision, Defer, Facts, Manners, Send, Skip, judge
from tests.push.sending.world import MANNERS, NOON

PERSON = Person(1, topics=("news",))
FACTS = Facts(NOON, Kind.PROMO, PERSON, MANNERS, NOON + timedelta(days=10), "news")


def decided(**values: Any) -> Decision:
    return judge(replace(FACTS, **values))


def test_a_person_in_whose_way_nothing_is_gets_it() -> None:
    assert decided() == Send(NOON.replace(hour=22))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"browsers": 0}, "no browser of theirs is alive"),
        ({"person": replace(PERSON, left_at=NOON)}, "unsubscribed on Mon 23 Nov 12:00"),
        ({"topic": "offers"}, "has not chosen the topic offers"),
        ({"ended": "left the segment"}, "left the segment"),
        ({"not_after": NOON}, "too late: it was of use until Mon 23 Nov 12:00"),
        ({"window": Window(time(9), time(10), frozenset())}, "its window never opens"),
    ],
)
def test_what_is_not_sent_at_all(values: dict[str, Any], reason: str) -> None:
    assert decided(**values) == Skip(reason)


@pytest.mark.parametrize(
    ("values", "hours", "reason"),
    [
        ({"stopped": "ann"}, 0.5, "all sending was stopped by ann"),
        (
            {"person": replace(PERSON, paused_until=NOON + timedelta(hours=50))},
            50,
            "asked for a pause until Wed 25 Nov 14:00",
        ),
        ({"held": "the campaign is paused"}, 0.5, "the campaign is paused"),
        ({"window": Window(time(11), time(12))}, 23, "outside the window 11:00-12:00; it opens Tue 24 Nov 11:00"),
        ({"person": replace(PERSON, quiet_from=660, quiet_to=780)}, 1, "quiet hours until Mon 23 Nov 13:00"),
        ({"urgent_ticket": "zendesk 7"}, 0.5, "has an urgent ticket open: zendesk 7"),
        ({"unhappy": "a bad rating"}, 12, "is unhappy with us today: a bad rating"),
        ({"incident": "Rack 4"}, 0.5, "something of theirs is in an open incident: Rack 4"),
        (
            {"last_at": NOON - timedelta(hours=1)},
            3,
            "got another message at Mon 23 Nov 11:00; the next may come Mon 23 Nov 15:00",
        ),
        ({"taken": 3}, 156, "has had 3 this week, at most 3 are wanted"),
        ({"taken": 1, "person": replace(PERSON, per_week=1)}, 156, "has had 1 this week, at most 1 are wanted"),
        ({"person": replace(PERSON, per_week=0)}, 156, "has had 0 this week, at most 0 are wanted"),
    ],
)
def test_what_waits_until_when_and_why(values: dict[str, Any], hours: float, reason: str) -> None:
    assert decided(**values) == Defer(NOON + timedelta(hours=hours), reason)


def test_nobody_is_deferred_beyond_the_end_of_the_message() -> None:
    found = decided(taken=3, not_after=NOON + timedelta(hours=2))
    assert found == Skip("has had 3 this week, at most 3 are wanted; by then it is of no use (Mon 23 Nov 14:00)")


@pytest.mark.parametrize("kind", sorted(INSISTENT))
def test_what_insists_is_held_back_by_no_courtesy(kind: Kind) -> None:
    rude = {
        "person": replace(PERSON, quiet_from=0, quiet_to=1439, per_week=0),
        "window": Window(time(1), time(2)),
        "urgent_ticket": "zendesk 7",
        "unhappy": "a bad rating",
        "incident": "Rack 4",
        "last_at": NOON,
        "taken": 9,
    }
    assert decided(kind=kind, **rude) == Send(NOON + LONGEST_TTL)


@pytest.mark.parametrize("kind", sorted(INSISTENT))
def test_what_insists_still_needs_consent(kind: Kind) -> None:
    assert isinstance(decided(kind=kind, topic="offers"), Skip)
    assert isinstance(decided(kind=kind, person=replace(PERSON, left_at=NOON)), Skip)
    assert isinstance(decided(kind=kind, person=replace(PERSON, paused_until=NOON + timedelta(hours=1))), Defer)


def test_a_test_is_bound_by_the_switch_and_nothing_else() -> None:
    free = decided(kind=Kind.TEST, topic="offers", taken=9, person=replace(PERSON, paused_until=NOON + LONGEST_TTL))
    assert isinstance(free, Send)
    assert decided(kind=Kind.TEST, stopped="ann") == Skip("all sending was stopped by ann")


def test_one_that_has_its_place_is_not_in_its_own_way() -> None:
    assert isinstance(decided(granted=True, taken=3, last_at=NOON), Send)


def test_a_message_ends_with_its_window_its_use_and_the_evening() -> None:
    lunch = Window(time(11), time(14))
    assert decided(window=lunch) == Send(NOON.replace(hour=14))
    assert decided(window=lunch, not_after=NOON + timedelta(minutes=5)) == Send(NOON + timedelta(minutes=5))
    no_quiet = replace(PERSON, quiet_from=0, quiet_to=0)
    assert decided(person=no_quiet) == Send(NOON + LONGEST_TTL)


def test_a_window_may_count_in_a_zone_of_its_own() -> None:
    lunch = Window(time(11), time(14))
    tokyo = replace(PERSON, zone="Asia/Tokyo", quiet_from=0, quiet_to=0)
    assert isinstance(decided(person=tokyo, window=lunch), Defer)
    assert isinstance(decided(person=tokyo, window=lunch, window_zone="UTC"), Send)


def test_the_portals_window_binds_what_has_none_of_its_own() -> None:
    polite = replace(MANNERS, window=Window(time(13), time(14)))
    assert isinstance(decided(manners=polite), Defer)
    assert isinstance(decided(manners=polite, kind=Kind.INCIDENT), Send)


def test_an_unknown_zone_is_the_portals() -> None:
    vilnius = replace(MANNERS, zone=ZoneInfo("Europe/Vilnius"))
    night = datetime(2026, 11, 23, 20, 30, tzinfo=UTC)
    assert isinstance(decided(now=night, manners=vilnius, person=replace(PERSON, zone="Mars/Olympus")), Defer)
    assert isinstance(decided(now=night, person=replace(PERSON, zone="Mars/Olympus")), Send)


minutes = st.one_of(st.none(), st.integers(0, 1439))
times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
openings = st.builds(Window, times, times, st.frozensets(st.integers(0, 6))).filter(lambda w: w.start != w.end)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001
persons = st.builds(
    Person,
    id=st.just(1),
    zone=st.sampled_from(["", "Europe/Vilnius", "America/St_Johns", "Pacific/Chatham", "Mars/Olympus"]),
    per_week=st.one_of(st.none(), st.integers(0, 5)),
    quiet_from=minutes,
    quiet_to=minutes,
    paused_until=st.one_of(st.none(), moments),
    left_at=st.one_of(st.none(), st.none(), st.none(), moments),
    topics=st.sampled_from([(), ("news",)]),
)
manners = st.builds(
    Manners,
    zone=st.sampled_from([ZoneInfo("UTC"), ZoneInfo("Europe/Vilnius")]),
    window=st.one_of(st.none(), openings),
    quiet=st.one_of(st.none(), openings.map(lambda w: Window(w.start, w.end))),
    per_week=st.integers(1, 5),
    gap=st.timedeltas(timedelta(), timedelta(days=7)),
)
words = st.sampled_from(["", "", "", "something"])
situations = st.builds(
    Facts,
    now=moments,
    kind=st.sampled_from(sorted(Kind)),
    person=persons,
    manners=manners,
    not_after=moments,
    topic=st.sampled_from([None, "news"]),
    window=st.one_of(st.none(), openings),
    stopped=words,
    browsers=st.integers(0, 2),
    ended=words,
    held=words,
    urgent_ticket=words,
    unhappy=words,
    incident=words,
    last_at=st.one_of(st.none(), moments),
    taken=st.integers(0, 6),
    granted=st.booleans(),
)


@given(situations)
def test_every_message_comes_to_an_end(facts: Facts) -> None:
    """However it is deferred, asking again whenever it says leads to an end, in a number of steps that is bounded."""
    assert facts.not_after is not None
    before = facts.now
    for _ in range(400_000 // int(SOONEST.total_seconds())):
        found = judge(facts)
        if not isinstance(found, Defer):
            return
        assert facts.now + SOONEST <= found.until < facts.not_after
        facts = replace(facts, now=found.until)
        if facts.now - before > timedelta(days=3):
            # Nothing but its own end keeps it: come nearer to it.
            facts = replace(facts, now=max(facts.now, facts.not_after - timedelta(days=1)))
            before = facts.now
    raise AssertionError("it never ends")


@given(situations)
def test_what_is_sent_breaks_no_rule_and_ends_in_time(facts: Facts) -> None:
    found = judge(facts)
    if not isinstance(found, Send):
        assert found.reason
        return
    person = facts.person
    assert not facts.stopped and facts.browsers and person.left_at is None and facts.not_after is not None
    assert facts.now < found.expires <= min(facts.now + LONGEST_TTL, facts.not_after)
    if facts.kind not in COURTEOUS:
        return
    assert facts.granted or facts.taken < facts.cap
    if facts.quiet:
        assert windows.quiet_until(facts.quiet, facts.now, facts.zone) is None
        assert windows.quiet_until(facts.quiet, found.expires - timedelta(microseconds=1), facts.zone) is None
    if facts.open_window:
        closes = windows.closes(facts.open_window[0], facts.now, facts.open_window[1])
        assert closes is not None and found.expires <= closes


@given(situations)
def test_the_first_gate_that_objects_is_the_one_that_is_told(facts: Facts) -> None:
    found = judge(facts)
    objections = [gate(facts) for gate in GATES]
    first = next((objection for objection in objections if objection is not None), None)
    assert isinstance(found, Send) is (first is None)
    if first is not None and not isinstance(found, Send):
        assert found.reason.startswith(first.reason)


@given(situations)
def test_a_window_that_has_nothing_to_do_with_it_changes_nothing(facts: Facts) -> None:
    if facts.kind in INSISTENT:
        assert judge(facts) == judge(replace(facts, window=None, urgent_ticket="", unhappy="", incident="", taken=0))
