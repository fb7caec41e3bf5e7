"""The addon's deliveries: believed only with its signature, read as hints."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.whmcs import events, signature
from adapters.whmcs.desk import WhmcsDesk
from deskside.errors import Malformed, NotAuthentic
from deskside.model.ticket import EventKind
from tests.adapters.whmcs.conftest import MemoryBindings

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEY = b"0123456789abcdef0123456789abcdef"
SECRET = signature.PREFIX + base64.b64encode(KEY).decode()
BODY = json.dumps({"type": "ticket.opened", "ticket": "123", "at": "2026-11-22T12:00:00Z"}).encode()


def headers(secret: str = SECRET, body: bytes = BODY, at: datetime = NOW, webhook_id: str = "evt_1") -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    return {
        "Webhook-Id": webhook_id,
        "Webhook-Timestamp": stamp,
        "Webhook-Signature": signature.sign(secret, webhook_id, stamp, body),
    }


@pytest.fixture
def desk(desk: WhmcsDesk, bindings: MemoryBindings) -> WhmcsDesk:
    bindings.values["webhook_secret"] = SECRET
    return desk


def test_the_example_of_the_specification_fits() -> None:
    # standard-webhooks, the test vector of its reference libraries.
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signature.sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body) == expected


def test_a_signed_delivery_is_accepted(desk: WhmcsDesk) -> None:
    delivery = desk.accept(headers(), BODY, NOW)
    assert (delivery.id, delivery.ticket_id, delivery.type) == ("evt_1", "123", "ticket.opened")


def test_a_raw_secret_signs_as_it_is(desk: WhmcsDesk, bindings: MemoryBindings) -> None:
    bindings.values["webhook_secret"] = "a raw secret of an admin"
    signed = headers("a raw secret of an admin")
    digest = hmac.new(b"a raw secret of an admin", b"evt_1.1795348800." + BODY, hashlib.sha256).digest()
    assert signed["Webhook-Signature"] == "v1," + base64.b64encode(digest).decode()
    assert desk.accept(signed, BODY, NOW).id == "evt_1"


def test_one_fitting_signature_of_several_is_enough(desk: WhmcsDesk) -> None:
    signed = headers()
    signed["Webhook-Signature"] = "v1,AAAA v1a,BBBB " + signed["Webhook-Signature"]
    assert desk.accept(signed, BODY, NOW)


@pytest.mark.parametrize("away", [timedelta(minutes=5), -timedelta(minutes=5)])
def test_five_minutes_are_near_enough(desk: WhmcsDesk, away: timedelta) -> None:
    assert desk.accept(headers(at=NOW + away), BODY, NOW)


@pytest.mark.parametrize("away", [timedelta(minutes=5, seconds=1), -timedelta(days=300)])
def test_an_old_delivery_or_one_of_the_future_is_refused(desk: WhmcsDesk, away: timedelta) -> None:
    with pytest.raises(NotAuthentic, match="five minutes"):
        desk.accept(headers(at=NOW + away), BODY, NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"Webhook-Id": "evt_2"},
        {"Webhook-Id": ""},
        {"Webhook-Timestamp": ""},
        {"Webhook-Timestamp": "soon"},
        {"Webhook-Timestamp": "１７"},
        {"Webhook-Timestamp": "9" * 30},
        {"Webhook-Signature": ""},
        {"Webhook-Signature": "v1,"},
        {"Webhook-Signature": "v1,ü"},
        {"Webhook-Signature": "v1,AAAA " * 500},
    ],
)
def test_what_does_not_fit_is_refused(desk: WhmcsDesk, change: dict[str, str]) -> None:
    with pytest.raises(NotAuthentic):
        desk.accept(headers() | change, BODY, NOW)


def test_a_fitting_signature_of_another_scheme_is_refused(desk: WhmcsDesk) -> None:
    signed = headers()
    signed["Webhook-Signature"] = signed["Webhook-Signature"].replace("v1,", "v2,")
    with pytest.raises(NotAuthentic):
        desk.accept(signed, BODY, NOW)


@given(st.binary(max_size=40))
def test_another_body_is_refused(body: bytes) -> None:
    lower = {name.lower(): value for name, value in headers().items()}
    if body != BODY:
        with pytest.raises(NotAuthentic):
            signature.verify([SECRET], lower, body, NOW)


def test_without_a_secret_nothing_is_believed(desk: WhmcsDesk, bindings: MemoryBindings) -> None:
    bindings.values.clear()
    with pytest.raises(NotAuthentic, match="deskside connect whmcs"):
        desk.accept(headers(), BODY, NOW)


def test_a_fresh_secret_is_one() -> None:
    made = signature.new_secret()
    assert made != signature.new_secret()
    assert len(base64.b64decode(made.removeprefix("whsec_"), validate=True)) == 32


# Reading


def body(**values: Any) -> bytes:
    return json.dumps(values).encode()


@pytest.mark.parametrize("kind", sorted(events.KINDS))
@pytest.mark.parametrize("ticket", ["123", 123])
def test_every_event_of_a_ticket_is_a_hint_about_it(kind: str, ticket: object) -> None:
    event = events.read_event(body(type=kind, ticket=ticket, at=1), None)
    assert (event.ticket_id, event.type, event.own) == ("123", kind, False)
    assert event.kind is not EventKind.OTHER


def test_the_kinds() -> None:
    assert events.KINDS["ticket.opened"] is EventKind.CREATED
    assert events.KINDS["ticket.client_replied"] is EventKind.COMMENTED
    assert events.KINDS["ticket.deleted"] is EventKind.GONE
    assert events.KINDS["ticket.merged"] is EventKind.CHANGED


@pytest.mark.parametrize(
    "kind",
    ["service.changed",
     "network_issue.opened", "announcement.changed", "test.ping", "ticket.invented", "panel"],
)  # fmt: skip
def test_what_is_about_no_ticket_is_kept_and_ignored(kind: str) -> None:
    assert events.read_event(body(type=kind), None).kind is EventKind.OTHER


@pytest.mark.parametrize("by", [{"admin": "9"}, {"admin": 9}, "admin:9"])
@pytest.mark.parametrize("kind", ["ticket.note_added", "ticket.priority_changed"])
def test_our_own_writing_is_known(kind: str, by: object) -> None:
    assert events.read_event(body(type=kind, ticket="1", by=by), "9").own


@pytest.mark.parametrize(
    ("kind", "by", "own_admin"),
    [("ticket.note_added", {"admin": "3"}, "9"), ("ticket.note_added", {"client": "9"}, "9"),
     ("ticket.note_added", "client:9", "9"), ("ticket.note_added", "system", "9"), ("ticket.note_added", None, "9"),
     ("ticket.note_added", {"admin": "9"}, None), ("ticket.note_added", 9, "9"),
     ("ticket.agent_replied", {"admin": "9"}, "9"), ("ticket.status_changed", {"admin": "9"}, "9")],
)  # fmt: skip
def test_nobody_elses_is_taken_for_ours(kind: str, by: object, own_admin: str | None) -> None:
    assert not events.read_event(body(type=kind, ticket="1", by=by), own_admin).own


@pytest.mark.parametrize(
    "wrong",
    [b"", b"x", b"[]", b"[" * 5000, body(), body(type=5), body(type=""), body(type="x" * 121),
     body(type="ticket.opened"), body(type="ticket.opened", ticket="x"), body(type="ticket.opened", ticket="0"),
     body(type="ticket.opened", ticket=["1"])],
)  # fmt: skip
def test_what_cannot_be_read_says_why(wrong: bytes) -> None:
    with pytest.raises(Malformed):
        events.read_event(wrong, None)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=2)
                    | st.dictionaries(st.sampled_from(["type", "ticket", "by", "at"]), inner)))  # fmt: skip
def test_no_body_breaks_the_reader(value: Any) -> None:
    raw = json.dumps(value).encode()
    for read in (lambda: events.read_delivery("id", raw), lambda: events.read_event(raw, "9")):
        try:
            read()
        except Malformed as error:
            assert str(error)


@pytest.mark.parametrize("name", ["paid", "refunded", "cancelled", "unpaid"])
def test_what_happens_to_an_invoice_is_told_by_its_id(name: str) -> None:
    event = events.read_event(json.dumps({"type": f"invoice.{name}", "invoice": "31"}).encode(), None)
    assert (event.kind, event.ticket_id, event.invoice_id) == (EventKind.INVOICE, None, "31")
    with pytest.raises(Malformed):
        events.read_event(json.dumps({"type": f"invoice.{name}", "invoice": "x"}).encode(), None)
