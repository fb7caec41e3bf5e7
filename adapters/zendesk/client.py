"""zenpy, tamed: one client a thread over our own session, no cache, plain dictionaries out.

Calls that zenpy lacks or cannot do safely go over the same session; each says why.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any
from urllib.parse import quote

from zenpy import Zenpy
from zenpy.lib.api_objects import (
    Comment,
    CustomField,
    Ticket,
    TicketField,
    View,
    Webhook,
)
from zenpy.lib.exception import ZenpyException

from adapters.zendesk.budget import Budget
from adapters.zendesk.credentials import Credentials, make_credentials
from adapters.zendesk.session import DOMAIN, SUBDOMAIN, DeskSession
from adapters.zendesk.settings import Settings
from deskside.errors import Gone, Permanent, UnknownOutcome
from deskside.text import identifier

Row = dict[str, Any]

# What zenpy lets out when an answer does not have the form it expects.
_UNREADABLE = (ZenpyException, AttributeError, KeyError, TypeError, ValueError)
_MOST_ROWS = 10_000
_EXPORT_ROWS = 500
_START = "start:"

# At level DEBUG zenpy writes whole answers to the log, signing secrets and clients' texts among them.
logging.getLogger("zenpy").setLevel(logging.INFO)


class Client:
    """One thread's client. Methods return what Zendesk answered as dictionaries and raise only Deskside's errors."""

    def __init__(self, session: DeskSession) -> None:
        self.session = session
        self._zenpy = Zenpy(subdomain=SUBDOMAIN, domain=DOMAIN, session=session, disable_cache=True)

    # Tickets

    def ticket(self, ticket_id: str) -> tuple[Row, dict[str, Row]]:
        """A ticket, and what was side-loaded with it: keys `user:<id>`, `group:<id>`, `organization:<id>`, `metrics`.

        zenpy puts side-loads into its cache and nowhere else, so with the cache off it would need four calls.
        """
        answer = self.session.json(
            "GET", f"tickets/{_checked(ticket_id)}.json", params={"include": "users,groups,organizations,metric_sets"}
        )
        beside = {
            f"{kind}:{row.get('id')}": row
            for kind in ("user", "group", "organization")
            for row in answer.get(kind + "s") or ()
            if isinstance(row, dict)
        }
        ticket = _part(answer, "ticket")
        sets = [row for row in answer.get("metric_sets") or () if isinstance(row, dict)]
        for row in sets:
            if row.get("ticket_id") == ticket.get("id"):
                beside["metrics"] = row
        return ticket, beside

    def user(self, user_id: str) -> Row:
        """A user."""
        return _row(lambda: self._zenpy.users(id=user_id))

    def organization(self, organization_id: str) -> Row:
        """An organization, with its `organization_fields`."""
        return _row(lambda: self._zenpy.organizations(id=organization_id))

    def group(self, group_id: str) -> Row:
        """A group of agents."""
        return _row(lambda: self._zenpy.groups(id=group_id))

    def service_levels(self, ticket_id: str) -> list[Row]:
        """The live metrics of a ticket's SLA policy. Not in zenpy."""
        answer = self.session.json("GET", f"tickets/{_checked(ticket_id)}/slas/policy_metrics.json")
        return _rows(answer, "policy_metrics")

    def comments(self, ticket_id: str, after: str | None = None) -> tuple[list[Row], str | None]:
        """A page of comments, newest first, and the cursor of the next page. zenpy's call cannot sort."""
        params = {"page[size]": "100", "sort": "-created_at"} | ({"page[after]": after} if after else {})
        answer = self.session.json("GET", f"tickets/{_checked(ticket_id)}/comments.json", params=params)
        meta = answer.get("meta") or {}
        # links.next is there on the last page too; has_more is what tells.
        return _rows(answer, "comments"), meta.get("after_cursor") if meta.get("has_more") else None

    def comment_privately(self, ticket_id: str, html: str, metadata: Row, stamp: str) -> Row:
        """Add a private comment, only if the ticket was not changed since `stamp`; returns the audit."""
        comment = Comment(html_body=html, public=False)
        return self._update(ticket_id, stamp, comment=comment, metadata=metadata)

    def set_fields(self, ticket_id: str, values: dict[str, str], stamp: str) -> Row:
        """Set some custom fields, leaving the others, only if the ticket was not changed since `stamp`."""
        changes = [CustomField(id=int(name), value=value) for name, value in values.items()]
        return self._update(ticket_id, stamp, custom_fields=changes)

    def add_tags(self, ticket_id: str, tags: Sequence[str], stamp: str) -> list[str]:
        """Add tags (PUT); zenpy's call cannot protect against somebody's change in between."""
        return self._tags("PUT", ticket_id, tags, stamp)

    def remove_tags(self, ticket_id: str, tags: Sequence[str], stamp: str) -> list[str]:
        """Remove tags (DELETE), as above."""
        return self._tags("DELETE", ticket_id, tags, stamp)

    def changed_tickets(self, cursor: str | None, start_time: int) -> tuple[list[Row], str, bool]:
        """A page of the incremental export: its tickets, the next cursor, and whether there is more now.

        An account in which nothing happened since `start_time` answers without a cursor; then the start itself, as
        `start:<unix>`, is what to go on from.

        zenpy's call pastes the cursor into the URL as it is (one may hold "+"), cannot bound a page after the first,
        and takes many times as long for a full one.
        """
        params = {"per_page": str(_EXPORT_ROWS)}
        if cursor is None:
            cursor = f"{_START}{start_time}"
        if cursor.startswith(_START):
            params["start_time"] = cursor.removeprefix(_START)
        else:
            params["cursor"] = cursor
        answer = self.session.json("GET", "incremental/tickets/cursor.json", params=params)
        end, following = answer.get("end_of_stream"), answer.get("after_cursor")
        if not isinstance(answer.get("tickets"), list) or not isinstance(end, bool):
            raise Permanent("the incremental export's answer cannot be read")
        if not end and (not following or following == cursor):
            raise Permanent("the incremental export promised more and gave no new cursor to it")
        return _rows(answer, "tickets"), str(following or cursor), not end

    def any_ticket(self) -> None:
        """Read one ticket of the account: what only true credentials can."""
        self.session.json("GET", "tickets.json", params={"page[size]": "1"})

    # The account

    def me(self) -> Row:
        """The user the credentials belong to; with bad credentials "Anonymous user", whose id is None."""
        return _row(self._zenpy.users.me)

    def token(self) -> Row:
        """What the current access token may do. Not in zenpy."""
        return _part(self.session.json("GET", "oauth/tokens/current.json"), "token")

    def ticket_fields(self) -> list[Row]:
        """All ticket fields."""
        return _all(self._zenpy.ticket_fields)

    def create_ticket_field(self, **values: Any) -> Row:
        """Make a ticket field."""
        return _row(lambda: self._zenpy.ticket_fields.create(TicketField(**values)))

    def update_ticket_field(self, field_id: str, **values: Any) -> Row:
        """Change a ticket field."""
        return _row(lambda: self._zenpy.ticket_fields.update(TicketField(id=int(field_id), **values)))

    def views(self) -> list[Row]:
        """All views, shared and personal, that the user sees."""
        return _all(self._zenpy.views)

    def create_view(self, **values: Any) -> Row:
        """Make a view."""
        return _row(lambda: self._zenpy.views.create(View(**values)))

    def update_view(self, view_id: str, **values: Any) -> Row:
        """Change a view."""
        return _row(lambda: self._zenpy.views.update(View(id=int(view_id), **values)))

    def webhooks(self) -> list[Row]:
        """All webhooks of the account."""
        return _all(self._zenpy.webhooks.list)

    def create_webhook(self, **values: Any) -> Row:
        """Make a webhook."""
        return _row(lambda: self._zenpy.webhooks.create(Webhook(**values)))

    def update_webhook(self, webhook_id: str, **values: Any) -> None:
        """Change some properties of a webhook (PATCH; the answer has no body)."""
        self._zenpy.webhooks.patch(Webhook(id=webhook_id, **values))

    def signing_secret(self, webhook_id: str) -> str:
        """The secret a webhook signs with."""
        secret = getattr(self._zenpy.webhooks.show_secret(webhook_id), "secret", None)
        if not isinstance(secret, str) or not secret:
            raise Permanent("Zendesk did not tell the webhook's signing secret")
        return secret

    def invocations(self, webhook_id: str) -> list[Row]:
        """The last deliveries of a webhook, newest first, at most one page."""
        path = f"webhooks/{quote(webhook_id, safe='')}/invocations"
        return _rows(self.session.json("GET", path, params={"page[size]": "20"}), "invocations")

    def _update(self, ticket_id: str, stamp: str, **changes: Any) -> Row:
        # A fresh object each time: one that was fetched stays "dirty" after a refusal and would send its comment again.
        ticket = Ticket(id=int(_checked(ticket_id)), safe_update=True, updated_stamp=stamp, **changes)
        try:
            audit: Row = self._zenpy.tickets.update(ticket).to_dict()
        except _UNREADABLE:
            raise UnknownOutcome("Zendesk's answer to the update of a ticket cannot be read") from None
        return audit

    def _tags(self, method: str, ticket_id: str, tags: Sequence[str], stamp: str) -> list[str]:
        payload = {"tags": list(tags), "updated_stamp": stamp, "safe_update": "true"}
        answer = self.session.json(method, f"tickets/{_checked(ticket_id)}/tags.json", json=payload)
        return [str(tag) for tag in answer.get("tags") or ()]


