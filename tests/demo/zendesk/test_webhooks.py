import base64
import hashlib
import hmac
import json
import threading
from datetime import UTC, datetime

import pytest

from deskside.demo.zendesk import SimulatedZendesk
from deskside.demo.zendesk.sender import sign
from tests.demo.clock import SettableClock
from tests.demo.receiver import Receiver
from tests.demo.zendesk.tools import Caller

CREATED = "zen:event-type:ticket.created"
NAMES = (
    "created comment_added status_changed priority_changed tags_changed custom_field_changed organization_changed "
    "group_assignment_changed agent_assignment_changed merged soft_deleted undeleted subject_changed"
)
ALL = [f"zen:event-type:ticket.{name}" for name in NAMES.split()]


def kinds(receiver: Receiver) -> dict[str, dict[str, object]]:
    return {event["type"].rpartition(".")[2]: event for event in receiver.events}


def test_the_published_vector_of_the_signature() -> None:
    secret = "HRkRd4BeOAoUkfZr-mhauJT64rvBASlJRoIyPsd3zeA="
    wanted = "Rry/4TtIdFyawtXXp8QdI6tlAUUQ/5kL1OTp5qo/ZIk="
    assert sign(secret, "2021-07-25T10:00:00Z", b'{"say": "hello"}') == wanted


def test_a_delivery_is_signed_over_its_time_and_its_raw_bytes(
    zendesk: SimulatedZendesk, api: Caller, receiver: Receiver, client_id: int
) -> None:
    webhook = api.webhook(receiver.url, CREATED)
    zendesk.create_ticket(client_id, "Привет", "x")
    assert zendesk.drain()
    headers, body = receiver.got[0]
    timestamp = headers["X-Zendesk-Webhook-Signature-Timestamp"]
    digest = hmac.new(api.secret(webhook).encode(), timestamp.encode() + body, hashlib.sha256).digest()
    assert headers["X-Zendesk-Webhook-Signature"] == base64.b64encode(digest).decode()
    assert timestamp == "2026-03-02T09:00:00Z"
    assert headers["X-Zendesk-Webhook-Id"] == webhook
    assert headers["X-Zendesk-Account-Id"] == str(json.loads(body)["account_id"])
    assert (headers["Content-Type"], headers["User-Agent"]) == ("application/json; charset=utf-8", "Zendesk Webhook")


def test_a_body_is_not_what_json_would_print_again(
    zendesk: SimulatedZendesk, api: Caller, receiver: Receiver, client_id: int
) -> None:
    api.webhook(receiver.url, CREATED)
    zendesk.create_ticket(client_id, "s", "t")
    zendesk.drain()
    body = receiver.got[0][1].decode()
    assert body.startswith('{\n   "account_id": ')
    assert body.endswith("}\n")
    assert '   "event": { },\n' in body


def test_events_carry_text_ids_upper_case_words_and_fine_times(
    zendesk: SimulatedZendesk, api: Caller, receiver: Receiver, client_id: int
) -> None:
    field = zendesk.add_ticket_field("text", "Key")
    api.webhook(receiver.url, CREATED)
    ticket_id = zendesk.create_ticket(client_id, "s", "t", priority="high", custom_fields={field: "1"})
    zendesk.drain()
    event = receiver.events[0]
    detail = event["detail"]
    assert (detail["id"], detail["status"], detail["priority"]) == (str(ticket_id), "NEW", "HIGH")
    assert (detail["requester_id"], detail["actor_id"]) == (str(client_id), str(client_id))
    assert detail["assignee_id"] is None
    assert "custom_fields" not in detail
    assert event["subject"] == f"zen:ticket:{ticket_id}"
    assert len(event["time"]) == len("2026-03-02T09:00:00.123456789Z")
    assert datetime.fromisoformat(event["time"]) == datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)


