"""The actions of the API that Deskside uses, each with what it sends and what it reads.

A parameter that is false is left out: PHP takes the text "false" for true. Source: developers.whmcs.com, API reference.
"""

import threading
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import Any

from adapters.whmcs import normalise, rows
from adapters.whmcs.session import ApiSession, Turnstile
from adapters.whmcs.settings import Settings
from deskside.errors import Gone, Permanent, UnknownOutcome
from deskside.text import clean, identifier

PAGE = 250
_MOST_PAGES = 400
ALL_ACTIVE, AWAITING = "All Active Tickets", "Awaiting Reply"
# These two actions spell it this way; GetTicketCounts spells it ignoreDepartmentAssignments.
_ALL_DEPARTMENTS = {"ignore_dept_assignments": "1"}

_LISTED_TICKETS = rows.ENVELOPE | rows.TICKETS.keys | {"tickets", "ticket"}
_TICKET = rows.ENVELOPE | rows.TICKETS.keys | rows.REPLIES.keys | {"replies", "reply"}
_NOTES = rows.ENVELOPE | rows.NOTES.keys | {"notes", "note"}
_DEPARTMENTS = rows.ENVELOPE | rows.DEPARTMENTS.keys | {"departments", "department"}
_STATUSES = rows.ENVELOPE | rows.STATUSES.keys | {"statuses"}
_CLIENT = rows.ENVELOPE | rows.CLIENTS.keys | {"client", "customfield", "value"}
_CLIENTS = rows.ENVELOPE | (rows.CLIENTS.keys - {"customfields"}) | {"clients", "client"}
_PRODUCTS = rows.ENVELOPE | rows.PRODUCTS.keys | {"products"} | {"product"}
_DOMAINS = rows.ENVELOPE | rows.DOMAINS.keys | {"domains"}
_SERVERS = rows.ENVELOPE | rows.SERVERS.keys | {"servers", "server"}
_TRANSACTIONS = rows.ENVELOPE | rows.TRANSACTIONS.keys | {"transactions", "transaction"}
_INVOICE = rows.ENVELOPE | rows.INVOICES.keys | rows.TRANSACTIONS.keys | {"transactions", "transaction"}
_INVOICES = rows.ENVELOPE | rows.INVOICES.keys | {"invoices", "invoice"}
_CREDITS = rows.ENVELOPE | rows.CREDITS.keys | {"credits", "credit"}
_ADMINS = rows.ENVELOPE | rows.ADMINS.keys | {"admin_users", "admin_user"}
_ANNOUNCEMENTS = rows.ENVELOPE | rows.ANNOUNCEMENTS.keys | {"announcements"}
_OWN = rows.ENVELOPE | {"adminid", "name", "whmcs", "version", "canonicalversion"}
_WRITTEN = rows.ENVELOPE | {"announcementid", "invoiceid"}


