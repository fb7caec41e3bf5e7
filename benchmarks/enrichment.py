"""From a signed event to the note on the simulated desk: how long, when the server lives, and when it is a black hole.

Measured from before the event is posted until the note is a comment on the desk. The peer is the examination by itself:
the same target, probes and limits, with no ticket around it.
"""

import json
import os
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

from adapters.health.examiner import Examiner
from adapters.health.settings import BUDGETS, HealthSchema
from benchmarks.figures import Figure, main, percentile
from benchmarks.load import event, signed
from benchmarks.running import SECRET, Running, server, stores
from deskside import plugins
from deskside.model.service import Service, Target
from deskside.store import bindings, services
from deskside.store.database import open_database

TICKETS = 30
SPACE_SECONDS = 0.2
BLACK_HOLES = 5
MEDIAN_SECONDS = 1.5
DEADLINE_SECONDS = 10.0
OVER_DEADLINE_SECONDS = 0.5
WAIT_SECONDS = 30.0
LIVE_PORT = 8080
DEAD_PORT = 8443
# Addresses of this process alone: two runs do not meet.
_NET = f"127.81.{os.getpid() // 200 % 200 + 1}"
LIVE, DEAD = f"{_NET}.1", f"{_NET}.2"
# Every probe's own limit lies behind the deadline: the worst a silent server can do.
_HEALTH = {
    "allow_networks": ["127.0.0.0/8"],
    "share_seconds": 0,
    "limits": dict.fromkeys(("tcp_seconds", "http_seconds", "tls_seconds", "icmp_wait_seconds"), 60.0),
}


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def servers() -> Iterator[None]:
    """A web server that answers, and a port whose queue is full, so that it neither answers nor refuses."""
    web = ThreadingHTTPServer((LIVE, LIVE_PORT), _Page)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    with socket.socket() as dead, ExitStack() as fillers:
        dead.bind((DEAD, DEAD_PORT))
        dead.listen(0)
        for _ in range(4):
            filler = fillers.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex((DEAD, DEAD_PORT))
        yield
    web.shutdown()
    web.server_close()


def measure() -> list[Figure]:
    """The figures on each kind of database."""
    figures = []
    with stores() as kinds, servers():
        floor = _examination(LIVE, LIVE_PORT)
        hanging = _examination(DEAD, DEAD_PORT)
        for kind, store in kinds.items():
            url = store.make("enrichment")
            config = store.folder / "deskside.toml"
            config.write_text(_toml())
            with server(url, "serve", DESKSIDE_CONFIG=str(config)) as running:
                _prepare(running)
                lived = _one_after_another(running)
                died = _together(running)
            figures += [
                Figure(
                    f"{kind}: event to note, living server, median of {TICKETS}",
                    statistics.median(lived),
                    "s",
                    {"examination alone": floor},
                    target=MEDIAN_SECONDS,
                    details={"p90": percentile(lived, 90), "max": max(lived)},
                ),
                Figure(
                    f"{kind}: event to note, black hole, slowest of {BLACK_HOLES} at once",
                    max(died),
                    "s",
                    {"examination alone": hanging},
                    target=DEADLINE_SECONDS + OVER_DEADLINE_SECONDS,
                    details={"all": died},
                ),
            ]
    return figures


def _toml() -> str:
    limits = "\n".join(f"{name} = {value}" for name, value in _HEALTH["limits"].items())  # type: ignore[attr-defined]
    # One client has all the tickets here: its budget must not answer for the probes.
    budgets = "\n".join(f"{name} = 100000" for name in BUDGETS if name != "asked_again_seconds")
    return f"[health]\nshare_seconds = 0\n\n[health.limits]\n{limits}\n\n[health.budgets]\n{budgets}\n"


def _examination(address: str, port: int) -> float:
    """Seconds of one examination with the installed probes."""
    probes = [plugin.loaded for plugin in plugins.find("deskside.probes")]
    examiner = Examiner(HealthSchema().load(_HEALTH), probes)
    took = []
    for _ in range(3 if address == LIVE else 1):
        started = time.perf_counter()
        examiner.examine(Target("bench", None, address, (port,), "the benchmark"), fresh=True)
        took.append(time.perf_counter() - started)
    examiner.close()
    return statistics.median(took)


def _prepare(running: Running) -> None:
    zendesk = running.zendesk
    zendesk.limits.account_updates = zendesk.limits.incremental = 100_000
    options = [(band, f"deskside_band_{band}") for band in ("emergency", "ahead", "normal")]
    band = zendesk.add_ticket_field("tagger", "Band", options)
    key = zendesk.add_ticket_field("text", "Key")
    database = open_database(running.database_url)
    bindings.put(database, "zendesk", "field:band", str(band))
    bindings.put(database, "zendesk", "field:key", str(key))
    with database.begin() as connection:
        known = [
            Service(0, client, "bench", (), (address,), (port,))
            for client, address, port in (("live", LIVE, LIVE_PORT), ("dead", DEAD, DEAD_PORT))
        ]
        services.put(connection, known)
    database.dispose()


def _one_after_another(running: Running) -> list[float]:
    open_ticket = _opener(running, "live", LIVE)
    # The first one makes connections, contexts and tokens.
    _until_note(running, *_event_of(running, open_ticket()))
    took = []
    for _ in range(TICKETS):
        time.sleep(SPACE_SECONDS)
        took.append(_until_note(running, *_event_of(running, open_ticket())))
    return took


def _together(running: Running) -> list[float]:
    open_ticket = _opener(running, "dead", DEAD)
    events = [_event_of(running, open_ticket()) for _ in range(BLACK_HOLES)]
    return _until_notes(running, events)


def _opener(running: Running, client: str, address: str) -> Callable[[], int]:
    zendesk = running.zendesk
    organization = zendesk.add_organization(client.title(), external_id=client)
    requester = zendesk.add_user(client.title(), f"{client}@clients.example", organization_id=organization)
    return lambda: zendesk.create_ticket(requester, "The site is slow", f"It is about {address}, since the morning.")


def _event_of(running: Running, ticket: int) -> tuple[int, float]:
    """Tell Deskside of a new ticket; the ticket, and when the event left."""
    body = json.dumps(event(f"event-{ticket}", str(ticket), "ticket.created")).encode()
    started = time.perf_counter()
    answer = requests.post(
        f"http://127.0.0.1:{running.port}/webhooks/zendesk", body, headers=signed(SECRET, body), timeout=10
    )
    answer.raise_for_status()
    return ticket, started


def _until_note(running: Running, ticket: int, started: float) -> float:
    return _until_notes(running, [(ticket, started)])[0]


def _until_notes(running: Running, events: Sequence[tuple[int, float]]) -> list[float]:
    """Seconds until each ticket has its note."""
    waiting = dict(events)
    took: list[float] = []
    until = time.perf_counter() + WAIT_SECONDS
    while waiting:
        for ticket, started in list(waiting.items()):
            if _has_note(running, ticket):
                took.append(time.perf_counter() - started)
                del waiting[ticket]
        if time.perf_counter() > until:
            raise RuntimeError(f"no note after {WAIT_SECONDS:.0f} s on tickets {sorted(waiting)}")
        time.sleep(0.005)
    return took


def _has_note(running: Running, ticket: int) -> bool:
    own = running.zendesk.bot_user_id
    return any(comment["author_id"] == own for comment in running.zendesk.comments(ticket))


if __name__ == "__main__":
    main("Enrichment", measure)
