"""A browser of a portal's user, as far as the server sees it."""

import base64
import itertools
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask
from werkzeug.test import TestResponse

from deskside.store.database import utc_now
from push.subscribers import identity
from push.subscribers.identity import Identity

PORTAL = "https://portal.example"
PORTAL_SECRET = "what the portal signs with, and we know"
_NUMBERS = itertools.count(1)


def base64url(data: bytes) -> str:
    """As browsers write bytes."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def signed(person: str, **more: Any) -> str:
    """A token of the portal for this user."""
    life = more.pop("life", timedelta(minutes=30))
    return identity.sign(Identity(desk="zendesk", person=person, **more), PORTAL_SECRET, utc_now(), life)


class Browser:
    """One browser profile: its subscription, its keys, and what it posts from `origin`."""

    def __init__(self, app: Flask, origin: str = "http://localhost") -> None:
        self.client = app.test_client()
        self.origin = origin
        self.key = str(self.client.get("/push/key").get_json()["key"])
        self.new_endpoint()

    def new_endpoint(self) -> None:
        """Subscribe anew: another endpoint with other keys."""
        self.endpoint = f"https://fcm.googleapis.com/fcm/send/{next(_NUMBERS)}-{secrets.token_hex(8)}"
        point = ec.generate_private_key(ec.SECP256R1()).public_key()
        self.p256dh = base64url(point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
        self.auth = base64url(secrets.token_bytes(16))

    @property
    def subscription(self) -> dict[str, Any]:
        """As `PushSubscription.toJSON()` gives it."""
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": {"p256dh": self.p256dh, "auth": self.auth}}

    def send(self, method: str, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> TestResponse:
        """Ask `/push/subscriptions`."""
        given = {"Origin": self.origin} if headers is None else dict(headers)
        return self.client.open("/push/subscriptions", method=method, json=dict(body), headers=given)

    def agree(self, *topics: str, **more: Any) -> TestResponse:
        """Say yes."""
        wanted = {"topics": list(topics or ["news"]), "language": "en", "agreed": True, "zone": "Europe/Berlin"}
        return self.send("POST", {"subscription": self.subscription, "key": self.key, **wanted, **more})

    def visit(self, **more: Any) -> TestResponse:
        """Come back."""
        return self.send("POST", {"subscription": self.subscription, "key": self.key, **more})

    def end(self, **more: Any) -> TestResponse:
        """Turn it off."""
        return self.send("DELETE", {"subscription": self.subscription, **more})
