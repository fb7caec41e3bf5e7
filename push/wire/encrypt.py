"""The body of a push message: RFC 8291 over the content encoding aes128gcm of RFC 8188, in one record.

Written out instead of taken from pywebpush because it makes the whole fan-out faster (benchmarks/fanout.py); the tests
hold it against pywebpush's decoder, the RFC's own example and broken bodies.
"""

import functools
import hmac
import os
import struct
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from deskside.errors import Malformed, Permanent

# 4096 bytes of body (RFC 8030, 7.2) without the header (86), the delimiter (1) and the tag (16).
MOST = 3993
# What Mozilla's bridge to Android lets through.
MOST_ANDROID_FIREFOX = 2700
STEP = 256
_CURVE = ec.SECP256R1()
_ECDH = ec.ECDH()
_RECORD = struct.pack("!IB", 4096, 65)
_DELIMITER = b"\x02"


class Secrets(NamedTuple):
    """What RFC 8291, 3.3 and 3.4 derive from the shared secret; named as in its appendix A."""

    prk_key: bytes
    ikm: bytes
    prk: bytes
    cek: bytes
    nonce: bytes


def check_keys(p256dh: bytes, auth: bytes) -> None:
    """Raise Malformed unless these are keys of a subscription: an uncompressed point of P-256, and 16 bytes."""
    if len(auth) != 16:
        raise Malformed("auth must be 16 bytes")
    _point(p256dh)


def encrypt(plaintext: bytes, p256dh: bytes, auth: bytes, *, pad_to: int = STEP) -> bytes:
    """Encrypt for one browser, with a key pair and salt made for this message alone (RFC 8291, 3.1).

    Padded to a multiple of `pad_to` bytes where there is room, so that a listener learns little from the length; 1 pads
    nothing. Raises Permanent over `MOST` bytes and Malformed for keys that are none.
    """
    if len(plaintext) > MOST:
        raise Permanent(f"{len(plaintext)} bytes are more than the {MOST} a push message can hold")
    if len(auth) != 16:
        raise Malformed("auth must be 16 bytes")
    return seal(
        plaintext, p256dh, auth, ec.generate_private_key(_CURVE), os.urandom(16), padding(len(plaintext), pad_to)
    )


def padding(length: int, pad_to: int) -> int:
    """How many bytes of padding a plaintext of this length gets; never over a limit that it alone keeps."""
    room = (MOST_ANDROID_FIREFOX if length <= MOST_ANDROID_FIREFOX else MOST) - length
    return min(-length % pad_to, room)


def seal(
    plaintext: bytes, p256dh: bytes, auth: bytes, sender: ec.EllipticCurvePrivateKey, salt: bytes, padded: int = 0
) -> bytes:
    """The body for a given key pair and salt, which must never be used twice. Raises Malformed."""
    mine = sender.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    secrets = derive(sender.exchange(_ECDH, _point(p256dh)), p256dh, mine, auth, salt)
    record = plaintext + _DELIMITER + bytes(padded)
    return salt + _RECORD + mine + AESGCM(secrets.cek).encrypt(secrets.nonce, record, None)


def derive(shared: bytes, receiver: bytes, sender: bytes, auth: bytes, salt: bytes) -> Secrets:
    """HKDF of RFC 8291, 3.4: every output is one block, so each expansion is one HMAC."""
    prk_key = hmac.digest(auth, shared, "sha256")
    ikm = hmac.digest(prk_key, b"WebPush: info\0" + receiver + sender + b"\1", "sha256")
    prk = hmac.digest(salt, ikm, "sha256")
    cek = hmac.digest(prk, b"Content-Encoding: aes128gcm\0\1", "sha256")[:16]
    nonce = hmac.digest(prk, b"Content-Encoding: nonce\0\1", "sha256")[:12]
    return Secrets(prk_key, ikm, prk, cek, nonce)


# Reading a point costs a fifth of an encryption, and the same browsers come again with the next campaign.
@functools.lru_cache(maxsize=8192)
def _point(p256dh: bytes) -> ec.EllipticCurvePublicKey:
    if len(p256dh) != 65 or p256dh[0] != 4:
        raise Malformed("p256dh must be an uncompressed point of 65 bytes")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, p256dh)
    except ValueError:
        raise Malformed("p256dh is no point of the curve P-256") from None
