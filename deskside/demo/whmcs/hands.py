"""What people do on the simulated WHMCS, for tests and for the demonstration: agents, clients, the cron."""

import copy
import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from deskside.demo.whmcs.state import (
    CLOSED,
    Actor,
    Admin,
    Client,
    ClientGroup,
    Contact,
    Department,
    Domain,
    Invoice,
    NetworkIssue,
    Server,
    Service,
    Ticket,
    TicketStatus,
    User,
)
from deskside.demo.whmcs.world import World

# A password that no adapter may keep: searched for in stores, logs and memory.
PASSWORD_CANARY = "CANARY-service-password-must-never-be-kept"  # noqa: S105


class Hands:
    """Everything that is done to a world by people, by its own public hands, so that hooks tell of it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.state = world.state
        self.addon = world.addon

    def show_panel(self, order: Callable[[], list[int]]) -> None:
        """Let the addon's panel above the list of tickets show them in this order."""
        self.world.panel = order

    def add_admin(
        self, name: str, username: str, email: str, departments: Iterable[int] = (), *, disabled: bool = False
    ) -> int:
        """An administrator."""
        with self.state.lock:
            first, _, last = name.partition(" ")
            row = Admin(self.state.next_id("admin"), username, first, last, email, set(departments), disabled=disabled)
            self.state.admins[row.id] = row
            return row.id

    def add_department(self, name: str) -> int:
        """A support department; nobody is assigned to it yet."""
        with self.state.lock:
            row = Department(self.state.next_id("department"), name)
            self.state.departments[row.id] = row
            return row.id

    def add_status(self, title: str, *, active: bool, awaiting: bool, color: str = "#336699") -> None:
        """A custom ticket status."""
        with self.state.lock:
            self.state.statuses[title] = TicketStatus(title, color, len(self.state.statuses) + 10, active, awaiting)

    def add_group(self, name: str) -> int:
        """A client group."""
        with self.state.lock:
            row = ClientGroup(self.state.next_id("group"), name)
            self.state.groups[row.id] = row
            return row.id

    def add_client(
        self,
        name: str,
        email: str,
        *,
        company: str = "",
        since: date | None = None,
        group_id: int = 0,
        phone: str = "",
        language: str = "",
        credit: Decimal = Decimal(0),
    ) -> int:
        """A client and the login that owns it."""
        with self.state.lock:
            first, _, last = name.partition(" ")
            identifier = str(uuid.UUID(int=self.state.random.getrandbits(128), version=4))
            row = Client(
                self.state.next_id("client"),
                first,
                last,
                company,
                email,
                since or self.state.today(),
                identifier,
                phone,
                group_id,
                "Active",
                credit,
                language,
            )
            self.state.clients[row.id] = row
            self.add_user(name, email, row.id, owner=True)
            return row.id

    def set_client_field(self, client_id: int, field_id: int, value: str) -> None:
        """Fill in a custom field of a client."""
        with self.state.lock:
            self.state.clients[client_id].custom[field_id] = value

    def add_user(self, name: str, email: str, client_id: int, *, owner: bool = False) -> int:
        """A login that acts for a client; its number is another than the client's."""
        with self.state.lock:
            # Logins count from elsewhere, so that who takes one for the other finds nothing.
            row = User(500 + self.state.next_id("user"), name, email, {client_id: owner})
            self.state.users[row.id] = row
            return row.id

    def add_contact(self, client_id: int, name: str, email: str, phone: str = "") -> int:
        """An extra address of a client."""
        with self.state.lock:
            first, _, last = name.partition(" ")
            row = Contact(self.state.next_id("contact"), client_id, first, last, email, phone)
            self.state.contacts[row.id] = row
            return row.id

    def add_server(self, name: str, hostname: str, address: str) -> int:
        """A machine that services run on."""
        with self.state.lock:
            row = Server(self.state.next_id("server"), name, hostname, address)
            self.state.servers[row.id] = row
            return row.id

    def add_service(self, client_id: int, name: str, domain: str, **more: Any) -> int:
        """Something a client bought; `more` are attributes of `Service`. Its password is a canary unless given."""
        with self.state.lock:
            given = {"regdate": self.state.today(), "username": domain[:8], "password": PASSWORD_CANARY, **more}
            row = Service(self.state.next_id("service"), client_id, name, domain, **given)
            self.state.services[row.id] = row
            return row.id

    def add_domain(self, client_id: int, name: str, *, expires: date | None = None) -> int:
        """A domain registered for a client."""
        with self.state.lock:
            row = Domain(self.state.next_id("domain"), client_id, name, self.state.today(), expires)
            self.state.domains[row.id] = row
            return row.id

    def change_service(self, service_id: int, **changes: Any) -> None:
        """Change a service as a module command or an administrator does: a hook tells of it."""
        with self.state.lock:
            row = self.state.services[service_id]
            for name, value in changes.items():
                setattr(row, name, value)
            self.addon.tell("service.changed", {"service": str(service_id)}, None)

    def add_payment(self, client_id: int, amount: Decimal | int | str, days_ago: int = 0) -> int:
        """Money that came in, or went out when negative."""
        return self.world.books.record(client_id, Decimal(amount), days_ago=days_ago).id

    def add_invoice(self, client_id: int, lines: Sequence[tuple[str, Decimal]]) -> int:
        """An unpaid invoice of lines as (description, amount)."""
        return self.world.books.create(client_id, [(text, amount, False) for text, amount in lines]).id

    def pay(self, invoice_id: int) -> None:
        """The client pays."""
        self.world.books.pay(invoice_id)

    def refund(self, invoice_id: int) -> None:
        """The money goes back."""
        self.world.books.refund(invoice_id)

    def cancel(self, invoice_id: int) -> None:
        """The invoice is cancelled."""
        self.world.books.cancel(invoice_id)

    def unpay(self, invoice_id: int) -> None:
        """The invoice is unpaid again."""
        self.world.books.unpay(invoice_id)

    def invoice(self, invoice_id: int) -> Invoice:
        """A copy of an invoice."""
        with self.state.lock:
            return copy.deepcopy(self.world.books.invoice(invoice_id))

    def open_network_issue(self, title: str, affecting: str) -> int:
        """Declare a trouble."""
        with self.state.lock:
            row = NetworkIssue(self.state.next_id("issue"), title, affecting)
            self.state.issues[row.id] = row
            self.addon.tell("network_issue.opened", {"network_issue": str(row.id)}, None)
            return row.id

    def close_network_issue(self, issue_id: int) -> None:
        """Say that it is over."""
        with self.state.lock:
            self.state.issues[issue_id].status = "Resolved"
            self.addon.tell("network_issue.closed", {"network_issue": str(issue_id)}, None)

    def client_actor(self, client_id: int, user_id: int = 0) -> Actor:
        """A client's login as an author: the user named, else the owner."""
        with self.state.lock:
            users = [row for row in self.state.users.values() if client_id in row.clients]
            chosen = next(row for row in users if row.id == user_id or (not user_id and row.clients[client_id]))
            return Actor("client", client_id, chosen.name, chosen.email, chosen.id)

    def admin_actor(self, admin_id: int) -> Actor:
        """An administrator as an author."""
        row = self.state.admins[admin_id]
        return Actor("admin", row.id, row.name, row.email)

    def create_ticket(
        self,
        client_id: int,
        subject: str,
        text: str,
        *,
        department_id: int,
        user_id: int = 0,
        priority: str = "Medium",
        service_id: int = 0,
        at: datetime | None = None,
    ) -> int:
        """A ticket as a client opens it on the client area; `at` backdates it."""
        service = f"S{service_id}" if service_id else ""
        ticket = self.world.desk.open(
            department_id,
            subject,
            typed(text),
            self.client_actor(client_id, user_id),
            client_id=client_id,
            priority=priority,
            service=service,
            at=at,
        )
        return ticket.id

    def create_guest_ticket(self, name: str, email: str, subject: str, text: str, *, department_id: int) -> int:
        """A ticket of somebody who is no client."""
        return self.world.desk.open(department_id, subject, typed(text), Actor("guest", 0, name, email)).id

    def client_reply(self, ticket_id: int, text: str, user_id: int = 0) -> None:
        """The client writes again."""
        with self.state.lock:
            ticket = self.world.desk.find(ticket_id)
            guest = Actor("guest", 0, ticket.name, ticket.email)
            author = self.client_actor(ticket.userid, user_id) if ticket.userid else guest
            self.world.desk.reply(ticket_id, typed(text), author)

    def agent_reply(self, ticket_id: int, admin_id: int, text: str, status: str = "") -> None:
        """An agent answers; the status is Answered unless another is chosen."""
        self.world.desk.reply(ticket_id, typed(text), self.admin_actor(admin_id), status=status)

    def agent_note(self, ticket_id: int, admin_id: int, text: str) -> None:
        """An agent notes something."""
        self.world.desk.note(ticket_id, typed(text), self.admin_actor(admin_id), markdown=True)

    def change(self, ticket_id: int, admin_id: int, *, hooks: bool = True, **changes: Any) -> None:
        """Any change on the agent's screen, by API names; without `hooks` as by a path of WHMCS that runs none."""
        self.world.desk.update(ticket_id, changes, self.admin_actor(admin_id), hooks=hooks)

    def close_inactive(self, hours: float = 48.0) -> list[int]:
        """What the daily cron does: close answered tickets that rest; no hook tells of it."""
        edge = self.state.clock() - timedelta(hours=hours)
        with self.state.lock:
            resting = [
                row
                for row in self.state.tickets.values()
                if self.state.statuses[row.status].autoclose and row.lastreply <= edge
            ]
            for row in resting:
                row.status = CLOSED
            return [row.id for row in resting]

    def merge(self, source_ids: Iterable[int], target_id: int, admin_id: int) -> None:
        """Merge tickets into one."""
        self.world.desk.merge(source_ids, target_id, self.admin_actor(admin_id))

    def split(self, ticket_id: int, reply_ids: Iterable[int], admin_id: int) -> int:
        """Make a new ticket of some replies."""
        return self.world.desk.split(ticket_id, reply_ids, self.admin_actor(admin_id)).id

    def delete(self, ticket_id: int, admin_id: int) -> None:
        """Remove a ticket for good."""
        self.world.desk.delete(ticket_id, self.admin_actor(admin_id))

    def ticket(self, ticket_id: int) -> Ticket:
        """A copy of a ticket."""
        with self.state.lock:
            return copy.deepcopy(self.state.tickets[ticket_id])

    def tickets(self) -> list[Ticket]:
        """Copies of all tickets, oldest first."""
        with self.state.lock:
            return copy.deepcopy(list(self.state.tickets.values()))

    def queue(self) -> list[int]:
        """The waiting tickets as an agent sees them: by the addon's panel, what it lacks after it by arrival."""
        with self.state.lock:
            waiting = [
                row.id
                for row in self.state.tickets.values()
                if not row.merged_into and self.state.statuses[row.status].awaiting
            ]
            arrived = sorted(waiting, key=lambda key: (self.state.tickets[key].lastreply, key))
        panel = self.world.panel() if self.world.panel else []
        known = [key for key in panel if key in waiting]
        return known + [key for key in arrived if key not in set(known)]


def typed(text: str) -> str:
    """Text as a browser sends it from a form: lines end as HTML says they do."""
    return text.replace("\r\n", "\n").replace("\n", "\r\n")
