"""Deliveries: every known shape is read, an unknown one is kept, nothing breaks the receiver."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.zendesk.events import INVOCATION, KINDS, PREFIX, SUBSCRIPTIONS, TRIGGER, read_delivery, read_event
from adapters.zendesk.signature import TIMESTAMP
from deskside.errors import Malformed
from deskside.model.ticket import EventKind
from tests.shared import shared

AGENT, OWN = "8447388090494", "900"


def event(name: str = "ticket.status_changed", **changes: Any) -> bytes:
    body = {
        "account_id": 1,
        "id": "b7c8",
        "type": PREFIX + name,
        "subject": "zen:ticket:5158",
        "time": "2025-01-08T11:30:15.456789012Z",
        "detail": {"id": "5158", "actor_id": AGENT, "status": "OPEN"},
        "event": {"current": "OPEN", "previous": "NEW"},
    }
    return json.dumps(body | changes).encode()


def fixture(name: str) -> bytes:
    saved = json.loads(shared(f"fixtures/zendesk/webhook_events/{name}").read_text("utf-8"))
    return json.dumps(saved.get("body", saved)).encode()


SAVED = [
    ("article_published.real.json", EventKind.OTHER, None),
    ("messaging_message_added.real.json", EventKind.OTHER, "141"),
    ("organization_custom_field_changed.json", EventKind.OTHER, None),
    ("ticket_comment_added.json", EventKind.COMMENTED, "5158"),
    ("ticket_created.doc.json", EventKind.CREATED, "5158"),
    ("ticket_custom_field_changed.json", EventKind.CHANGED, "5158"),
    ("ticket_custom_status_changed.json", EventKind.CHANGED, "5158"),
    ("ticket_followers_changed.json", EventKind.OTHER, "5158"),
    ("ticket_merged.json", EventKind.GONE, "5158"),
    ("ticket_priority_changed.json", EventKind.CHANGED, "5158"),
    ("ticket_status_changed.json", EventKind.CHANGED, "5158"),
    ("ticket_tags_changed.json", EventKind.CHANGED, "5158"),
    ("user_deleted.real.json", EventKind.OTHER, None),
    ("user_tags_changed.json", EventKind.OTHER, None),
]


@pytest.mark.parametrize(("name", "kind", "ticket"), SAVED)
def test_every_saved_delivery_is_read(name: str, kind: EventKind, ticket: str | None) -> None:
    body = fixture(name)
    found = read_event({}, body, OWN)
    assert (found.kind, found.ticket_id, found.own) == (kind, ticket, False)
    delivery = read_delivery({}, body)
    assert delivery == read_delivery({INVOCATION: "01HANA"}, body)
    assert (delivery.id, delivery.ticket_id, delivery.type) == (
        json.loads(body)["id"],
        ticket,
        json.loads(body)["type"],
    )


def test_no_saved_delivery_is_left_out_of_the_list_above() -> None:
    saved = {path.name for path in shared("fixtures/zendesk/webhook_events").glob("*.json")}
    assert saved == {name for name, _, _ in SAVED}


def test_the_bytes_of_a_real_delivery_are_read() -> None:
    raw = shared("fixtures/zendesk/webhook_events/user_deleted.real.raw").read_bytes()
    assert read_delivery({}, raw).id == "b3695d61-2ef4-4e9c-97af-1f065c099564"


def test_the_ticket_that_disappears_in_a_merge_is_the_one_that_is_gone() -> None:
    found = read_event({}, event("ticket.merged", event={"target_ticket_id": "5200"}), OWN)
    assert (found.kind, found.ticket_id) == (EventKind.GONE, "5158")


@pytest.mark.parametrize("name", ["soft_deleted", "permanently_deleted", "marked_as_spam", "merged"])
def test_a_ticket_that_left_is_gone(name: str) -> None:
    assert read_event({}, event(f"ticket.{name}"), OWN).kind is EventKind.GONE


def test_an_event_of_tomorrow_is_kept_and_ignored() -> None:
    found = read_event({}, event("ticket.teleported", surprise=[1]), OWN)
    assert (found.kind, found.type, found.ticket_id) == (EventKind.OTHER, PREFIX + "ticket.teleported", "5158")


def test_a_message_of_a_person_counts_as_a_comment_and_a_bots_does_not() -> None:
    def message(kind: str) -> bytes:
        return event("messaging_ticket.message_added", event={"actor": {"type": kind}}, detail={"id": "141"})

    assert read_event({}, message("end_user"), OWN).kind is EventKind.COMMENTED
    assert read_event({}, message("system"), OWN).kind is EventKind.OTHER


def test_our_own_writing_is_known_by_the_actor() -> None:
    own = event(detail={"id": "5158", "actor_id": OWN})
    assert read_event({}, own, OWN).own
    assert not read_event({}, own, "901").own
    assert not read_event({}, own, None).own


def comment(body: str, *, is_public: bool, is_staff: bool) -> bytes:
    author = {"id": "1", "is_staff": is_staff, "name": "x"}
    return event(
        "ticket.comment_added",
        detail={"id": "5158"},
        event={"comment": {"id": "9", "body": body, "is_public": is_public, "author": author}},
    )


def test_our_own_note_is_known_by_its_marker_when_the_actor_is_not_told() -> None:
    assert read_event({}, comment("all well [deskside 1:note]", is_public=False, is_staff=True), OWN).own


@pytest.mark.parametrize(("is_public", "is_staff"), [(True, False), (False, False), (True, True)])
def test_a_client_who_types_a_marker_is_still_heard(is_public: bool, is_staff: bool) -> None:
    found = read_event({}, comment("hi [deskside 1:note]", is_public=is_public, is_staff=is_staff), OWN)
    assert (found.kind, found.own) == (EventKind.COMMENTED, False)


@pytest.mark.parametrize(
    "body",
    [
        {"ticket_id": "77"}, {"ticket_id": 77}, {"id": 77}, {"ticketId": "77"}, {"ticket": {"id": "77"}},
        {"ticket": "77"}, {"ticket.id": "77"}, {"detail": {"id": "77"}}, {"ticket_id": "", "id": "77"},
        {"ticket_id": "0", "ticket": {"id": 77}}, {"ticket_id": None, "id": " 77 "}, {"type": "note", "id": 77},
    ],
)  # fmt: skip
def test_a_trigger_may_name_its_ticket_in_the_usual_ways(body: dict[str, Any]) -> None:
    raw = json.dumps(body).encode()
    found = read_event({}, raw, OWN)
    assert (found.kind, found.ticket_id, found.type) == (EventKind.CHANGED, "77", TRIGGER)
    assert read_delivery({INVOCATION: "01HANA2B5D5W"}, raw).id == "01HANA2B5D5W"


def test_a_trigger_may_send_a_form() -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert read_event(headers, b"ticket_id=77&subject=a%22b", OWN).ticket_id == "77"


@pytest.mark.parametrize(
    "body", [b"", b"<ticket/>", b"[1]", b"null", b"\xff\xfe", b'{"ticket_id": "0"}', b'{"a": {"b": 1}}', b"[" * 100_000,
             b'{"ticket_id": "../users"}', b'{"ticket_id": true}', b'{"ticket_id": "' + b"9" * 40 + b'"}']
)  # fmt: skip
def test_a_body_that_names_no_ticket_is_refused_with_its_reason(body: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        read_delivery({}, body)
    assert str(caught.value)


def test_an_event_about_no_ticket_is_malformed_only_if_it_must_have_one() -> None:
    with pytest.raises(Malformed, match="ticket"):
        read_event({}, event(subject="zen:ticket:0", detail={"id": "0"}), OWN)
    assert read_event({}, event("user.deleted", subject="zen:user:5", detail={"id": "5"}), OWN).ticket_id is None


def test_broken_parts_of_an_event_are_named() -> None:
    with pytest.raises(Malformed, match="detail"):
        read_delivery({}, event(detail=[1]))


def test_null_parts_of_an_event_count_as_empty() -> None:
    assert read_event({}, event(detail=None, event=None), OWN).ticket_id == "5158"


def test_without_any_id_equal_bytes_signed_at_one_time_are_one_delivery() -> None:
    body = event(id=None)
    first = read_delivery({TIMESTAMP: "2026-01-01T00:00:00Z"}, body)
    assert first == read_delivery({TIMESTAMP: "2026-01-01T00:00:00Z"}, body)
    assert first.id != read_delivery({TIMESTAMP: "2026-01-01T00:00:01Z"}, body).id
    assert first.id.startswith("sha256:")


def test_an_absurdly_long_id_is_replaced_by_a_hash() -> None:
    assert len(read_delivery({}, event(id="x" * 100_000)).id) < 200


def test_connect_subscribes_to_everything_that_can_move_a_ticket() -> None:
    wanted = (
        "created comment_added status_changed priority_changed custom_field_changed tags_changed merged soft_deleted "
        "group_assignment_changed agent_assignment_changed organization_changed requester_changed undeleted "
        "permanently_deleted marked_as_spam problem_link_changed next_sla_breach_changed"
    )
    assert {f"{PREFIX}ticket.{name}" for name in wanted.split()} <= set(SUBSCRIPTIONS)
    assert {name.removeprefix(PREFIX) for name in SUBSCRIPTIONS} <= set(KINDS)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)


@given(st.sampled_from([*KINDS, "ticket.new", "user.deleted"]), JSON, JSON, JSON, JSON)
def test_any_json_is_read_or_refused_as_malformed(name: str, part: Any, subject: Any, detail: Any, id_: Any) -> None:
    body = json.dumps({"id": id_, "type": PREFIX + name, "subject": subject, "detail": detail, "event": part}).encode()
    for read in (lambda: read_delivery({}, body), lambda: read_event({}, body, OWN)):
        try:
            found = read()
        except Malformed:
            continue
        assert found.ticket_id is None or found.ticket_id.isdecimal()


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_as_malformed(body: bytes) -> None:
    try:
        read_delivery({}, body)
    except Malformed as error:
        assert str(error)
