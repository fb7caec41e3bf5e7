"""Tickets, clients and events, in the words every desk shares."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class Status(StrEnum):
    """Whose move it is. A ticket waits for an agent while it is `new` or `open`."""

    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    HOLD = "hold"
    SOLVED = "solved"
    CLOSED = "closed"
    DELETED = "deleted"

    @property
    def waiting(self) -> bool:
        """True while the requester waits for an agent."""
        return self in (Status.NEW, Status.OPEN)


@dataclass(frozen=True, slots=True)
class Client:
    """Who is served: an organization, or a person who belongs to none.

    `aliases` are all the texts by which an operator may name this client in a services file (the desk's id, the
    external id, the requester's address), lower case. `fields` are the client's custom fields as text. `since` is the
    day this client came to us, `monthly_spend` what it pays a month in the desk's own currency, where the desk knows.
    `currency` is the one the client's invoices are in (ISO 4217), empty where the desk writes none.
    """

    id: str
    name: str
    aliases: frozenset[str] = frozenset()
    fields: Mapping[str, str] = field(default_factory=dict)
    tags: frozenset[str] = frozenset()
    since: date | None = None
    monthly_spend: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Agent:
    """Who has a ticket. `language` is the primary subtag of a BCP 47 tag ("ru"), empty when the desk does not say."""

    id: str
    name: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """A reply target the desk has promised: which metric, and when it is broken."""

    metric: str
    breach_at: datetime


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as the desk knows it now. Ids are text whatever the desk uses; times are aware UTC.

    `pool` names the group of agents that can take it. `fields` maps custom field ids to text. `text` is what the
    requester wrote, as plain text: never trusted, never shown unescaped. `language` is the requester's, a primary
    subtag such as "ru". `first_reply_at` is when an agent first answered in public; notes and bots do not count.
    """

    desk: str
    id: str
    subject: str
    text: str
    status: Status
    pool: str
    client: Client
    created_at: datetime
    updated_at: datetime
    priority: str | None = None
    requester_name: str = ""
    tags: frozenset[str] = frozenset()
    fields: Mapping[str, str] = field(default_factory=dict)
    service_level: ServiceLevel | None = None
    language: str = ""
    agent: Agent | None = None
    first_reply_at: datetime | None = None
    rated_badly: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """Something that was said on a ticket, in public. `from_agent` is true for our side; `text` is plain."""

    author: str
    from_agent: bool
    text: str
    at: datetime


class EventKind(StrEnum):
    """What an event is a hint of. `INVOICE` is about an invoice; `OTHER` is kept and ignored."""

    CREATED = "created"
    COMMENTED = "commented"
    CHANGED = "changed"
    GONE = "gone"
    INVOICE = "invoice"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a desk: only a hint that the ticket, or the invoice, should be looked at.

    `type` is the desk's own name of it; `own` is true when Deskside itself caused it.
    """

    kind: EventKind
    type: str
    ticket_id: str | None
    own: bool = False
    invoice_id: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the receiver needs of an authentic delivery: the id that makes it unique, and the ticket it concerns."""

    id: str
    ticket_id: str | None
    type: str


@dataclass(frozen=True, slots=True)
class Sighting:
    """A ticket seen in a desk's listing of changes: enough to tell whether it must be re-read."""

    ticket_id: str
    status: Status
    updated_at: datetime
    digest: str


@dataclass(frozen=True, slots=True)
class Changes:
    """One page of a desk's listing of changes; `cursor` asks for the next, `more` says whether there is one now."""

    sightings: tuple[Sighting, ...]
    cursor: str
    more: bool
