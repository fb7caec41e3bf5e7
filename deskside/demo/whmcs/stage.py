"""The cast of the demonstration on the simulated WHMCS."""

from datetime import date, datetime
from decimal import Decimal

from deskside.demo import cast
from deskside.demo.cast import Organization
from deskside.demo.servers import Server, Servers
from deskside.demo.whmcs.server import SimulatedWhmcs

PRIORITIES = {"urgent": "High", "high": "High", "normal": "Medium", "low": "Low"}
MONTHS = 12
MONTH_DAYS = 30


class WhmcsStage:
    """A `deskside.demo.stage.Stage`: clients with services, payments and years, and departments of administrators."""

    def __init__(self, whmcs: SimulatedWhmcs) -> None:
        self.whmcs = whmcs
        self.plan_field = 1
        self.vip_group = whmcs.add_group("VIP")
        self.departments: dict[str, int] = {}
        self.agents: dict[int, list[int]] = {}
        self.clients: dict[str, int] = {}
        self.users: dict[str, int] = {}
        self.services: dict[str, int] = {}

    def clock(self) -> datetime:
        """The desk's time."""
        return self.whmcs.state.clock()

    def open(self, servers: Servers) -> None:
        """Departments, administrators, clients with their logins and a year of payments, and a service a server."""
        desk = self.whmcs
        for name in cast.GROUPS:
            self.departments[name] = desk.add_department(name)
        for name, address, group in cast.AGENTS:
            department = self.departments[group]
            key = desk.add_admin(name, address.partition("@")[0], address, [department])
            self.agents.setdefault(department, []).append(key)
        for client in cast.ORGANIZATIONS:
            self.clients[client.key] = self._open_account(client)
        for server in servers.servers.values():
            self.services[server.name] = desk.add_service(
                self.clients[server.client],
                server.product,
                server.domains[0],
                dedicatedip=server.address,
                regdate=desk.state.today(),
            )

    def _open_account(self, client: Organization) -> int:
        desk = self.whmcs
        (name, address), *others = client.people
        key = desk.add_client(
            name,
            address,
            company=client.name,
            since=date.fromisoformat(client.since),
            group_id=self.vip_group if client.vip else 0,
            language="russian" if client.russian else "english",
        )
        desk.set_client_field(key, self.plan_field, client.plan)
        self.users[address] = next(row.id for row in desk.state.users.values() if key in row.clients)
        for other, its_address in others:
            self.users[its_address] = desk.add_user(other, its_address, key)
        for month in range(MONTHS):
            desk.add_payment(key, Decimal(client.spend), days_ago=month * MONTH_DAYS)
        return key

    def service_name(self, server: Server) -> tuple[str, str]:
        """The client's number and whose it is, because other desks have numbers too; the product's domain."""
        return f"whmcs:{self.clients[server.client]}", server.domains[0]

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
        """A ticket from the client area, with the service it is about."""
        return self.whmcs.create_ticket(
            self.clients[client.key],
            subject,
            text,
            department_id=self.departments[group],
            user_id=self.users[email],
            priority=PRIORITIES[priority or "normal"],
            service_id=self.services[server] if server else 0,
            at=at,
        )

    def promise(self, ticket_id: int, breach_at: datetime) -> None:
        """WHMCS knows no promises."""

    def client_says(self, ticket_id: int, text: str) -> None:
        """A reply on the client area by whoever opened the ticket."""
        self.whmcs.client_reply(ticket_id, text, self.whmcs.ticket(ticket_id).requestor.user_id)

    def agents_for(self, ticket_id: int) -> list[int]:
        """The administrators of the ticket's department."""
        return self.agents[self.whmcs.ticket(ticket_id).deptid]

    def solve(self, ticket_id: int, agent_id: int, text: str) -> None:
        """Take it, answer it and close it in one."""
        self.whmcs.change(ticket_id, agent_id, flag=agent_id)
        self.whmcs.agent_reply(ticket_id, agent_id, text, "Closed")

    def queue(self) -> list[int]:
        """By the panel above the list, else by the last word."""
        return self.whmcs.queue()
