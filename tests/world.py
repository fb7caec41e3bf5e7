"""A whole Deskside beside a simulated Zendesk, in this process, for tests of the whole way."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Flask
from werkzeug.serving import make_server

from deskside import app, settings
from deskside.demo.echo import EchoProbe, EchoSocket
from deskside.demo.servers import WEB, Condition, Server, Servers
from deskside.demo.zendesk import SimulatedZendesk
from deskside.model.service import Service
from deskside.ports import Probe
from deskside.store import services
from deskside.store.database import Row, reading
from deskside.store.tables import effect, inbox, ticket

WAIT_SECONDS = 40.0


@dataclass
class World:
    """The desk, the parts of Deskside, and where Deskside listens."""

    zendesk: SimulatedZendesk
    parts: app.Parts
    url: str

    @property
    def database(self) -> sa.Engine:
        """Deskside's database."""
        return self.parts.database

    def add_service(self, **values: object) -> None:
        """Make a service of a client known."""
        with self.database.begin() as connection:
            services.put(connection, [Service(id=0, **values)])  # type: ignore[arg-type]

    def ticket(self, ticket_id: int) -> Row | None:
        """What Deskside knows of a ticket."""
        with reading(self.database) as connection:
            return connection.execute(sa.select(ticket).where(ticket.c.ticket_id == str(ticket_id))).first()

    def effects(self, ticket_id: int, kind: str | None = None) -> list[Row]:
        """The effects planned for a ticket, oldest first."""
        query = sa.select(effect).where(effect.c.ticket_id == str(ticket_id)).order_by(effect.c.created_at)
        with reading(self.database) as connection:
            return list(connection.execute(query if kind is None else query.where(effect.c.kind == kind)))

    def notes(self, ticket_id: int) -> list[dict[str, object]]:
        """Deskside's notes on the ticket, as the desk has them."""
        own = self.zendesk.bot_user_id
        return [comment for comment in self.zendesk.comments(ticket_id) if comment["author_id"] == own]

    def until(self, condition: Callable[[], object], what: str = "") -> None:
        """Wait for something to become true; looks again whenever the desk or the store may have changed."""
        pause = threading.Event()
        for _ in range(int(WAIT_SECONDS / 0.05)):
            if condition():
                return
            pause.wait(0.05)
        raise AssertionError(f"it never became true: {what or condition}")

    def settled(self) -> bool:
        """Whether every delivery was sent and handled, and every effect sent."""
        with reading(self.database) as connection:
            waiting = connection.scalar(sa.select(sa.func.count()).select_from(inbox).where(inbox.c.state == "waiting"))
            open_effects = connection.scalar(
                sa.select(sa.func.count()).select_from(effect).where(effect.c.state.in_(["planned", "trying"]))
            )
        return not waiting and not open_effects

    def until_settled(self) -> None:
        """Wait until nothing is left to do."""
        assert self.zendesk.drain(WAIT_SECONDS), "the desk still has webhooks to send"
        self.until(self.settled, "all deliveries and effects settled")


def environment(zendesk: SimulatedZendesk, database_url: str, base_url: str, **more: str) -> dict[str, str]:
    """The configuration of a Deskside beside this desk."""
    return {
        "DESKSIDE_DATABASE__URL": database_url,
        "DESKSIDE_WEB__SECRET_KEY": "only-for-tests-" * 3,
        "DESKSIDE_WEB__BASE_URL": base_url,
        "DESKSIDE_ZENDESK__URL": zendesk.url,
        "DESKSIDE_ZENDESK__CLIENT_ID": zendesk.client_id,
        "DESKSIDE_ZENDESK__CLIENT_SECRET": zendesk.client_secret,
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
        **more,
    }


@contextmanager
def world(
    database: sa.Engine,
    database_url: str,
    *,
    servers: Servers | None = None,
    connect: bool = True,
    probes: Sequence[Probe] = (),
    **more: str,
) -> Iterator[World]:
    """A running Deskside whose webhooks, fields and view `connect` made; `probes` stand in for installed ones."""
    database.dispose()
    with SimulatedZendesk() as zendesk:
        # The address must be known before the application is made.
        server = make_server("127.0.0.1", 0, Flask("not yet"), threaded=True)
        base_url = f"http://127.0.0.1:{server.server_port}"
        configured = settings.load(environment=environment(zendesk, database_url, base_url, **more))
        if servers:
            echo_port = servers.echo_port
            parts = app.build(configured, [*probes, EchoProbe(echo_port)], lambda family: EchoSocket(echo_port))
        else:
            parts = app.build(configured, probes)
        flask_app, intake = app.create_app(parts)
        server.app = flask_app
        runtime = app.runtime(parts)
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        intake.start()
        serving.start()
        if connect:
            parts.context.desk("zendesk").connect(base_url, False)
        runtime.start()
        try:
            yield World(zendesk, parts, base_url)
        finally:
            runtime.stop()
            server.shutdown()
            server.server_close()
            intake.stop()
            parts.context.examiner.close()
            parts.database.dispose()


@contextmanager
def two_servers() -> Iterator[Servers]:
    """A server that lives, named `live`, and one that is dead, named `dead`, both of the client ACME-1."""
    with Servers(
        [
            Server("live", "acme-1", "", ("live.acme.example",), (WEB,)),
            Server("dead", "acme-1", "", ("dead.acme.example",), (WEB,), Condition.DEAD),
        ]
    ) as made:
        yield made
