"""Deliveries and effects in the terminal, and another try for the dead."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deskside.model.effect import Note
from deskside.store import effects
from jobs import outbox
from tests.commandline.desk import Run, store
from tests.jobs.desk import DESK, Bench, make_bench

KEY = "note:zendesk:1:abc"


@pytest.fixture
def bench(ready: Path) -> Bench:
    return make_bench(store(ready))


@pytest.fixture
def dead(bench: Bench) -> int:
    """A dead delivery and a dead effect; the delivery's id."""
    number = bench.deliver(b'{"kind": "changed"', delivery_id="dead one")
    bench.run("delivery.handle", inbox_id=number)
    with bench.database.begin() as connection:
        outbox.plan_note(bench.context, connection, KEY, DESK, "1", Note("m", ("a [line]",)))
        effects.settle(connection, KEY, "dead", error="Permanent: the field [bold] does not exist")
    bench.forget_jobs()
    return number


def test_deliveries_are_listed_newest_first_with_the_dead_effects(
    run: Run, data: Callable[..., Any], bench: Bench, dead: int
) -> None:
    newer = bench.deliver(b"{}", delivery_id="waits")
    listed = data("events", "list")
    assert [(row["id"], row["state"]) for row in listed["deliveries"]] == [(newer, "waiting"), (dead, "dead")]
    assert [row["key"] for row in listed["dead_effects"]] == [KEY]
    said = run("events", "list").stdout
    assert "cannot be read: the body is not JSON" in said
    assert "the field [bold] does not exist" in said


def test_the_list_can_be_narrowed(data: Callable[..., Any], bench: Bench, dead: int) -> None:
    bench.deliver(b"{}", delivery_id="waits")
    assert [row["state"] for row in data("events", "list", "--state", "waiting")["deliveries"]] == ["waiting"]
    assert data("events", "list", "--state", "waiting")["dead_effects"] == []
    assert [row["state"] for row in data("events", "list", "--dead")["deliveries"]] == ["dead"]
    assert len(data("events", "list", "--limit", "1")["deliveries"]) == 1


def test_a_delivery_is_shown_whole(data: Callable[..., Any], run: Run, bench: Bench, dead: int) -> None:
    good = bench.deliver(b'{"kind": "changed"}', delivery_id="good")
    assert json.loads(run("events", "show", str(good)).stdout)["body"] == {"kind": "changed"}
    assert json.loads(run("events", "show", str(dead)).stdout)["body"] == '{"kind": "changed"'


def test_a_body_that_is_no_text_is_shown_as_well_as_it_can_be(run: Run, bench: Bench) -> None:
    number = bench.deliver(b"\xff\xfe")
    assert "\ufffd" in run("events", "show", str(number)).stdout


def test_an_effect_is_shown_whole(run: Run, dead: int) -> None:
    shown = json.loads(run("events", "show", KEY).stdout)
    assert (shown["state"], shown["payload"]["marker"]) == ("dead", "m")


@pytest.mark.parametrize("event", ["404", "note:nothing"])
def test_what_is_not_there_is_an_error(run: Run, ready: Path, event: str) -> None:
    assert f"there is no event {event}" in run("events", "show", event, status=1).stderr
    assert f"there is no event {event}" in run("events", "replay", event, status=1).stderr


def test_a_dead_delivery_and_a_dead_effect_wait_again_when_replayed(run: Run, bench: Bench, dead: int) -> None:
    run("events", "replay", str(dead))
    run("events", "replay", KEY)
    assert bench.delivery(dead).state == "waiting"
    assert bench.effect(KEY).state == "planned"
    assert bench.queued("delivery.handle") == [{"inbox_id": dead}]
    assert bench.queued("effect.send") == [{"key": KEY}]


def test_what_waits_already_is_not_replayed_twice(run: Run, bench: Bench, dead: int) -> None:
    run("events", "replay", str(dead))
    assert "could be replayed" in run("events", "replay", str(dead), status=1).stderr
    assert len(bench.queued("delivery.handle")) == 1
