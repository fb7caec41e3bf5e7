"""Zendesk's webhook signature.

Source: developer.zendesk.com, "Verifying the authenticity of webhook requests".
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from adapters.zendesk.settings import TEST_SECRET
from deskside.errors import NotAuthentic

SIGNATURE = "x-zendesk-webhook-signature"
TIMESTAMP = "x-zendesk-webhook-signature-timestamp"
TOLERANCE = timedelta(minutes=5)


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The signature of `body` (raw bytes) sent at `timestamp` (the header's text).

    The secret looks like base64 but is used as text; the timestamp stands before the body, nothing between them.
    """
    digest = hmac.new(secret.encode(), timestamp.encode() + body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def verify(secrets: Iterable[str], headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Raise `NotAuthentic` unless one of `secrets` signed `body` within five minutes of `now`.

    `headers` has lower-case names. The age is that of the signed header, never of the body's `time`: a delivery that
    Zendesk held back for minutes is signed anew when it is sent.
    """
    usable = [secret for secret in secrets if secret and secret != TEST_SECRET]
    if not usable:
        raise NotAuthentic("no webhook secret is known: run `deskside connect zendesk` or set zendesk.webhook_secret")
    given, timestamp = headers.get(SIGNATURE, ""), headers.get(TIMESTAMP, "")
    if not given or not timestamp:
        raise NotAuthentic("the delivery has no signature")
    # Every secret is tried, whether or not an earlier one fitted: the time taken tells nothing.
    fits = [hmac.compare_digest(sign(secret, timestamp, body).encode(), given.encode()) for secret in usable]
    if not any(fits):
        raise NotAuthentic("the signature does not fit the body")
    if abs(now - _instant(timestamp)) > TOLERANCE:
        raise NotAuthentic("the signature is more than five minutes away from this machine's clock")


def _instant(timestamp: str) -> datetime:
    try:
        instant = datetime.fromisoformat(timestamp)
    except ValueError:
        raise NotAuthentic("the signature's time cannot be read") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
