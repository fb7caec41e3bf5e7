"""The rows of WHMCS's answers that Deskside uses, and of each row the fields it uses: nothing else gets past here.

A field that cannot be read takes the value of a missing one, because one odd row must not hide the others; a row
without an id is left out. Times are as WHMCS's clock showed them, without a zone. Source: developers.whmcs.com, API
reference, the page of each action.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Generic, TypeVar

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, pre_load

from adapters.whmcs import normalise
from adapters.whmcs.normalise import Row
from deskside.text import clean, identifier

T = TypeVar("T")


class _Read(fields.Field[Any]):
    """A field read by a function that never fails."""

    def __init__(self, read: Callable[[object], Any], default: Any, **kwargs: Any) -> None:
        super().__init__(load_default=default, **kwargs)
        self._read = read

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        found = self._read(value)
        return self.load_default if found is None else found


def _text(data_key: str | None = None) -> _Read:
    return _Read(normalise.text, "", data_key=data_key)


def _identifier(data_key: str | None = None) -> _Read:
    return _Read(identifier, None, data_key=data_key)


def _whole(data_key: str | None = None) -> _Read:
    return _Read(normalise.whole, 0, data_key=data_key)


def _money(default: str, data_key: str | None = None) -> _Read:
    return _Read(normalise.money, Decimal(default), data_key=data_key)


def _html(data_key: str) -> _Read:
    return _Read(lambda value: clean(value) if isinstance(value, str) else "", "", data_key=data_key)


def _flag(data_key: str | None = None) -> _Read:
    return _Read(normalise.flag, False, data_key=data_key)


def _time(data_key: str | None = None) -> _Read:
    return _Read(normalise.local_time, None, data_key=data_key)


def _day(data_key: str | None = None) -> _Read:
    return _Read(normalise.local_day, None, data_key=data_key)


class _Id(fields.Field[str]):
    """The id of a row, which a row must have. "0" is one only where `zero` says so."""

    def __init__(self, *, zero: bool = False, **kwargs: Any) -> None:
        super().__init__(required=True, **kwargs)
        self._zero = zero

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        found = "0" if self._zero and normalise.whole(value) == 0 else identifier(value)
        if found is None:
            raise ValidationError("is no id")
        return found


class _RowSchema(Schema, Generic[T]):
    """Reads one kind of row into its dataclass."""

    makes: ClassVar[Callable[..., Any]]
    # Other names of a field, each used when the field's own is missing.
    also: ClassVar[Mapping[str, str]] = {}

    class Meta:
        unknown = EXCLUDE

    @pre_load
    def _prepare(self, data: Row, **_: Any) -> Row:
        present = {key: value for key, value in data.items() if value is not None}
        for other, name in self.also.items():
            if other in present:
                present.setdefault(name, present[other])
        return present

    @post_load
    def _make(self, data: Row, **_: Any) -> Any:
        return type(self).makes(**data)

    def read(self, rows: Iterable[Row]) -> list[T]:
        """The rows that can be read."""
        found: list[T] = []
        for row in rows:
            try:
                found.append(self.load(row))
            except ValidationError:
                continue
        return found

    @property
    def keys(self) -> frozenset[str]:
        """The names under which the fields of this row come."""
        return frozenset({field.data_key or name for name, field in self.fields.items()} | set(self.also))


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A ticket of `GetTickets` or `GetTicket`. `client` is an account, `flag` the assigned administrator."""

    id: str
    department: str | None
    department_name: str
    client: str | None
    name: str
    email: str
    requestor_name: str
    requestor_email: str
    owner_name: str
    opened: datetime | None
    last_reply: datetime | None
    subject: str
    status: str
    priority: str
    flag: str | None
    service: str


