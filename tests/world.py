"""A whole Deskside beside a simulated Zendesk, in this process, for tests of the whole way."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import sqlalchemy as sa

from deskside import app
from deskside.demo.servers import WEB, Condition, Server, Servers
from deskside.demo.zendesk import SimulatedZendesk
from deskside.model.service import Service
from deskside.ports import Probe
from deskside.store import services
from deskside.store.database import Row, reading
from deskside.store.tables import effect
from tests.running import CALM, Running, running


class World(Running):
    """A Deskside and its Zendesk."""

    def __init__(self, zendesk: SimulatedZendesk, parts: app.Parts, url: str) -> None:
        super().__init__(zendesk, parts, url)
        self.zendesk = zendesk

    def add_service(self, **values: object) -> None:
        """Make a service of a client known."""
        with self.database.begin() as connection:
            services.put(connection, [Service(id=0, **values)])  # type: ignore[arg-type]

    def effects(self, ticket_id: int, kind: str | None = None) -> list[Row]:
        """The effects planned for a ticket, oldest first."""
        query = sa.select(effect).where(effect.c.ticket_id == str(ticket_id)).order_by(effect.c.created_at)
        with reading(self.database) as connection:
            return list(connection.execute(query if kind is None else query.where(effect.c.kind == kind)))

    def notes(self, ticket_id: int) -> list[dict[str, object]]:
        """Deskside's notes on the ticket, as the desk has them."""
        own = self.zendesk.bot_user_id
        return [comment for comment in self.zendesk.comments(ticket_id) if comment["author_id"] == own]


def of_zendesk(zendesk: SimulatedZendesk) -> dict[str, str]:
    """How a Deskside reaches this desk."""
    return {
        "DESKSIDE_ZENDESK__URL": zendesk.url,
        "DESKSIDE_ZENDESK__CLIENT_ID": zendesk.client_id,
        "DESKSIDE_ZENDESK__CLIENT_SECRET": zendesk.client_secret,
    }


def environment(zendesk: SimulatedZendesk, database_url: str, base_url: str, **more: str) -> dict[str, str]:
    """The configuration of a Deskside beside this desk, for one in a process of its own."""
    own = {"DESKSIDE_DATABASE__URL": database_url, "DESKSIDE_WEB__BASE_URL": base_url}
    return {**CALM, **own, **of_zendesk(zendesk), **more}


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

    def prepare(parts: app.Parts, url: str) -> None:
        if connect:
            parts.context.desk("zendesk").connect(url, False)

    with (
        SimulatedZendesk() as zendesk,
        running(database_url, {**of_zendesk(zendesk), **more}, servers=servers, probes=probes, before=prepare) as (
            parts,
            url,
        ),
    ):
        yield World(zendesk, parts, url)


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