class Clients:
    """Makes each thread its own client, once; credentials and budget are shared."""

    def __init__(self, settings: Settings, home: "Clients | None" = None) -> None:
        """`home` are the clients of the account's own host, if these are of another; see `beside`."""
        self.budget = Budget()
        self.url = settings.url
        self._settings = settings
        self._home = home
        self._credentials: Credentials = home._credentials if home else make_credentials(settings)
        self._local = threading.local()

    def beside(self, url: str | None = None) -> "Clients":
        """Clients with the same credentials and a budget of their own.

        The Help Center API counts apart from the ticketing API; `url` is the host of another brand of the account.
        """
        return Clients(replace(self._settings, url=url or self._settings.url), home=self)

    def here(self) -> Client:
        """The calling thread's client."""
        client: Client | None = getattr(self._local, "client", None)
        if client is None:
            home = self._home.here().session if self._home else None
            client = Client(DeskSession(self._settings, self._credentials, self.budget, home))
            self._local.client = client
        return client


def _checked(ticket_id: str) -> str:
    """Ids go into paths, so nothing but digits is let through."""
    found = identifier(ticket_id)
    if found is None:
        raise Gone("there is no such ticket: its id is not a number")
    return found


def _row(call: Callable[[], Any]) -> Row:
    try:
        row: Row = call().to_dict()
    except _UNREADABLE:
        raise Permanent("Zendesk answered something other than what was asked for") from None
    return row


def _all(call: Callable[[], Iterable[Any]]) -> list[Row]:
    try:
        return [item.to_dict() for item in islice(call(), _MOST_ROWS)]
    except _UNREADABLE:
        raise Permanent("Zendesk answered a list that cannot be read") from None


def _part(answer: Row, name: str) -> Row:
    part = answer.get(name)
    if not isinstance(part, dict):
        raise Permanent(f"Zendesk's answer holds no {name!r}")
    return part


def _rows(answer: Row, name: str) -> list[Row]:
    return [row for row in answer.get(name) or () if isinstance(row, dict)]
