"""The simulated desks of the kill tests: how each signs an event, and what it has of Deskside's notes."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import sqlalchemy as sa

from deskside.demo.servers import Server
from deskside.demo.whmcs import SimulatedWhmcs
from deskside.demo.whmcs.addon import sign
from deskside.demo.zendesk import SimulatedZendesk
from deskside.model.service import Service
from deskside.store import bindings, services
from tests.world import of_zendesk

_SIGNED = "only-for-these-tests"
_ZONE = "Europe/Berlin"


@dataclass(frozen=True)
class Signed:
    """An event on its way."""

    path: str
    headers: dict[str, str]
    body: bytes


class KillDesk(Protocol):
    """A simulated desk, in this process, beside a Deskside that dies."""

    environment: dict[str, str]

    def prepare(self, database: sa.Engine, server: Server) -> None:
        """Make known what an operator would have: the client's server, and what `connect` makes."""

    def tickets(self, count: int, server: Server) -> list[int]:
        """So many tickets about the server."""

    def event(self, event_id: str, ticket_id: int, number: int) -> Signed:
        """The event of this number, of another kind than the one before, signed now."""

    def notes(self, ticket_id: int) -> int:
        """How many notes of Deskside the ticket has."""


class ZendeskSide:
    """A Zendesk."""

    KINDS = ("created", "comment_added", "status_changed", "priority_changed", "tags_changed")

    def __init__(self, zendesk: SimulatedZendesk) -> None:
        self.zendesk = zendesk
        zendesk.limits.account_updates = zendesk.limits.incremental = 100_000
        self.environment = {**of_zendesk(zendesk), "DESKSIDE_ZENDESK__WEBHOOK_SECRET": _SIGNED}

    def prepare(self, database: sa.Engine, server: Server) -> None:
        options = [(band, f"deskside_band_{band}") for band in ("emergency", "ahead", "normal")]
        bindings.put(database, "zendesk", "field:band", str(self.zendesk.add_ticket_field("tagger", "Band", options)))
        bindings.put(database, "zendesk", "field:key", str(self.zendesk.add_ticket_field("text", "Key")))
        with database.begin() as connection:
            services.put(connection, [Service(0, "acme", "srv1", (), (server.address,), server.ports)])

    def tickets(self, count: int, server: Server) -> list[int]:
        organization = self.zendesk.add_organization("Acme", external_id="ACME")
        requester = self.zendesk.add_user("Ann", "ann@acme.example", organization_id=organization)
        return [self.zendesk.create_ticket(requester, f"Ticket {n}", f"about {server.address}") for n in range(count)]

    def event(self, event_id: str, ticket_id: int, number: int) -> Signed:
        body = json.dumps(
            {
                "type": f"zen:event-type:ticket.{self.KINDS[number % len(self.KINDS)]}",
                "id": event_id,
                "subject": f"zen:ticket:{ticket_id}",
                "time": datetime.now(UTC).isoformat(),
                "zendesk_event_version": "2022-11-06",
                "detail": {"id": str(ticket_id), "actor_id": "1", "status": "OPEN"},
                "event": {},
            }
        ).encode()
        moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        digest = hmac.new(_SIGNED.encode(), moment.encode() + body, hashlib.sha256).digest()
        headers = {
            "Content-Type": "application/json",
            "X-Zendesk-Webhook-Signature": base64.b64encode(digest).decode(),
            "X-Zendesk-Webhook-Signature-Timestamp": moment,
            "X-Zendesk-Webhook-Invocation-Id": event_id,
        }
        return Signed("/webhooks/zendesk", headers, body)

    def notes(self, ticket_id: int) -> int:
        own = self.zendesk.bot_user_id
        return sum(comment["author_id"] == own for comment in self.zendesk.comments(ticket_id))


class WhmcsSide:
    """A WHMCS, whose addon is played by the tests."""

    KINDS = ("opened", "client_replied", "status_changed", "priority_changed", "flagged")

    def __init__(self, whmcs: SimulatedWhmcs) -> None:
        self.whmcs = whmcs
        self.department = whmcs.add_department("Support")
        self.client = whmcs.add_client("Ann Smith", "ann@acme.example")
        self.environment = {
            "DESKSIDE_WHMCS__URL": whmcs.url,
            "DESKSIDE_WHMCS__IDENTIFIER": whmcs.identifier,
            "DESKSIDE_WHMCS__SECRET": whmcs.secret,
            "DESKSIDE_WHMCS__WEBHOOK_SECRET": whmcs.webhook_secret,
            "DESKSIDE_WHMCS__TIMEZONE": _ZONE,
            # The poll would find the tickets whose events are not sent.
            "DESKSIDE_JOBS__RECONCILE_SECONDS": "3600",
        }

    def prepare(self, database: sa.Engine, server: Server) -> None:
        with database.begin() as connection:
            services.put(connection, [Service(0, f"whmcs:{self.client}", server.address, ports=server.ports)])

    def tickets(self, count: int, server: Server) -> list[int]:
        bought = self.whmcs.add_service(self.client, "VPS", server.name, dedicatedip=server.address)
        return [
            self.whmcs.create_ticket(
                self.client, f"Ticket {n}", "please", department_id=self.department, service_id=bought
            )
            for n in range(count)
        ]

    def event(self, event_id: str, ticket_id: int, number: int) -> Signed:
        kind = f"ticket.{self.KINDS[number % len(self.KINDS)]}"
        return self.signed("/webhooks/whmcs", event_id, {"type": kind, "ticket": str(ticket_id)})

    def signed(self, path: str, event_id: str, told: dict[str, object]) -> Signed:
        """Anything the addon sends."""
        body = json.dumps(told).encode()
        timestamp = int(datetime.now(UTC).timestamp())
        headers = {
            "Content-Type": "application/json",
            "webhook-id": event_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(self.whmcs.webhook_secret, event_id, timestamp, body),
        }
        return Signed(path, headers, body)

    def notes(self, ticket_id: int) -> int:
        return sum("[deskside " in note.message for note in self.whmcs.ticket(ticket_id).notes)


@contextmanager
def zendesk_side() -> Iterator[ZendeskSide]:
    """A Zendesk that runs."""
    with SimulatedZendesk(plan_limit=100_000) as zendesk:
        yield ZendeskSide(zendesk)


@contextmanager
def whmcs_side() -> Iterator[WhmcsSide]:
    """A WHMCS that runs."""
    with SimulatedWhmcs(timezone=_ZONE) as whmcs:
        yield WhmcsSide(whmcs)
