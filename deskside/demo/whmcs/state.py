"""What the simulated WHMCS knows: plain mutable records behind one lock, named as the API names them."""

import itertools
import random
import string
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

Json = dict[str, Any]
Clock = Callable[[], datetime]

PRIORITIES = ("Low", "Medium", "High")
OPEN, ANSWERED, CUSTOMER_REPLY, CLOSED = "Open", "Answered", "Customer-Reply", "Closed"


def now() -> datetime:
    """The default clock."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Actor:
    """Who does something: `kind` is `admin`, `client` or `guest`; `id` is the admin's or the client's."""

    kind: str
    id: int
    name: str
    email: str = ""
    user_id: int = 0


@dataclass
class Admin:
    """An administrator: what an agent is called here. `departments` are those it is assigned to."""

    id: int
    username: str
    firstname: str
    lastname: str
    email: str
    departments: set[int] = field(default_factory=set)
    role_id: int = 1
    disabled: bool = False

    @property
    def name(self) -> str:
        """The display name, which is all that replies and notes tell of who wrote them."""
        return f"{self.firstname} {self.lastname}".strip()


@dataclass
class User:
    """A login. Since 8.0 it is not the client: `clients` says which accounts it acts for, and whether as the owner."""

    id: int
    name: str
    email: str
    clients: dict[int, bool] = field(default_factory=dict)


@dataclass
class Client:
    """An account that is billed; tickets call its id `userid`."""

    id: int
    firstname: str
    lastname: str
    companyname: str
    email: str
    datecreated: date
    uuid: str
    phonenumber: str = ""
    groupid: int = 0
    status: str = "Active"
    credit: Decimal = Decimal(0)
    language: str = ""
    custom: dict[int, str] = field(default_factory=dict)

    @property
    def fullname(self) -> str:
        """First and last name."""
        return f"{self.firstname} {self.lastname}".strip()


@dataclass
class Contact:
    """An extra address of a client."""

    id: int
    userid: int
    firstname: str
    lastname: str
    email: str
    phonenumber: str = ""
    created_at: datetime | None = None


@dataclass
class ClientGroup:
    """A group of clients."""

    id: int
    name: str
    colour: str = "#ffffff"
    discount: Decimal = Decimal(0)


@dataclass
class Department:
    """A support department."""

    id: int
    name: str
    hidden: bool = False


@dataclass
class TicketStatus:
    """A ticket status; its key is the title. What counts as active and awaiting is not told by the API."""

    title: str
    color: str
    order: int
    active: bool
    awaiting: bool
    autoclose: bool = False


@dataclass
class Message:
    """A reply or a note; `admin` is the display name of an administrator, empty when a client wrote."""

    id: int
    date: datetime
    message: str
    admin: str = ""
    author: Actor | None = None
    contactid: int = 0
    rating: int = 0
    markdown: bool = False
    attachments: tuple[str, ...] = ()


@dataclass
class Ticket:
    """A ticket; `opening` is its first message, `flag` the admin it is assigned to, `c` opens it to whoever has it."""

    id: int
    tid: str
    c: str
    deptid: int
    userid: int
    name: str
    email: str
    subject: str
    requestor: Actor
    opening: Message
    date: datetime
    lastreply: datetime
    status: str = OPEN
    priority: str = "Medium"
    contactid: int = 0
    cc: str = ""
    admin: str = ""
    flag: int = 0
    service: str = ""
    merged_into: int = 0
    prevent_client_closure: bool = False
    custom: dict[int, str] = field(default_factory=dict)
    replies: list[Message] = field(default_factory=list)
    notes: list[Message] = field(default_factory=list)


@dataclass
class Server:
    """A machine that services run on."""

    id: int
    name: str
    hostname: str
    ipaddress: str
    module: str = "cpanel"
    active: bool = True
    maximum: int = 200


@dataclass
class Service:
    """What a client bought; `password` is in clear, as the API gives it away."""

    id: int
    clientid: int
    name: str
    domain: str
    regdate: date
    pid: int = 1
    groupname: str = "Servers"
    dedicatedip: str = ""
    assignedips: str = ""
    serverid: int = 0
    status: str = "Active"
    username: str = ""
    password: str = field(default="", repr=False)
    billingcycle: str = "Monthly"
    amount: Decimal = Decimal(0)
    nextduedate: date | None = None
    notes: str = ""
    custom: dict[str, str] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)


@dataclass
class Domain:
    """A domain registered for a client."""

    id: int
    userid: int
    domainname: str
    regdate: date
    expirydate: date | None = None
    status: str = "Active"


@dataclass
class Item:
    """A line of an invoice."""

    id: int
    description: str
    amount: Decimal
    taxed: bool = False


@dataclass
class Invoice:
    """An invoice, whose `date` is called `issued` here; what is not a draft keeps its lines for ever."""

    id: int
    userid: int
    issued: date
    duedate: date
    items: list[Item]
    status: str = "Unpaid"
    paymentmethod: str = "mailin"
    notes: str = ""
    credit: Decimal = Decimal(0)
    taxrate: Decimal = Decimal(0)
    datepaid: datetime | None = None

    @property
    def subtotal(self) -> Decimal:
        """Before tax."""
        return sum((item.amount for item in self.items), Decimal(0))

    @property
    def tax(self) -> Decimal:
        """On the taxed lines."""
        taxed = sum((item.amount for item in self.items if item.taxed), Decimal(0))
        return (taxed * self.taxrate / 100).quantize(Decimal("0.01"))

    @property
    def total(self) -> Decimal:
        """With tax, less the credit that was used."""
        return self.subtotal + self.tax - self.credit


@dataclass
class Transaction:
    """Money in or out; `currency` 0 is the client's own, `rate` its rate to the default currency."""

    id: int
    userid: int
    date: datetime
    amountin: Decimal
    amountout: Decimal
    transid: str
    invoiceid: int = 0
    refundid: int = 0
    fees: Decimal = Decimal(0)
    rate: Decimal = Decimal(1)
    currency: int = 0
    gateway: str = "paypal"
    description: str = "Invoice Payment"


