"""One ticket's whole way: webhook, reading, place, health, note; on both databases."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.world import DEAD_ADDRESS, LIVE_ADDRESS, World, servers, world


@pytest.fixture
def running(database: sa.Engine, database_url: str) -> Iterator[World]:
    with world(database, database_url) as made:
        yield made


@pytest.fixture(scope="module")
def ports() -> Iterator[tuple[int, int]]:
    with servers() as found:
        yield found


def client_with_service(running: World, address: str, port: int) -> int:
    organization = running.zendesk.add_organization("Acme", external_id="ACME-1")
    requester = running.zendesk.add_user("Ann", "ann@acme.example", organization_id=organization)
    running.add_service(client="acme-1", name="srv1", addresses=(address,), ports=(port,))
    return requester


def test_a_ticket_gets_one_private_note_with_the_health_of_its_server(running: World, ports: tuple[int, int]) -> None:
    requester = client_with_service(running, LIVE_ADDRESS, ports[0])
    number = running.zendesk.create_ticket(requester, "Site is slow", f"Please look at {LIVE_ADDRESS}")
    running.until(lambda: running.notes(number), "a note")
    running.until_settled()
    notes = running.notes(number)
    assert len(notes) == 1
    assert notes[0]["public"] is False
    assert "srv1" in str(notes[0]["plain_body"])
    row = running.ticket(number)
    assert row is not None and row.health == "ok"
    assert f"deskside_{row.health}" in running.zendesk.ticket(number)["tags"]


def test_a_dead_servers_ticket_goes_to_the_head(running: World, ports: tuple[int, int]) -> None:
    first = running.zendesk.create_ticket(running.zendesk.add_user("Bob", "bob@b.example"), "Invoice", "A question")
    requester = client_with_service(running, DEAD_ADDRESS, ports[1])
    second = running.zendesk.create_ticket(requester, "It is down", f"{DEAD_ADDRESS} is dead")
    running.until(lambda: running.notes(second), "a note")
    running.until_settled()
    calm, urgent = running.ticket(first), running.ticket(second)
    assert calm is not None and urgent is not None
    assert (urgent.health, urgent.emergency) == ("down", True), urgent.health_headline
    assert urgent.key < calm.key
    values = {field["value"] for field in running.zendesk.ticket(second)["custom_fields"]}
    assert "deskside_band_emergency" in values
    assert f"{urgent.key:012d}" in values


def test_our_own_writing_causes_no_work(running: World, ports: tuple[int, int]) -> None:
    requester = client_with_service(running, LIVE_ADDRESS, ports[0])
    number = running.zendesk.create_ticket(requester, "Hello", f"about {LIVE_ADDRESS}")
    running.until(lambda: running.notes(number), "a note")
    running.until_settled()
    reads = [request for request in running.zendesk.requests if request.path.startswith(f"/api/v2/tickets/{number}")]
    writes = [request for request in reads if request.method in ("PUT", "POST", "DELETE")]
    assert len([request for request in writes if "comment" in str(request.body)]) == 1
    assert len(running.effects(number, "note")) == 1
    before = len(writes)
    running.parts.context.engine.wake()
    running.until_settled()
    after = [
        request
        for request in running.zendesk.requests
        if request.path.startswith(f"/api/v2/tickets/{number}") and request.method != "GET"
    ]
    assert len(after) == before


def test_an_agents_answer_takes_the_ticket_out_of_the_queue_and_the_clients_brings_it_back(running: World) -> None:
    agent = running.zendesk.add_user("Agent", "agent@desk.example", role="agent")
    requester = running.zendesk.add_user("Bob", "bob@b.example")
    number = running.zendesk.create_ticket(requester, "Question", "How?")
    running.until(lambda: (row := running.ticket(number)) and row.waiting, "it waits")
    running.zendesk.comment(number, agent, "Like this.")
    running.zendesk.set_status(number, "solved", agent)
    running.until(lambda: (row := running.ticket(number)) and not row.waiting, "it does not wait")
    running.zendesk.comment(number, requester, "It does not work!")
    running.until(lambda: (row := running.ticket(number)) and row.waiting and row.turns == 1, "it waits again")
    row = running.ticket(number)
    assert row is not None
    assert "reopened" in {item["factor"] for item in row.contributions}


def test_what_no_webhook_told_is_repaired_by_the_reconcile(database: sa.Engine, database_url: str) -> None:
    with world(database, database_url, connect=False, DESKSIDE_JOBS__RECONCILE_SECONDS="1") as running:
        running.zendesk.incremental_hold_seconds = 0
        number = running.zendesk.create_ticket(running.zendesk.add_user("Bob", "b@b.example"), "Lost", "webhook")
        running.until(lambda: running.ticket(number), "the ticket is found")
        assert not running.zendesk.deliveries


def test_a_closed_ticket_is_recorded_and_not_retried(running: World, ports: tuple[int, int]) -> None:
    requester = client_with_service(running, LIVE_ADDRESS, ports[0])
    agent = running.zendesk.add_user("Agent", "agent@desk.example", role="agent")
    running.zendesk.faults.next("slow", "GET", "/api/v2/tickets/*", seconds=1.0)
    number = running.zendesk.create_ticket(requester, "Quick", LIVE_ADDRESS)
    running.zendesk.set_status(number, "closed", agent)
    running.until_settled()
    assert running.notes(number) == []
    assert {row.state for row in running.effects(number)} <= {"dropped"}
