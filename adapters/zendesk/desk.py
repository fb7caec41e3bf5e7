"""The desk: Zendesk Support behind Deskside's port."""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.zendesk import bindings as names
from adapters.zendesk import check, connect, correspondence, events, notes, tickets
from adapters.zendesk.budget import FOR_NOTES, FOR_PLACEMENTS
from adapters.zendesk.client import Client, Clients, Row
from adapters.zendesk.problems import AccessRefused, NotOnThisAccount
from adapters.zendesk.settings import Settings
from adapters.zendesk.signature import verify
from deskside.errors import Conflict, Gone, Permanent
from deskside.model import ticket as words
from deskside.model.effect import Note, Placement, Receipt, TagChange
from deskside.ports import CheckResult, Step
from deskside.store.bindings import Bindings, RememberedBindings
from deskside.text import clean, identifier

NAME = "zendesk"
SERVICE = "service"  # the key in Ticket.fields of what an agent put into the field "Service"
BAND_TAG = tickets.OWN_PREFIX + "band_"

# The export refuses a start less than a minute ago.
FIRST_LOOK_BACK = timedelta(hours=1)
ASK_AGAIN_FOR_LEVELS = 3600.0
COMMENT_PAGES = 5


class ZendeskDesk:
    """One Zendesk account. Thread-safe: each thread has its own client, made at its first call."""

    name = NAME
    title = "Zendesk"

    def __init__(self, settings: Settings, bindings: Bindings) -> None:
        self._settings = settings
        self._bindings = bindings if isinstance(bindings, RememberedBindings) else RememberedBindings(bindings)
        self._clients = Clients(settings)
        self._lock = threading.Lock()
        self._no_levels_until = 0.0

    @property
    def clients(self) -> Clients:
        """The account's clients, for what else of it Deskside reads."""
        return self._clients

    def accept(self, headers: Mapping[str, str], body: bytes, now: datetime) -> words.Delivery:
        """Verify a delivery over its raw bytes, by the configured secrets and the one `connect` fetched."""
        lower = _lower(headers)
        secrets = (
            self._settings.webhook_secret,
            self._settings.webhook_secret_previous,
            self._bindings.get(names.WEBHOOK_SECRET),
        )
        verify(filter(None, secrets), lower, body, now)
        return events.read_delivery(lower, body)

    def parse(self, headers: Mapping[str, str], body: bytes) -> words.Event:
        """Read a stored delivery."""
        return events.read_event(_lower(headers), body, self._bindings.get(names.OWN_USER))

    def read_ticket(self, ticket_id: str) -> words.Ticket:
        """The ticket, its requester, its organization, and its service level where the account has any."""
        client = self._clients.here()
        row, beside = client.ticket(ticket_id)
        if tickets.read_status(row.get("status")) is words.Status.DELETED:
            raise Gone(f"ticket {ticket_id} is deleted")
        requester_id = identifier(row.get("requester_id"))
        requester = _beside_or(beside, "user", requester_id, client.user)
        organization = _beside_or(beside, "organization", identifier(row.get("organization_id")), client.organization)
        if not organization and (organization_id := identifier(row.get("organization_id"))):
            organization = {"id": organization_id}
        assignee_id = identifier(row.get("assignee_id"))
        ticket = tickets.read_ticket(
            row,
            pool=self._pool(client, row, beside),
            client=tickets.read_client(requester_id, requester, organization),
            requester=requester,
            level=self._service_level(client, ticket_id),
            agent=tickets.read_agent(assignee_id, _beside_or(beside, "user", assignee_id, client.user)),
            metrics=beside.get("metrics", {}),
        )
        return self._with_service(ticket)

    def digest(self, ticket: words.Ticket) -> str:
        """See `tickets.digest`; equal to that of the same ticket's row in `changes`."""
        return tickets.digest(ticket, self._own_fields())

    def changes(self, cursor: str | None) -> words.Changes:
        """A page of the cursor-based incremental export, which also tells of system changes and deletions."""
        client = self._clients.here()
        start = int((datetime.now(UTC) - FIRST_LOOK_BACK).timestamp())
        rows, following, more = client.changed_tickets(cursor, start)
        own_fields = self._own_fields()
        return words.Changes(
            sightings=tuple(self._sighting(client, row, own_fields) for row in rows if identifier(row.get("id"))),
            cursor=following,
            more=more,
        )

    def add_note(self, ticket_id: str, note: Note) -> Receipt:
        """Add a private note, unless somebody changes the ticket in between (`Conflict`: decide again)."""
        html = notes.render(note)
        self._clients.budget.admit(FOR_NOTES)
        client = self._clients.here()
        self._own_user(client)
        row = self._writable(client, ticket_id)
        answer = client.comment_privately(ticket_id, html, {"deskside": note.marker}, _stamp(row))
        return Receipt(_audit_id(answer))

    def find_note(self, ticket_id: str, marker: str) -> Receipt | None:
        """Look through the newest comments (500 at most) for our own private one with this marker."""
        client = self._clients.here()
        own_user = self._own_user(client)
        after: str | None = None
        for _ in range(COMMENT_PAGES):
            rows, after = client.comments(ticket_id, after)
            for row in rows:
                if _is_our_note(row, own_user) and any(
                    notes.has_stamp(clean(row.get(part)), marker) for part in ("html_body", "plain_body", "body")
                ):
                    return Receipt(identifier(row.get("audit_id")) or identifier(row.get("id")) or "")
            if after is None:
                break
        return None

    def replies(self, ticket_id: str) -> Sequence[words.Reply]:
        """The public comments (of the newest 500); see `correspondence`."""
        return correspondence.read(self._clients.here(), ticket_id, COMMENT_PAGES)

    def change_tags(self, ticket_id: str, change: TagChange) -> Receipt:
        """Add and remove tags by their own calls, which leave all others alone; nothing to change sends nothing."""
        self._clients.budget.admit(FOR_NOTES)
        client = self._clients.here()
        row = self._writable(client, ticket_id)
        present = tickets.read_tags(row.get("tags"))
        missing = [tag for tag in change.add if tag not in present]
        unwanted = [tag for tag in change.remove if tag in present]
        if missing:
            client.add_tags(ticket_id, missing, _stamp(row))
        if missing and unwanted:
            row = self._writable(client, ticket_id)
        if unwanted:
            client.remove_tags(ticket_id, unwanted, _stamp(row))
        return Receipt()

    def set_placement(self, ticket_id: str, placement: Placement) -> Receipt:
        """Write band and key into their fields in one update, or nothing when they are there already."""
        wanted = {
            self._required(names.BAND_FIELD): BAND_TAG + placement.band,
            self._required(names.KEY_FIELD): placement.sort_key,
        }
        self._clients.budget.admit(FOR_PLACEMENTS)
        client = self._clients.here()
        row = self._writable(client, ticket_id)
        present = tickets.read_fields(row.get("custom_fields"))
        if all(present.get(field) == value for field, value in wanted.items()):
            return Receipt()
        answer = client.set_fields(ticket_id, wanted, _stamp(row))
        _check_taken(answer, wanted)
        return Receipt(_audit_id(answer))

    def connect(self, base_url: str, dry_run: bool) -> Sequence[Step]:
        """Make fields, view and webhook; see `connect`."""
        return connect.connect(self._clients.here(), self._bindings, self._settings, base_url, dry_run)

    def check(self) -> Sequence[CheckResult]:
        """Prove credentials, scopes, fields, view and webhook; see `check`."""
        return check.check(self._clients.here(), self._bindings, self._settings, self._clients.budget)

    def ticket_url(self, ticket_id: str) -> str:
        """The ticket in the agents' interface."""
        return f"{self._settings.url}/agent/tickets/{ticket_id}"

    def _sighting(self, client: Client, row: Row, own_fields: frozenset[str]) -> words.Sighting:
        ticket = tickets.read_ticket(
            row,
            pool=self._pool(client, row, {}),
            client=words.Client(id=tickets.client_id(row), name=""),
            requester={},
            level=None,
        )
        digest = tickets.digest(self._with_service(ticket), own_fields)
        return words.Sighting(ticket.id, ticket.status, ticket.updated_at, digest)

    def _pool(self, client: Client, row: Mapping[str, Any], beside: Mapping[str, Row]) -> str:
        """The group's name as it was first seen: a group that is renamed must not split its queue in two."""
        group_id = identifier(row.get("group_id"))
        if group_id is None:
            return tickets.UNASSIGNED
        known = self._bindings.get(names.group_name(group_id))
        if known:
            return known
        group = _beside_or(beside, "group", group_id, client.group)
        name = clean(group.get("name")).strip() or f"group {group_id}"
        self._bindings.put(names.group_name(group_id), name)
        return name

    def _service_level(self, client: Client, ticket_id: str) -> words.ServiceLevel | None:
        """None where there is none; an account without SLAs is asked again after an hour."""
        with self._lock:
            if time.monotonic() < self._no_levels_until:
                return None
        try:
            return tickets.read_service_level(client.service_levels(ticket_id))
        except (AccessRefused, NotOnThisAccount):
            with self._lock:
                self._no_levels_until = time.monotonic() + ASK_AGAIN_FOR_LEVELS
        except Gone:
            pass
        return None

    def _with_service(self, ticket: words.Ticket) -> words.Ticket:
        field = self._bindings.get(names.SERVICE_FIELD)
        value = ticket.fields.get(field) if field else None
        return replace(ticket, fields={**ticket.fields, SERVICE: value}) if value else ticket

    def _own_fields(self) -> frozenset[str]:
        return frozenset(filter(None, map(self._bindings.get, (names.BAND_FIELD, names.KEY_FIELD))))

    def _own_user(self, client: Client) -> str:
        """The id of the user the credentials belong to, asked for once and then remembered for good."""
        known = self._bindings.get(names.OWN_USER)
        if known:
            return known
        own = identifier(client.me().get("id"))
        if own is None:
            raise Permanent("Zendesk takes us for nobody: check the credentials with `deskside check`")
        self._bindings.put(names.OWN_USER, own)
        return own

    def _required(self, name: str) -> str:
        value = self._bindings.get(name)
        if value is None:
            raise Permanent("the account is not prepared: run `deskside connect zendesk`")
        return value

    def _writable(self, client: Client, ticket_id: str) -> Row:
        """The ticket's row, freshly read for its `updated_at`. Raises `Gone` when it takes no more changes."""
        row, _ = client.ticket(ticket_id)
        status = tickets.read_status(row.get("status"))
        if status in (words.Status.CLOSED, words.Status.DELETED):
            raise Gone(f"ticket {ticket_id} is {status} and takes no more changes")
        return row


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _beside_or(beside: Mapping[str, Row], kind: str, found: str | None, ask: Any) -> Row:
    """A side-loaded row, else the answer to `ask`; empty when there is none or we may not see it."""
    if found is None:
        return {}
    if f"{kind}:{found}" in beside:
        return beside[f"{kind}:{found}"]
    try:
        row: Row = ask(found)
    except (Gone, AccessRefused):
        return {}
    return row


def _stamp(row: Mapping[str, Any]) -> str:
    stamp = row.get("updated_at")
    if not isinstance(stamp, str) or not stamp:
        raise Conflict("Zendesk's ticket has no updated_at to protect the change with")
    return stamp


def _is_our_note(row: Mapping[str, Any], own_user: str) -> bool:
    return row.get("public") is False and identifier(row.get("author_id")) == own_user


def _audit_id(answer: Mapping[str, Any]) -> str:
    audit = answer.get("audit")
    return (identifier(audit.get("id")) if isinstance(audit, Mapping) else None) or ""


def _check_taken(answer: Mapping[str, Any], wanted: Mapping[str, str]) -> None:
    """Raise `Permanent` when a field is not on the ticket afterwards: Zendesk drops ids it does not know silently."""
    ticket = answer.get("ticket")
    rows = ticket.get("custom_fields") if isinstance(ticket, Mapping) else None
    if not isinstance(rows, list):
        return
    there = {identifier(row.get("id")) for row in rows if isinstance(row, Mapping)}
    lost = [field for field in wanted if field not in there]
    if lost:
        raise Permanent(f"Zendesk has no active field {', '.join(lost)} any more: run `deskside connect zendesk`")