class TicketSchema(_RowSchema[TicketRow]):
    """The key of a ticket's page for whoever holds it (`c`) is not among the fields."""

    makes = TicketRow
    also: ClassVar[Mapping[str, str]] = {"ticketid": "id"}

    id = _Id()
    department = _identifier("deptid")
    department_name = _text("deptname")
    client = _identifier("userid")
    name = _text()
    email = _text()
    requestor_name = _text()
    requestor_email = _text()
    owner_name = _text()
    opened = _time("date")
    last_reply = _time("lastreply")
    subject = _text()
    status = _text()
    priority = _text()
    flag = _identifier()
    service = _text()


@dataclass(frozen=True, slots=True)
class ReplyRow:
    """A reply of `GetTicket`; the one with id "0" is the opening post. `admin` is the name of who replied for us.

    `rating` is what the client gave that reply: 1 (bad) to 5, 0 is none.
    """

    id: str
    date: datetime | None
    message: str
    admin: str
    rating: int = 0


class ReplySchema(_RowSchema[ReplyRow]):
    """A public reply."""

    makes = ReplyRow

    id = _Id(zero=True, data_key="replyid")
    date = _time()
    message = _text()
    admin = _text()
    rating = _whole()


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A note that only administrators see; `admin` is its author's name."""

    id: str
    date: datetime | None
    message: str
    admin: str


class NoteSchema(_RowSchema[NoteRow]):
    """`GetTicketNotes` has `id`, `GetTicket` has `noteid`."""

    makes = NoteRow
    also: ClassVar[Mapping[str, str]] = {"noteid": "id"}

    id = _Id()
    date = _time()
    message = _text()
    admin = _text()


@dataclass(frozen=True, slots=True)
class DepartmentRow:
    """A support department."""

    id: str
    name: str


class DepartmentSchema(_RowSchema[DepartmentRow]):
    """A department of `GetSupportDepartments`."""

    makes = DepartmentRow

    id = _Id()
    name = _text()


@dataclass(frozen=True, slots=True)
class StatusRow:
    """A status tickets can have, and how many have it. Its title is its key."""

    title: str
    count: int


class StatusSchema(_RowSchema[StatusRow]):
    """A status of `GetSupportStatuses`."""

    makes = StatusRow

    title = _text()
    count = _whole()


@dataclass(frozen=True, slots=True)
class ClientRow:
    """An account of `GetClientsDetails` or `GetClients`. `currency` is the code of its invoices' currency, told by the
    first alone; `custom` are its custom fields by id, as far as asked for.
    """

    id: str
    first_name: str
    last_name: str
    company: str
    email: str
    group: str | None
    language: str
    currency: str
    came: date | None
    custom: Mapping[str, str]


def _custom(value: object) -> dict[str, str]:
    found = normalise.rows({"customfields": value}, "customfields", "customfield")
    return {key: normalise.text(row.get("value")) for row in found if (key := identifier(row.get("id")))}


class ClientSchema(_RowSchema[ClientRow]):
    """An account."""

    makes = ClientRow
    also: ClassVar[Mapping[str, str]] = {"userid": "id", "client_id": "id"}

    id = _Id()
    first_name = _text("firstname")
    last_name = _text("lastname")
    company = _text("companyname")
    email = _text()
    group = _identifier("groupid")
    language = _text()
    currency = _text("currency_code")
    came = _day("datecreated")
    custom = _Read(_custom, {}, data_key="customfields")


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A product a client has (a "service"). `assigned` is free text with addresses in it."""

    id: str
    client: str | None
    product: str
    domain: str
    dedicated: str
    assigned: str
    server_name: str
    server_address: str
    server_host: str
    registered: date | None
    status: str


class ProductSchema(_RowSchema[ProductRow]):
    """A product of `GetClientsProducts`, which sends the service's password in clear along with it."""

    makes = ProductRow

    id = _Id()
    client = _identifier("clientid")
    product = _text("name")
    domain = _text()
    dedicated = _text("dedicatedip")
    assigned = _text("assignedips")
    server_name = _text("servername")
    server_address = _text("serverip")
    server_host = _text("serverhostname")
    registered = _day("regdate")
    status = _text()


