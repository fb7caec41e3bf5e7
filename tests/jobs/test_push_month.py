"""Four weeks of five hundred subscribers in simulated time, over two changes of the clocks and a day of downtime.

Campaigns of every kind of schedule, a chain for each newcomer, services that fail: nobody gets anything twice, more
than the cap, too soon, at night or outside a window, and every send comes to an end with a reason.
"""

import hashlib
import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from deskside.store.database import Row, reading
from deskside.store.push_tables import campaign, subscriber
from jobs import push as pushing
from push.campaigns import control, messages
from push.campaigns.definition import Schedule, When
from push.model import Kind, Window
from push.sending import ledger, windows
from push.sending.gates import manners
from push.sending.ledger import NewSend
from push.sending.messages import Message, Settled
from push.sending.run import run_batch
from push.settings import PushSchema
from push.wire.answer import Verdict
from push.wire.fanout import Outcome, Parcel
from tests.jobs.desk import make_bench
from tests.push.sending.world import CountingService, Hand, World, variant

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

# A Monday; the clocks change in Europe on 25 October, in America on 1 November.
BEGIN = datetime(2026, 10, 12, tzinfo=UTC)
WEEKS, TICK = 4, timedelta(minutes=30)
DOWN = (datetime(2026, 10, 21, 9, tzinfo=UTC), datetime(2026, 10, 22, 9, tzinfo=UTC))
ZONES = (
    "Europe/Vilnius",
    "Europe/Vilnius",
    "Europe/London",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Sydney",
    "",
)
LUNCH = Window(time(11), time(14))
STEPS = {"5 minutes": timedelta(minutes=5), "14 hours": timedelta(hours=14), "2 days": timedelta(days=2)}
ENDS = {"sent", "failed", "skipped", "unknown"}


class Unreliable(CountingService):
    """Fails now and then, as told by the parcel and how often it came, so that each run is the same."""

    def deliver(self, parcels: Any) -> Any:
        for parcel in parcels:
            self.got.append((self.now(), parcel))
            yield self._answer(parcel)

    def _answer(self, parcel: Parcel) -> Outcome:
        number = int.from_bytes(hashlib.sha256(f"{parcel.id}:{len(self.got)}".encode()).digest()[:4]) % 1000
        if number < 10:
            return Outcome(parcel.id, Verdict.LATER, 503, "busy", 600.0)
        if number < 15:
            return Outcome(parcel.id, Verdict.UNKNOWN, None, "no answer")
        if number < 17:
            return Outcome(parcel.id, Verdict.GONE, 410)
        return Outcome(parcel.id, Verdict.ACCEPTED, 201)


class Welcome:
    """The chain of a newcomer: three steps, the next planned when one ended."""

    def begin(self, connection: sa.Connection, people: Sequence[int], now: datetime) -> None:
        ledger.plan(connection, [self._step(person, "5 minutes", now) for person in people])

    def after(self, connection: sa.Connection, ended: Sequence[Settled]) -> None:
        following = dict(zip(STEPS, list(STEPS)[1:], strict=False))
        steps = [one for one in ended if one.kind is Kind.STEP and one.step_key in following]
        ledger.plan(connection, [self._step(one.subscriber, following[one.step_key], one.at) for one in steps])

    def messages_of(self, connection: sa.Connection, sends: Sequence[Row]) -> Mapping[int, Message]:
        found = dict(messages.messages_of(connection, sends))
        welcome = Message(variant(title="Welcome"), "welcome", "news")
        return found | {row.id: welcome for row in sends if row.kind == Kind.STEP}

    def _step(self, person: int, key: str, now: datetime) -> NewSend:
        due = now + STEPS[key]
        return NewSend(f"welcome:{person}:{key}", Kind.STEP, person, due, due + timedelta(days=3), step_key=key)


