"""Killed with -9 at random and at every named point: nothing acknowledged is lost, no note appears twice."""

import base64
import contextlib
import hashlib
import hmac
import itertools
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa

from deskside.demo.servers import Server
from deskside.demo.zendesk import SimulatedZendesk
from deskside.model.service import Service
from deskside.store import bindings, services
from deskside.store.database import open_database, reading
from deskside.store.tables import effect, inbox
from tests.world import environment, two_servers

EVENTS = 500
TICKETS = 100
KILLS = 8
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
_SIGNED = "only-for-these-tests"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@dataclass
class Victim:
    """The real server process, and what it is told."""

    zendesk: SimulatedZendesk
    database_url: str
    port: int
    environment: dict[str, str]
    server: Server
    log: Path
    process: subprocess.Popen[bytes] | None = None
    acknowledged: set[str] = field(default_factory=set)
    deaths: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, **more: str) -> None:
        command = [sys.executable, "-m", "deskside.commandline", "serve"]
        self.process = subprocess.Popen(
            command,
            env={**os.environ, **self.environment, **more},
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=self.log.open("ab"),
        )
        self.until_it_answers()

    def until_it_answers(self) -> None:
        pause = threading.Event()
        for _ in range(400):
            with contextlib.suppress(requests.RequestException):
                if requests.get(f"{self.url}/healthz", timeout=2).ok:
                    return
            assert self.process is not None and self.process.poll() is None, "the server did not start"
            pause.wait(0.05)
        raise AssertionError("the server never answered")

    def kill(self) -> None:
        """The whole process group, as a power cut would."""
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(30)
        self.deaths += 1

    def send(self, session: requests.Session, event_id: str, ticket_id: int, type_: str) -> None:
        """One signed event, again until it is answered."""
        body = json.dumps(
            {
                "type": f"zen:event-type:ticket.{type_}",
                "id": event_id,
                "subject": f"zen:ticket:{ticket_id}",
                "time": datetime.now(UTC).isoformat(),
                "zendesk_event_version": "2022-11-06",
                "detail": {"id": str(ticket_id), "actor_id": "1", "status": "OPEN"},
                "event": {},
            }
        ).encode()
        for _ in range(300):
            moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            digest = hmac.new(_SIGNED.encode(), moment.encode() + body, hashlib.sha256).digest()
            headers = {
                "Content-Type": "application/json",
                "X-Zendesk-Webhook-Signature": base64.b64encode(digest).decode(),
                "X-Zendesk-Webhook-Signature-Timestamp": moment,
                "X-Zendesk-Webhook-Invocation-Id": event_id,
            }
            with contextlib.suppress(requests.RequestException):
                if session.post(f"{self.url}/webhooks/zendesk", body, headers=headers, timeout=12).ok:
                    self.acknowledged.add(event_id)
                    return
            threading.Event().wait(0.1)


@pytest.fixture
def victim(database: sa.Engine, database_url: str, tmp_path: Path) -> Iterator[Victim]:
    database.dispose()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with SimulatedZendesk(plan_limit=100_000) as zendesk, two_servers() as servers:
        zendesk.limits.account_updates = zendesk.limits.incremental = 100_000
        url = f"http://127.0.0.1:{port}"
        values = environment(zendesk, database_url, url, DESKSIDE_WEB__PORT=str(port))
        values |= {"DESKSIDE_HEALTH__PROBES": "tcp", "DESKSIDE_ZENDESK__WEBHOOK_SECRET": _SIGNED}
        made = Victim(zendesk, database_url, port, values, servers["live"], tmp_path / "server.log")
        _prepare(made)
        yield made
        if made.process and made.process.poll() is None:
            made.kill()


def _prepare(victim: Victim) -> None:
    band = victim.zendesk.add_ticket_field(
        "tagger", "Band", [(b, f"deskside_band_{b}") for b in ("emergency", "ahead", "normal")]
    )
    key = victim.zendesk.add_ticket_field("text", "Key")
    database = open_database(victim.database_url)
    bindings.put(database, "zendesk", "field:band", str(band))
    bindings.put(database, "zendesk", "field:key", str(key))
    with database.begin() as connection:
        services.put(connection, [Service(0, "acme", "srv1", (), (victim.server.address,), victim.server.ports)])
    database.dispose()


def _tickets(victim: Victim, count: int) -> list[int]:
    organization = victim.zendesk.add_organization("Acme", external_id="ACME")
    requester = victim.zendesk.add_user("Ann", "ann@acme.example", organization_id=organization)
    return [
        victim.zendesk.create_ticket(requester, f"Ticket {n}", f"about {victim.server.address}") for n in range(count)
    ]


def _send_all(victim: Victim, tickets: list[int], events: int) -> None:
    kinds = itertools.cycle(["created", "comment_added", "status_changed", "priority_changed", "tags_changed"])
    session = requests.Session()
    with ThreadPoolExecutor(8) as pool:
        for number, kind in zip(range(events), kinds, strict=False):
            pool.submit(victim.send, session, f"event-{number}", tickets[number % len(tickets)], kind)


def _until_settled(victim: Victim) -> None:
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


def _assert_kept_its_word(victim: Victim, tickets: list[int]) -> None:
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
    own = victim.zendesk.bot_user_id
    notes = {n: sum(c["author_id"] == own for c in victim.zendesk.comments(n)) for n in tickets}
    assert {n: count for n, count in notes.items() if count > 1} == {}, "a note appeared twice"
    assert {n for n, count in notes.items() if count == 1} == named, "a ticket's note is missing"


def test_random_kills_lose_nothing_and_double_nothing(victim: Victim) -> None:
    tickets = _tickets(victim, TICKETS)
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


@pytest.mark.parametrize("point", CRASH_POINTS)
def test_death_at_a_named_point_loses_nothing_and_doubles_nothing(victim: Victim, point: str) -> None:
    tickets = _tickets(victim, 12)
    victim.start(DESKSIDE_CRASH_AT=point)
    _send_all(victim, tickets, 36)
    died = f"died at {point.partition(':')[0]}\n"
    given_up_at = time.monotonic() + 60
    while died not in victim.log.read_text() and time.monotonic() < given_up_at:
        threading.Event().wait(0.05)
    # Let it die there a few times more while it works off what it has.
    threading.Event().wait(1.0)
    victim.kill()
    victim.start()
    _until_settled(victim)
    assert died in victim.log.read_text()
    assert victim.acknowledged
    _assert_kept_its_word(victim, tickets)
