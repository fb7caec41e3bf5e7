"""People and browsers for the tests of this room."""

import itertools
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from push.subscribers import registry
from push.subscribers.identity import Identity
from push.subscribers.registry import Device, Registered, Registration

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEY_ID = "0123456789abcdef"
_NUMBERS = itertools.count(1)
POINT = (
    ec.derive_private_key(7, ec.SECP256R1()).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
)


def device(name: str | None = None, **more: Any) -> Device:
    """A browser; the same name is the same one."""
    name = name or f"browser-{next(_NUMBERS)}"
    values: dict[str, Any] = {
        "endpoint": f"https://fcm.googleapis.com/fcm/send/{name}",
        "origin": "https://fcm.googleapis.com",
        "p256dh": POINT,
        "auth": name.encode().ljust(16, b"_")[:16],
        "key_id": KEY_ID,
        "browser": "firefox",
        "platform": "android",
    }
    return Device(**{**values, **more})


def ann(**more: Any) -> Identity:
    """A user of the portal."""
    return Identity(**{"desk": "zendesk", "person": "ann", **more})


def agree(
    connection: sa.Connection,
    browser: Device,
    identity: Identity | None = None,
    now: datetime = NOON,
    most_devices: int = 10,
    **more: Any,
) -> Registered:
    """Somebody says yes in this browser."""
    wanted = Registration(
        **{"device": browser, "words": "Yes to all", "identity": identity, "topics": ("news",), **more}
    )
    return registry.register(connection, wanted, now, most_devices=most_devices)