def test_four_weeks_of_many_people(database: sa.Engine) -> None:
    chance = random.Random(4)
    hand, service, chain = Hand(BEGIN), Unreliable(), Welcome()
    configured = replace(PushSchema().load({"timezone": "Europe/Vilnius"}), keys=("x",))
    bench = make_bench(database, push=configured, fanout=service)
    world = World(database, hand, service, manners(configured), chain.after)
    for zone in ZONES:
        world.crowd(60, devices=1, zone=zone)
    world.crowd(20, devices=2, zone="Europe/Vilnius", per_week=1)
    world.crowd(20, zone="America/New_York", quiet_from=12 * 60, quiet_to=17 * 60)
    world.crowd(20, zone="Europe/Vilnius", paused_until=BEGIN + timedelta(days=9))
    sending = replace(world.sending, messages_of=chain.messages_of)
    campaigns = 0
    while hand.now < BEGIN + timedelta(weeks=WEEKS, days=5):
        if hand.now.hour == 6 and hand.now.minute == 0 and hand.now < BEGIN + timedelta(weeks=WEEKS):
            campaigns += _daily(world, hand.now.date())
            newcomers = world.crowd(2, zone=chance.choice(ZONES))
            with database.begin() as connection:
                chain.begin(connection, newcomers, hand.now)
        if not DOWN[0] <= hand.now < DOWN[1]:
            pushing.look(bench.context, configured, hand.now)
            while run_batch(sending):
                pass
        if hand.now == DOWN[1]:
            assert _settle_what_is_late(world) == 2
        hand.move(seconds=TICK.total_seconds())
    states = world.states()
    assert set(states) <= ENDS
    assert states["sent"] > 4000 and states["skipped"] > 500 and states["unknown"] > 10
    assert all(row.reason for row in world.sends())
    assert campaigns == 5 * WEEKS
    _nobody_was_bothered(world)


def _daily(world: World, day: date) -> int:
    """The campaign of this weekday; how many that is."""
    tomorrow = day + timedelta(days=1)
    schedules = {
        0: Schedule(When.WINDOW, day=tomorrow, window=LUNCH),
        1: Schedule(When.LOCAL, day=tomorrow, time_of_day=time(11, 30)),
        2: Schedule(hours=12),
        3: Schedule(When.AT, at=datetime.combine(tomorrow, time(9), UTC), hours=8),
        4: Schedule(When.WINDOW, day=tomorrow, window=Window(time(20), time(1)), zone="Europe/Vilnius"),
    }
    if day.weekday() not in schedules:
        return 0
    both = (variant("A"), variant("B", "Other words"))
    world.campaign(schedules[day.weekday()], name=f"{day}", variants=both)
    return 1


def _settle_what_is_late(world: World) -> int:
    """A person sees what waits since the outage: what had begun goes on, the rest is dropped. How many that were."""
    with world.database.begin() as connection:
        late = connection.execute(sa.select(campaign).where(campaign.c.state == "unconfirmed")).all()
        for row in late:
            if row.started_at is not None:
                control.resume(connection, row.id, "ops", world.hand.now)
            else:
                control.cancel(connection, row.id, "ops", world.hand.now)
    return len(late)


def _nobody_was_bothered(world: World) -> None:
    with reading(world.database) as connection:
        people = {row.id: row for row in connection.execute(sa.select(subscriber))}
    of_push = {row.id: row for row in world.pushes()}
    sends = {row.id: row for row in world.sends()}
    # A copy is posted again only when the service said that it did not take it.
    posts = Counter(parcel.id for _, parcel in world.service.got)
    assert all(of_push[number].attempts == count for number, count in posts.items())
    accepted = [row for row in of_push.values() if row.state in ("accepted", "unknown")]
    assert len({(row.send, row.subscription) for row in accepted}) == len(accepted)
    weeks: dict[tuple[int, str], set[int]] = defaultdict(set)
    first: dict[int, datetime] = {}
    for moment, parcel in world.service.got:
        send = sends[of_push[parcel.id].send]
        person = people[send.subscriber]
        zone = ZoneInfo(person.zone or "Europe/Vilnius")
        quiet = world.manners.quiet_of(person.quiet_from, person.quiet_to)
        assert quiet is not None and windows.quiet_until(quiet, moment, zone) is None
        assert windows.quiet_until(quiet, moment + timedelta(seconds=parcel.ttl - 1), zone) is None
        assert send.not_after is not None and moment + timedelta(seconds=parcel.ttl) <= send.not_after
        assert person.paused_until is None or moment >= person.paused_until
        assert not DOWN[0] <= moment < DOWN[1]
        first.setdefault(send.id, moment)
        if send.state in ("sent", "unknown"):
            weeks[person.id, windows.week(first[send.id], zone)].add(send.id)
    assert all(len(got) <= (people[person].per_week or 3) for (person, _), got in weeks.items())
    assert max(len(got) for got in weeks.values()) == 3
    _kept_their_distance(world, sends, first)


def _kept_their_distance(world: World, sends: Mapping[int, Row], first: Mapping[int, datetime]) -> None:
    moments: dict[int, list[datetime]] = defaultdict(list)
    for number, moment in first.items():
        if sends[number].state in ("sent", "unknown"):
            moments[sends[number].subscriber].append(moment)
    for times in moments.values():
        times.sort()
        assert all(later - earlier >= world.manners.gap for earlier, later in pairwise(times))