@dataclass(frozen=True, slots=True)
class Own:
    """Who the credential belongs to, and the version of WHMCS; empty where it does not say."""

    id: str | None
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a list, and how many there are in all (None where that is not told)."""

    tickets: Sequence[rows.TicketRow]
    total: int | None


class Client:
    """One thread's client. Methods return rows and raise only Deskside's errors."""

    def __init__(self, session: ApiSession) -> None:
        self.session = session

    # Tickets

    def ticket(self, ticket_id: str) -> tuple[rows.TicketRow, Sequence[rows.ReplyRow]]:
        """A ticket and its public replies, the opening post (id "0") among them. Raises `Gone` when there is none."""
        answer = self.session.read("GetTicket", {"ticketid": _checked(ticket_id)}, _TICKET)
        # A merged or deleted ticket may answer without one.
        found = rows.TICKETS.read([answer])
        if not found:
            raise Gone(f"GetTicket: there is no ticket {ticket_id}")
        return found[0], rows.REPLIES.read(normalise.rows(answer, "replies", "reply"))

    def tickets(self, start: int, *, status: str = ALL_ACTIVE, limit: int = PAGE) -> Page:
        """Tickets of all departments from the `start`th on, in no order that is promised."""
        parameters = {"limitstart": str(start), "limitnum": str(limit), "status": status, **_ALL_DEPARTMENTS}
        answer = self.session.read("GetTickets", parameters, _LISTED_TICKETS)
        found = rows.TICKETS.read(normalise.rows(answer, "tickets", "ticket"))
        return Page(found, normalise.whole(answer.get("totalresults")))

    def notes(self, ticket_id: str) -> Sequence[rows.NoteRow]:
        """The private notes of a ticket."""
        answer = self.session.read("GetTicketNotes", {"ticketid": _checked(ticket_id)}, _NOTES)
        return rows.NOTES.read(normalise.rows(answer, "notes", "note"))

    def add_note(self, ticket_id: str, message: str) -> None:
        """Add a private note of plain text. The answer does not tell its id."""
        self.session.write("AddTicketNote", {"ticketid": _checked(ticket_id), "message": message}, _WRITTEN)

    def reply(self, ticket_id: str, message: str, admin_username: str, *, silently: bool = False) -> None:
        """Add a public reply of an administrator, in plain text; mailed to the client unless `silently`."""
        if not admin_username:
            raise Permanent("a reply needs an author: set whmcs.admin_username")
        parameters = {"ticketid": _checked(ticket_id), "message": message, "adminusername": admin_username}
        self.session.write("AddTicketReply", parameters | ({"noemail": "1"} if silently else {}), _WRITTEN)

    def set_priority(self, ticket_id: str, priority: str) -> None:
        """Set the priority: Low, Medium or High, there are no others."""
        self.session.write("UpdateTicket", {"ticketid": _checked(ticket_id), "priority": priority}, _WRITTEN)

    def departments(self) -> Sequence[rows.DepartmentRow]:
        """All support departments."""
        answer = self.session.read("GetSupportDepartments", _ALL_DEPARTMENTS, _DEPARTMENTS)
        return rows.DEPARTMENTS.read(normalise.rows(answer, "departments", "department"))

    def statuses(self) -> Sequence[rows.StatusRow]:
        """All statuses tickets can have, the custom ones included."""
        answer = self.session.read("GetSupportStatuses", {}, _STATUSES)
        return [row for row in rows.STATUSES.read(normalise.rows(answer, "statuses", "status")) if row.title]

    # Clients

    def account(self, client_id: str) -> rows.ClientRow:
        """A client's account. The day it was made is not in this answer. Raises `Gone`."""
        answer = self.session.read("GetClientsDetails", {"clientid": _checked(client_id)}, _CLIENT)
        # The same fields stand at the top too, deprecated.
        found = rows.CLIENTS.read([normalise.part(answer, "client") or answer])
        if not found:
            raise Gone(f"GetClientsDetails: there is no client {client_id}")
        return found[0]

    def accounts(self, search: str, limit: int = 25) -> Sequence[rows.ClientRow]:
        """Accounts whose address or name begins with `search`; these rows have the day an account was made."""
        answer = self.session.read("GetClients", {"search": search, "limitnum": str(limit)}, _CLIENTS)
        return rows.CLIENTS.read(normalise.rows(answer, "clients", "client"))

    def products(self, client_id: str) -> Sequence[rows.ProductRow]:
        """All products of a client, ended ones included."""
        found: list[rows.ProductRow] = []
        while len(found) < PAGE * _MOST_PAGES:
            parameters = {"clientid": _checked(client_id), "limitstart": str(len(found)), "limitnum": str(PAGE)}
            answer = self.session.read("GetClientsProducts", parameters, _PRODUCTS)
            page = rows.PRODUCTS.read(normalise.rows(answer, "products", "product"))
            found += page
            if not page or len(found) >= (normalise.whole(answer.get("totalresults")) or 0):
                break
        return found

    def domain(self, domain_id: str) -> rows.DomainRow | None:
        """A domain that was registered through us."""
        answer = self.session.read("GetClientsDomains", {"domainid": _checked(domain_id)}, _DOMAINS)
        found = rows.DOMAINS.read(normalise.rows(answer, "domains", "domain"))
        return next((row for row in found if row.id == domain_id), None)

    def transactions(self, client_id: str) -> Sequence[rows.TransactionRow]:
        """All money a client paid or got back; there is no paging."""
        answer = self.session.read("GetTransactions", {"clientid": _checked(client_id)}, _TRANSACTIONS)
        return rows.TRANSACTIONS.read(normalise.rows(answer, "transactions", "transaction"))

    # Money

    def invoice(self, invoice_id: str) -> tuple[rows.InvoiceRow, list[rows.TransactionRow]]:
        """An invoice and what was paid for it and back. Raises `Gone` when there is none."""
        answer = self.session.read("GetInvoice", {"invoiceid": _checked(invoice_id)}, _INVOICE)
        found = rows.INVOICES.read([answer])
        if not found:
            raise Gone(f"GetInvoice: there is no invoice {invoice_id}")
        return found[0], rows.TRANSACTIONS.read(normalise.rows(answer, "transactions", "transaction"))

    def invoices(self, client_id: str) -> Sequence[rows.InvoiceRow]:
        """All invoices of a client."""
        found: list[rows.InvoiceRow] = []
        while len(found) < PAGE * _MOST_PAGES:
            parameters = {"userid": _checked(client_id), "limitstart": str(len(found)), "limitnum": str(PAGE)}
            answer = self.session.read("GetInvoices", parameters, _INVOICES)
            page = rows.INVOICES.read(normalise.rows(answer, "invoices", "invoice"))
            found += page
            if not page or len(found) >= (normalise.whole(answer.get("totalresults")) or 0):
                break
        return found

    def create_invoice(
        self, client_id: str, day: date, description: str, amount: Decimal, notes: str, *, taxed: bool
    ) -> str:
        """Make an unpaid invoice of one line, due on the `day` it is from (WHMCS's), and mail it; its id."""
        parameters = {
            "userid": _checked(client_id),
            "status": "Unpaid",
            "sendinvoice": "1",
            "date": day.isoformat(),
            "duedate": day.isoformat(),
            "notes": notes,
            "itemdescription1": description,
            "itemamount1": f"{amount:.2f}",
        }
        answer = self.session.write("CreateInvoice", parameters | ({"itemtaxed1": "1"} if taxed else {}), _WRITTEN)
        number = identifier(answer.get("invoiceid"))
        if number is None:
            # It may be there all the same.
            raise UnknownOutcome("CreateInvoice: the answer does not tell the invoice's id")
        return number

    def cancel_invoice(self, invoice_id: str) -> None:
        """Set an invoice to Cancelled."""
        self.session.write("UpdateInvoice", {"invoiceid": _checked(invoice_id), "status": "Cancelled"}, _WRITTEN)

    def credits(self, client_id: str) -> Sequence[rows.CreditRow]:
        """The whole credit log of a client; there is no paging."""
        answer = self.session.read("GetCredits", {"clientid": _checked(client_id)}, _CREDITS)
        return rows.CREDITS.read(normalise.rows(answer, "credits", "credit"))

    def add_credit(self, client_id: str, amount: Decimal, description: str) -> None:
        """Put money on a client's account. The answer does not tell the entry's id."""
        parameters = {"clientid": _checked(client_id), "amount": f"{amount:.2f}", "description": description}
        self.session.write("AddCredit", parameters, _WRITTEN)

    # The installation

    def own(self) -> Own:
        """The administrator whose credential this is."""
        answer = self.session.read("GetAdminDetails", {}, _OWN)
        version = normalise.part(answer, "whmcs")
        return Own(
            identifier(answer.get("adminid")),
            normalise.text(answer.get("name")),
            normalise.text(version.get("canonicalversion") or version.get("version")),
        )

    def admins(self) -> Sequence[rows.AdminRow]:
        """All administrators, the disabled ones too: they may still have tickets."""
        answer = self.session.read("GetAdminUsers", {"include_disabled": "1"}, _ADMINS)
        return rows.ADMINS.read(normalise.rows(answer, "admin_users", "admin_user"))

    def servers(self) -> Sequence[rows.ServerRow]:
        """The machines products are on. Without `fetchStatus`, which has WHMCS ask each of them meanwhile."""
        answer = self.session.read("GetServers", {}, _SERVERS)
        return rows.SERVERS.read(normalise.rows(answer, "servers", "server"))

    # Announcements

    def announcements(self, start: int = 0, limit: int = 25) -> Sequence[rows.AnnouncementRow]:
        """Announcements from the `start`th on."""
        parameters = {"limitstart": str(start), "limitnum": str(limit)}
        answer = self.session.read("GetAnnouncements", parameters, _ANNOUNCEMENTS)
        return rows.ANNOUNCEMENTS.read(normalise.rows(answer, "announcements", "announcement"))

    def add_announcement(self, at: datetime, title: str, body: str, *, published: bool) -> str | None:
        """Make an announcement of HTML that is safe to show, dated `at` (WHMCS's local time); its id if told."""
        parameters = _announcement(at, title, body, published=published)
        return identifier(self.session.write("AddAnnouncement", parameters, _WRITTEN).get("announcementid"))

    def update_announcement(
        self, announcement_id: str, at: datetime, title: str, body: str, *, published: bool
    ) -> None:
        """Replace an announcement."""
        parameters = _announcement(at, title, body, published=published)
        parameters["announcementid"] = _checked(announcement_id)
        self.session.write("UpdateAnnouncement", parameters, _WRITTEN)


