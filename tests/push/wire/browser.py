"""The keys of a subscription, with the private half that only a browser has; decrypts with http_ece."""

import os
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from push.wire.vapid import decoded, encoded


class Browser:
    """A browser with new keys, or with these of a fixture."""

    def __init__(self, private: str | None = None, auth: str | None = None) -> None:
        if private is None:
            self.private = ec.generate_private_key(ec.SECP256R1())
        else:
            self.private = ec.derive_private_key(int.from_bytes(decoded(private), "big"), ec.SECP256R1())
        self.auth = os.urandom(16) if auth is None else decoded(auth)
        self.p256dh = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def decrypt(self, body: bytes) -> bytes:
        """The plaintext of a body."""
        plain: bytes = http_ece.decrypt(body, private_key=self.private, auth_secret=self.auth, version="aes128gcm")
        return plain

    def info(self, endpoint: str) -> dict[str, Any]:
        """As a browser's `subscription.toJSON()`."""
        return {"endpoint": endpoint, "keys": {"p256dh": encoded(self.p256dh), "auth": encoded(self.auth)}}