@dataclass
class Credited:
    """An entry of a client's credit log."""

    id: int
    clientid: int
    date: date
    description: str
    amount: Decimal


@dataclass
class BillableItem:
    """Something to be put on a later invoice."""

    id: int
    clientid: int
    description: str
    amount: Decimal
    unit: str
    quantity: Decimal
    invoiceaction: str


@dataclass
class Announcement:
    """News on the client area; `announcement` is HTML."""

    id: int
    date: datetime
    title: str
    announcement: str
    published: bool
    language: str = ""


@dataclass
class NetworkIssue:
    """A declared trouble."""

    id: int
    title: str
    affecting: str
    status: str = "Reported"


def statuses() -> dict[str, TicketStatus]:
    """The statuses of a fresh install. A ticket on hold is neither active nor awaiting."""
    rows = (
        TicketStatus(OPEN, "#779500", 1, True, True),
        TicketStatus(ANSWERED, "#000000", 2, True, False, True),
        TicketStatus(CUSTOMER_REPLY, "#ff6600", 3, True, True, True),
        TicketStatus("On Hold", "#224488", 5, False, False),
        TicketStatus("In Progress", "#cc0000", 6, True, False),
        TicketStatus(CLOSED, "#888888", 10, False, False),
    )
    return {row.title: row for row in rows}


class State:
    """All records. `zone` is the time zone of PHP, in which every time is printed; `random` decides what is random."""

    def __init__(self, clock: Clock, zone: ZoneInfo, seed: int) -> None:
        self.clock = clock
        self.zone = zone
        self.random = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self.lock = threading.RLock()
        self.admins: dict[int, Admin] = {}
        self.users: dict[int, User] = {}
        self.clients: dict[int, Client] = {}
        self.contacts: dict[int, Contact] = {}
        self.groups: dict[int, ClientGroup] = {}
        self.departments: dict[int, Department] = {}
        self.statuses = statuses()
        self.tickets: dict[int, Ticket] = {}
        self.servers: dict[int, Server] = {}
        self.services: dict[int, Service] = {}
        self.domains: dict[int, Domain] = {}
        self.invoices: dict[int, Invoice] = {}
        self.transactions: dict[int, Transaction] = {}
        self.credits: list[Credited] = []
        self.billable: dict[int, BillableItem] = {}
        self.announcements: dict[int, Announcement] = {}
        self.issues: dict[int, NetworkIssue] = {}
        self.activity: list[tuple[datetime, int, str]] = []
        self.notifications: list[Json] = []
        self.mails: list[Json] = []
        self._ids: dict[str, Iterator[int]] = {}

    def next_id(self, table: str) -> int:
        """The next number of a table; every table counts for itself, so equal numbers are no relation."""
        return next(self._ids.setdefault(table, itertools.count(1)))

    def mask(self) -> str:
        """A ticket number as clients see it: text, not a number."""
        letters = "".join(self.random.choices(string.ascii_uppercase, k=3))
        mask = f"{letters}-{self.random.randrange(100_000, 1_000_000)}"
        return mask if all(row.tid != mask for row in self.tickets.values()) else self.mask()

    def code(self, length: int = 8) -> str:
        """Letters and digits that open something."""
        return "".join(self.random.choices(string.ascii_letters + string.digits, k=length))

    def log(self, text: str, client_id: int = 0) -> None:
        """A line of the activity log."""
        self.activity.append((self.clock(), client_id, text))

    def local(self, at: datetime) -> datetime:
        """A moment as WHMCS keeps it: in its own zone, without saying so, to the second."""
        return at.astimezone(self.zone).replace(tzinfo=None, microsecond=0)

    def today(self) -> date:
        """The day in the install's zone."""
        return self.local(self.clock()).date()
