"""What the tests of the embed face share: a desk that signs by Standard Webhooks, and an app that answers it."""

import base64
import hashlib
import hmac
import itertools
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from deskside.errors import Malformed, NotAuthentic
from deskside.model.ticket import Delivery, Event, EventKind

SECRET = "whsec_" + base64.b64encode(b"a secret that only tests know").decode()
TOLERANCE = timedelta(minutes=5)
_numbers = itertools.count()


def sign(secret: str, request_id: str, timestamp: str, body: bytes) -> str:
    """The signature of Standard Webhooks (standardwebhooks.com, "Signature scheme")."""
    key = base64.b64decode(secret.removeprefix("whsec_")) if secret.startswith("whsec_") else secret.encode()
    digest = hmac.new(key, f"{request_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


class SigningDesk:
    """A desk of which only the deliveries matter."""

    def __init__(self, name: str = "zendesk", secret: str = SECRET) -> None:
        self.name = name
        self.title = name.upper()
        self.secret = secret

    def accept(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Delivery:
        lower = {key.lower(): value for key, value in headers.items()}
        request_id, timestamp = lower.get("webhook-id", ""), lower.get("webhook-timestamp", "0")
        expected = sign(self.secret, request_id, timestamp, body)
        if not hmac.compare_digest(lower.get("webhook-signature", ""), expected):
            raise NotAuthentic("the signature does not fit the body")
        if abs(now.timestamp() - int(timestamp)) > TOLERANCE.total_seconds():
            raise NotAuthentic("the signature is too old")
        try:
            event = json.loads(body)
        except ValueError:
            raise Malformed("the body is not JSON") from None
        return Delivery(request_id, event.get("ticket"), str(event.get("type")))

    def parse(self, headers: Mapping[str, str], body: bytes) -> Event:
        event = json.loads(body)
        return Event(EventKind.OTHER, event["type"], event.get("ticket"))

    def ticket_url(self, ticket_id: str) -> str:
        return f"https://help.example/agent/tickets/{ticket_id}"


@dataclass(frozen=True)
class Asking:
    """The piece inside the desk, as far as Deskside can tell."""

    app: Flask
    desk: SigningDesk

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def signed(self, body: bytes, age: timedelta = timedelta(0), request_id: str | None = None) -> dict[str, str]:
        """The headers of a request."""
        request_id = request_id or f"req_{next(_numbers)}_{secrets.token_hex(4)}"
        timestamp = str(int((datetime.now(UTC) - age).timestamp()))
        return {
            "Content-Type": "application/json",
            "webhook-id": request_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": sign(self.desk.secret, request_id, timestamp, body),
        }

    def post(self, body: bytes, headers: Mapping[str, str] | None = None) -> TestResponse:
        """A request with these bytes, signed as it should be unless headers are given."""
        return self.client.post(
            f"/embed/{self.desk.name}", data=body, headers=self.signed(body) if headers is None else headers
        )

    def ask(self, kind: str, /, ticket: str = "", **more: Any) -> dict[str, Any]:
        """A request that must be answered; what it was answered with."""
        answer = self.post(json.dumps({"type": kind, "ticket": ticket, **more}).encode())
        assert answer.status_code == 200, answer.get_data(as_text=True)
        content: dict[str, Any] = answer.get_json()
        return content


def agent(number: int = 1, name: str = "Ann", language: str = "en") -> dict[str, str]:
    """An agent, as the piece inside the desk names one."""
    return {"id": str(number), "name": name, "language": language}
