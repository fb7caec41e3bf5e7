"""Promises of the API."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.webhooks.desk import DOWN, HOSTILE, VIP, Asked, Shelf

Program = Callable[..., FlaskClient]
READS = {
    "/api/v1/queue": "queue:read",
    "/api/v1/queue/zendesk/7": "queue:read",
    "/api/v1/tickets/zendesk/7": "tickets:read",
    "/api/v1/tickets/zendesk/7/place": "tickets:read",
    "/api/v1/events": "events:read",
}


@pytest.mark.parametrize("path", READS)
def test_a_token_opens_only_what_its_scope_says(program: Program, shelf: Shelf, path: str) -> None:
    shelf.ticket("7")
    assert program(READS[path]).get(path).status_code == 200
    others = sorted({"queue:read", "tickets:read", "events:read", "events:write"} - {READS[path]})
    answer = program(*others).get(path)
    assert answer.status_code == 403
    assert f'scope="{READS[path]}"' in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer dsk_unknown", "Basic YTpi", "dsk_x"])
@pytest.mark.parametrize("path", READS)
def test_without_a_good_token_nothing_is_told(anonymous: FlaskClient, path: str, header: str) -> None:
    answer = anonymous.get(path, headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.content_type == "application/problem+json"


def test_a_signed_in_person_has_no_way_in_by_cookie(agent: FlaskClient) -> None:
    assert agent.get("/api/v1/queue").status_code == 401


def test_no_answer_sets_a_cookie(program: Program, shelf: Shelf) -> None:
    shelf.ticket("7")
    client = program()
    assert not any("Set-Cookie" in client.get(path).headers for path in READS)


def test_the_queue_comes_in_order_with_positions(program: Program, shelf: Shelf) -> None:
    shelf.ticket("1")
    shelf.ticket("2", minute=10, contributions=[DOWN], health="down")
    shelf.ticket("3", pool="Billing")
    found = program().get("/api/v1/queue").get_json()
    assert [(t["pool"], t["position"], t["ticket_id"]) for t in found["tickets"]] == [
        ("Support", 1, "2"),
        ("Support", 2, "1"),
        ("Billing", 1, "3"),
    ]
    assert [(p["pool"], p["waiting"], p["down"]) for p in found["pools"]] == [("Support", 2, 1), ("Billing", 1, 0)]


def test_a_stretch_of_one_pool_can_be_asked_for(program: Program, shelf: Shelf) -> None:
    for number in range(5):
        shelf.ticket(str(number), minute=number)
    shelf.ticket("x", pool="Billing")
    client = program()
    found = client.get("/api/v1/queue?pool=Support&limit=2&offset=3").get_json()
    assert [(t["position"], t["ticket_id"]) for t in found["tickets"]] == [(4, "3"), (5, "4")]
    assert client.get("/api/v1/queue?pool=Nobody").get_json()["tickets"] == []


def test_a_place_says_why(program: Program, shelf: Shelf) -> None:
    shelf.ticket("1", contributions=[VIP])
    shelf.ticket("2", minute=20)
    client = program()
    second = client.get("/api/v1/queue/zendesk/2").get_json()
    assert (second["position"], second["ahead"]) == (2, "1")
    assert second["why"] == "#1 came 20 min before #2, with 1 h of head start against 0 min"
    first = client.get("/api/v1/queue/zendesk/1").get_json()
    assert (first["position"], first["ahead"], first["why"], first["head_start_minutes"]) == (1, None, None, 60)
    assert first["contributions"] == [
        {"factor": "vip_tag", "minutes": 60, "scale": "commercial", "reason": "the ticket has the tag vip"}
    ]


def test_a_ticket_that_does_not_wait_has_no_place(program: Program, shelf: Shelf) -> None:
    shelf.ticket("7", status="solved")
    client = program()
    answer = client.get("/api/v1/queue/zendesk/7")
    assert (answer.status_code, answer.get_json(force=True)["detail"]) == (404, "ticket 7 does not wait: it is solved")
    assert client.get("/api/v1/tickets/zendesk/7").get_json()["waiting"] is False


def test_a_ticket_comes_with_its_checks_and_effects(program: Program, shelf: Shelf) -> None:
    shelf.ticket("7", subject=HOSTILE)
    report = shelf.check("7")
    shelf.effect("note:7", "7", "done")
    found = program().get("/api/v1/tickets/zendesk/7").get_json()
    assert found["subject"] == HOSTILE
    assert found["url"] == "https://help.example/agent/tickets/7"
    assert found["checks"][0]["reports"] == [report]
    assert [(effect["key"], effect["state"]) for effect in found["effects"]] == [("note:7", "done")]


def test_events_are_paged_by_id(program: Program, shelf: Shelf) -> None:
    made = [shelf.delivery(str(number), "done") for number in range(5)]
    shelf.delivery("x", "dead")
    client = program()
    first = client.get("/api/v1/events?state=done&limit=3").get_json()
    assert [event["id"] for event in first["deliveries"]] == [made[4], made[3], made[2]]
    second = client.get(f"/api/v1/events?state=done&limit=3&before={first['next']}").get_json()
    assert [event["id"] for event in second["deliveries"]] == [made[1], made[0]]
    assert second["next"] is None


def test_a_delivery_is_replayed(program: Program, shelf: Shelf, asked: Asked) -> None:
    inbox_id = shelf.delivery("a", "dead")
    answer = program("events:write").post(f"/api/v1/events/{inbox_id}/replay")
    assert (answer.status_code, answer.get_json()) == (202, {"id": inbox_id, "state": "waiting"})
    assert asked.deliveries == [inbox_id]


def test_replaying_what_is_not_there_says_so(program: Program, asked: Asked) -> None:
    asked.answer = False
    client = program()
    assert client.post("/api/v1/events/9/replay").status_code == 404
    assert client.post(f"/api/v1/events/{10**30}/replay").status_code == 404


@pytest.mark.parametrize(
    ("path", "argument"),
    [
        ("/api/v1/queue?limit=0", "limit"),
        ("/api/v1/queue?limit=201", "limit"),
        ("/api/v1/queue?limit=x", "limit"),
        ("/api/v1/queue?offset=-1", "offset"),
        ("/api/v1/queue?pool=", "pool"),
        ("/api/v1/events?state=lost", "state"),
        (f"/api/v1/events?before={2**63}", "before"),
    ],
)
def test_a_wrong_argument_is_named(program: Program, path: str, argument: str) -> None:
    answer = program().get(path)
    assert answer.status_code == 422
    problem = answer.get_json(force=True)
    assert problem["title"].startswith("Unprocessable")
    assert argument in problem["errors"]["query"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE"])
@pytest.mark.parametrize("path", READS)
def test_a_wrong_method_is_told_the_right_ones(program: Program, path: str, method: str) -> None:
    answer = program().open(path, method=method)
    assert answer.status_code == 405
    assert {"GET", "HEAD"} <= set(answer.headers["Allow"].split(", "))
    assert answer.get_json(force=True)["status"] == 405
