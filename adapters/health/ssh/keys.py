"""A client's private key, opened; refused when opening it would cost more than a key may."""

import base64
import binascii
import re
import struct

import asyncssh

# ssh-keygen makes 16 to 24 rounds; each costs about 10 ms, and the number is the sender's to choose.
_MOST_ROUNDS = 200
_MAGIC = b"openssh-key-v1\0"
_OPENSSH = re.compile(r"-----BEGIN OPENSSH PRIVATE KEY-----(.+?)-----END OPENSSH PRIVATE KEY-----", re.DOTALL)


class KeyRefused(ValueError):
    """The text is no private key that can be used, or the passphrase is not right. Never holds either."""


def open_key(text: str, passphrase: str | None) -> asyncssh.SSHKey:
    """The key. Raises `KeyRefused`."""
    if "BEGIN ENCRYPTED PRIVATE KEY" in text or _rounds(text) > _MOST_ROUNDS:
        # PKCS#8 leaves its cost to the sender too, and nobody but openssl writes it.
        raise KeyRefused("a form of encryption that is not taken")
    try:
        return asyncssh.import_private_key(text, passphrase)
    except (ValueError, TypeError, IndexError, struct.error):
        raise KeyRefused("it cannot be read") from None


def _rounds(text: str) -> int:
    """How often bcrypt is run for a key in OpenSSH's form (PROTOCOL.key); 0 for any other."""
    match = _OPENSSH.search(text)
    if match is None:
        return 0
    try:
        data = base64.b64decode("".join(match[1].split()))
        if not data.startswith(_MAGIC):
            return 0
        _, rest = _string(data[len(_MAGIC) :])
        kdf, rest = _string(rest)
        options, _ = _string(rest)
        if kdf != b"bcrypt":
            return 0
        _, rounds = _string(options)
        return int(struct.unpack(">I", rounds[:4])[0])
    except (binascii.Error, struct.error):
        raise KeyRefused("it cannot be read") from None


def _string(data: bytes) -> tuple[bytes, bytes]:
    (length,) = struct.unpack(">I", data[:4])
    return data[4 : 4 + length], data[4 + length :]
