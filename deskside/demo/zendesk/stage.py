"""The cast of the demonstration on the simulated Zendesk."""

from datetime import datetime

from deskside.demo import cast
from deskside.demo.cast import Organization
from deskside.demo.servers import Server, Servers
from deskside.demo.zendesk.server import SimulatedZendesk


class ZendeskStage:
    """A `deskside.demo.stage.Stage`: organizations with fields, groups, and views that order the queue."""

    def __init__(self, zendesk: SimulatedZendesk) -> None:
        self.zendesk = zendesk
        self.groups: dict[str, int] = {}
        self.agents: dict[int, list[int]] = {}
        self.people: dict[str, int] = {}

    def clock(self) -> datetime:
        """The desk's time."""
        return self.zendesk.state.clock()

    def open(self, servers: Servers) -> None:
        """Fields, groups, agents, clients with their users, a help centre in two languages; servers it has none."""
        desk = self.zendesk
        desk.enable_locale("ru")
        desk.add_organization_field("plan", "Plan", "dropdown", cast.PLANS)
        desk.add_organization_field("client_since", "Client since", "date")
        desk.add_organization_field("monthly_spend", "Monthly spend", "decimal")
        for name in cast.GROUPS:
            self.groups[name] = desk.add_group(name)
        for name, address, group in cast.AGENTS:
            key = desk.add_user(name, address, "agent", group_id=self.groups[group])
            self.agents.setdefault(self.groups[group], []).append(key)
        for client in cast.ORGANIZATIONS:
            tags = ["vip"] if client.vip else []
            known = {"plan": client.plan, "client_since": client.since, "monthly_spend": client.spend}
            number = desk.add_organization(client.name, client.key, known, tags)
            for name, address in client.people:
                self.people[address] = desk.add_user(name, address, "end-user", number)

    def service_name(self, server: Server) -> tuple[str, str]:
        """The organization's external id, and whatever name the operator likes."""
        return server.client, server.name

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
        """A ticket by mail; which server it is about stands only in its text."""
        return self.zendesk.create_ticket(
            self.people[email],
            subject,
            text,
            group_id=self.groups[group],
            tags=["vip"] if client.vip else [],
            priority=priority,
            at=at,
        )

    def promise(self, ticket_id: int, breach_at: datetime) -> None:
        """A live service level."""
        self.zendesk.set_slas(ticket_id, [("next_reply_time", "active", breach_at)])

    def client_says(self, ticket_id: int, text: str) -> None:
        """A comment of the requester."""
        self.zendesk.comment(ticket_id, self.zendesk.ticket(ticket_id)["requester_id"], text)

    def agents_for(self, ticket_id: int) -> list[int]:
        """The agents of the ticket's group, else all."""
        group = self.zendesk.ticket(ticket_id)["group_id"]
        return self.agents.get(group) or [key for keys in self.agents.values() for key in keys]

    def solve(self, ticket_id: int, agent_id: int, text: str) -> None:
        """Assign, answer, solve."""
        self.zendesk.assign(ticket_id, agent_id)
        self.zendesk.comment(ticket_id, agent_id, text)
        self.zendesk.set_status(ticket_id, "solved", agent_id)

    def queue(self) -> list[int]:
        """By the view that shows the queue, else by arrival."""
        return self.zendesk.queue()
