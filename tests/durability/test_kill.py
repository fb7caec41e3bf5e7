"""Killed with -9 at random and at every named point: nothing acknowledged is lost, no note appears twice."""

import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa

from deskside.store.database import open_database, reading
from deskside.store.tables import effect, inbox
from tests.durability.desks import KillDesk, whmcs_side, zendesk_side
from tests.durability.victim import Victim, victim_beside

EVENTS = 300
TICKETS = 60
KILLS = 6
CRASH_POINTS = [
    "receiver.stored:7",
    "receiver.committed:7",
    "job.claimed:3",
    "job.settled:5",
    "note.started:3",
    "note.sent:3",
    "tags.sent:3",
    "place.sent:3",
]
DESKS = {"zendesk": zendesk_side, "whmcs": whmcs_side}

# The desk and the database do not know of each other: each dies with either, not with each pair of them.
either = pytest.mark.parametrize(
    ("victim", "database_url"), [("zendesk", "postgresql"), ("whmcs", "sqlite")], indirect=True
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(params=list(DESKS))
def victim(
    request: pytest.FixtureRequest, database: sa.Engine, database_url: str, tmp_path: Path
) -> Iterator[Victim[KillDesk]]:
    with DESKS[request.param]() as desk, victim_beside(desk, database, database_url, tmp_path) as made:
        yield made


def _send_all(victim: Victim[KillDesk], tickets: list[int], events: int) -> None:
    session = requests.Session()
    with ThreadPoolExecutor(8) as pool:
        for number in range(events):
            name = f"event-{number}"
            sign = partial(victim.desk.event, name, tickets[number % len(tickets)], number)
            pool.submit(victim.send, session, name, sign)


def _until_settled(victim: Victim[KillDesk]) -> None:
    database = open_database(victim.database_url)
    pause = threading.Event()
    for _ in range(1200):
        with reading(database) as connection:
            waiting = connection.scalar(sa.select(sa.func.count()).select_from(inbox).where(inbox.c.state == "waiting"))
            unsent = connection.scalar(
                sa.select(sa.func.count()).select_from(effect).where(effect.c.state.in_(["planned", "trying"]))
            )
            notes = connection.scalar(sa.select(sa.func.count()).select_from(effect).where(effect.c.kind == "note"))
        looked = connection_count(database)
        if not waiting and not unsent and notes == looked:
            database.dispose()
            return
        pause.wait(0.1)
    raise AssertionError(f"{waiting} deliveries and {unsent} effects are left, {notes} notes for {looked} tickets")


def connection_count(database: sa.Engine) -> int:
    with reading(database) as connection:
        return int(connection.scalar(sa.select(sa.func.count(sa.distinct(inbox.c.ticket_id)))) or 0)


def _assert_kept_its_word(victim: Victim[KillDesk], tickets: list[int]) -> None:
    database = open_database(victim.database_url)
    with reading(database) as connection:
        stored = set(connection.scalars(sa.select(inbox.c.delivery_id)))
        states = dict(connection.execute(sa.select(inbox.c.delivery_id, inbox.c.state)).all())
        named = {int(number) for number in connection.scalars(sa.select(inbox.c.ticket_id).distinct())}
        dead = connection.scalars(sa.select(effect.c.key).where(effect.c.state == "dead")).all()
    database.dispose()
    assert victim.acknowledged <= stored, "an acknowledged delivery was lost"
    assert {states[event] for event in victim.acknowledged} <= {"done"}
    assert dead == []
    notes = {n: victim.desk.notes(n) for n in tickets}
    assert {n: count for n, count in notes.items() if count > 1} == {}, "a note appeared twice"
    assert {n for n, count in notes.items() if count == 1} == named, "a ticket's note is missing"


@either
def test_random_kills_lose_nothing_and_double_nothing(victim: Victim[KillDesk]) -> None:
    tickets = victim.desk.tickets(TICKETS, victim.server)
    rng = random.Random(20261122)
    victim.start()
    sender = threading.Thread(target=_send_all, args=(victim, tickets, EVENTS))
    sender.start()
    for _ in range(KILLS):
        threading.Event().wait(rng.uniform(0.3, 1.2))
        victim.kill()
        victim.start()
    sender.join()
    _until_settled(victim)
    assert victim.deaths == KILLS
    assert len(victim.acknowledged) == EVENTS
    _assert_kept_its_word(victim, tickets)


@either
@pytest.mark.parametrize("point", CRASH_POINTS)
def test_death_at_a_named_point_loses_nothing_and_doubles_nothing(victim: Victim[KillDesk], point: str) -> None:
    tickets = victim.desk.tickets(12, victim.server)
    victim.start(DESKSIDE_CRASH_AT=point)
    _send_all(victim, tickets, 36)
    assert victim.died(point.partition(":")[0])
    # Let it die there a few times more while it works off what it has.
    threading.Event().wait(1.0)
    victim.kill()
    victim.start()
    _until_settled(victim)
    assert victim.acknowledged
    _assert_kept_its_word(victim, tickets)
