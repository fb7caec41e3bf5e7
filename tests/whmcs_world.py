"""A whole Deskside beside a simulated WHMCS with its addon, in this process, for tests of the whole way."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Flask
from werkzeug.serving import make_server

from deskside import app, settings
from deskside.demo.echo import EchoProbe, EchoSocket
from deskside.demo.servers import Server, Servers
from deskside.demo.whmcs.server import SimulatedWhmcs
from deskside.model.service import Service
from deskside.store import services
from deskside.store.database import Row, reading
from deskside.store.tables import effect, inbox, service, ticket
from tests.world import WAIT_SECONDS

ZONE = "Europe/Berlin"


@dataclass
class WhmcsWorld:
    """The desk with its first department and an agent, and the parts of Deskside."""

    whmcs: SimulatedWhmcs
    parts: app.Parts
    url: str
    department: int
    agent: int

    @property
    def database(self) -> sa.Engine:
        """Deskside's database."""
        return self.parts.database

    def client_on(self, server: Server, name: str = "Ann Smith", email: str = "ann@acme.example") -> tuple[int, int]:
        """A client with a product on this server; their ids. The ports are what an operator wrote down."""
        client = self.whmcs.add_client(name, email)
        bought = self.whmcs.add_service(client, "VPS L", server.name, dedicatedip=server.address)
        with self.database.begin() as connection:
            services.put(connection, [Service(0, f"whmcs:{client}", server.address, ports=server.ports)])
        return client, bought

    def open(self, client: int, subject: str = "Help", text: str = "please", service_id: int = 0) -> int:
        """A ticket of this client."""
        return self.whmcs.create_ticket(client, subject, text, department_id=self.department, service_id=service_id)

    def ticket(self, ticket_id: int) -> Row | None:
        """What Deskside knows of a ticket."""
        with reading(self.database) as connection:
            return connection.execute(sa.select(ticket).where(ticket.c.ticket_id == str(ticket_id))).first()

    def waits(self, ticket_id: int) -> bool | None:
        """Whether it waits, by what Deskside knows; None before it knows it."""
        row = self.ticket(ticket_id)
        return None if row is None else bool(row.waiting)

    def services(self) -> list[Row]:
        """The inventory."""
        with reading(self.database) as connection:
            return list(connection.execute(sa.select(service).order_by(service.c.id)))

    def deliveries(self) -> list[Row]:
        """The inbox."""
        with reading(self.database) as connection:
            return list(connection.execute(sa.select(inbox).order_by(inbox.c.id)))

    def notes(self, ticket_id: int) -> list[str]:
        """Deskside's notes on the ticket, as WHMCS has them."""
        found = self.whmcs.ticket(ticket_id).notes
        return [note.message for note in found if "[deskside " in note.message]

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
        assert self.whmcs.drain(WAIT_SECONDS), "the addon still has events to send"
        self.until(self.settled, "all deliveries and effects settled")


def environment(whmcs: SimulatedWhmcs, database_url: str, base_url: str, **more: str) -> dict[str, str]:
    """The configuration of a Deskside beside this desk."""
    return {
        "DESKSIDE_DATABASE__URL": database_url,
        "DESKSIDE_WEB__SECRET_KEY": "only-for-tests-" * 3,
        "DESKSIDE_WEB__BASE_URL": base_url,
        "DESKSIDE_WHMCS__URL": whmcs.url + "/includes/api.php",
        "DESKSIDE_WHMCS__IDENTIFIER": whmcs.identifier,
        "DESKSIDE_WHMCS__SECRET": whmcs.secret,
        "DESKSIDE_WHMCS__WEBHOOK_SECRET": whmcs.webhook_secret,
        "DESKSIDE_WHMCS__TIMEZONE": ZONE,
        "DESKSIDE_HEALTH__ALLOW_NETWORKS": "127.0.0.0/8",
        "DESKSIDE_HEALTH__PROBES": "tcp,http,icmp",
        "DESKSIDE_HEALTH__DEADLINE_SECONDS": "4",
        "DESKSIDE_HEALTH__SWEEP_SECONDS": "3600",
        "DESKSIDE_JOBS__QUIET_SECONDS": "0.2",
        "DESKSIDE_JOBS__STALLED_SECONDS": "3",
        "DESKSIDE_JOBS__RECONCILE_SECONDS": "3600",
        **more,
    }


@contextmanager
def whmcs_world(
    database: sa.Engine, database_url: str, *, servers: Servers | None = None, addon: bool = True, **more: str
) -> Iterator[WhmcsWorld]:
    """A running Deskside; with `addon` off only the poller tells it anything."""
    database.dispose()
    with SimulatedWhmcs(timezone=ZONE) as whmcs:
        server = make_server("127.0.0.1", 0, Flask("not yet"), threaded=True)
        base_url = f"http://127.0.0.1:{server.server_port}"
        configured = settings.load(environment=environment(whmcs, database_url, base_url, **more))
        if servers:
            echo_port = servers.echo_port
            parts = app.build(configured, [EchoProbe(echo_port)], lambda family: EchoSocket(echo_port))
        else:
            parts = app.build(configured)
        flask_app, intake = app.create_app(parts)
        server.app = flask_app
        runtime = app.runtime(parts)
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        intake.start()
        serving.start()
        department, agent = whmcs.add_department("Support & Sales"), whmcs.add_admin("Eve Online", "eve", "e@x.example")
        if addon:
            whmcs.addon.connect(base_url + "/webhooks/whmcs")
        runtime.start()
        try:
            yield WhmcsWorld(whmcs, parts, base_url, department, agent)
        finally:
            runtime.stop()
            server.shutdown()
            server.server_close()
            intake.stop()
            parts.context.examiner.close()
            parts.database.dispose()