def test_every_change_has_its_event_in_its_own_shape(
    zendesk: SimulatedZendesk, api: Caller, receiver: Receiver, ticket_id: int, agent_id: int, group_id: int
) -> None:
    field = zendesk.add_ticket_field("integer", "Score")
    other = zendesk.add_organization("Other")
    first = zendesk.ticket(ticket_id)["organization_id"]
    target = zendesk.create_ticket(zendesk.add_user("Eve", None), "s", "t")
    api.webhook(receiver.url, *ALL)
    zendesk.change(
        ticket_id,
        agent_id,
        subject="New",
        priority="high",
        tags=["a"],
        assignee_id=agent_id,
        organization_id=other,
        custom_fields=[{"id": field, "value": 5}],
    )
    zendesk.comment(ticket_id, agent_id, "note", public=False)
    zendesk.soft_delete(ticket_id, agent_id)
    zendesk.undelete(ticket_id, agent_id)
    zendesk.merge(target, ticket_id, agent_id)
    assert zendesk.drain()
    got = {name: event["event"] for name, event in kinds(receiver).items()}
    assert got["subject_changed"] == {"current": "New", "previous": "Site down"}
    assert got["priority_changed"] == {"current": "HIGH", "previous": None}
    assert got["tags_changed"] == {"tags_added": ["closed_by_merge"], "tags_removed": []}
    assert got["agent_assignment_changed"] == {"current": str(agent_id), "previous": None}
    assert got["group_assignment_changed"] == {"current": str(group_id), "previous": None}
    assert got["organization_changed"] == {"current": str(other), "previous": str(first)}
    assert got["custom_field_changed"] == {
        "current": {"value": "5"},
        "previous": {"value": None},
        "custom_field": {"id": str(field), "title": "Score", "type": "integer"},
    }
    assert got["merged"] == {"target_ticket_id": str(ticket_id)}
    assert got["soft_deleted"] == got["undeleted"] == {}
    noted = [event for event in receiver.events if event["type"].endswith("comment_added")]
    said = next(event["event"]["comment"] for event in noted if event["event"]["comment"]["body"] == "note")
    assert said["is_public"] is False
    assert said["author"] == {"id": str(agent_id), "is_staff": True, "name": "Bob Agent"}


def test_our_own_writes_raise_events_with_the_bot_as_actor(
    zendesk: SimulatedZendesk, api: Caller, receiver: Receiver, ticket_id: int
) -> None:
    api.webhook(receiver.url, *ALL)
    api.put_ticket(ticket_id, comment={"body": "n", "public": False})
    api.call("PUT", f"/tickets/{ticket_id}/tags", {"tags": ["x"]})
    zendesk.drain()
    assert set(kinds(receiver)) == {"comment_added", "tags_changed"}
    assert {event["detail"]["actor_id"] for event in receiver.events} == {str(zendesk.bot_user_id)}


def test_only_what_was_subscribed_is_sent_and_only_while_active(
    zendesk: SimulatedZendesk, api: Caller, receiver: Receiver, client_id: int
) -> None:
    webhook = api.webhook(receiver.url, CREATED)
    ticket_id = zendesk.create_ticket(client_id, "s", "t")
    zendesk.comment(ticket_id, client_id, "more")
    assert zendesk.drain()
    answer = api.call("PATCH", f"/webhooks/{webhook}", {"webhook": {"status": "inactive"}})
    assert (answer.status_code, answer.content) == (204, b"")
    zendesk.create_ticket(client_id, "s", "t")
    zendesk.drain()
    assert [event["type"] for event in receiver.events] == [CREATED]


def test_two_webhooks_share_the_body_id_but_not_the_invocation_id(
    zendesk: SimulatedZendesk, api: Caller, receiver: Receiver, client_id: int
) -> None:
    api.webhook(receiver.url, CREATED)
    api.webhook(receiver.url, CREATED)
    zendesk.create_ticket(client_id, "s", "t")
    zendesk.drain()
    assert len({event["id"] for event in receiver.events}) == 1
    assert len({headers["X-Zendesk-Webhook-Invocation-Id"] for headers, _ in receiver.got}) == 2