@dataclass(frozen=True, slots=True)
class DomainRow:
    """A domain registered through us."""

    id: str
    domain: str
    status: str


class DomainSchema(_RowSchema[DomainRow]):
    """A domain of `GetClientsDomains`."""

    makes = DomainRow
    also: ClassVar[Mapping[str, str]] = {"domainname": "domain"}

    id = _Id()
    domain = _text()
    status = _text()


@dataclass(frozen=True, slots=True)
class ServerRow:
    """A machine that products are on."""

    id: str
    name: str
    host: str
    address: str
    active: bool


class ServerSchema(_RowSchema[ServerRow]):
    """A server of `GetServers`."""

    makes = ServerRow

    id = _Id()
    name = _text()
    host = _text("hostname")
    address = _text("ipaddress")
    active = _flag()


@dataclass(frozen=True, slots=True)
class TransactionRow:
    """Money in or out, as raw amounts. `rate` is what one unit of the desk's own currency was in theirs."""

    id: str
    date: datetime | None
    amount_in: Decimal
    amount_out: Decimal
    rate: Decimal


class TransactionSchema(_RowSchema[TransactionRow]):
    """A transaction of `GetTransactions`."""

    makes = TransactionRow

    id = _Id()
    date = _time()
    amount_in = _money("0", "amountin")
    amount_out = _money("0", "amountout")
    rate = _money("1")


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """An invoice. `total` is what is to be paid besides the `credit` that was used for it, tax included."""

    id: str
    status: str
    total: Decimal
    credit: Decimal
    notes: str


class InvoiceSchema(_RowSchema[InvoiceRow]):
    """An invoice of `GetInvoice` or `GetInvoices`."""

    makes = InvoiceRow
    also: ClassVar[Mapping[str, str]] = {"invoiceid": "id"}

    id = _Id()
    status = _text()
    total = _money("0")
    credit = _money("0")
    notes = _text()


@dataclass(frozen=True, slots=True)
class CreditRow:
    """An entry of a client's credit log."""

    id: str
    description: str


class CreditSchema(_RowSchema[CreditRow]):
    """An entry of `GetCredits`."""

    makes = CreditRow

    id = _Id()
    description = _text()


@dataclass(frozen=True, slots=True)
class AdminRow:
    """An administrator."""

    id: str
    username: str
    first_name: str
    last_name: str
    full_name: str
    disabled: bool


class AdminSchema(_RowSchema[AdminRow]):
    """An administrator of `GetAdminUsers`."""

    makes = AdminRow

    id = _Id()
    username = _text()
    first_name = _text("firstname")
    last_name = _text("lastname")
    full_name = _text("fullName")
    disabled = _flag("isDisabled")


@dataclass(frozen=True, slots=True)
class AnnouncementRow:
    """An announcement; `body` is HTML as its author wrote it: never trusted."""

    id: str
    date: datetime | None
    title: str
    body: str
    published: bool
    parent: str | None
    language: str


class AnnouncementSchema(_RowSchema[AnnouncementRow]):
    """An announcement of `GetAnnouncements`."""

    makes = AnnouncementRow

    id = _Id()
    date = _time()
    title = _text()
    body = _html("announcement")
    published = _flag()
    parent = _identifier("parentid")
    language = _text()


TICKETS = TicketSchema()
REPLIES = ReplySchema()
NOTES = NoteSchema()
DEPARTMENTS = DepartmentSchema()
STATUSES = StatusSchema()
CLIENTS = ClientSchema()
PRODUCTS = ProductSchema()
DOMAINS = DomainSchema()
SERVERS = ServerSchema()
TRANSACTIONS = TransactionSchema()
INVOICES = InvoiceSchema()
CREDITS = CreditSchema()
ADMINS = AdminSchema()
ANNOUNCEMENTS = AnnouncementSchema()

# In every answer.
ENVELOPE = frozenset({"result", "status", "message", "error", "totalresults", "numreturned"})
