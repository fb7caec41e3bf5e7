"""Whose word is taken, and whose is not."""

import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskside.errors import NotAuthentic
from push.subscribers import identity
from push.subscribers.identity import Identity
from tests.push.subscribers.people import NOON

SECRET = "a secret of more than thirty-two characters"
OF_WHMCS = "what only the pages of WHMCS can sign with"
EXPIRY = int((NOON + timedelta(minutes=30)).timestamp())
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=200),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=3,
)
GOOD: dict[str, Any] = {"sub": "7", "desk": "zendesk", "exp": EXPIRY}


def signed(claims: dict[str, Any], secret: str = SECRET, algorithm: str = "HS256") -> str:
    return jwt.encode(claims, secret, algorithm=algorithm)


def ours(desk: str) -> list[str]:
    """One secret signs for every desk, another for WHMCS alone."""
    return [SECRET, *([OF_WHMCS] if desk == "whmcs" else [])]


def test_all_that_a_portal_says_is_read() -> None:
    said = Identity("zendesk", "7", "acme", "ru", "Europe/Berlin", {"plan": "pro", "seats": 3, "paid": True})
    assert identity.read(identity.sign(said, SECRET, NOON), ours, NOON) == said


def test_the_least_is_enough() -> None:
    assert identity.read(signed(GOOD), ours, NOON) == Identity("zendesk", "7")


@pytest.mark.parametrize(
    "change",
    [
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 121},
        {"sub": "a\x00b"},
        {"desk": None},
        {"desk": "x" * 33},
        {"exp": None},
        {"exp": "soon"},
        {"exp": True},
        {"exp": EXPIRY + 2 * 3600},
        {"exp": EXPIRY - 3600},
        {"exp": float("inf")},
        {"client": ["acme"]},
        {"attributes": ["plan"]},
        {"attributes": {"plan": {"deep": 1}}},
        {"attributes": {"plan": "a\x00b"}},
        {"attributes": {"n": float("nan")}},
        {"attributes": {str(number): 1 for number in range(33)}},
        {"attributes": {"long": "x" * 4000}},
    ],
)
def test_what_a_token_must_not_hold(change: dict[str, Any]) -> None:
    claims = {name: value for name, value in {**GOOD, **change}.items() if value is not None}
    with pytest.raises(NotAuthentic):
        identity.read(signed(claims), ours, NOON)


def test_another_signature_is_none() -> None:
    unsigned = jwt.encode(GOOD, "", algorithm="none")
    for token in (signed(GOOD, SECRET + "!"), unsigned, signed(GOOD, SECRET + "x" * 64, "HS512"), "", "a.b.c"):
        with pytest.raises(NotAuthentic):
            identity.read(token, ours, NOON)


def test_the_secret_of_one_desk_names_nobody_of_another() -> None:
    of_whmcs = {**GOOD, "desk": "whmcs"}
    assert identity.read(signed(of_whmcs, OF_WHMCS), ours, NOON) == Identity("whmcs", "7")
    assert identity.read(signed(of_whmcs), ours, NOON) == Identity("whmcs", "7")
    with pytest.raises(NotAuthentic):
        identity.read(signed(GOOD, OF_WHMCS), ours, NOON)


def test_without_a_secret_nobody_is_named() -> None:
    with pytest.raises(NotAuthentic):
        identity.read(signed(GOOD), lambda desk: [], NOON)


def test_clocks_may_differ_by_a_minute() -> None:
    late = NOON + timedelta(minutes=30, seconds=59)
    assert identity.read(signed(GOOD), ours, late).person == "7"
    with pytest.raises(NotAuthentic):
        identity.read(signed(GOOD), ours, late + timedelta(seconds=2))


@given(st.dictionaries(st.sampled_from(["sub", "desk", "exp", "client", "zone", "attributes"]), ANYTHING))
def test_whatever_is_signed_is_read_or_refused(claims: dict[str, Any]) -> None:
    try:
        found = identity.read(signed({**GOOD, **claims}), ours, NOON)
    except NotAuthentic as error:
        assert SECRET not in str(error)
    else:
        json.dumps(dict(found.attributes))
        assert found.person and found.desk


def test_the_refusal_says_nothing_of_the_token() -> None:
    with pytest.raises(NotAuthentic) as caught:
        identity.read(signed({**GOOD, "client": 7, "email": "ann@example.com"}), ours, NOON)
    assert "ann@" not in str(caught.value)