@pytest.mark.parametrize(
    ("answers", "tries"),
    [
        ([(409, {})] * 9, 4),
        ([(409, {}), (200, {})], 2),
        ([(503, {"Retry-After": "5"}), (200, {})], 2),
        ([(429, {"Retry-After": "59"}), (200, {})], 2),
        ([(503, {"Retry-After": "60"}), (200, {})], 1),
        ([(503, {}), (200, {})], 1),
        ([(500, {}), (200, {})], 1),
        ([(502, {}), (200, {})], 1),
        ([(403, {}), (200, {})], 1),
        ([(404, {}), (200, {})], 1),
    ],
)
def test_only_conflicts_and_short_later_answers_are_retried(
    zendesk: SimulatedZendesk,
    api: Caller,
    receiver: Receiver,
    client_id: int,
    answers: list[tuple[int, dict[str, str]]],
    tries: int,
) -> None:
    api.webhook(receiver.url, CREATED)
    receiver.answers = list(answers)
    zendesk.create_ticket(client_id, "s", "t")
    assert zendesk.drain()
    assert len(receiver.got) == tries
    assert len({headers["X-Zendesk-Webhook-Invocation-Id"] for headers, _ in receiver.got}) == 1


def test_a_time_out_is_retried_five_times(
    zendesk: SimulatedZendesk, api: Caller, receiver: Receiver, client_id: int
) -> None:
    api.webhook(receiver.url, CREATED)
    zendesk.sender.timeout_seconds = 0.05
    receiver.hold = threading.Event()
    zendesk.create_ticket(client_id, "s", "t")
    assert zendesk.drain()
    assert [attempt.status for attempt in zendesk.deliveries[0].attempts] == ["timeout"] * 6


def test_a_retry_is_signed_anew_at_its_own_time(
    zendesk: SimulatedZendesk, api: Caller, receiver: Receiver, clock: SettableClock, client_id: int
) -> None:
    api.webhook(receiver.url, CREATED)
    receiver.answers = [(409, {})]
    ticking = zendesk.sender.clock

    def later() -> datetime:
        clock.forward(400)
        return ticking()

    zendesk.sender.clock = later
    zendesk.create_ticket(client_id, "s", "t")
    assert zendesk.drain()
    (first, body), (second, again) = receiver.got
    assert body == again
    assert first["X-Zendesk-Webhook-Signature"] != second["X-Zendesk-Webhook-Signature"]


def test_the_log_shows_invocations_and_their_attempts(
    zendesk: SimulatedZendesk, api: Caller, receiver: Receiver, client_id: int
) -> None:
    webhook = api.webhook(receiver.url, CREATED)
    receiver.answers = [(403, {})]
    zendesk.create_ticket(client_id, "s", "t")
    zendesk.drain()
    log = api.call("GET", f"/webhooks/{webhook}/invocations").json()
    row = log["invocations"][0]
    assert (row["status"], row["status_code"], log["meta"]["has_more"]) == ("terminated", 403, False)
    attempts = api.call("GET", f"/webhooks/{webhook}/invocations/{row['id']}/attempts").json()["attempts"]
    assert (attempts[0]["id"], attempts[0]["invocation_id"]) == (webhook, row["id"])
    assert attempts[0]["request"]["payload"] == receiver.got[0][1].decode()


def test_a_trigger_puts_placeholders_in_as_raw_text(
    zendesk: SimulatedZendesk, api: Caller, receiver: Receiver, client_id: int
) -> None:
    webhook = api.webhook(receiver.url, "conditional_ticket_events")
    answer = api.call(
        "POST",
        "/triggers",
        {
            "trigger": {
                "title": "Tell",
                "conditions": {"all": [{"field": "update_type", "operator": "is", "value": "Create"}], "any": []},
                "actions": [
                    {
                        "field": "notification_webhook",
                        "value": [webhook, '{"id": "{{ticket.id}}", "t": "{{ticket.title}}"}'],
                    }
                ],
            }
        },
    )
    assert answer.status_code == 201
    ticket_id = zendesk.create_ticket(client_id, 'He said "no"', "t")
    zendesk.comment(ticket_id, client_id, "more")
    zendesk.drain()
    assert [body for _, body in receiver.got] == [f'{{"id": "{ticket_id}", "t": "He said "no""}}'.encode()]


