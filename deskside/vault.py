"""Secrets kept in the database, sealed with keys that are not in it (Fernet: AES-128-CBC with HMAC-SHA-256)."""

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from deskside.errors import ConfigurationError, Permanent


class CannotOpen(Permanent):
    """What is sealed was sealed with another key, changed, or is too old."""


class Vault:
    """Seals with the first key, opens with any: a key is changed by putting a new one before it.

    Raises `ValueError` for a key that is none, without quoting it. Without keys it is closed: nothing can be sealed.
    """

    def __init__(self, keys: Sequence[str] = ()) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys]) if keys else None
        except ValueError:
            raise ValueError("a key must be 32 bytes in URL-safe base64, as `deskside init` makes them") from None

    def __repr__(self) -> str:
        return f"Vault(usable={self.usable})"

    @property
    def usable(self) -> bool:
        """Whether there is a key."""
        return self._fernet is not None

    def seal(self, secret: bytes) -> bytes:
        """Encrypt. Raises ConfigurationError without a key."""
        if self._fernet is None:
            raise ConfigurationError("[health] vault_keys is empty: nothing secret can be kept")
        return self._fernet.encrypt(secret)

    def unseal(self, sealed: bytes, most_seconds: int) -> bytes:
        """Decrypt what was sealed within the last `most_seconds`. Raises `CannotOpen`."""
        if self._fernet is None:
            raise CannotOpen("there is no key")
        try:
            return self._fernet.decrypt(sealed, most_seconds)
        except InvalidToken:
            raise CannotOpen("sealed with another key, changed, or too old") from None


def new_key() -> str:
    """A key for a vault."""
    return Fernet.generate_key().decode()
