"""What the simulated desk knows: plain mutable records behind one lock."""

import itertools
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]
Clock = Callable[[], datetime]

STATUSES = ("new", "open", "pending", "hold", "solved", "closed", "deleted")
PRIORITIES = ("low", "normal", "high", "urgent")
TYPES = ("problem", "incident", "question", "task")
STAFF = ("agent", "admin")


def now() -> datetime:
    """The default clock."""
    return datetime.now(UTC)


@dataclass
class Organization:
    """A company; `fields` are its organization fields by key."""

    id: int
    name: str
    created_at: datetime
    updated_at: datetime
    external_id: str | None = None
    fields: Json = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)


@dataclass
class User:
    """A person; `role` is `end-user`, `agent` or `admin`."""

    id: int
    name: str
    email: str | None
    created_at: datetime
    updated_at: datetime
    role: str = "end-user"
    organization_id: int | None = None
    external_id: str | None = None
    phone: str | None = None
    default_group_id: int | None = None
    tags: list[str] = field(default_factory=list)
    locale: str = "en-US"

    @property
    def is_staff(self) -> bool:
        """True for agents and admins."""
        return self.role in STAFF


@dataclass
class Group:
    """A pool of agents."""

    id: int
    name: str
    created_at: datetime
    updated_at: datetime


@dataclass
class Comment:
    """One message of a ticket; a private note has `public` false."""

    id: int
    author_id: int
    body: str
    html_body: str
    public: bool
    created_at: datetime
    channel: str
    audit_id: int = 0
    custom: Json = field(default_factory=dict)


@dataclass
class Audit:
    """One update of a ticket, with what it really changed."""

    id: int
    ticket_id: int
    author_id: int
    created_at: datetime
    channel: str
    events: list[Json]
    custom: Json = field(default_factory=dict)


@dataclass
class Ticket:
    """A ticket; `generated` is when anything last changed (microseconds, unique), `updated_at` when an event did."""

    id: int
    subject: str
    requester_id: int
    submitter_id: int
    created_at: datetime
    updated_at: datetime
    channel: str
    description: str = ""
    status: str = "new"
    priority: str | None = None
    type: str | None = None
    group_id: int | None = None
    assignee_id: int | None = None
    organization_id: int | None = None
    external_id: str | None = None
    problem_id: int | None = None
    due_at: str | None = None
    is_public: bool = True
    tags: list[str] = field(default_factory=list)
    fields: dict[int, Any] = field(default_factory=dict)
    comments: list[Comment] = field(default_factory=list)
    audits: list[Audit] = field(default_factory=list)
    followup_ids: list[int] = field(default_factory=list)
    generated: int = 0
    slas: list[Json] | None = None


@dataclass
class TicketField:
    """A ticket field; `options` are `{id, name, value}` of a drop-down, `tag` belongs to a checkbox."""

    id: int
    type: str
    title: str
    created_at: datetime
    updated_at: datetime
    active: bool = True
    removable: bool = True
    position: int = 0
    description: str = ""
    tag: str | None = None
    regexp: str | None = None
    required: bool = False
    options: list[Json] = field(default_factory=list)


@dataclass
class View:
    """A shared view: conditions and output as they were given."""

    id: int
    title: str
    created_at: datetime
    updated_at: datetime
    all: list[Json]
    any: list[Json]
    output: Json
    description: str | None = None
    active: bool = True
    restriction: Json | None = None
    position: int = 0
    counted: bool = False
    cached: tuple[datetime, list[int]] | None = None


@dataclass
class Trigger:
    """A business rule that runs on every ticket change."""

    id: int
    title: str
    created_at: datetime
    updated_at: datetime
    all: list[Json]
    any: list[Json]
    actions: list[Json]
    active: bool = True
    description: str | None = None
    position: int = 0


@dataclass
class Webhook:
    """Where events go; `secret` signs them."""

    id: str
    name: str
    endpoint: str
    http_method: str
    request_format: str
    status: str
    subscriptions: list[str]
    created_at: datetime
    updated_at: datetime
    created_by: int
    secret: str = field(repr=False)
    authentication: Json | None = field(default=None, repr=False)
    custom_headers: dict[str, str] = field(default_factory=dict, repr=False)
    description: str | None = None


@dataclass
class Token:
    """A bearer token and what it may do."""

    id: int
    text: str = field(repr=False)
    user_id: int
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None


@dataclass
class State:
    """Everything, and the lock under which it is read and written."""

    clock: Clock
    lock: threading.RLock = field(default_factory=threading.RLock)
    account_id: int = 22129848
    brand_id: int = 8447346621310
    form_id: int = 8646151517822
    organizations: dict[int, Organization] = field(default_factory=dict)
    users: dict[int, User] = field(default_factory=dict)
    groups: dict[int, Group] = field(default_factory=dict)
    tickets: dict[int, Ticket] = field(default_factory=dict)
    ticket_fields: dict[int, TicketField] = field(default_factory=dict)
    organization_fields: dict[int, Json] = field(default_factory=dict)
    views: dict[int, View] = field(default_factory=dict)
    triggers: dict[int, Trigger] = field(default_factory=dict)
    webhooks: dict[str, Webhook] = field(default_factory=dict)
    sla_policies: dict[int, Json] = field(default_factory=dict)
    jobs: dict[str, Json] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(9_000_000_000_000, 7))
    ticket_ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    last_generated: int = 0

    def next_generated(self) -> int:
        """The next moment for the incremental export: the clock in microseconds, but never the same one twice."""
        self.last_generated = max(int(self.clock().timestamp() * 1_000_000), self.last_generated + 1)
        return self.last_generated


CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def ulid(at: datetime) -> str:
    """A ULID (26 characters): milliseconds, then 80 random bits."""
    number = (int(at.timestamp() * 1000) << 80) | secrets.randbits(80)
    return "".join(CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))