def test_a_trigger_cannot_name_an_event_webhook(api: Caller, receiver: Receiver) -> None:
    webhook = api.webhook(receiver.url, CREATED)
    actions = [{"field": "notification_webhook", "value": [webhook, "{}"]}]
    assert api.call("POST", "/triggers", {"trigger": {"title": "T", "actions": actions}}).status_code == 422


def test_the_kind_of_a_webhook_cannot_be_changed(api: Caller, receiver: Receiver) -> None:
    webhook = api.webhook(receiver.url, CREATED)
    change = {"webhook": {"subscriptions": ["conditional_ticket_events"]}}
    assert api.call("PATCH", f"/webhooks/{webhook}", change).status_code == 400


def test_a_new_secret_counts_at_once(
    zendesk: SimulatedZendesk, api: Caller, receiver: Receiver, client_id: int
) -> None:
    webhook = api.webhook(receiver.url, CREATED)
    old = api.secret(webhook)
    reset = api.call("POST", f"/webhooks/{webhook}/signing_secret")
    new = reset.json()["signing_secret"]["secret"]
    assert (reset.status_code, new == old, api.secret(webhook)) == (201, False, new)
    zendesk.create_ticket(client_id, "s", "t")
    zendesk.drain()
    headers, body = receiver.got[0]
    stamp = headers["X-Zendesk-Webhook-Signature-Timestamp"]
    assert headers["X-Zendesk-Webhook-Signature"] == sign(new, stamp, body)


def test_the_secret_parts_of_authentication_are_sent_but_not_echoed(
    zendesk: SimulatedZendesk, api: Caller, receiver: Receiver, client_id: int
) -> None:
    data = {"type": "bearer_token", "add_position": "header", "data": {"token": "t0p"}}
    webhook = api.webhook(receiver.url, CREATED, authentication=data)
    assert "t0p" not in api.call("GET", f"/webhooks/{webhook}").text
    zendesk.create_ticket(client_id, "s", "t")
    zendesk.drain()
    assert receiver.got[0][0]["Authorization"] == "Bearer t0p"
    assert "t0p" not in repr(zendesk.state.webhooks)


def test_a_test_request_answers_what_came_back(api: Caller, receiver: Receiver) -> None:
    receiver.answers = [(202, {})]
    answer = api.call("POST", "/webhooks/test", {"request": {"endpoint": receiver.url, "http_method": "POST"}})
    assert answer.json()["response"]["status_code"] == 202
    headers, body = receiver.got[0]
    public = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="
    stamp = headers["X-Zendesk-Webhook-Signature-Timestamp"]
    assert headers["X-Zendesk-Webhook-Signature"] == sign(public, stamp, body)


def test_deliveries_wait_while_the_desk_is_down(
    zendesk: SimulatedZendesk, api: Caller, receiver: Receiver, client_id: int
) -> None:
    api.webhook(receiver.url, CREATED)
    url = zendesk.url
    zendesk.stop()
    zendesk.create_ticket(client_id, "s", "t")
    zendesk.start()
    assert (zendesk.url, zendesk.drain(), len(receiver.got)) == (url, True, 1)


def test_a_receiver_that_fails_all_the_time_breaks_the_circuit(
    zendesk: SimulatedZendesk, api: Caller, receiver: Receiver, client_id: int
) -> None:
    api.webhook(receiver.url, CREATED)
    zendesk.sender.hurry = 1.0
    receiver.answers = [(500, {})] * 200
    for _ in range(110):
        zendesk.create_ticket(client_id, "s", "t")
    assert zendesk.drain(30)
    assert zendesk.deliveries[-1].status == "circuit_broken"
    assert len(receiver.got) < 110
