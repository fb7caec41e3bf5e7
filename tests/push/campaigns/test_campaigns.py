"""The life of a campaign: written, scheduled, started, paused, late, cancelled, finished, copied."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from deskside.errors import Conflict, Gone, Malformed
from deskside.store.database import Row, reading
from deskside.store.push_tables import cap_slot, push, subscriber
from push.campaigns import control, drafts, messages
from push.campaigns.ab import Leg
from push.campaigns.audience import reach
from push.campaigns.definition import Audience, Draft, Rule, Schedule, When
from push.campaigns.legs import legs
from push.model import Button, Content, Kind, Variant, Window
from push.wire.answer import Verdict
from tests.push.sending.world import NOON, World, draft, variant

LINK = "https://portal.example/"


def row(world: World, number: int) -> Row:
    with reading(world.database) as connection:
        return drafts.get(connection, number)


def content(**values: Any) -> Draft:
    return draft(variants=(Variant("A", {"en": Content(**{"title": "T", "body": "B", "url": LINK, **values})}),))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (draft(name=" "), "the name must have 1 to 120 characters"),
        (draft(kind=Kind.STEP), "the kind must be one of promo, digest, poll, service, incident"),
        (draft(variants=()), "there must be 1 to 4 variants"),
        (draft(variants=(variant(), variant())), "each variant needs a name of its own"),
        (draft(variants=(Variant("A", {}),)), "variant A: there is no text in any language"),
        (draft(variants=(Variant("A", {"EN_us": Content("T", "", LINK)}),)), "variant A, EN_us: this is no language"),
        (draft(topic="weather"), "there is no topic weather"),
        (draft(late_minutes=-1), "the late limit must be 0 to 10080 minutes"),
        (draft(audience=Audience(("english please",))), "english please is no language tag"),
        (draft(audience=Audience(rules=(Rule("plan", ()),))), "a rule needs an attribute and at least one value"),
        (content(title=" "), "variant A, en: the title must have 1 to 200 characters"),
        (content(title="{{ name"), "variant A, en, title: this is no template: "),
        (content(body="{{ name|shout }}"), "variant A, en, text: this is no template: "),
        (content(url="javascript:alert(1)"), "variant A, en, link: must be an address"),
        (content(url="http://portal.example/"), "variant A, en, link: must be an address"),
        (content(image="//x"), "variant A, en, image: must be an address"),
        (content(buttons=(Button("Yes", ""),)), "variant A, en, link of the button Yes: must be an address"),
        (content(buttons=(Button("", LINK),)), "variant A, en: a button needs 1 to 40 characters"),
        (content(buttons=(Button("a", LINK),) * 3), "variant A, en: there can be 2 buttons at most"),
        (draft(Schedule(When.AT)), "a campaign that is sent 'at' needs its at"),
        (draft(Schedule(When.LOCAL, day=date(2026, 11, 27))), "a campaign that is sent 'local' needs its time_of_day"),
        (draft(Schedule(When.AT, at=datetime(2026, 1, 1))), "the instant needs its time zone"),  # noqa: DTZ001
        (draft(Schedule(hours=0)), "it can be of use for 1 to 672 hours"),
        (draft(Schedule(zone="Mars/Olympus")), "Mars/Olympus is no time zone"),
        (
            draft(Schedule(When.WINDOW, day=date(2026, 11, 27), window=Window(time(9), time(10), frozenset({0})))),
            "its window does not open on that day",
        ),
    ],
)
def test_what_cannot_be_sent_is_refused_by_name(world: World, wrong: Draft, told: str) -> None:
    with world.database.begin() as connection, pytest.raises(Malformed) as refused:
        drafts.create(connection, wrong, "ops", NOON)
    assert str(refused.value).startswith(told)


def test_a_draft_is_read_as_it_was_written_and_edited(world: World) -> None:
    texts = Content("T", "B {{ x }}", LINK, "https://p.example/i", "https://p.example/b", "", (Button("Yes", LINK),))
    first = draft(
        Schedule(When.LOCAL, day=date(2026, 11, 27), time_of_day=time(11, 30)),
        variants=(Variant("A", {"en": texts, "ru": texts}), variant("B")),
        audience=Audience(("en", "ru"), (Rule("plan", ("pro",), not_=True),)),
    )
    with world.database.begin() as connection:
        number = drafts.create(connection, first, "ops", NOON)
        assert drafts.read(drafts.get(connection, number)) == first
        drafts.edit(connection, number, draft(name="Other"), NOON)
        assert drafts.read(drafts.get(connection, number)) == draft(name="Other")
        drafts.schedule_it(connection, number, world.manners, NOON)
        with pytest.raises(Conflict):
            drafts.edit(connection, number, first, NOON)
        drafts.unschedule(connection, number, NOON)
        drafts.edit(connection, number, first, NOON)
        with pytest.raises(Gone):
            drafts.get(connection, number + 1)


def test_the_audience_narrows_step_by_step_and_is_kept(world: World) -> None:
    world.person(topics=())
    world.person(language="fr")
    world.person(language="pt-BR", attributes={"plan": "free"})
    world.person(language="en", attributes={"plan": "Pro"}, devices=0)
    full = world.person(language="en", attributes={"plan": ["x", "pro"]}, per_week=0)
    paused = world.person(attributes={"plan": "PRO"}, paused_until=NOON + timedelta(days=3))
    reached = world.person(language="pt-PT", attributes={"plan": "pro"}, devices=2)
    world.person(attributes={"plan": "pro"}, left_at=NOON)
    number = world.campaign(audience=Audience(("en", "pt"), (Rule("plan", ("pro",)),)))
    with reading(world.database) as connection:
        found = reach(connection, drafts.read(drafts.get(connection, number)), "seed", world.manners, NOON)
    counts = {"total": 7, "topic": 6, "language": 5, "attributes": 4, "alive": 3, "uncapped": 2, "in_time": 1}
    assert (dict(found.waterfall), found.estimate) == (counts, 1)
    assert (found.first, found.last) == (NOON, NOON)
    world.start()
    assert dict(row(world, number).waterfall) == counts
    assert {send.subscriber for send in world.sends()} == {full, paused, reached}
    world.run()
    assert {send.subscriber for send in world.sends(state="sent")} == {reached}
    assert {send.subscriber for send in world.sends(state="skipped")} == {full, paused}
    with world.database.begin() as connection:
        assert control.finish(connection, world.hand.now) == [number]
    assert row(world, number).waterfall[-1] == ["reached", 1]


def test_who_has_had_enough_this_week_is_not_expected_to_get_it(world: World) -> None:
    person = world.person()
    with world.database.begin() as connection:
        slots = [
            {"subscriber": person, "period": "2026-W48", "n": n, "send": -n, "at": NOON - timedelta(hours=9)}
            for n in (1, 2, 3)
        ]
        connection.execute(sa.insert(cap_slot), slots)
        found = {
            kind: reach(connection, draft(kind=kind), "seed", world.manners, NOON).estimate
            for kind in (Kind.PROMO, Kind.INCIDENT)
        }
    assert found == {Kind.PROMO: 0, Kind.INCIDENT: 1}


def test_who_subscribes_after_the_start_is_not_in_it(world: World) -> None:
    world.person()
    world.campaign()
    world.start()
    world.person()
    assert world.run() == 1


def test_a_campaign_starts_once_however_often_one_looks(world: World) -> None:
    world.crowd(3)
    world.campaign()
    assert [world.start(), world.start()] == [1, 0]
    assert len(world.sends()) == 3


@pytest.mark.parametrize(("minutes", "state"), [(30, "running"), (60, "running"), (61, "unconfirmed")])
def test_after_downtime_a_campaign_is_started_only_within_its_late_limit(
    world: World, minutes: int, state: str
) -> None:
    world.person()
    number = world.campaign(Schedule(When.AT, at=NOON + timedelta(hours=1)))
    assert world.start() == 0
    world.hand.move(hours=1, minutes=minutes)
    world.go()
    assert row(world, number).state == state
    assert len(world.service.got) == (1 if state == "running" else 0)


def test_a_person_confirms_what_was_too_late(world: World) -> None:
    world.person()
    number = world.campaign()
    world.hand.move(hours=3)
    world.go()
    with world.database.begin() as connection:
        drafts.confirm(connection, number, "ann", world.manners, world.hand.now)
    world.go()
    assert world.states() == {"sent": 1}
    with world.database.begin() as connection, pytest.raises(Conflict):
        drafts.confirm(connection, number, "ann", world.manners, world.hand.now)


def test_a_local_time_comes_to_each_zone_in_turn(world: World) -> None:
    zones = ("Pacific/Auckland", "UTC", "America/Los_Angeles")
    people = {zone: world.person(zone=zone) for zone in zones}
    number = world.campaign(Schedule(When.LOCAL, day=date(2026, 11, 24), time_of_day=time(11, 30)))
    assert row(world, number).start_at == datetime.fromisoformat("2026-11-23T22:30:00+00:00")
    for _ in range(80):
        world.go()
        world.hand.move(minutes=30)
    at = {parcel.endpoint.rpartition("/")[2]: moment - NOON for moment, parcel in world.service.got}
    hours = {"Pacific/Auckland": 10.5, "UTC": 23.5, "America/Los_Angeles": 31.5}
    assert at == {f"d{people[zone]}-0": timedelta(hours=hours[zone]) for zone in zones}


def test_who_moved_to_where_the_time_is_over_is_told_it_was_too_late(world: World) -> None:
    world.person(zone="UTC")
    world.campaign(Schedule(When.LOCAL, day=date(2026, 11, 24), time_of_day=time(11, 30)))
    moved = world.person(zone="Pacific/Auckland")
    world.hand.move(hours=23, minutes=30)
    world.go()
    assert world.states() == {"sent": 1, "skipped": 1}
    [late] = world.sends(state="skipped")
    assert (late.subscriber, late.reason) == (moved, "too late: it was of use until Tue 24 Nov 12:30")


def test_a_time_that_is_over_everywhere_cannot_be_scheduled(world: World) -> None:
    with world.database.begin() as connection:
        passed = draft(Schedule(When.LOCAL, day=date(2026, 11, 21), time_of_day=time(11, 30)))
        number = drafts.create(connection, passed, "ops", NOON)
        with pytest.raises(Malformed, match="its time is over everywhere"):
            drafts.schedule_it(connection, number, world.manners, NOON)


def test_a_pause_stops_it_and_resuming_goes_on_with_the_rest(world: World) -> None:
    world.crowd(10)
    number = world.campaign(Schedule(When.WINDOW, day=NOON.date(), window=Window(time(12), time(15))))
    world.start()
    world.hand.move(minutes=90)
    world.run()
    before = len(world.service.got)
    assert 0 < before < 10
    with world.database.begin() as connection:
        assert control.pause(connection, number, "ann") == 10 - before
        with pytest.raises(Conflict):
            control.pause(connection, number, "ann")
    world.hand.move(minutes=30)
    assert world.run() == 0
    with world.database.begin() as connection:
        assert control.resume(connection, number, "ann", world.hand.now) == 10 - before
    world.hand.move(minutes=45)
    world.run()
    assert world.service.endpoints.total() == 10
    assert set(world.service.endpoints.values()) == {1}


def test_who_came_due_in_a_pause_beyond_the_end_gets_nothing(world: World) -> None:
    world.crowd(4)
    number = world.campaign(Schedule(hours=1))
    world.start()
    with world.database.begin() as connection:
        control.pause(connection, number, "ann")
    world.hand.move(hours=2)
    with world.database.begin() as connection:
        control.resume(connection, number, "ann", world.hand.now)
    world.run()
    assert world.states() == {"skipped": 4}
    assert world.sends()[0].reason == "too late: it was of use until Mon 23 Nov 13:00"


def test_a_cancelled_campaign_sends_nothing_more_and_says_why(world: World) -> None:
    world.crowd(3)
    number = world.campaign()
    world.start()
    with world.database.begin() as connection:
        assert control.cancel(connection, number, "ann", NOON) == 3
    assert world.run() == 0
    assert {send.reason for send in world.sends()} == {"the campaign was cancelled by ann"}
    with world.database.begin() as connection, pytest.raises(Conflict):
        control.resume(connection, number, "ann", NOON)


def test_what_was_on_its_way_when_it_was_cancelled_is_not_tried_again(world: World) -> None:
    person = world.person()
    world.service.will(f"d{person}-0", Verdict.LATER, 503, retry_after=60.0)
    number = world.campaign()
    world.go()
    with world.database.begin() as connection:
        control.cancel(connection, number, "ann", NOON)
    world.hand.move(minutes=2)
    world.run()
    assert world.states() == {"skipped": 1}
    assert world.service.endpoints.total() == 1


def test_after_an_outage_what_is_left_of_a_campaign_waits_for_a_person(world: World) -> None:
    world.crowd(3)
    number = world.campaign()
    world.start()
    looked = world.hand.now
    world.hand.move(hours=2)
    with world.database.begin() as connection:
        assert control.hold_late(connection, world.hand.now - timedelta(minutes=59), world.hand.now) == []
        assert control.hold_late(connection, None, world.hand.now) == ()
        assert control.hold_late(connection, looked, world.hand.now) == [number]
    assert (world.run(), row(world, number).state) == (0, "unconfirmed")
    with world.database.begin() as connection:
        control.resume(connection, number, "ann", world.hand.now)
    assert world.run() == 3


def test_a_campaign_whose_time_is_yet_to_come_is_not_late(world: World) -> None:
    world.crowd(3)
    number = world.campaign(
        Schedule(When.WINDOW, day=NOON.date() + timedelta(days=1), window=Window(time(11), time(14)))
    )
    world.hand.move(hours=23)
    world.start()
    with world.database.begin() as connection:
        assert control.hold_late(connection, world.hand.now - timedelta(hours=20), world.hand.now) == []
    assert row(world, number).state == "running"


def test_a_copy_is_a_new_draft_without_what_came_of_the_first(world: World) -> None:
    world.crowd(2)
    number = world.campaign(name="x" * 120)
    world.go()
    with world.database.begin() as connection:
        copied = drafts.duplicate(connection, number, "bob", NOON)
    first, second = row(world, number), row(world, copied)
    assert (second.state, second.created_by, second.waterfall, second.start_at) == ("draft", "bob", [], None)
    assert second.seed != first.seed and len(second.name) <= 120
    with world.database.begin() as connection:
        drafts.schedule_it(connection, copied, world.manners, world.hand.move(hours=5))
    world.go()
    assert set(world.service.endpoints.values()) == {2}


def test_a_test_goes_to_testers_only_in_every_variant_and_counts_nowhere(world: World) -> None:
    tester, other = world.person(tester=True, quiet_from=0, quiet_to=1439, per_week=0), world.person()
    with world.database.begin() as connection:
        number = drafts.create(connection, draft(variants=(variant("A"), variant("B", "Other"))), "ops", NOON)
        assert messages.send_test(connection, number, NOON) == 2
    world.run()
    assert world.service.endpoints == {f"d{tester}-0": 2}
    assert {body["title"] for body in world.service.bodies()} == {"News for you", "Other"}
    assert len({body["tag"] for body in world.service.bodies()}) == 2
    with reading(world.database) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(cap_slot)) == 0
        assert [leg.delivered for leg in legs(connection, number)] == [0, 0]
        assert reach(connection, draft(), "seed", world.manners, NOON).estimate == 1
    assert other != tester


def test_what_came_of_each_variant_is_counted_by_person(world: World) -> None:
    world.crowd(60, devices=2)
    number = world.campaign(variants=(variant("A"), variant("B")))
    world.go()
    with world.database.begin() as connection:
        of_a = [send.id for send in world.sends(variant=0)]
        clicked = sa.update(push).where(push.c.send.in_(of_a[:5])).values(clicked_at=NOON)
        connection.execute(clicked)
        found = legs(connection, number)
    assert found == [Leg("A", len(of_a), 5), Leg("B", 60 - len(of_a), 0)]
    assert 10 < len(of_a) < 50


def test_what_is_told_of_one_incident_replaces_what_was_told_before(world: World) -> None:
    world.person()
    for text in ("Down", "Up again"):
        world.campaign(kind=Kind.INCIDENT, made_from="incident:7", variants=(variant(title=text),))
        world.go()
    assert [body["tag"] for body in world.service.bodies()] == ["incident:7", "incident:7"]
    assert len({parcel.topic for _, parcel in world.service.got}) == 1


def test_people_who_are_erased_take_their_sends_with_them(world: World) -> None:
    world.crowd(2)
    world.campaign()
    world.start()
    with world.database.begin() as connection:
        connection.execute(sa.delete(subscriber))
    assert world.run() == 0
    assert world.sends() == []


@pytest.mark.parametrize(
    ("rule", "attributes", "holds"),
    [
        (Rule("plan", ("pro", "max")), {"plan": "PRO"}, True),
        (Rule("plan", ("pro",)), {"plan": ["free", "pro"]}, True),
        (Rule("plan", ("pro",)), {}, False),
        (Rule("plan", ("pro",), not_=True), {}, True),
        (Rule("plan", ("pro",), not_=True), {"plan": "pro"}, False),
        (Rule("seats", ("3",)), {"seats": 3}, True),
        (Rule("vip", ("true",)), {"vip": True}, True),
        (Rule("plan", ("none",)), {"plan": None}, False),
    ],
)
def test_a_rule_holds_for_whom_it_names(rule: Rule, attributes: dict[str, Any], holds: bool) -> None:
    assert rule.holds(attributes) is holds


def test_manners_of_the_portal_are_those_of_its_settings(world: World) -> None:
    polite = replace(world.manners, window=Window(time(13), time(14)))
    world.manners = polite
    world.person()
    world.campaign()
    world.go()
    assert world.sends()[0].due_at == NOON + timedelta(hours=1)
