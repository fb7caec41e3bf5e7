"""One simulated Zendesk put together: the state, and what acts on it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from deskside.demo.faults import Faults
from deskside.demo.zendesk import shapes
from deskside.demo.zendesk.desk import Desk
from deskside.demo.zendesk.events import Happening
from deskside.demo.zendesk.faults import Fault
from deskside.demo.zendesk.guide.desk import HelpCenter
from deskside.demo.zendesk.guide.state import Brand, GuideState, Named
from deskside.demo.zendesk.limits import Limits
from deskside.demo.zendesk.rules import Rules
from deskside.demo.zendesk.search import Index, ticket_document
from deskside.demo.zendesk.sender import Sender
from deskside.demo.zendesk.state import Comment, Json, State, Ticket, TicketField, User


@dataclass(frozen=True)
class Recorded:
    """One request that arrived: never with its credentials."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: dict[str, str]


@dataclass
class OAuthClient:
    """The account's OAuth client; `scopes` limits what may be asked for (None: anything)."""

    identifier: str
    secret: str = field(repr=False)
    user_id: int = 0
    scopes: tuple[str, ...] | None = None


@dataclass
class Remembered:
    """An answer kept for its Idempotency-Key."""

    at: datetime
    body: bytes
    answer: Json
    location: str


SYSTEM_FIELDS = (
    ("subject", "Subject"),
    ("description", "Description"),
    ("status", "Status"),
    ("tickettype", "Type"),
    ("priority", "Priority"),
    ("group", "Group"),
    ("assignee", "Assignee"),
)
# The numbers, and who is in them: user segments and permission groups that every account has.
SEGMENTS = ((8447320470142, "Signed-in users", "signed_in_users"), (8447320470270, "Agents and admins", "staff"))
PERMISSION_GROUPS = ((8447320470398, "Admins"), (8447320470526, "Agents and admins"))


class World:
    """The state with its desk, rules, sender, index, limits and faults; `base` is the address it is served at."""

    def __init__(self, state: State, client: OAuthClient, limits: Limits) -> None:
        self.state = state
        self.client = client
        self.limits = limits
        self.faults = Faults(Fault)
        self.sender = Sender(state.webhooks, self.faults, state.clock)
        self.rules = Rules(state, self.sender)
        self.desk = Desk(state, self._changed)
        self.index = Index(state.clock)
        self.guide = GuideState(state.clock)
        self.help_center = HelpCenter(state, self.guide)
        self.base = ""
        self.link_base = ""
        self.requests: list[Recorded] = []
        self.remembered: dict[str, Remembered] = {}
        self.incremental_hold_seconds = 60.0
        self.incremental_min_age_seconds = 60.0
        self.view_cache_seconds = 0.0
        for position, (kind, title) in enumerate(SYSTEM_FIELDS):
            self.add_ticket_field(kind, title, removable=False, position=position)
        self._furnish(state.clock())

    def _furnish(self, now: datetime) -> None:
        brand = Brand(self.state.brand_id, "Simulated", "simulated", now, default=True)
        self.guide.brands[brand.id] = brand
        for key, name, kind in SEGMENTS:
            self.guide.segments[key] = Named(key, name, now, True, kind)
        for key, name in PERMISSION_GROUPS:
            self.guide.permission_groups[key] = Named(key, name, now, True)

    @property
    def links(self) -> str:
        """The address in links to further pages; `link_base` misleads callers that follow a link to another host."""
        return self.link_base or self.base

    def _changed(
        self, ticket: Ticket, actor: User, happenings: list[Happening], update_type: str, comment: Comment | None
    ) -> None:
        self.index.put("ticket", ticket.id, ticket_document(ticket, shapes.ticket(self.state, ticket, ""), self.state))
        self.rules.changed(ticket, actor, happenings, update_type, comment)

    def add_ticket_field(self, kind: str, title: str, **more: Any) -> TicketField:
        """A new ticket field."""
        now = self.state.clock()
        row = TicketField(next(self.state.ids), kind, title, now, now, **more)
        self.state.ticket_fields[row.id] = row
        return row

    def incremental(self, after: tuple[int, int], size: int) -> tuple[list[Ticket], bool]:
        """Tickets that changed after the moment (microseconds, id), oldest change first; and whether there are more.

        What changed within `incremental_hold_seconds` is held back.
        """
        edge = self.state.clock() - timedelta(seconds=self.incremental_hold_seconds)
        newest = int(edge.timestamp() * 1_000_000) if self.incremental_hold_seconds else None
        rows = [
            row
            for row in self.state.tickets.values()
            if (row.generated, row.id) > after and (newest is None or row.generated <= newest)
        ]
        rows.sort(key=lambda row: (row.generated, row.id))
        return rows[:size], len(rows) > size
