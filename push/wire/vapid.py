"""The team's own keys, and the signed header by which push services know us (RFC 8292).

A subscription is bound for life to the key it was made with, so several keys are held at once: new subscriptions are
made with the current one, older ones are signed for with theirs until they are gone.
"""

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from deskside.errors import ConfigurationError
from push.settings import PushSettings

# RFC 8292, 2 allows 24 hours; the rest is left to clocks that disagree.
LIFE_SECONDS = 12 * 3600
_FILE = "file:"
_SHAPES = (
    "must be the private key of a P-256 pair: PEM, DER or the 32 bytes of its number in URL-safe base64, "
    "or file: and the path of a file that holds it; make one with `deskside push keys`"
)


@dataclass(frozen=True, slots=True)
class Key:
    """A key pair. `id` names it in rows and logs, `public` is what a browser subscribes with; both may be shown."""

    id: str
    public: str
    private: ec.EllipticCurvePrivateKey = field(repr=False, compare=False)


def generate() -> Key:
    """A new key pair."""
    return _key(ec.generate_private_key(ec.SECP256R1()))


def private_text(key: Key) -> str:
    """The private key as other web push tools write it too: 32 bytes in URL-safe base64. To be kept secret."""
    return encoded(key.private.private_numbers().private_value.to_bytes(32, "big"))


def read_key(text: str) -> Key:
    """Read a private key: PEM, DER or raw, the last two in base64, or `file:` and a path.

    A missing file is an error: a key made in its place would silently lose every subscription. Raises
    ConfigurationError, which never shows the key.
    """
    text = text.strip()
    if text.startswith(_FILE):
        path = Path(text.removeprefix(_FILE)).expanduser()
        try:
            text = path.read_text("ascii").strip()
        except OSError as error:
            raise ConfigurationError(f"[push] cannot read the VAPID key of {path}: {error.strerror}") from None
        except UnicodeDecodeError:
            raise ConfigurationError(f"[push] the VAPID key in {path} {_SHAPES}") from None
    try:
        private = _private(text)
    except (ValueError, TypeError, binascii.Error, UnsupportedAlgorithm):
        private = None
    if not isinstance(private, ec.EllipticCurvePrivateKey) or not isinstance(private.curve, ec.SECP256R1):
        raise ConfigurationError(f"[push] vapid_private_key {_SHAPES}")
    return _key(private)


class Keys:
    """The configured keys, and the header for each key and push service.

    A header is signed once and used until half of its life is over (RFC 8292, 5 encourages that). Raises
    ConfigurationError for a key that cannot be read.
    """

    def __init__(self, settings: PushSettings) -> None:
        read = [read_key(text) for text in settings.keys]
        self._by_id = {key.id: key for key in read}
        self._subject = settings.subject
        self._headers: dict[tuple[str, str], tuple[float, str]] = {}

    @property
    def all(self) -> tuple[Key, ...]:
        """Every key, the current one first."""
        return tuple(self._by_id.values())

    @property
    def current(self) -> Key:
        """The key new subscriptions are made with. Raises ConfigurationError without any."""
        if not self._by_id:
            raise ConfigurationError("[push] vapid_private_key is not set; make one with `deskside push keys`")
        return next(iter(self._by_id.values()))

    def get(self, key_id: str) -> Key | None:
        """The key with this id, or None when it is not configured (any more)."""
        return self._by_id.get(key_id)

    def authorization(self, key_id: str, origin: str, now: float) -> str:
        """The header for one push service (`https://host`) at `now` (Unix seconds). Raises KeyError."""
        signed_at, header = self._headers.get((key_id, origin), (0.0, ""))
        # A clock that was set back makes a header from the future, which is as bad as an old one.
        if not header or not signed_at <= now < signed_at + LIFE_SECONDS / 2:
            header = self._sign(self._by_id[key_id], origin, now)
            self._headers[key_id, origin] = (now, header)
        return header

    def forget(self, key_id: str, origin: str) -> None:
        """Sign anew next time: the service refused the header, perhaps because our clock was wrong when it was made."""
        self._headers.pop((key_id, origin), None)

    def _sign(self, key: Key, origin: str, now: float) -> str:
        claims = {"aud": origin, "exp": int(now) + LIFE_SECONDS}
        if self._subject:
            claims["sub"] = self._subject
        token = f"{_json({'typ': 'JWT', 'alg': 'ES256'})}.{_json(claims)}"
        r, s = decode_dss_signature(key.private.sign(token.encode(), ec.ECDSA(hashes.SHA256())))
        return f"vapid t={token}.{encoded(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}, k={key.public}"


def encoded(data: bytes) -> str:
    """URL-safe base64 without padding, as all of web push writes bytes."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Bytes of URL-safe or plain base64, padded or not. Raises `binascii.Error`."""
    text = text.translate(str.maketrans("+/", "-_")).rstrip("=")
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _key(private: ec.EllipticCurvePrivateKey) -> Key:
    point = private.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    return Key(hashlib.sha256(point).hexdigest()[:16], encoded(point), private)


def _private(text: str) -> object:
    if "-----BEGIN" in text:
        # One line of an environment file writes the line ends as \n.
        return serialization.load_pem_private_key(text.replace("\\n", "\n").encode(), None)
    data = decoded("".join(text.split()))
    if len(data) == 32:
        return ec.derive_private_key(int.from_bytes(data, "big"), ec.SECP256R1())
    return serialization.load_der_private_key(data, None)


def _json(value: object) -> str:
    return encoded(json.dumps(value, separators=(",", ":")).encode())
