"""RFC 8291: the RFC's own example step by step, any text back through another implementation, and its limits."""

import json
from pathlib import Path
from typing import Any

import http_ece
import pytest
import pywebpush
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import example, given
from hypothesis import strategies as st

from deskside.errors import Malformed, Permanent
from push.wire import encrypt
from push.wire.vapid import decoded
from tests.push.wire.browser import Browser

VECTORS = json.loads((Path(__file__).with_name("vectors.json")).read_text("utf-8"))
APPENDIX_A = VECTORS["rfc8291"][0]


def raw(name: str) -> bytes:
    return decoded(APPENDIX_A[name])


def sender() -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(raw("as_private"), "big"), ec.SECP256R1())


def test_every_secret_is_the_one_of_appendix_a() -> None:
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw("ua_public"))
    shared = sender().exchange(ec.ECDH(), public)
    assert shared == raw("ecdh_secret")
    secrets = encrypt.derive(shared, raw("ua_public"), raw("as_public"), raw("auth_secret"), raw("salt"))
    assert secrets._asdict() == {name: raw(name) for name in ("prk_key", "ikm", "prk", "cek", "nonce")}


def test_the_body_is_the_one_of_appendix_a() -> None:
    plain = APPENDIX_A["plaintext_utf8"].encode()
    assert encrypt.seal(plain, raw("ua_public"), raw("auth_secret"), sender(), raw("salt")) == raw("body")


@pytest.mark.parametrize("vector", VECTORS["edge"], ids=lambda vector: vector["name"])
def test_the_decoder_that_judges_us_takes_good_bodies_and_refuses_broken_ones(vector: dict[str, Any]) -> None:
    browser = Browser(vector["ua_private"], vector["auth_secret"])
    if vector["http_ece"].startswith("ok"):
        assert len(browser.decrypt(decoded(vector["body"]))) == int(vector["http_ece"].split()[1])
    else:
        with pytest.raises((http_ece.ECEException, ValueError)):
            browser.decrypt(decoded(vector["body"]))


@pytest.mark.parametrize("index", range(2))
def test_a_longest_and_a_padded_body_are_made_byte_for_byte(index: int) -> None:
    vector = VECTORS["edge"][index]
    plain, padded = ((b"x" * 3993, 0), (b"hi", 100))[index]
    browser = Browser(vector["ua_private"], vector["auth_secret"])
    body = encrypt.seal(plain, browser.p256dh, browser.auth, sender(), raw("salt"), padded)
    assert browser.decrypt(body) == plain == browser.decrypt(decoded(vector["body"]))
    assert len(body) == len(decoded(vector["body"]))


@given(st.binary(max_size=encrypt.MOST), st.sampled_from([1, 16, 256, 4096]))
@example(b"", 256)
@example(b"x" * encrypt.MOST, 256)
def test_every_message_comes_back_from_another_implementation_within_4096_bytes(plain: bytes, pad_to: int) -> None:
    browser = Browser()
    body = encrypt.encrypt(plain, browser.p256dh, browser.auth, pad_to=pad_to)
    assert browser.decrypt(body) == plain
    assert len(body) <= 4096


@given(st.binary(min_size=1, max_size=1000))
def test_ours_and_pywebpush_s_are_read_alike(plain: bytes) -> None:
    browser = Browser()
    theirs = pywebpush.WebPusher(browser.info("https://fcm.googleapis.com/wp/x")).encode(plain)["body"]
    ours = encrypt.encrypt(plain, browser.p256dh, browser.auth, pad_to=1)
    assert browser.decrypt(theirs) == browser.decrypt(ours) == plain
    assert len(theirs) == len(ours)
    assert theirs[16:21] == ours[16:21]


def test_key_and_salt_are_new_for_each_message() -> None:
    browser = Browser()
    bodies = [encrypt.encrypt(b"same", browser.p256dh, browser.auth) for _ in range(20)]
    assert len({body[:16] for body in bodies}) == len({body[21:86] for body in bodies}) == 20


@given(st.integers(0, encrypt.MOST))
def test_padding_hides_the_length_and_never_passes_a_limit_the_text_keeps(length: int) -> None:
    padded = length + encrypt.padding(length, 256)
    assert padded % 256 == 0 or padded in (encrypt.MOST_ANDROID_FIREFOX, encrypt.MOST)
    assert padded <= (encrypt.MOST_ANDROID_FIREFOX if length <= encrypt.MOST_ANDROID_FIREFOX else encrypt.MOST)


def test_one_byte_too_many_is_refused() -> None:
    browser = Browser()
    with pytest.raises(Permanent, match="3994 bytes"):
        encrypt.encrypt(b"x" * (encrypt.MOST + 1), browser.p256dh, browser.auth)


def compressed() -> bytes:
    return Browser().private.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)


@pytest.mark.parametrize(
    ("p256dh", "auth", "why"),
    [
        (Browser().p256dh, b"x" * 8, "auth must be 16 bytes"),
        (compressed(), b"x" * 16, "uncompressed point"),
        (Browser().p256dh[:-1], b"x" * 16, "uncompressed point"),
        (b"\x04" + b"\x01" * 64, b"x" * 16, "no point of the curve"),
        (b"", b"", "auth"),
    ],
    ids=["short auth", "compressed", "short", "off the curve", "empty"],
)
def test_keys_that_are_none_are_refused_when_they_come(p256dh: bytes, auth: bytes, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        encrypt.check_keys(p256dh, auth)
    with pytest.raises(Malformed):
        encrypt.encrypt(b"x", p256dh, auth)


def test_good_keys_are_taken() -> None:
    encrypt.check_keys(Browser().p256dh, Browser().auth)
