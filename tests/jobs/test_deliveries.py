"""A stored delivery is a hint: the ticket is looked at, or a person sees why not."""

import json
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from deskside.errors import Transient
from deskside.store import tickets
from deskside.store.database import utc_now
from jobs import actions
from tests.jobs.desk import DESK, Bench, make_bench


def event(kind: str = "changed", ticket: str | None = "1", **more: Any) -> bytes:
    return json.dumps({"kind": kind, "ticket": ticket, **more}).encode()


def handle(bench: Bench, inbox_id: int) -> tuple[str, str]:
    """Handle a delivery; its state and outcome then."""
    bench.run("delivery.handle", inbox_id=inbox_id)
    row = bench.delivery(inbox_id)
    return row.state, row.outcome


@pytest.mark.parametrize("kind", ["created", "commented", "changed"])
def test_an_event_makes_deskside_look_at_the_ticket(bench: Bench, kind: str) -> None:
    bench.put()
    assert handle(bench, bench.deliver(event(kind))) == ("done", "")
    assert bench.desk.reads == ["1"]
    assert bench.row().waiting


def test_a_ticket_that_is_gone_leaves_the_queue(bench: Bench) -> None:
    bench.put()
    bench.look()
    del bench.desk.tickets["1"]
    assert handle(bench, bench.deliver(event("gone"))) == ("done", "")
    assert not bench.row().waiting


def test_our_own_writing_is_no_work(bench: Bench) -> None:
    assert handle(bench, bench.deliver(event(own=True))) == ("ignored", "our own writing")
    assert bench.desk.reads == []
    assert bench.queued() == []


def test_an_event_of_another_kind_is_kept_and_ignored(bench: Bench) -> None:
    number = bench.deliver(event("other"))
    assert handle(bench, number) == ("ignored", "nothing to do for fake.other")
    assert bench.desk.reads == []
    assert bench.delivery(number).body == event("other")


def test_an_event_that_names_no_ticket_is_ignored(bench: Bench) -> None:
    assert handle(bench, bench.deliver(event(ticket=None), ticket_id=None))[0] == "ignored"


def test_an_event_older_than_the_last_reading_causes_no_new_read(bench: Bench) -> None:
    number = bench.deliver(event())
    bench.put()
    bench.look()
    bench.desk.reads.clear()
    assert handle(bench, number) == ("done", "the ticket was read after this came")
    assert bench.desk.reads == []


def test_an_event_newer_than_the_last_reading_causes_one(bench: Bench) -> None:
    bench.put()
    bench.look()
    with bench.database.begin() as connection:
        tickets.update(connection, DESK, "1", read_at=utc_now() - timedelta(seconds=1))
    bench.desk.reads.clear()
    assert handle(bench, bench.deliver(event())) == ("done", "")
    assert bench.desk.reads == ["1"]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe\x00", b"<xml/>"])
def test_a_body_that_cannot_be_read_is_a_dead_letter_with_the_raw_body_kept(bench: Bench, body: bytes) -> None:
    number = bench.deliver(body)
    assert handle(bench, number) == ("dead", "cannot be read: the body is not JSON")
    assert bench.delivery(number).body == body


def test_a_delivery_handled_twice_is_handled_once(bench: Bench) -> None:
    bench.put()
    number = bench.deliver(event())
    handle(bench, number)
    handle(bench, number)
    assert bench.desk.reads == ["1"]


def test_when_the_desk_does_not_answer_the_delivery_keeps_waiting(bench: Bench) -> None:
    number = bench.deliver(event())

    def fail(ticket_id: str) -> Any:
        raise Transient("no answer")

    bench.desk.read_ticket = fail  # type: ignore[method-assign]
    with pytest.raises(Transient):
        bench.run("delivery.handle", inbox_id=number)
    assert bench.delivery(number).state == "waiting"


def test_a_delivery_given_up_is_a_dead_letter_with_its_reason(bench: Bench) -> None:
    number = bench.deliver(event())
    bench.give_up("delivery.handle", "Transient: no answer", inbox_id=number)
    row = bench.delivery(number)
    assert (row.state, row.outcome) == ("dead", "Transient: no answer")
    assert row.settled_at is not None


def test_a_job_given_up_after_its_delivery_was_handled_does_not_call_it_dead(bench: Bench) -> None:
    bench.put()
    number = bench.deliver(event())
    handle(bench, number)
    bench.give_up("delivery.handle", "the worker died each time", inbox_id=number)
    assert bench.delivery(number).state == "done"


def test_the_delivery_is_settled_in_the_commit_that_stored_what_followed(bench: Bench) -> None:
    bench.put()
    number = bench.deliver(event())

    def refuse(*_: Any, **__: Any) -> None:
        raise sa.exc.OperationalError("INSERT", {}, Exception("disk is full"))

    bench.context.engine.enqueue = bench.context.engine.enqueue_all = refuse  # type: ignore[method-assign]
    with pytest.raises(sa.exc.OperationalError):
        bench.run("delivery.handle", inbox_id=number)
    assert bench.delivery(number).state == "waiting"
    assert not bench.known("1")


def test_a_dead_letter_can_be_replayed_and_is_then_handled(bench: Bench) -> None:
    bench.put()
    number = bench.deliver(event())
    bench.give_up("delivery.handle", "Transient: no answer", inbox_id=number)
    assert actions.replay_delivery(bench.context, number)
    assert bench.queued("delivery.handle") == [{"inbox_id": number}]
    row = bench.delivery(number)
    assert (row.state, row.outcome, row.settled_at) == ("waiting", "", None)
    assert handle(bench, number) == ("done", "")
    assert bench.desk.reads == ["1"]


def test_a_replay_of_what_is_done_sends_nothing_twice(bench: Bench) -> None:
    bench.put()
    number = bench.deliver(event())
    handle(bench, number)
    planned = [row.key for row in bench.effects()]
    bench.forget_jobs()
    assert actions.replay_delivery(bench.context, number)
    bench.forget_jobs()
    handle(bench, number)
    assert [row.key for row in bench.effects()] == planned
    assert bench.queued() == []


def test_what_still_waits_or_never_came_cannot_be_replayed(bench: Bench) -> None:
    number = bench.deliver(event())
    assert not actions.replay_delivery(bench.context, number)
    assert not actions.replay_delivery(bench.context, number + 1)
    assert bench.queued() == []


def test_a_delivery_of_a_desk_that_is_not_configured_any_more_becomes_a_dead_letter(database: sa.Engine) -> None:
    bench = make_bench(database, desks={})
    number = bench.deliver(event())
    with pytest.raises(Exception, match="'zendesk' is not configured") as error:
        bench.run("delivery.handle", inbox_id=number)
    bench.give_up("delivery.handle", str(error.value), inbox_id=number)
    assert bench.delivery(number).state == "dead"
