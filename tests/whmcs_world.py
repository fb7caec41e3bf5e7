"""A whole Deskside beside a simulated WHMCS with its addon, in this process, for tests of the whole way."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from deskside import app
from deskside.demo.servers import Server, Servers
from deskside.demo.whmcs.server import SimulatedWhmcs
from deskside.model.service import Service
from deskside.store import services
from deskside.store.database import Row, reading
from deskside.store.tables import inbox, service
from tests.running import Running, running

ZONE = "Europe/Berlin"


class WhmcsWorld(Running):
    """A Deskside and its WHMCS, which has a department and an agent."""

    def __init__(self, whmcs: SimulatedWhmcs, parts: app.Parts, url: str) -> None:
        super().__init__(whmcs, parts, url)
        self.whmcs = whmcs
        self.department = whmcs.add_department("Support & Sales")
        self.agent = whmcs.add_admin("Eve Online", "eve", "e@x.example")

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


@contextmanager
def whmcs_world(
    database: sa.Engine, database_url: str, *, servers: Servers | None = None, addon: bool = True, **more: str
) -> Iterator[WhmcsWorld]:
    """A running Deskside; with `addon` off only the poller tells it anything."""
    database.dispose()
    with SimulatedWhmcs(timezone=ZONE) as whmcs:
        own = {
            "DESKSIDE_WHMCS__URL": whmcs.url + "/includes/api.php",
            "DESKSIDE_WHMCS__IDENTIFIER": whmcs.identifier,
            "DESKSIDE_WHMCS__SECRET": whmcs.secret,
            "DESKSIDE_WHMCS__WEBHOOK_SECRET": whmcs.webhook_secret,
            "DESKSIDE_WHMCS__TIMEZONE": ZONE,
            "DESKSIDE_JOBS__RECONCILE_SECONDS": "3600",
            **more,
        }
        made: list[WhmcsWorld] = []

        def prepare(parts: app.Parts, url: str) -> None:
            made.append(WhmcsWorld(whmcs, parts, url))
            if addon:
                whmcs.addon.connect(url + "/webhooks/whmcs")

        with running(database_url, own, servers=servers, before=prepare):
            yield made[0]
