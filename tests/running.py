"""A whole Deskside in this process beside a simulated desk: what the worlds of all desks share."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

import sqlalchemy as sa
from flask import Flask
from werkzeug.serving import make_server

from deskside import app, settings
from deskside.demo.echo import EchoProbe, EchoSocket
from deskside.demo.servers import Servers
from deskside.ports import Probe
from deskside.store.database import Row, reading
from deskside.store.tables import effect, inbox, ticket
from tests.serving import POLL_SECONDS

WAIT_SECONDS = 40.0
# What a test does not want of a Deskside that runs for a while: budgets, a sweep at any moment, long patience.
CALM = {
    "DESKSIDE_WEB__SECRET_KEY": "only-for-tests-" * 3,
    "DESKSIDE_HEALTH__ALLOW_NETWORKS": "127.0.0.0/8",
    "DESKSIDE_HEALTH__PROBES": "tcp,http,icmp",
    "DESKSIDE_HEALTH__DEADLINE_SECONDS": "4",
    # One client of a test has as many tickets as many real ones.
    "DESKSIDE_HEALTH__BUDGETS__CLIENT_ENRICHMENTS_PER_HOUR": "10000",
    "DESKSIDE_HEALTH__BUDGETS__CLIENT_ENRICHMENTS_PER_DAY": "10000",
    "DESKSIDE_HEALTH__BUDGETS__NETWORK_LOOKS_PER_MINUTE": "10000",
    "DESKSIDE_HEALTH__BUDGETS__LOOKS_PER_MINUTE": "10000",
    # A test that wants a sweep asks for one: by the clock it would come at any moment.
    "DESKSIDE_HEALTH__SWEEP_SECONDS": "3600",
    "DESKSIDE_JOBS__QUIET_SECONDS": "0.2",
    "DESKSIDE_JOBS__STALLED_SECONDS": "3",
}


class Draining(Protocol):
    """A simulated desk that sends events."""

    def drain(self, seconds: float) -> bool:
        """Wait until all were sent; false when the time is over before."""


class Running:
    """The parts of a Deskside, where it listens, and the desk beside it."""

    def __init__(self, desk: Draining, parts: app.Parts, url: str) -> None:
        self.desk, self.parts, self.url = desk, parts, url

    @property
    def database(self) -> sa.Engine:
        """Deskside's database."""
        return self.parts.database

    def ticket(self, ticket_id: int) -> Row | None:
        """What Deskside knows of a ticket."""
        with reading(self.database) as connection:
            return connection.execute(sa.select(ticket).where(ticket.c.ticket_id == str(ticket_id))).first()

    def until(self, condition: Callable[[], object], what: str = "") -> None:
        """Wait for something to become true; looks again whenever the desk or the store may have changed."""
        pause = threading.Event()
        for _ in range(int(WAIT_SECONDS / 0.05)):
            if condition():
                return
            pause.wait(0.05)
        raise AssertionError(f"it never became true: {what or condition}")

    def settled(self) -> bool:
        """Whether every delivery was handled and every effect sent."""
        with reading(self.database) as connection:
            waiting = connection.scalar(sa.select(sa.func.count()).select_from(inbox).where(inbox.c.state == "waiting"))
            open_effects = connection.scalar(
                sa.select(sa.func.count()).select_from(effect).where(effect.c.state.in_(["planned", "trying"]))
            )
        return not waiting and not open_effects

    def until_settled(self) -> None:
        """Wait until nothing is left to do."""
        assert self.desk.drain(WAIT_SECONDS), "the desk still has events to send"
        self.until(self.settled, "all deliveries and effects settled")


@contextmanager
def running(
    database_url: str,
    environment: dict[str, str],
    *,
    servers: Servers | None = None,
    probes: Sequence[Probe] = (),
    before: Callable[[app.Parts, str], object] = lambda parts, url: None,
) -> Iterator[tuple[app.Parts, str]]:
    """Serve a Deskside of this configuration and let it work; its parts and its address.

    `probes` stand in for installed ones. `before` is called with both once it listens and does not work yet.
    """
    # The address must be known before the application is made.
    server = make_server("127.0.0.1", 0, Flask("not yet"), threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    own = {"DESKSIDE_DATABASE__URL": database_url, "DESKSIDE_WEB__BASE_URL": url}
    configured = settings.load(environment={**CALM, **own, **environment})
    if servers:
        echo_port = servers.echo_port
        parts = app.build(configured, [*probes, EchoProbe(echo_port)], lambda family: EchoSocket(echo_port))
    else:
        parts = app.build(configured, probes)
    server.app, intake = app.create_app(parts)
    runtime = app.runtime(parts)
    serving = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True)
    intake.start()
    serving.start()
    before(parts, url)
    runtime.start()
    try:
        yield parts, url
    finally:
        runtime.stop()
        server.shutdown()
        server.server_close()
        intake.stop()
        parts.context.examiner.close()
        parts.database.dispose()
