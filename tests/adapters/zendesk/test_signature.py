"""Zendesk's signature: what is accepted is exactly what Zendesk signed, lately."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.zendesk.settings import TEST_SECRET
from adapters.zendesk.signature import SIGNATURE, TIMESTAMP, sign, verify
from deskside.errors import NotAuthentic
from tests.shared import shared

SECRET = "HRkRd4BeOAoUkfZr-mhauJT64rvBASlJRoIyPsd3zeA="
WHEN = "2021-07-25T10:00:00Z"
NOW = datetime(2021, 7, 25, 10, 0, tzinfo=UTC)
BODY = b'{"say": "hello"}'


def headers(signature: str, timestamp: str = WHEN) -> dict[str, str]:
    return {SIGNATURE: signature, TIMESTAMP: timestamp}


def test_the_timestamp_is_signed_before_the_body() -> None:
    assert sign(SECRET, WHEN, BODY) == "Rry/4TtIdFyawtXXp8QdI6tlAUUQ/5kL1OTp5qo/ZIk="


def test_the_order_of_an_old_manual_page_is_refused() -> None:
    with pytest.raises(NotAuthentic, match="does not fit"):
        verify([SECRET], headers("tRDSF7URY8BLCDlaBcQ7FHu051Zk+aAB0NKMP53teMw="), BODY, NOW)


def test_both_secrets_of_a_rotation_are_accepted() -> None:
    for secret in ("new", "old"):
        verify(["new", "old"], headers(sign(secret, WHEN, BODY)), BODY, NOW)


def test_a_real_body_is_verified_by_its_bytes_and_not_by_its_meaning() -> None:
    raw = shared("fixtures/zendesk/webhook_events/user_deleted.real.raw").read_bytes()
    verify([SECRET], headers(sign(SECRET, WHEN, raw)), raw, NOW)
    with pytest.raises(NotAuthentic):
        verify([SECRET], headers(sign(SECRET, WHEN, raw)), raw.rstrip(b"\n"), NOW)


@pytest.mark.parametrize("minutes", [-5, 0, 5])
def test_five_minutes_of_clock_difference_are_accepted(minutes: int) -> None:
    verify([SECRET], headers(sign(SECRET, WHEN, BODY)), BODY, NOW + timedelta(minutes=minutes))


@pytest.mark.parametrize("seconds", [-301, 301])
def test_an_older_or_later_signature_is_refused(seconds: int) -> None:
    with pytest.raises(NotAuthentic, match="five minutes"):
        verify([SECRET], headers(sign(SECRET, WHEN, BODY)), BODY, NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("bad", [{}, {SIGNATURE: "x"}, {TIMESTAMP: WHEN}])
def test_a_delivery_without_a_signature_is_refused(bad: dict[str, str]) -> None:
    with pytest.raises(NotAuthentic, match="no signature"):
        verify([SECRET], bad, BODY, NOW)


def test_a_signed_time_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(NotAuthentic, match="cannot be read"):
        verify([SECRET], headers(sign(SECRET, "soon", BODY), "soon"), BODY, NOW)


def test_without_any_secret_everything_is_refused() -> None:
    with pytest.raises(NotAuthentic, match="deskside connect zendesk"):
        verify([], headers(sign("", WHEN, BODY)), BODY, NOW)


def test_the_public_test_secret_opens_nothing() -> None:
    with pytest.raises(NotAuthentic):
        verify([TEST_SECRET], headers(sign(TEST_SECRET, WHEN, BODY)), BODY, NOW)


@given(st.binary(max_size=200), st.text(max_size=60), st.text(max_size=40))
def test_nothing_but_the_right_signature_is_accepted(body: bytes, signature: str, timestamp: str) -> None:
    with pytest.raises(NotAuthentic):
        verify([SECRET], headers(signature, timestamp), body, NOW)
