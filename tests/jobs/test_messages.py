"""Digests, polls and chains go out by the same runs as campaigns, in each person's own words."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from deskside.fetching import Fetcher
from deskside.guard import AddressGuard
from deskside.store.database import reading
from deskside.store.push_tables import digest_shown, enrollment
from jobs import messages
from jobs import push as pushing
from jobs.parts import Digesting
from push.campaigns import launch as campaigns
from push.chains import flow
from push.digests import drafts
from push.digests import launch as digests
from push.launching import Wish
from push.polls import launch as polls
from push.sending.gates import manners
from push.settings import PushSchema
from tests.jobs.desk import Bench, make_bench
from tests.push.chains import people as chains
from tests.push.digests.stories import LINKS, NOW, Desk, entry, settings
from tests.push.polls.test_polls import made
from tests.push.sending.world import CountingService, Hand, World

KEY = base64.urlsafe_b64encode(b"\1" * 32).decode().rstrip("=")
PUSH = PushSchema().load({"vapid_private_key": KEY, "subject": "mailto:ops@example.com", "timezone": "UTC"})


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Hand:
    hand = Hand(datetime(2026, 11, 23, 9, tzinfo=UTC))
    for module in (pushing, messages):
        monkeypatch.setattr(module, "utc_now", hand)
    return hand


@pytest.fixture
def bench(database: sa.Engine) -> Bench:
    launch = partial(_launch, manners(PUSH))
    digesting = Digesting(settings(min_items=1), ZoneInfo("UTC"), {}, Fetcher(AddressGuard()), LINKS, launch)
    made_bench = make_bench(database, push=PUSH, fanout=CountingService())
    return replace(made_bench, context=replace(made_bench.context, digesting=digesting))


@pytest.fixture
def world(bench: Bench, hand: Hand) -> World:
    service = bench.context.fanout
    assert isinstance(service, CountingService)
    return World(bench.database, hand, service)


def _launch(portal: object, connection: sa.Connection, wish: Wish, now: datetime) -> int:
    return campaigns.launch(connection, wish, portal, now)  # type: ignore[arg-type]


def launched(bench: Bench) -> partial[int]:
    digesting = bench.context.digesting
    assert digesting is not None and isinstance(digesting.launch, partial)
    return digesting.launch


def go(bench: Bench) -> None:
    """One tick, and the run it asks for."""
    before = len(bench.queued("push.send"))
    bench.run("push.tick")
    for asked in bench.queued("push.send")[before:]:
        bench.run("push.send", **asked)


def test_everybody_gets_their_own_link_to_a_poll(bench: Bench, world: World) -> None:
    ann, bob = world.crowd(2)
    with bench.database.begin() as connection:
        row = made(connection)
        polls.launch(connection, row.id, "olga", launched(bench), LINKS, world.hand())
    go(bench)
    assert {body["navigate"] for body in world.service.bodies()} == {
        LINKS.poll(row.token, row.id, person) for person in (ann, bob)
    }
    assert {body["title"] for body in world.service.bodies()} == {"Was this useful?"}


def test_a_digest_is_each_persons_own_and_nobody_is_shown_a_thing_twice(bench: Bench, world: World) -> None:
    ann, bob = world.person(topics=("news",)), world.person(topics=())
    with bench.database.begin() as connection:
        first, second = Desk(connection).found(entry("first"), entry("second"))
        issue = drafts.make(connection, settings(min_items=1), NOW, "clock")
        digests.launch(connection, issue, "olga", settings(min_items=1), launched(bench), LINKS, world.hand())
    go(bench)
    assert world.states() == {"sent": 1, "skipped": 1}
    by_person = {row.subscriber: row for row in world.sends()}
    assert by_person[ann].state == "sent"
    assert "nothing new" in by_person[bob].reason
    with reading(bench.database) as connection:
        shown = connection.execute(sa.select(digest_shown.c.subscriber, digest_shown.c.candidate)).all()
    assert set(shown) == {(ann, first), (ann, second)}


def test_a_step_goes_out_when_it_is_due_and_the_next_is_planned(bench: Bench, world: World) -> None:
    ann = world.person(topics=())
    with bench.database.begin() as connection:
        row = chains.chain(connection)
        flow.enter(connection, row, [ann], manners(PUSH), world.hand())
    go(bench)
    assert world.service.bodies() == []
    world.hand.move(minutes=6)
    go(bench)
    assert [body["title"] for body in world.service.bodies()] == ["About hello"]
    with reading(bench.database) as connection:
        assert chains.planned(connection, ann) == {"tour": world.hand() + timedelta(hours=14)}
    # It waits for the morning after the quiet hours, then for the last.
    for _ in range(20):
        world.hand.move(hours=8)
        go(bench)
    assert [body["title"] for body in world.service.bodies()] == ["About hello", "About tour", "About tips"]
    with reading(bench.database) as connection:
        assert connection.scalars(sa.select(enrollment.c.state)).all() == ["finished"]


def test_what_goes_by_mail_says_how_to_refuse_it(bench: Bench, world: World) -> None:
    ann = world.person()
    world.campaign()
    go(bench)
    letters = messages.letters(PUSH, bench.context.digesting)
    with reading(bench.database) as connection:
        [letter] = letters(connection, world.sends()).values()
    assert LINKS.preferences(ann) in letter.text
