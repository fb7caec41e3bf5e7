"""The decision table of the push services, row by row."""

import json
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from push.wire.answer import LONGEST_WAIT_SECONDS, Verdict, judge, retry_after

NOW = 1_800_000_000.0
GOOGLE, MOZILLA, APPLE = "fcm.googleapis.com", "updates.push.services.mozilla.com", "web.push.apple.com"
MICROSOFT = "wns2-by3p.notify.windows.com"


def mozilla(code: int, errno: int, message: str = "") -> bytes:
    return json.dumps({"code": code, "errno": errno, "error": "x", "message": message}).encode()


@pytest.mark.parametrize(
    ("host", "status", "headers", "body", "verdict"),
    [
        (MOZILLA, 201, {}, b"", Verdict.ACCEPTED),
        (GOOGLE, 200, {}, b"", Verdict.ACCEPTED),
        (GOOGLE, 202, {}, b"", Verdict.ACCEPTED),
        (APPLE, 204, {}, b"", Verdict.ACCEPTED),
        (MOZILLA, 404, {}, mozilla(404, 102), Verdict.GONE),
        (MOZILLA, 410, {}, mozilla(410, 106), Verdict.GONE),
        (GOOGLE, 410, {}, b"push subscription has unsubscribed or expired.", Verdict.GONE),
        (GOOGLE, 404, {}, b"A valid push subscription endpoint should be specified", Verdict.GONE),
        (APPLE, 410, {}, b'{"reason":"Unregistered"}', Verdict.GONE),
        (MICROSOFT, 404, {}, b"", Verdict.GONE),
        (MICROSOFT, 410, {}, b"", Verdict.GONE),
        (APPLE, 400, {}, b'{"reason":"VapidPkHashMismatch"}', Verdict.MISMATCH),
        (APPLE, 403, {}, b'{"reason":"VapidPkHashMismatch"}', Verdict.MISMATCH),
        (MOZILLA, 401, {}, mozilla(401, 109, "VAPID public key mismatch"), Verdict.MISMATCH),
        (
            GOOGLE,
            403,
            {},
            b"the VAPID credentials in the authorization header do not correspond to the credentials used to create "
            b"the subscriptions.",
            Verdict.MISMATCH,
        ),
        (APPLE, 403, {}, b'{"reason":"BadJwtToken"}', Verdict.STOP),
        (MOZILLA, 401, {}, mozilla(401, 109, "Invalid VAPID audience"), Verdict.STOP),
        (MOZILLA, 401, {}, b"", Verdict.STOP),
        (GOOGLE, 403, {}, b"invalid JWT provided", Verdict.STOP),
        (GOOGLE, 400, {}, b"UnauthorizedRegistration", Verdict.STOP),
        (MICROSOFT, 401, {}, b"", Verdict.STOP),
        (MICROSOFT, 403, {}, b"", Verdict.STOP),
        (MOZILLA, 413, {}, mozilla(413, 104), Verdict.TOO_LARGE),
        (APPLE, 413, {}, b'{"reason":"PayloadTooLarge"}', Verdict.TOO_LARGE),
        (MOZILLA, 400, {}, mozilla(400, 111), Verdict.INVALID),
        (APPLE, 400, {}, b'{"reason":"BadWebPushTopic"}', Verdict.INVALID),
        (MICROSOFT, 400, {}, b"", Verdict.INVALID),
        (GOOGLE, 405, {}, b"", Verdict.INVALID),
        (GOOGLE, 406, {}, b"", Verdict.INVALID),
        (GOOGLE, 429, {}, b"", Verdict.LATER),
        (MOZILLA, 503, {}, mozilla(503, 201), Verdict.LATER),
        (MICROSOFT, 406, {}, b"", Verdict.LATER),
        (GOOGLE, 408, {}, b"", Verdict.LATER),
        (GOOGLE, 500, {}, b"", Verdict.LATER),
        (APPLE, 502, {}, b"<html>", Verdict.LATER),
        (MOZILLA, 301, {"location": "https://elsewhere.example"}, b"", Verdict.INVALID),
        (MOZILLA, 307, {"location": "https://elsewhere.example"}, b"", Verdict.INVALID),
    ],
)
def test_a_row(host: str, status: int, headers: dict[str, str], body: bytes, verdict: Verdict) -> None:
    assert judge(status, headers, body, host, NOW).verdict is verdict


