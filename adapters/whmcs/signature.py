"""The addon's signature: Standard Webhooks, symmetric.

Source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from deskside.errors import NotAuthentic

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
PREFIX = "whsec_"
VERSION = "v1"
TOLERANCE = timedelta(minutes=5)
_KEY_BYTES = 32
_LONGEST_ID = 200
_MOST_SIGNATURES = 8


def new_secret() -> str:
    """A fresh secret: `whsec_` and 32 random bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()


def sign(secret: str, webhook_id: str, timestamp: str, body: bytes) -> str:
    """One signature (`v1,<base64>`) of `id.timestamp.body`, by the bytes that `whsec_…` encodes, or by a raw secret."""
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    digest = hmac.new(_key(secret), signed, hashlib.sha256).digest()
    return f"{VERSION},{base64.b64encode(digest).decode()}"


def portal_secret(secret: str) -> str:
    """What the addon signs who is signed in with: derived, so that neither proof is good as the other."""
    return hmac.new(secret.encode(), b"deskside portal identity", hashlib.sha256).hexdigest()


def verify(known: Iterable[str], headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """The delivery's id. Raises `NotAuthentic` unless one of `known` signed it within five minutes of `now`.

    `headers` has lower-case names. The header may hold several signatures, so that a sender can sign with the old and
    the new secret meanwhile.
    """
    usable = [secret for secret in known if secret]
    if not usable:
        raise NotAuthentic("no webhook secret is known: run `deskside connect whmcs` or set whmcs.webhook_secret")
    webhook_id, timestamp = headers.get(ID, ""), headers.get(TIMESTAMP, "")
    given = headers.get(SIGNATURE, "").split()[:_MOST_SIGNATURES]
    if not webhook_id or not timestamp or not given:
        raise NotAuthentic("the delivery has no signature")
    if len(webhook_id) > _LONGEST_ID:
        raise NotAuthentic("the delivery's id is too long")
    # Every secret is tried with every signature, whether or not an earlier one fitted: the time taken tells nothing.
    expected = [sign(secret, webhook_id, timestamp, body).encode() for secret in usable]
    fits = [hmac.compare_digest(wanted, one.encode()) for wanted in expected for one in given]
    if not any(fits):
        raise NotAuthentic("the signature does not fit the body")
    if abs(now - _instant(timestamp)) > TOLERANCE:
        raise NotAuthentic("the signature is more than five minutes away from this machine's clock")
    return webhook_id


def _key(secret: str) -> bytes:
    if secret.startswith(PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            pass
    return secret.encode()


def _instant(timestamp: str) -> datetime:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 11):
        raise NotAuthentic("the signature's time cannot be read")
    return datetime.fromtimestamp(int(timestamp), UTC)
