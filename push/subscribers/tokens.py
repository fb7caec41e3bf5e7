"""Signed tokens that say whose preferences a page shows, and which browser a portal speaks of. They do not expire.

They name rows by ids that are never given out again, and nothing in them can be guessed or changed.
"""

import hashlib
from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeSerializer

_PREFERENCES = "deskside.push.preferences"
_DEVICE = "deskside.push.device"
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a link to their preferences, and the browser it was given to, where it was given to one."""

    subscriber_id: int
    subscription_id: int | None


def preferences(secret_key: str, subscriber_id: int, subscription_id: int | None = None) -> str:
    """The token of a subscriber's page of preferences, which lies at `/push/preferences/<token>`."""
    return str(_serializer(secret_key, _PREFERENCES).dumps([subscriber_id, subscription_id or 0]))


def read_preferences(secret_key: str, token: str) -> Holder | None:
    """Whose page it is; None unless we made the token."""
    found = _read(secret_key, _PREFERENCES, token)
    return Holder(found[0], found[1] or None) if found else None


def device(secret_key: str, subscription_id: int) -> str:
    """The token by which a portal that is not our own origin names a browser it subscribed."""
    return str(_serializer(secret_key, _DEVICE).dumps([subscription_id]))


def read_device(secret_key: str, token: str) -> int | None:
    """The subscription; None unless we made the token."""
    found = _read(secret_key, _DEVICE, token)
    return found[0] if found else None


def _read(secret_key: str, salt: str, token: str) -> list[int] | None:
    if len(token) > _LONGEST:
        return None
    try:
        found: list[int] = _serializer(secret_key, salt).loads(token)
    except BadSignature:
        return None
    return found


def _serializer(secret_key: str, salt: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret_key, salt=salt, signer_kwargs={"digest_method": hashlib.sha256})
