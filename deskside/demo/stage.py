"""What the stream needs of a simulated desk, so that one play is given on any of them."""

from datetime import datetime
from typing import Protocol

from deskside.demo.cast import Organization
from deskside.demo.servers import Server, Servers


class Stage(Protocol):
    """A simulated desk with the cast on it. Every hand is one the desk has for people, so that its webhooks tell of it.

    Tickets and agents are named by their numbers on the desk, clients by the keys of the cast.
    """

    def clock(self) -> datetime:
        """The desk's time, aware."""

    def open(self, servers: Servers) -> None:
        """Make groups, agents, clients and what the clients have; called once."""

    def service_name(self, server: Server) -> tuple[str, str]:
        """How a services file names the client of this server, and the server."""

    def write(
        self,
        client: Organization,
        email: str,
        subject: str,
        text: str,
        *,
        group: str,
        priority: str | None,
        server: str | None,
        at: datetime | None,
    ) -> int:
        """A new ticket of one of the client's people, in a group's care, perhaps about a server; `at` backdates it."""

    def promise(self, ticket_id: int, breach_at: datetime) -> None:
        """Promise an answer until then, where the desk knows of promises."""

    def client_says(self, ticket_id: int, text: str) -> None:
        """Whoever asked writes again; that opens a solved ticket."""

    def agents_for(self, ticket_id: int) -> list[int]:
        """The agents whose group has this ticket."""

    def solve(self, ticket_id: int, agent_id: int, text: str) -> None:
        """An agent takes a ticket, answers it and is done."""

    def queue(self) -> list[int]:
        """The waiting tickets in the order in which agents take them."""