class Clients:
    """Makes each thread its own client, once; all share the number of calls that may be under way."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        # Whoever waits for a place waits for calls that end within these.
        patience = 2 * (settings.connect_timeout + settings.read_timeout)
        self._turnstile = Turnstile(settings.at_once, patience)
        self._local = threading.local()

    def here(self) -> Client:
        """The calling thread's client."""
        client: Client | None = getattr(self._local, "client", None)
        if client is None:
            client = self._local.client = Client(ApiSession(self._settings, self._turnstile))
        return client

    def listed(self, executor: Executor, status: str = ALL_ACTIVE) -> Sequence[rows.TicketRow]:
        """Every ticket of a listing, by id, its pages asked for at the same time."""
        first = self.here().tickets(0, status=status)
        pages: list[Sequence[rows.TicketRow]] = [first.tickets]
        step = len(first.tickets)
        if step and first.total is not None:
            # An installation may give fewer rows a page than were asked for.
            starts = range(step, min(first.total, step * _MOST_PAGES), step)
            pages += executor.map(lambda start: self.here().tickets(start, status=status).tickets, starts)
        else:
            while pages[-1] and step == PAGE and len(pages) < _MOST_PAGES:
                pages.append(self.here().tickets(PAGE * len(pages), status=status).tickets)
                step = len(pages[-1])
        found = {row.id: row for row in chain.from_iterable(pages)}
        return [found[key] for key in sorted(found, key=int)]


def _announcement(at: datetime, title: str, body: str, *, published: bool) -> dict[str, str]:
    values = {"date": at.strftime("%Y-%m-%d %H:%M:%S"), "title": clean(title), "announcement": clean(body)}
    return values | ({"published": "1"} if published else {})


def _checked(value: Any) -> str:
    found = identifier(value)
    if found is None:
        raise Gone("there is no such thing: its id is not a number")
    return found
