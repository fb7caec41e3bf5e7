"""The tick starts what is due, the runs send it, one chain of them at a time."""

import base64
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from deskside import app, settings
from deskside.store.database import reading
from jobs import push as pushing
from jobs.context import Context
from jobs.runtime import Runtime, _clock
from push.campaigns import control, drafts
from push.settings import PushSchema
from push.wire.fanout import Fanout
from tests.jobs.desk import Bench, make_bench
from tests.push.sending.world import CountingService, Hand, World

KEY = base64.urlsafe_b64encode(b"\1" * 32).decode().rstrip("=")
MORNING = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Hand:
    made = Hand(MORNING)
    monkeypatch.setattr(pushing, "utc_now", made)
    return made


@pytest.fixture
def service() -> CountingService:
    return CountingService()


@pytest.fixture
def bench(database: sa.Engine, service: CountingService) -> Bench:
    configured = PushSchema().load({"vapid_private_key": KEY, "subject": "mailto:ops@example.com"})
    return make_bench(database, push=configured, fanout=service)


@pytest.fixture
def world(bench: Bench, hand: Hand, service: CountingService) -> World:
    return World(bench.database, hand, service)


def state(world: World, number: int) -> str:
    with reading(world.database) as connection:
        return str(drafts.get(connection, number).state)


def test_a_tick_starts_a_campaign_and_has_it_sent(bench: Bench, world: World) -> None:
    world.crowd(3)
    number = world.campaign()
    bench.run("push.tick")
    [asked] = bench.queued("push.send")
    bench.run("push.send", **asked)
    assert world.states() == {"sent": 3}
    bench.run("push.tick")
    assert state(world, number) == "done"


def test_a_tick_with_nothing_due_asks_for_nothing(bench: Bench, world: World) -> None:
    world.crowd(3)
    bench.run("push.tick")
    assert bench.queued() == []


def test_a_run_goes_on_while_more_is_due_and_no_newer_one_began(
    bench: Bench, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushing, "RUN_SECONDS", 0.0)
    world.crowd(3)
    world.campaign()
    bench.run("push.tick")
    [asked] = bench.queued("push.send")
    bench.forget_jobs()
    bench.run("push.send", **asked)
    assert bench.queued("push.send") == [asked]
    bench.forget_jobs()
    bench.run("push.tick")
    world.campaign()
    bench.run("push.tick")
    newer = bench.queued("push.send")
    assert newer != [asked]
    bench.forget_jobs()
    bench.run("push.send", **asked)
    assert bench.queued("push.send") == []


def test_what_is_due_now_need_not_wait_for_the_tick(bench: Bench, world: World) -> None:
    with world.database.begin() as connection:
        pushing.send_soon(bench.context, connection)
    assert len(bench.queued("push.send")) == 1


def test_time_in_which_everything_was_stopped_is_time_in_which_nobody_looked(bench: Bench, world: World) -> None:
    world.crowd(3)
    number = world.campaign()
    bench.run("push.tick")
    with world.database.begin() as connection:
        control.stop_all(connection, "ops", world.hand.now)
    for _ in range(5):
        world.hand.move(minutes=30)
        bench.run("push.tick")
    with world.database.begin() as connection:
        control.allow_all(connection)
    bench.run("push.tick")
    assert (state(world, number), world.run()) == ("unconfirmed", 0)


def test_what_a_dead_worker_left_is_recovered_by_the_tick(bench: Bench, world: World) -> None:
    world.crowd(2)
    world.campaign()
    bench.run("push.tick")
    with world.database.begin() as connection:
        connection.execute(sa.text("UPDATE send SET state = 'claimed', owner = 'dead', lease_until = due_at"))
    world.hand.move(minutes=1)
    bench.run("push.tick")
    assert world.states() == {"due": 2}


def scheduled(context: Context) -> set[str]:
    return {job.id for job in _clock(context)._scheduler.get_jobs()}


def test_the_clock_looks_only_where_push_is_switched_on(bench: Bench) -> None:
    assert "push" in scheduled(bench.context)
    assert "push" not in scheduled(replace(bench.context, push=None, fanout=None))


def test_without_a_key_nothing_is_done(bench: Bench, world: World) -> None:
    off = Bench(replace(bench.context, push=None, fanout=None), bench.desk, bench.examiner)
    world.campaign()
    off.run("push.tick")
    off.run("push.send", mark="x")
    assert world.sends() == []


def test_the_end_of_the_process_closes_what_posts(bench: Bench, service: CountingService) -> None:
    Runtime(bench.context, worker=False, clock=False).stop()
    assert service.closed


@pytest.mark.parametrize(("key", "built"), [(KEY, Fanout), ("", type(None))])
def test_a_key_is_what_switches_push_on(sqlite_url: str, key: str, built: type[Any]) -> None:
    values = {"DESKSIDE_DATABASE__URL": sqlite_url, "DESKSIDE_PUSH__SUBJECT": "mailto:ops@example.com"}
    values["DESKSIDE_PUSH__VAPID_PRIVATE_KEY"] = key
    context = app.build(settings.load(environment=values)).context
    assert isinstance(context.fanout, built)
    assert (context.push is None) is (built is type(None))
