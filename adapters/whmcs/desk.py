"""The desk: WHMCS's support tickets behind Deskside's port."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from adapters.whmcs import billing, check, connect, events, inventory, notes, tickets
from adapters.whmcs import bindings as names
from adapters.whmcs.client import Client, Clients
from adapters.whmcs.directory import Directory
from adapters.whmcs.rows import TicketRow
from adapters.whmcs.settings import Settings
from adapters.whmcs.signature import portal_secret, verify
from adapters.whmcs.statuses import Statuses
from adapters.whmcs.unlisted import Unlisted
from deskside.errors import Gone
from deskside.model import ticket as words
from deskside.model.billing import Bill, Credit, Invoice
from deskside.model.effect import Note, Placement, Receipt, TagChange
from deskside.model.place import Band
from deskside.model.service import Service
from deskside.ports import CheckResult, Step
from deskside.store.bindings import Bindings, RememberedBindings
from deskside.text import identifier

NAME = tickets.DESK
HIGHEST = "High"

_ENDED = (words.Status.CLOSED, words.Status.DELETED)


class WhmcsDesk:
    """One WHMCS. Thread-safe: each thread has its own connection, made at its first call.

    `unfinished` gives the ids of the tickets that were neither closed nor gone when Deskside last read them. `folder`
    is where `connect` puts the packed addon.
    """

    name = NAME
    title = "WHMCS"

    def __init__(
        self,
        settings: Settings,
        bindings: Bindings,
        unfinished: Callable[[], Collection[str]],
        folder: Path | None = None,
    ) -> None:
        self._settings = settings
        self._bindings = bindings if isinstance(bindings, RememberedBindings) else RememberedBindings(bindings)
        self._unfinished = unfinished
        self._folder = folder
        self._zone = settings.zone
        self._clients = Clients(settings)
        self._executor: Executor = ThreadPoolExecutor(settings.at_once, thread_name_prefix="whmcs")
        self._directory = Directory(settings, self._clients, self._bindings)
        self._statuses = Statuses(settings.meanings, self._clients, self._executor)
        self._gone = Unlisted()

    @property
    def clients(self) -> Clients:
        """The installation's clients, for what else of it Deskside reads."""
        return self._clients

    @property
    def url(self) -> str:
        """Where the installation is, without a slash at the end."""
        return self._settings.url

    @property
    def settings(self) -> Settings:
        """What the section `[whmcs]` says."""
        return self._settings

    @property
    def signing_secrets(self) -> tuple[str, ...]:
        """What the addon may sign with: the configured secrets and the one `connect` packed, each once."""
        known = (
            self._settings.webhook_secret,
            self._settings.webhook_secret_previous,
            self._bindings.get(names.WEBHOOK_SECRET),
        )
        return tuple(dict.fromkeys(secret for secret in known if secret))

    @property
    def zone(self) -> ZoneInfo:
        """The zone of its clock."""
        return self._zone

    def accept(self, headers: Mapping[str, str], body: bytes, now: datetime) -> words.Delivery:
        """Verify a delivery of the addon, by the configured secrets and the one `connect` packed."""
        webhook_id = verify(self.signing_secrets, _lower(headers), body, now)
        return events.read_delivery(webhook_id, body)

    def portal_secrets(self) -> Sequence[str]:
        """Derived from the secrets that are shared with the addon."""
        return [portal_secret(secret) for secret in self.signing_secrets]

    def parse(self, headers: Mapping[str, str], body: bytes) -> words.Event:
        """Read a stored delivery."""
        return events.read_event(body, self._bindings.get(names.OWN_ADMIN))

    def read_ticket(self, ticket_id: str) -> words.Ticket:
        """The ticket with its opening post, its client with their years and money, and who has it.

        WHMCS has no targets for replies, so there is no service level.
        """
        now = datetime.now(UTC)
        row, replies = self._clients.here().ticket(ticket_id)
        status = self._statuses.meaning(row.status)
        told = tickets.read_told(row, replies, self._zone, now)
        account = self._directory.account(row.client) if row.client else None
        client = tickets.read_client(
            row,
            account,
            since=self._directory.since(row.client, account.email if account else "") if row.client else None,
            monthly_spend=self._directory.monthly_spend(row.client) if row.client else None,
            field_ids=self._settings.client_fields,
        )
        return tickets.read_ticket(
            row,
            status=status,
            pool=self._directory.pool(row.department, row.department_name),
            client=client,
            created_at=told.opened,
            updated_at=tickets.changed_at(row, told, status, self._zone, now),
            text=told.text,
            service=self._directory.service_name(row.service, row.client) if row.service else "",
            language=tickets.read_language(account.language) if account else "",
            agent_name=self._directory.admin_name(row.flag) if row.flag else "",
            first_reply_at=told.first_reply,
            rated_badly=told.rated_badly,
        )

    def services(self, client: words.Client) -> Sequence[Service]:
        """The client's products; none for a guest."""
        client_id = identifier(client.id)
        return inventory.read_services(client_id, self._directory.products(client_id)) if client_id else ()

    def digest(self, ticket: words.Ticket) -> str:
        """See `tickets.digest`; equal to that of the same ticket's row in `changes`."""
        return tickets.digest(ticket)

    def changes(self, cursor: str | None) -> words.Changes:
        """Every active ticket, and those we hold for unfinished that are not among them any more.

        WHMCS cannot be asked what changed since a moment, so each round lists all. What is gone from the list (closed,
        merged, deleted) comes with an empty digest, which is no ticket's: so it is read again. The cursor tells the
        number of the round and when it began; nothing depends on it.
        """
        began = datetime.now(UTC)
        # Before the listing: a ticket that is opened meanwhile is not taken for one that is gone.
        unfinished = self._unfinished()
        rows = self._clients.listed(self._executor)
        sightings = [self._sighting(row) for row in rows]
        sightings += [
            words.Sighting(ticket_id, words.Status.CLOSED, began, "")
            for ticket_id in self._gone.since_last(unfinished, {row.id for row in rows})
        ]
        following = json.dumps({"round": _round(cursor) + 1, "began": began.isoformat(timespec="seconds")})
        return words.Changes(tuple(sightings), following, more=False)

    def add_note(self, ticket_id: str, note: Note) -> Receipt:
        """Add a private note to a ticket that is not closed. WHMCS does not tell the note's id."""
        text = notes.render(note)
        client = self._clients.here()
        self._own_admin(client)
        self._writable(client, ticket_id)
        client.add_note(ticket_id, text)
        return Receipt()

    def find_note(self, ticket_id: str, marker: str) -> Receipt | None:
        """Look through the ticket's notes, which only administrators can write, for one with this marker."""
        for row in self._clients.here().notes(ticket_id):
            if notes.has_stamp(row.message, marker):
                return Receipt(row.id)
        return None

    def replies(self, ticket_id: str) -> Sequence[words.Reply]:
        """The opening post and the public replies."""
        _, replies = self._clients.here().ticket(ticket_id)
        return tickets.read_replies(replies, self._zone)

    def change_tags(self, ticket_id: str, change: TagChange) -> Receipt:
        """Nothing is written: the API of WHMCS has no action for tags, so they live with Deskside alone."""
        return Receipt()

    def set_placement(self, ticket_id: str, placement: Placement) -> Receipt:
        """Set the priority of an emergency to High, where `write_priority` allows that; else nothing is written.

        Three priorities cannot hold an order: it is shown by the addon's panel above the list of tickets.
        """
        if not self._settings.write_priority or placement.band != Band.EMERGENCY:
            return Receipt()
        client = self._clients.here()
        self._own_admin(client)
        if self._writable(client, ticket_id).priority != HIGHEST:
            client.set_priority(ticket_id, HIGHEST)
        return Receipt()

    def has_account(self, client_id: str) -> bool:
        """Whether it is a client; a guest has no account."""
        return billing.has_account(client_id)

    def create_invoice(self, bill: Bill) -> Receipt:
        """Write and mail an unpaid invoice; see `billing`."""
        return billing.create(self._clients.here(), self._settings, bill)

    def find_invoice(self, client_id: str, marker: str) -> Receipt | None:
        """The client's invoice with this marker in its notes."""
        return billing.find(self._clients.here(), client_id, marker)

    def read_invoice(self, invoice_id: str) -> Invoice:
        """What became of an invoice."""
        return billing.read(self._clients.here(), invoice_id)

    def cancel_invoice(self, invoice_id: str) -> Receipt:
        """Cancel an invoice for which nothing was paid."""
        return billing.cancel(self._clients.here(), invoice_id)

    def add_credit(self, credit: Credit) -> Receipt:
        """Put money on the client's account."""
        return billing.give_back(self._clients.here(), credit)

    def find_credit(self, client_id: str, marker: str) -> Receipt | None:
        """The entry of the client's credit log with this marker."""
        return billing.find_credit(self._clients.here(), client_id, marker)

    def invoice_url(self, invoice_id: str, *, for_client: bool) -> str:
        """The invoice in the client area, or in the admin area."""
        return billing.url(self._settings, invoice_id, for_client=for_client)

    def connect(self, base_url: str, dry_run: bool) -> Sequence[Step]:
        """Pack the addon; see `connect`."""
        return connect.connect(self._bindings, self._settings, base_url, self._folder or Path.cwd(), dry_run)

    def check(self) -> Sequence[CheckResult]:
        """Try every action that is needed; see `check`."""
        return check.check(self._clients.here(), self._bindings, self._settings)

    def ticket_url(self, ticket_id: str) -> str:
        """The ticket in the admin area."""
        return f"{self._settings.url}/{self._settings.admin_path}/supporttickets.php?action=view&id={ticket_id}"

    def _sighting(self, row: TicketRow) -> words.Sighting:
        changed = tickets.listed_at(row, self._zone)
        ticket = tickets.read_ticket(
            row,
            status=self._statuses.meaning(row.status),
            pool=self._directory.pool(row.department),
            client=words.Client(id=tickets.client_id(row), name=""),
            created_at=changed,
            updated_at=changed,
        )
        return words.Sighting(ticket.id, ticket.status, changed, tickets.digest(ticket))

    def _own_admin(self, client: Client) -> None:
        """Learn once who we act as, before the first writing: by that our own writing is known when it is told."""
        if self._bindings.get(names.OWN_ADMIN) is None and (own := client.own().id):
            self._bindings.put(names.OWN_ADMIN, own)

    def _writable(self, client: Client, ticket_id: str) -> TicketRow:
        """The ticket's row, freshly read. Raises `Gone` when it is closed or there is none."""
        row, _ = client.ticket(ticket_id)
        status = self._statuses.meaning(row.status)
        if status in _ENDED:
            raise Gone(f"ticket {ticket_id} is {status}, so nothing is written to it")
        return row


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _round(cursor: str | None) -> int:
    try:
        found = json.loads(cursor or "{}").get("round", 0)
    except (ValueError, AttributeError):
        return 0
    return found if isinstance(found, int) else 0
