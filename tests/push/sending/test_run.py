"""From a row that is due to a message that was accepted, and every other way it can end."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
import sqlalchemy as sa

from deskside.store.database import reading
from deskside.store.push_tables import cap_slot, push_origin, subscription
from push.campaigns import control, drafts
from push.campaigns.definition import Schedule
from push.model import Button, Content, Kind, Urgency, Variant
from push.sending import ledger, recovery
from push.sending.ledger import NewSend
from push.sending.messages import Settled
from push.sending.run import run_batch
from push.wire.answer import Verdict
from tests.push.sending.world import NOON, World, browser, draft, variant


def slots(world: World) -> int:
    with reading(world.database) as connection:
        return int(connection.scalar(sa.select(sa.func.count()).select_from(cap_slot)) or 0)


def devices(world: World) -> list[str]:
    with reading(world.database) as connection:
        return list(connection.scalars(sa.select(subscription.c.state).order_by(subscription.c.id)))


def test_a_campaign_goes_to_every_browser_of_everybody_once(world: World) -> None:
    world.crowd(5, devices=2)
    world.campaign()
    assert world.go() == 5
    assert world.service.endpoints.total() == 10
    assert set(world.service.endpoints.values()) == {1}
    assert world.states() == {"sent": 5}
    assert world.sends()[0].reason == "accepted for 2 of 2 browsers"
    assert world.go() == 0


def test_the_row_says_sending_before_anything_leaves(world: World) -> None:
    world.crowd(3)
    world.campaign()
    seen: list[str] = []
    deliver = world.service.deliver

    def looking(parcels):  # type: ignore[no-untyped-def]
        for parcel in parcels:
            seen.extend({row.state for row in world.pushes()} | {row.state for row in world.sends()})
            yield from deliver([parcel])

    world.service.deliver = looking  # type: ignore[method-assign]
    world.go()
    assert set(seen) == {"sending"}


def test_what_a_person_reads_is_in_their_language_with_their_words(world: World) -> None:
    world.person(language="ru", attributes={"first_name": "Аня"})
    world.person(language="de-AT", attributes={})
    texts = Variant(
        "A",
        {
            "en": Content("Hello {{ first_name|default('there') }}", "x", "https://portal.example/"),
            "ru": Content("Привет, {{ first_name|default('друг') }}", "x", "https://portal.example/"),
        },
    )
    world.campaign(variants=(texts,))
    world.go()
    told = {(body["lang"], body["title"]) for body in world.service.bodies()}
    assert told == {("ru", "Привет, Аня"), ("en", "Hello there")}


def test_a_text_that_cannot_be_worked_out_is_skipped_and_takes_no_slot(world: World) -> None:
    world.person(attributes={"count": "many"})
    world.campaign(variants=(variant(title="{{ 1 / count }}"),))
    world.go()
    [row] = world.sends()
    assert (row.state, row.reason) == ("skipped", "a template cannot be worked out: TypeError")
    assert slots(world) == 0
    assert not world.service.got


def test_a_browser_that_is_gone_ends_and_the_persons_other_one_lives(world: World) -> None:
    person = world.person(devices=2)
    world.service.will(f"d{person}-0", Verdict.GONE, 410)
    world.campaign()
    world.go()
    assert devices(world) == ["gone", "alive"]
    assert world.sends()[0].state == "sent"


def test_a_first_strike_does_not_end_a_browser_a_second_does(world: World) -> None:
    person = world.person()
    for _ in range(2):
        world.service.will(f"d{person}-0", Verdict.GONE, 404, strike=True)
        world.campaign()
        world.go()
        world.hand.move(hours=5)
    assert devices(world) == ["gone"]
    assert [row.state for row in world.sends()] == ["failed", "failed"]


def test_a_browser_made_with_another_key_waits_for_its_next_visit(world: World) -> None:
    person = world.person()
    world.service.will(f"d{person}-0", Verdict.MISMATCH, 403, reason="made with another key")
    world.campaign()
    world.go()
    assert devices(world) == ["mismatch"]
    assert (world.sends()[0].state, world.sends()[0].reason) == ("failed", "made with another key")


def test_nothing_accepted_gives_the_slot_back(world: World) -> None:
    person = world.person()
    world.service.will(f"d{person}-0", Verdict.INVALID, 400)
    world.campaign()
    world.go()
    assert slots(world) == 0
    world.campaign()
    world.go()
    assert slots(world) == 1


def test_later_means_again_when_the_service_says_and_the_same_slot(world: World) -> None:
    person = world.person(devices=2)
    world.service.will(f"d{person}-0", Verdict.LATER, 503, reason="busy", retry_after=90.0)
    world.campaign()
    world.go()
    [row] = world.sends()
    assert (row.state, row.due_at) == ("due", NOON + timedelta(seconds=90))
    world.hand.move(seconds=91)
    world.run()
    assert world.sends()[0].state == "sent"
    assert world.service.endpoints == {f"d{person}-0": 2, f"d{person}-1": 1}
    assert slots(world) == 1


def test_a_service_that_asks_for_patience_is_left_alone_by_the_next_campaign(world: World) -> None:
    person = world.person()
    world.service.will(f"d{person}-0", Verdict.LATER, 429, retry_after=3600.0)
    world.campaign()
    world.go()
    other = world.person()
    world.campaign(kind=Kind.SERVICE)
    world.hand.move(minutes=1)
    world.go()
    assert world.service.endpoints == {f"d{person}-0": 1}
    world.hand.move(minutes=80)
    world.go()
    assert world.service.endpoints[f"d{other}-0"] == 1


def test_a_service_that_refuses_our_key_is_stopped_and_nothing_is_deleted(world: World) -> None:
    for person in world.crowd(3):
        world.service.will(f"d{person}-0", Verdict.STOP, 401, reason="bad token")
    world.campaign()
    world.go()
    with world.database.begin() as connection:
        [stopped] = connection.execute(sa.select(push_origin)).all()
        assert (stopped.stopped_reason, devices(world)) == ("bad token", ["alive"] * 3)
    world.hand.move(minutes=16)
    world.run()
    assert world.service.endpoints.total() == 3
    with world.database.begin() as connection:
        connection.execute(sa.update(push_origin).values(stopped_at=None))
    world.hand.move(minutes=16)
    world.run()
    assert world.states() == {"sent": 3}


def test_one_refused_browser_does_not_silence_its_service(world: World) -> None:
    refused, _ = world.crowd(2)
    world.service.will(f"d{refused}-0", Verdict.STOP, 403, reason="made up to be refused")
    world.campaign()
    world.go()
    world.hand.move(minutes=16)
    world.run()
    assert world.states() == {"sent": 2}


def test_too_large_is_shortened_once_and_never_more(world: World) -> None:
    person = world.person()
    for _ in range(2):
        world.service.will(f"d{person}-0", Verdict.TOO_LARGE, 413, reason="too large")
    world.campaign()
    world.go()
    assert world.service.endpoints.total() == 2
    assert (world.sends()[0].state, world.sends()[0].reason) == ("failed", "too large also when shortened")


def test_trying_again_ends_with_the_use_of_the_message(world: World) -> None:
    person = world.person()
    for _ in range(50):
        world.service.will(f"d{person}-0", Verdict.NOT_SENT, None, reason="no route", retry_after=1200.0)
    world.campaign(Schedule(hours=1))
    world.go()
    for _ in range(12):
        world.hand.move(minutes=10)
        world.run()
    assert world.sends()[0].state == "failed"
    assert world.service.endpoints.total() == 3
    assert slots(world) == 0
    assert {row.state for row in world.pushes()} == {"failed"}


@pytest.mark.parametrize("kind", [Kind.PROMO, Kind.DIGEST, Kind.POLL])
def test_a_courtesy_without_an_answer_is_unknown_and_never_sent_again(world: World, kind: Kind) -> None:
    person = world.person()
    world.service.will(f"d{person}-0", Verdict.UNKNOWN, None, reason="the connection broke")
    world.campaign(kind=kind)
    world.go()
    for _ in range(5):
        world.hand.move(hours=5)
        world.run()
    assert world.service.endpoints.total() == 1
    assert world.states() == {"unknown": 1}
    with reading(world.database) as connection:
        [listed] = recovery.unknown(connection)
    assert (listed.subscriber, listed.error) == (person, "the connection broke")
    assert slots(world) == 1


def test_an_incident_without_an_answer_is_sent_again_and_replaces_the_first(world: World) -> None:
    person = world.person()
    world.service.will(f"d{person}-0", Verdict.UNKNOWN, None)
    world.campaign(kind=Kind.INCIDENT)
    world.go()
    world.hand.move(minutes=2)
    world.run()
    first, second = (parcel for _, parcel in world.service.got)
    assert first.topic == second.topic
    assert [body["tag"] for body in world.service.bodies()] == [world.service.bodies()[0]["tag"]] * 2
    assert (first.urgency, world.states()) == (Urgency.HIGH, {"sent": 1})


def test_an_unknown_one_that_its_browser_reports_has_arrived(world: World) -> None:
    person = world.person()
    world.service.will(f"d{person}-0", Verdict.UNKNOWN)
    world.campaign()
    world.go()
    with world.database.begin() as connection:
        connection.execute(sa.text("UPDATE push SET shown_at = tried_at"))
        assert recovery.believe(connection, world.hand.now) == 1
    assert world.states() == {"sent": 1}
    assert world.sends()[0].sent_at == NOON


@pytest.mark.parametrize(
    ("as_", "state", "posts"), [("accepted", "sent", 1), ("failed", "failed", 1), ("again", "sent", 2)]
)
def test_a_person_settles_what_is_unknown(world: World, as_: str, state: str, posts: int) -> None:
    person = world.person()
    world.service.will(f"d{person}-0", Verdict.UNKNOWN)
    world.campaign()
    world.go()
    with world.database.begin() as connection:
        [row] = recovery.unknown(connection)
        assert recovery.settle_unknown(connection, [row.id], as_, "ops", world.hand.now) == 1
        assert recovery.settle_unknown(connection, [row.id], as_, "ops", world.hand.now) == 0
    world.run()
    assert world.states() == {state: 1}
    assert world.service.endpoints.total() == posts
    assert slots(world) == (0 if state == "failed" else 1)


def test_who_leaves_between_the_gates_and_the_post_gets_nothing(world: World) -> None:
    world.person()
    world.campaign()
    world.start()
    words = ledger.start

    def leaving(connection, *arguments):  # type: ignore[no-untyped-def]
        connection.execute(sa.text("UPDATE subscriber SET left_at = created_at"))
        return words(connection, *arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger, "start", leaving)
        world.run()
    assert not world.service.got
    assert world.sends()[0].state == "failed"
    assert slots(world) == 0


def test_what_waited_beyond_its_window_does_not_leave(world: World) -> None:
    world.crowd(3)
    world.campaign(Schedule(hours=1))
    world.start()
    deliver = world.service.deliver

    def slow(parcels):  # type: ignore[no-untyped-def]
        for outcome in deliver(parcels):
            world.hand.move(hours=1)
            yield outcome

    world.service.deliver = slow  # type: ignore[method-assign]
    world.run()
    assert world.service.endpoints.total() == 1
    assert sorted(row.state for row in world.sends()) == ["failed", "failed", "sent"]


def test_an_incident_does_not_wait_behind_a_long_queue(world: World) -> None:
    world.crowd(30)
    world.campaign()
    world.start()
    world.campaign(kind=Kind.INCIDENT)
    world.start()
    with world.database.begin() as connection:
        claimed = ledger.claim(connection, "me", world.hand.now, 40, timedelta(minutes=1))
    assert sum(row.kind == "incident" for row in claimed) == 30


def test_the_switch_stops_everything_until_it_is_put_back(world: World) -> None:
    world.person()
    world.campaign()
    world.start()
    with world.database.begin() as connection:
        control.stop_all(connection, "ops", world.hand.now)
    assert world.run() == 0
    with world.database.begin() as connection:
        control.allow_all(connection)
    assert world.run() == 1


def test_a_switch_thrown_after_the_claim_still_holds_it_back(world: World) -> None:
    world.person()
    world.campaign()
    world.start()
    words = world.sending.messages_of

    def thrown(connection, rows):  # type: ignore[no-untyped-def]
        control.stop_all(connection, "ops", world.hand.now)
        return words(connection, rows)

    sending = world.sending
    object.__setattr__(sending, "messages_of", thrown)
    run_batch(sending)
    assert not world.service.got
    with world.database.begin() as connection:
        control.allow_all(connection)
        assert recovery.recover(connection, world.after, world.hand.now) == 1
    assert world.run() == 1
    assert world.states() == {"sent": 1}


def test_what_follows_is_told_in_the_transaction_that_ends_a_send(world: World) -> None:
    told: list[Settled] = []

    def after(_: sa.Connection, ended: Sequence[Settled]) -> None:
        told.extend(ended)

    world.after = after
    reached, silent = world.person(), world.person(topics=())
    with world.database.begin() as connection:
        number = drafts.create(connection, draft(), "ops", NOON)
        plans = [
            NewSend(f"campaign:{number}:{person}", Kind.PROMO, person, NOON, campaign=number)
            for person in (reached, silent)
        ]
        assert ledger.plan(connection, plans) == 2
        assert ledger.plan(connection, plans) == 0
    world.run()
    assert {(one.subscriber, one.state) for one in told} == {(reached, "sent"), (silent, "skipped")}


def test_a_browser_that_joins_during_a_retry_is_left_to_the_next_message(world: World) -> None:
    person = world.person()
    world.service.will(f"d{person}-0", Verdict.LATER, 503, retry_after=60.0)
    world.campaign()
    world.go()
    with world.database.begin() as connection:
        connection.execute(sa.insert(subscription), [browser(person, "new")])
    world.hand.move(minutes=2)
    world.run()
    assert world.service.endpoints == {f"d{person}-0": 2}


def test_buttons_and_pictures_travel(world: World) -> None:
    world.person()
    content = Content(
        "T",
        "B",
        "https://portal.example/",
        image="https://portal.example/i.png",
        buttons=(Button("Yes", "https://portal.example/y"),),
    )
    world.campaign(variants=(Variant("A", {"en": content}),))
    world.go()
    [body] = world.service.bodies()
    assert (body["image"], body["actions"][0]["title"]) == ("https://portal.example/i.png", "Yes")