@given(st.integers(300, 599).filter(lambda status: status not in (404, 410)), st.binary(max_size=200))
def test_only_404_and_410_ever_delete_a_subscription(status: int, body: bytes) -> None:
    for host in (GOOGLE, MOZILLA, APPLE, MICROSOFT):
        assert judge(status, {}, body, host, NOW).verdict is not Verdict.GONE


def test_a_404_of_google_needs_a_second_one() -> None:
    assert judge(404, {}, b"", GOOGLE, NOW).strike
    assert not judge(410, {}, b"", GOOGLE, NOW).strike
    assert not judge(404, {}, b"", MOZILLA, NOW).strike


@pytest.mark.parametrize(("status", "busy"), [(429, True), (503, True), (500, False), (502, False), (201, False)])
def test_only_a_service_that_says_so_is_overburdened(status: int, busy: bool) -> None:
    assert judge(status, {}, b"", APPLE, NOW).busy is busy


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("999999", LONGEST_WAIT_SECONDS),
        ("9" * 400, LONGEST_WAIT_SECONDS),
        (formatdate(NOW + 90, usegmt=True), 90.0),
        (formatdate(NOW - 90, usegmt=True), 0.0),
        (formatdate(NOW + 10**7, usegmt=True), LONGEST_WAIT_SECONDS),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("Mon, 99 Foo 2026", None),
    ],
)
def test_a_wait_in_seconds_as_a_date_or_neither(text: str, seconds: float | None) -> None:
    assert retry_after(text, NOW) == seconds
    assert judge(429, {"retry-after": text}, b"", GOOGLE, NOW).retry_after == seconds


@given(st.text(max_size=60))
def test_no_wait_is_negative_or_longer_than_the_cap(text: str) -> None:
    wait = retry_after(text, NOW)
    assert wait is None or 0 <= wait <= LONGEST_WAIT_SECONDS


def test_mozilla_says_when_to_try_again_at_once() -> None:
    assert judge(503, {}, mozilla(503, 202), MOZILLA, NOW).retry_after == 1.0
    assert judge(503, {}, mozilla(503, 201), MOZILLA, NOW).retry_after is None


def test_the_reason_of_the_service_is_told() -> None:
    told = {"x-wns-error-description": "Ttl value conflicts with X-WNS-Cache-Policy"}
    assert judge(400, told, b"", MICROSOFT, NOW).reason == "400 Ttl value conflicts with X-WNS-Cache-Policy"
    assert judge(403, {}, b'{"reason":"BadJwtToken"}', APPLE, NOW).reason == "403 BadJwtToken"
    assert judge(401, {}, mozilla(401, 109, "Invalid VAPID expiry"), MOZILLA, NOW).reason == (
        "401 109 Invalid VAPID expiry"
    )


@pytest.mark.parametrize(
    "body",
    [
        b"<html><p>The requested URL /fcm/send/canary was not found",
        b"no /fcm/send/canary here",
        b'{"message": "https://fcm.googleapis.com/fcm/send/canary"}',
        b"unknown token canary" + b"x" * 150,
    ],
)
def test_a_quoted_endpoint_is_not(body: bytes) -> None:
    assert "canary" not in judge(404, {}, body, GOOGLE, NOW).reason


@given(st.integers(200, 599), st.binary(max_size=300))
def test_no_answer_breaks_the_judge(status: int, body: bytes) -> None:
    reason = judge(status, {}, body, APPLE, NOW).reason
    assert len(reason) < 200
    assert reason.isascii() and reason.isprintable()
