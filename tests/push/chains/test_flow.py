"""On the way through a chain: only the next step is planned, each once, and a person can leave at any point."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from deskside.store.push_tables import enrollment, send, subscriber, subscriber_topic, subscription
from deskside.store.tables import ticket
from push.chains import control, flow
from push.chains.definition import CLICKED, TICKET_OPENED, TOPIC_LEFT
from tests.push.chains.people import (
    NOON,
    PLAIN,
    WELCOME,
    chain,
    click,
    hours,
    person,
    planned,
    sends,
    settle,
    settle_next,
    step,
)


@pytest.fixture
def connection(database: sa.Engine) -> Iterator[sa.Connection]:
    with database.begin() as opened:
        yield opened


def state(connection: sa.Connection, people: int) -> tuple[str, str]:
    row = connection.execute(sa.select(enrollment).where(enrollment.c.subscriber == people)).one()
    return row.state, row.exit_reason


def test_a_newcomer_gets_one_step_after_the_other(connection: sa.Connection) -> None:
    chain(connection)
    ann = person(connection)
    flow.arrived(connection, ann, PLAIN, NOON)
    assert planned(connection, ann) == {"hello": NOON + timedelta(minutes=5)}
    first = settle_next(connection, ann)
    assert planned(connection, ann) == {"tour": first.due_at + hours(14)}
    second = settle_next(connection, ann)
    assert planned(connection, ann) == {"tips": second.due_at + timedelta(days=2)}
    settle_next(connection, ann)
    assert planned(connection, ann) == {}
    assert state(connection, ann) == ("finished", "")


def test_an_answer_that_comes_late_moves_nobody_past_the_step_that_is_leaving(connection: sa.Connection) -> None:
    chain(connection)
    ann = person(connection)
    flow.arrived(connection, ann, PLAIN, NOON)
    first = settle_next(connection, ann)
    connection.execute(sa.update(send).where(send.c.step_key == "tour").values(state="sending"))
    settle(connection, first, first.due_at + hours(14))
    assert planned(connection, ann) == {}


@pytest.mark.parametrize("how", ["failed", "unknown", "skipped"])
def test_a_step_that_did_not_arrive_does_not_end_the_chain(connection: sa.Connection, how: str) -> None:
    chain(connection)
    ann = person(connection)
    flow.arrived(connection, ann, PLAIN, NOON)
    settle_next(connection, ann, how)
    assert list(planned(connection, ann)) == ["tour"]


def test_being_told_twice_plans_nothing_twice(connection: sa.Connection) -> None:
    chain(connection)
    ann = person(connection)
    flow.arrived(connection, ann, PLAIN, NOON)
    flow.arrived(connection, ann, PLAIN, NOON)
    row = settle_next(connection, ann)
    settle(connection, row, row.due_at)
    assert [one.step_key for one in sends(connection, ann)] == ["hello", "tour"]


def test_only_who_chose_the_topic_enters_a_chain_of_a_topic(connection: sa.Connection) -> None:
    chain(connection, topic="news")
    ann, bob = person(connection, topics=("news",)), person(connection)
    for one in (ann, bob):
        flow.arrived(connection, one, PLAIN, NOON)
    assert (len(sends(connection, ann)), len(sends(connection, bob))) == (1, 0)


def test_choosing_a_topic_later_enters_the_chain_that_waits_for_it(connection: sa.Connection) -> None:
    chain(connection, entry="topic", topic="news")
    ann = person(connection)
    flow.arrived(connection, ann, PLAIN, NOON)
    assert sends(connection, ann) == []
    flow.chose(connection, ann, ["news"], PLAIN, NOON)
    assert len(sends(connection, ann)) == 1


def test_a_draft_and_a_paused_chain_let_nobody_in(connection: sa.Connection) -> None:
    row = chain(connection)
    control.pause(connection, row.id, NOON)
    ann = person(connection)
    flow.arrived(connection, ann, PLAIN, NOON)
    assert sends(connection, ann) == []


def test_nobody_goes_through_a_chain_twice_unless_it_says_so(connection: sa.Connection) -> None:
    once, again = chain(connection, {"steps": [step("a")]}), chain(connection, {"steps": [step("a")]}, again_days=7)
    ann = person(connection)
    for row in (once, again):
        flow.enter(connection, row, [ann], PLAIN, NOON)
    for one in sends(connection, ann):
        settle(connection, one, one.due_at)
    for row in (once, again):
        assert flow.enter(connection, row, [ann], PLAIN, NOON + timedelta(days=7)) == ()
    assert flow.enter(connection, once, [ann], PLAIN, NOON + timedelta(days=8)) == ()
    assert len(flow.enter(connection, again, [ann], PLAIN, NOON + timedelta(days=8))) == 1


def test_a_click_takes_the_other_way_at_once(connection: sa.Connection) -> None:
    chain(connection, {"steps": [step("a", clicked="c"), step("b", following=""), step("c", after={"minutes": 1})]})
    ann = person(connection)
    flow.arrived(connection, ann, PLAIN, NOON)
    first = settle_next(connection, ann)
    assert list(planned(connection, ann)) == ["b"]
    later = first.due_at + timedelta(minutes=10)
    click(connection, first, later)
    assert planned(connection, ann) == {"c": later + timedelta(minutes=1)}


def test_a_click_that_comes_while_the_next_step_leaves_changes_nothing(connection: sa.Connection) -> None:
    chain(connection, {"steps": [step("a", clicked="c"), step("b", following=""), step("c")]})
    ann = person(connection)
    flow.arrived(connection, ann, PLAIN, NOON)
    first = settle_next(connection, ann)
    connection.execute(sa.update(send).where(send.c.step_key == "b").values(state="sending"))
    click(connection, first, first.due_at)
    assert [(one.step_key, one.state) for one in sends(connection, ann)] == [("a", "sent"), ("b", "sending")]


def test_a_click_before_the_answer_of_the_service_is_not_lost(connection: sa.Connection) -> None:
    chain(connection, {"steps": [step("a", clicked="c"), step("b", following=""), step("c")]})
    ann = person(connection)
    flow.arrived(connection, ann, PLAIN, NOON)
    (row,) = sends(connection, ann)
    connection.execute(sa.update(send).where(send.c.id == row.id).values(state="sending"))
    click(connection, row, row.due_at)
    settle(connection, row, row.due_at)
    assert list(planned(connection, ann)) == ["c"]


def test_a_click_can_end_the_chain(connection: sa.Connection) -> None:
    chain(connection, {**WELCOME, "exits": [CLICKED]})
    ann = person(connection)
    flow.arrived(connection, ann, PLAIN, NOON)
    click(connection, settle_next(connection, ann), NOON + hours(1))
    assert planned(connection, ann) == {}
    assert state(connection, ann) == ("exited", "clicked a message of this chain")


def test_leaving_the_topic_ends_the_chain(connection: sa.Connection) -> None:
    chain(connection, {**WELCOME, "exits": [TOPIC_LEFT]}, topic="news")
    ann = person(connection, topics=("news",))
    flow.arrived(connection, ann, PLAIN, NOON)
    connection.execute(sa.delete(subscriber_topic))
    assert "no longer wants" in flow.messages(connection, sends(connection, ann))[sends(connection, ann)[0].id].ended


def test_opening_a_ticket_ends_the_chain(connection: sa.Connection) -> None:
    chain(connection, {**WELCOME, "exits": [TICKET_OPENED]})
    ann = person(connection, desk="zendesk", person="7", client_id="org-1")
    flow.arrived(connection, ann, PLAIN, NOON)
    row = settle_next(connection, ann)
    opened = {"created_at": NOON + hours(1), "updated_at": NOON, "read_at": NOON, "arrived_at": NOON}
    connection.execute(
        sa.insert(ticket).values(
            desk="zendesk",
            ticket_id="42",
            pool="support",
            status="open",
            waiting=True,
            subject="",
            client_id="org-1",
            client_name="",
            digest="",
            arrived=0,
            head_start=0,
            key=0,
            band="ordinary",
            contributions=[],
            **opened,
        )
    )
    (waiting,) = [one for one in sends(connection, ann) if one.state == "due"]
    assert flow.messages(connection, [waiting])[waiting.id].ended == "opened the ticket 42"
    settle(connection, waiting, row.due_at + hours(14), "skipped", "opened the ticket 42")
    assert state(connection, ann) == ("exited", "opened the ticket 42")


def test_who_unsubscribed_or_lost_every_browser_is_let_go(connection: sa.Connection) -> None:
    chain(connection)
    ann, bob = person(connection), person(connection)
    for one in (ann, bob):
        flow.arrived(connection, one, PLAIN, NOON)
    connection.execute(sa.update(subscriber).where(subscriber.c.id == ann).values(left_at=NOON))
    connection.execute(sa.update(subscription).where(subscription.c.subscriber == bob).values(state="gone"))
    for one in (ann, bob):
        settle_next(connection, one, "skipped")
    assert state(connection, ann) == ("exited", "unsubscribed")
    assert state(connection, bob) == ("exited", "no browser of theirs is alive")


def test_what_waits_in_a_paused_chain_is_held(connection: sa.Connection) -> None:
    row = chain(connection)
    ann = person(connection)
    flow.arrived(connection, ann, PLAIN, NOON)
    control.pause(connection, row.id, NOON + timedelta(minutes=1))
    (waiting,) = sends(connection, ann)
    assert waiting.state == "held"
    assert "paused" in flow.messages(connection, [waiting])[waiting.id].held


def test_a_step_that_was_leaving_when_the_chain_was_paused_is_followed_by_a_held_one(
    connection: sa.Connection,
) -> None:
    row = chain(connection)
    ann = person(connection)
    flow.arrived(connection, ann, PLAIN, NOON)
    (leaving,) = sends(connection, ann)
    connection.execute(sa.update(send).values(state="sending"))
    control.pause(connection, row.id, NOON + timedelta(minutes=5))
    settle(connection, leaving, NOON + timedelta(minutes=5))
    assert [one.state for one in sends(connection, ann)] == ["sent", "held"]


@pytest.mark.parametrize(("freezes", "moved"), [(True, hours(10)), (False, hours(0))])
def test_a_pause_stops_time_or_does_not(connection: sa.Connection, freezes: bool, moved: timedelta) -> None:
    row = chain(connection, freezes=freezes)
    ann = person(connection)
    flow.arrived(connection, ann, PLAIN, NOON)
    (before,) = sends(connection, ann)
    control.pause(connection, row.id, NOON + timedelta(minutes=1))
    control.resume(connection, row.id, NOON + timedelta(minutes=1) + hours(10))
    (after,) = sends(connection, ann)
    assert after.state == "due"
    assert (after.due_at - before.due_at, after.not_after - before.not_after) == (moved, moved)


def test_ending_a_chain_ends_it_for_everybody(connection: sa.Connection) -> None:
    row = chain(connection)
    people = [person(connection) for _ in range(3)]
    flow.enter(connection, row, people, PLAIN, NOON)
    control.archive(connection, row.id, NOON)
    assert {one.state for one in sends(connection)} == {"skipped"}
    assert {state(connection, one) for one in people} == {("exited", "the chain was ended")}
