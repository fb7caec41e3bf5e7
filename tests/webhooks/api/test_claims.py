"""Promises of the API that gives tickets to agents."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from deskside.store import people
from tests.webhooks.desk import Shelf

Program = Callable[..., FlaskClient]
NEXT = "/api/v1/queue/next"
TICKET = "/api/v1/tickets/zendesk/7"
WRITES = (NEXT, *(f"{TICKET}/{act}" for act in ("renew", "give-back", "skip", "move")))


def take(client: FlaskClient, agent: str = "ann", **more: Any) -> dict[str, Any]:
    answer = client.post(NEXT, json={"agent": agent, **more})
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


@pytest.mark.parametrize("path", WRITES)
def test_only_a_token_that_may_write_changes_the_queue(program: Program, shelf: Shelf, path: str) -> None:
    shelf.ticket("7")
    reader = program("queue:read", "tickets:read", "events:read", "events:write")
    body = {"agent": "ann", "reason": "x", "kind": "front"}
    answer = reader.post(path, json=body)
    assert answer.status_code == 403
    assert 'scope="queue:write"' in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize("body", [None, [], {}, {"agent": ""}, {"agent": "a" * 121}, {"agent": "ann", "more": 1}])
def test_a_body_that_cannot_be_used_changes_nothing(program: Program, shelf: Shelf, path: str, body: Any) -> None:
    shelf.ticket("7")
    client = program()
    answer = (
        client.post(path, json=body) if body is not None else client.post(path, data="{", content_type="text/plain")
    )
    assert answer.status_code in {415, 422}
    assert answer.content_type == "application/problem+json"
    assert client.get("/api/v1/queue").get_json()["tickets"][0]["claimed_by"] is None


def test_the_next_ticket_is_given_with_its_address_on_the_desk(program: Program, shelf: Shelf) -> None:
    shelf.ticket("9", minute=1)
    shelf.ticket("7")
    client = program()
    given = take(client)
    assert given["skipped"] == 0
    ticket = given["ticket"]
    assert (ticket["ticket_id"], ticket["claimed_by"], ticket["client"]) == ("7", "ann", "Acme Ltd")
    assert ticket["url"] == "https://help.example/agent/tickets/7"
    found = client.get("/api/v1/queue").get_json()["tickets"]
    assert [(item["ticket_id"], item["claimed_by"]) for item in found] == [("7", "ann"), ("9", None)]
    assert found[0]["claimed_until"] == ticket["claimed_until"]


def test_nobody_waits_is_no_error(program: Program) -> None:
    assert take(program()) == {"ticket": None, "skipped": 0}


def test_pools_of_the_call_then_of_the_person_then_all(program: Program, shelf: Shelf, database: sa.Engine) -> None:
    for number, pool in enumerate(("Sales", "Support", "Billing")):
        shelf.ticket(pool, minute=number, pool=pool)
    client = program()
    with database.begin() as connection:
        people.add_person(connection, "bob", "long enough a password", "agent")
        people.set_pools(connection, "bob", ["Support"])
    assert take(client, "bob", pools=["Billing"])["ticket"]["ticket_id"] == "Billing"
    client.post("/api/v1/tickets/zendesk/Billing/give-back", json={"agent": "bob"})
    assert take(client, "bob")["ticket"]["ticket_id"] == "Support"
    assert take(client, "a program of ours")["ticket"]["ticket_id"] == "Sales"


def test_a_ticket_is_renewed_given_back_and_skipped_by_who_has_it(program: Program, shelf: Shelf) -> None:
    shelf.ticket("7")
    client = program()
    until = take(client)["ticket"]["claimed_until"]

    def post(act: str, agent: str, **more: str) -> TestResponse:
        return client.post(f"{TICKET}/{act}", json={"agent": agent, **more})

    for act in ("renew", "give-back"):
        assert post(act, "bob").status_code == 409
    assert post("skip", "bob", reason="x").status_code == 409
    assert post("renew", "ann").get_json()["claimed_until"] > until
    assert post("give-back", "ann").status_code == 200
    assert post("renew", "ann").status_code == 409
    take(client)
    skipped = post("skip", "ann", reason="not mine").get_json()
    assert (skipped["kind"], skipped["by"], skipped["reason"]) == ("skip", "ann", "not mine")
    assert (skipped["position_before"], skipped["position_after"]) == (1, 1)
    assert take(client) == {"ticket": None, "skipped": 1}
    assert take(client, "bob")["ticket"]["ticket_id"] == "7"
