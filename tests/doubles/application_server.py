"""An application server that sends web push with pywebpush: who the doubles are proved with."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests
from cryptography.hazmat.primitives import serialization
from py_vapid import Vapid
from pywebpush import WebPushException, webpush

from tests.doubles.certificates import root
from tests.doubles.push_requests import base64url

CONTACT = "mailto:ops@example.com"


def new_key() -> Vapid:
    """A VAPID key."""
    key = Vapid()
    key.generate_keys()
    return key


def public_text(key: Vapid) -> str:
    """As browsers are told it."""
    point = key.public_key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    return base64url(point)


def send(
    subscription: Mapping[str, Any],
    text: str | None,
    key: Vapid,
    *,
    ttl: int = 60,
    headers: Mapping[str, str] | None = None,
    claims: Mapping[str, Any] | None = None,
) -> requests.Response:
    """What the push service answers to a message with this text."""
    with tempfile.TemporaryDirectory() as folder, requests.Session() as session:
        # The environment may name other authorities, which would win.
        session.trust_env = False
        session.verify = str(Path(folder, "root.pem"))
        Path(session.verify).write_bytes(root().pem)
        try:
            return webpush(
                dict(subscription),
                text,
                key,
                {"sub": CONTACT, **(claims or {})},
                ttl=ttl,
                headers=dict(headers or {}),
                timeout=10,
                requests_session=session,
            )
        except WebPushException as refused:
            assert refused.response is not None, refused
            return refused.response
