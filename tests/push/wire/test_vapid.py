"""RFC 8292: keys in every usual form, and a header that any service can verify."""

import base64
import hashlib
import json
from pathlib import Path

import py_vapid
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from deskside.errors import ConfigurationError
from push.wire import vapid
from push.wire.vapid import Keys, decoded, encoded
from tests.push.wire.conftest import KEY, settings_with

NOW = 1_800_000_000.0
ORIGIN = "https://push.example.net"
HALF = vapid.LIFE_SECONDS / 2


def serialised(encoding: Encoding, shape: PrivateFormat) -> bytes:
    return KEY.private.private_bytes(encoding, shape, NoEncryption())


def claims(header: str) -> dict[str, object]:
    """The claims of a header whose signature holds."""
    scheme, _, rest = header.partition(" ")
    assert scheme == "vapid"
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    signed, _, signature = parts["t"].rpartition(".")
    half = decoded(signature)
    numbers = encode_dss_signature(int.from_bytes(half[:32], "big"), int.from_bytes(half[32:], "big"))
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(parts["k"]))
    public.verify(numbers, signed.encode(), ec.ECDSA(hashes.SHA256()))
    assert json.loads(decoded(signed.split(".")[0])) == {"typ": "JWT", "alg": "ES256"}
    found: dict[str, object] = json.loads(decoded(signed.split(".")[1]))
    return found


@pytest.mark.parametrize(
    "text",
    [
        vapid.private_text(KEY),
        vapid.private_text(KEY) + "=",
        base64.b64encode(decoded(vapid.private_text(KEY))).decode(),
        serialised(Encoding.PEM, PrivateFormat.PKCS8).decode(),
        serialised(Encoding.PEM, PrivateFormat.TraditionalOpenSSL).decode().replace("\n", "\\n"),
        encoded(serialised(Encoding.DER, PrivateFormat.PKCS8)),
        f"  {vapid.private_text(KEY)}\n",
    ],
    ids=["raw", "padded", "base64", "pem", "pem in one line", "der", "spaces around"],
)
def test_a_key_is_read_in_every_form_that_tools_write(text: str) -> None:
    assert vapid.read_key(text) == KEY


def test_a_key_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "push.key"
    path.write_bytes(serialised(Encoding.PEM, PrivateFormat.PKCS8))
    assert vapid.read_key(f"file:{path}") == KEY


def test_a_missing_file_is_an_error_and_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "push.key"
    with pytest.raises(ConfigurationError, match="No such file"):
        vapid.read_key(f"file:{path}")
    assert not path.exists()


@pytest.mark.parametrize(
    "text",
    [
        "canary",
        "",
        encoded(bytes(32)),
        encoded(b"\xff" * 32),
        encoded(b"canary" * 5 + b"ab"[:1]),
        "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----",
        ec.generate_private_key(ec.SECP384R1())
        .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        .decode(),
        ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
    ],
    ids=["text", "empty", "zero", "over the order", "31 bytes", "broken pem", "P-384", "Ed25519"],
)
def test_what_is_no_key_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        vapid.read_key(text)
    assert "canary" not in str(refused.value)
    assert not text.strip() or text.strip()[:20] not in str(refused.value)


def test_the_id_is_of_the_public_point_and_the_private_half_is_never_shown() -> None:
    assert KEY.id == hashlib.sha256(decoded(KEY.public)).hexdigest()[:16]
    assert len(decoded(KEY.public)) == 65
    assert vapid.private_text(KEY) not in repr(KEY)
    assert "private" not in repr(KEY)


def test_py_vapid_reads_what_we_write() -> None:
    theirs = py_vapid.Vapid.from_string(vapid.private_text(KEY))
    point = theirs.public_key.public_bytes(serialization.Encoding.X962, PublicFormat.UncompressedPoint)
    assert encoded(point) == KEY.public


def test_the_header_names_the_service_the_subject_and_an_end_within_a_day() -> None:
    found = claims(Keys(settings_with()).authorization(KEY.id, ORIGIN, NOW))
    assert found == {"aud": ORIGIN, "sub": "mailto:push@example.com", "exp": NOW + vapid.LIFE_SECONDS}
    assert vapid.LIFE_SECONDS <= 24 * 3600


def test_a_changed_header_does_not_verify() -> None:
    header = Keys(settings_with()).authorization(KEY.id, ORIGIN, NOW)
    other = Keys(settings_with()).authorization(KEY.id, "https://other.example", NOW)
    head, _, rest = header.split(".", 2)
    with pytest.raises(InvalidSignature):
        claims(".".join([head, other.split(".")[1], rest]))


def test_each_service_has_a_header_of_its_own() -> None:
    keys = Keys(settings_with())
    first, second = (claims(keys.authorization(KEY.id, f"https://{name}.example", NOW)) for name in "ab")
    assert (first["aud"], second["aud"]) == ("https://a.example", "https://b.example")


def test_a_header_is_signed_once_and_anew_after_half_its_life() -> None:
    keys = Keys(settings_with())
    first = keys.authorization(KEY.id, ORIGIN, NOW)
    assert keys.authorization(KEY.id, ORIGIN, NOW + HALF - 1) == first
    assert claims(keys.authorization(KEY.id, ORIGIN, NOW + HALF))["exp"] == NOW + HALF + vapid.LIFE_SECONDS


def test_a_clock_set_back_gets_a_new_header() -> None:
    keys = Keys(settings_with())
    keys.authorization(KEY.id, ORIGIN, NOW)
    assert claims(keys.authorization(KEY.id, ORIGIN, NOW - 7200))["exp"] == NOW - 7200 + vapid.LIFE_SECONDS


def test_a_refused_header_is_forgotten() -> None:
    keys = Keys(settings_with())
    first = keys.authorization(KEY.id, ORIGIN, NOW)
    keys.forget(KEY.id, ORIGIN)
    assert keys.authorization(KEY.id, ORIGIN, NOW + 60) != first


def test_keys_of_a_rotation_are_all_held_and_the_first_is_current() -> None:
    old = vapid.generate()
    keys = Keys(settings_with(vapid_previous_keys=[vapid.private_text(old)]))
    assert [key.id for key in keys.all] == [KEY.id, old.id]
    assert keys.current == KEY
    assert keys.get(old.id) == old
    assert keys.get("0" * 16) is None
    assert f"k={old.public}" in keys.authorization(old.id, ORIGIN, NOW)


def test_without_a_key_the_cure_is_named() -> None:
    with pytest.raises(ConfigurationError, match="deskside push keys"):
        _ = Keys(settings_with(vapid_private_key="")).current
