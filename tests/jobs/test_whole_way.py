"""One ticket's whole way: webhook, reading, place, health, note; on both databases."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from deskside.demo.servers import Server, Servers
from deskside.store import incidents, sweeps
from deskside.store.database import reading, utc_now
from tests.world import World, two_servers, world


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    with two_servers() as made:
        yield made


@pytest.fixture
def running(database: sa.Engine, database_url: str, servers: Servers) -> Iterator[World]:
    with world(database, database_url, servers=servers) as made:
        yield made


def client_with_service(running: World, server: Server) -> int:
    organization = running.zendesk.add_organization("Acme", external_id="ACME-1")
    requester = running.zendesk.add_user("Ann", "ann@acme.example", organization_id=organization)
    running.add_service(client="acme-1", name=server.name, addresses=(server.address,), ports=server.ports)
    return requester


def test_a_ticket_gets_one_private_note_with_the_health_of_its_server(running: World, servers: Servers) -> None:
    requester = client_with_service(running, servers["live"])
    number = running.zendesk.create_ticket(requester, "Site is slow", f"Please look at {servers['live'].address}")
    running.until(lambda: running.notes(number), "a note")
    running.until_settled()
    notes = running.notes(number)
    assert len(notes) == 1
    assert notes[0]["public"] is False
    assert "live" in str(notes[0]["plain_body"])
    row = running.ticket(number)
    assert row is not None and row.health == "ok"
    assert f"deskside_{row.health}" in running.zendesk.ticket(number)["tags"]


def test_a_dead_servers_ticket_goes_to_the_head(running: World, servers: Servers) -> None:
    first = running.zendesk.create_ticket(running.zendesk.add_user("Bob", "bob@b.example"), "Invoice", "A question")
    requester = client_with_service(running, servers["dead"])
    second = running.zendesk.create_ticket(requester, "It is down", f"{servers['dead'].address} is dead")
    running.until(lambda: running.notes(second), "a note")
    running.until_settled()
    calm, urgent = running.ticket(first), running.ticket(second)
    assert calm is not None and urgent is not None
    assert (urgent.health, urgent.emergency) == ("down", True), urgent.health_headline
    assert urgent.key < calm.key
    values = {field["value"] for field in running.zendesk.ticket(second)["custom_fields"]}
    assert "deskside_band_emergency" in values
    assert f"{urgent.key:012d}" in values


def test_the_note_tells_the_status_the_known_incident_and_what_is_not_the_clients(
    database: sa.Engine, database_url: str, servers: Servers
) -> None:
    live = servers["live"]
    with world(database, database_url, servers=servers, DESKSIDE_HEALTH__PROBES="tcp,icmp,status,incident") as running:
        requester = running.zendesk.add_user("Ann", "ann@acme.example")
        running.add_service(
            client="ann@acme.example", name="live", addresses=(live.address,), ports=live.ports, status="unpaid"
        )
        with database.begin() as connection:
            incidents.open_incident(connection, "Power in <b>rack 4</b>", [f"{live.address}/32"])
        text = f"{live.address} is slow, and 198.51.100.9 too"
        number = running.zendesk.create_ticket(requester, "Slow", text)
        running.until(lambda: running.notes(number), "a note")
        running.until_settled()
        note = str(running.notes(number)[0]["plain_body"])
        told = ["OK: live", "The service live is unpaid", "Known incident since", "Also mentioned, not one of"]
        places = [note.find(text) for text in told]
        assert places == sorted(places) and -1 not in places, note
        assert "<b>rack 4</b>" in note
        assert "&lt;b&gt;rack 4" in str(running.notes(number)[0]["html_body"])
        assert not any("198.51.100.9" in str(target) for target in running.ticket(number).targets)  # type: ignore[union-attr]


def test_our_own_writing_causes_no_work(running: World, servers: Servers) -> None:
    requester = client_with_service(running, servers["live"])
    number = running.zendesk.create_ticket(requester, "Hello", f"about {servers['live'].address}")
    running.until(lambda: running.notes(number), "a note")
    running.until_settled()
    reads = [request for request in running.zendesk.requests if request.path.startswith(f"/api/v2/tickets/{number}")]
    writes = [request for request in reads if request.method in ("PUT", "POST", "DELETE")]
    # Not the requests: one that collided with our own tags was refused and sent again.
    assert len(running.notes(number)) == 1
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


def test_a_closed_ticket_is_recorded_and_not_retried(running: World, servers: Servers) -> None:
    requester = client_with_service(running, servers["live"])
    agent = running.zendesk.add_user("Agent", "agent@desk.example", role="agent")
    running.zendesk.faults.next("slow", "GET", "/api/v2/tickets/*", seconds=1.0)
    number = running.zendesk.create_ticket(requester, "Quick", servers["live"].address)
    running.zendesk.set_status(number, "closed", agent)
    running.until_settled()
    assert running.notes(number) == []
    assert {row.state for row in running.effects(number)} <= {"dropped"}


def test_a_server_that_dies_while_its_ticket_waits_lifts_it_by_the_sweep(
    database: sa.Engine, database_url: str
) -> None:
    with two_servers() as servers, world(database, database_url, servers=servers) as running:
        requester = client_with_service(running, servers["live"])
        number = running.zendesk.create_ticket(requester, "Slow today", servers["live"].address)
        running.until(lambda: (row := running.ticket(number)) and row.health == "ok", "it is ok")
        running.until_settled()
        sweep(running)
        servers.kill("live")
        sweep(running)
        running.until(lambda: (row := running.ticket(number)) and row.emergency, "an emergency")
        running.until_settled()
        notes = [str(note["plain_body"]) for note in running.notes(number)]
        assert len(notes) == 2
        assert "DOWN for 0 min" in notes[1]


def sweep(running: World) -> None:
    """One round of the sweep, from its job to its row."""
    with reading(running.database) as connection:
        before = sweeps.last(connection)
    # A round that follows the one before too soon is left out.
    running.until(lambda: before is None or utc_now() - sweeps.ended(before) > timedelta(seconds=1.1))
    with running.database.begin() as connection:
        running.parts.context.engine.enqueue(connection, "fleet.sweep")

    def done() -> bool:
        with reading(running.database) as connection:
            last = sweeps.last(connection)
        return last is not None and (before is None or last.id != before.id)

    running.until(done, "a round")
