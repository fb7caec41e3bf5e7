"""One WHMCS ticket's whole way: event or poll, reading, inventory, place, health, note; on both databases."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import requests
import sqlalchemy as sa

from deskside.demo.servers import Servers
from tests.whmcs_world import WhmcsWorld, whmcs_world
from tests.world import two_servers

POLLING = {"DESKSIDE_JOBS__RECONCILE_SECONDS": "1"}


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    with two_servers() as made:
        yield made


@pytest.fixture
def running(database: sa.Engine, database_url: str, servers: Servers) -> Iterator[WhmcsWorld]:
    with whmcs_world(database, database_url, servers=servers) as made:
        yield made


@pytest.fixture
def polling(database: sa.Engine, database_url: str) -> Iterator[WhmcsWorld]:
    with whmcs_world(database, database_url, addon=False, **POLLING) as made:
        yield made


def test_a_ticket_gets_one_private_note_with_the_health_of_its_product(running: WhmcsWorld, servers: Servers) -> None:
    client, bought = running.client_on(servers["live"])
    number = running.open(client, "It's <slow> & odd", "Please look", bought)
    running.until(lambda: running.notes(number), "a note")
    running.until_settled()
    (note,) = running.notes(number)
    assert "OK: " in note
    row = running.ticket(number)
    assert row is not None
    assert (row.health, row.subject, row.pool) == ("ok", "It's <slow> & odd", "Support & Sales")
    assert row.targets[0]["address"] == servers["live"].address


def test_a_dead_servers_ticket_goes_to_the_head(running: WhmcsWorld, servers: Servers) -> None:
    first = running.open(running.whmcs.add_client("Bob B", "bob@b.example"), "Invoice", "A question")
    running.until(lambda: running.ticket(first), "the first is known")
    client, bought = running.client_on(servers["dead"])
    second = running.open(client, "It is down", f"{servers['dead'].address} is dead", bought)
    running.until(lambda: running.notes(second), "a note")
    running.until_settled()
    calm, urgent = running.ticket(first), running.ticket(second)
    assert calm is not None and urgent is not None
    assert (urgent.health, urgent.emergency) == ("down", True), urgent.health_headline
    assert urgent.key < calm.key
    assert running.whmcs.ticket(second).priority == "Medium"


def test_an_emergency_becomes_high_where_that_is_allowed_and_that_is_no_new_event(
    database: sa.Engine, database_url: str, servers: Servers
) -> None:
    allowed = {"DESKSIDE_WHMCS__WRITE_PRIORITY": "true"}
    with whmcs_world(database, database_url, servers=servers, **allowed) as running:
        client, bought = running.client_on(servers["dead"])
        number = running.open(client, "It is down", "dead", bought)
        running.until(lambda: running.whmcs.ticket(number).priority == "High", "it is High")
        running.until_settled()
        # The hook of a change by API may not say who made it: then the ticket is read again, and nothing follows.
        told = [row for row in running.deliveries() if row.type == "ticket.priority_changed"]
        assert [row.state for row in told] in (["done"], ["ignored"])
        assert len(running.notes(number)) == 1


def test_our_own_note_causes_no_work(running: WhmcsWorld, servers: Servers) -> None:
    client, bought = running.client_on(servers["live"])
    number = running.open(client, "Hello", "about it", bought)
    running.until(lambda: running.notes(number), "a note")
    running.until_settled()
    running.until(lambda: [row for row in running.deliveries() if row.type == "ticket.note_added"], "its echo")
    running.until_settled()
    (echo,) = [row for row in running.deliveries() if row.type == "ticket.note_added"]
    assert (echo.state, echo.outcome) == ("ignored", "our own writing")
    assert len(running.notes(number)) == 1


def test_an_agents_answer_takes_the_ticket_out_of_the_queue_and_the_clients_brings_it_back(
    running: WhmcsWorld,
) -> None:
    number = running.open(running.whmcs.add_client("Bob B", "bob@b.example"))
    running.until(lambda: running.waits(number), "it waits")
    running.whmcs.agent_note(number, running.agent, "only for us")
    running.until_settled()
    assert running.waits(number)
    running.whmcs.agent_reply(number, running.agent, "Like this.")
    running.until(lambda: running.waits(number) is False, "it does not wait")
    row = running.ticket(number)
    assert row is not None and row.first_reply_at is not None
    running.whmcs.client_reply(number, "It does not work!")
    running.until(lambda: running.waits(number), "it waits again")
    row = running.ticket(number)
    assert row is not None and row.turns == 1
    running.whmcs.change(number, running.agent, status="Closed")
    running.until(lambda: running.waits(number) is False, "it is closed")


def test_years_and_money_of_the_client_count(running: WhmcsWorld) -> None:
    long_ago = date.today() - timedelta(days=5 * 366)  # noqa: DTZ011 - a day of WHMCS
    client = running.whmcs.add_client("Old Friend", "old@friend.example", since=long_ago)
    running.whmcs.add_payment(client, "120000.00", 30)
    number = running.open(client)
    running.until(lambda: running.ticket(number), "it is known")
    row = running.ticket(number)
    assert row is not None
    assert {"tenure", "spend"} <= {item["factor"] for item in row.contributions}


def test_a_delivery_sent_twice_is_stored_once_and_a_forged_one_not_at_all(running: WhmcsWorld) -> None:
    running.whmcs.faults.next("push_duplicate", "ticket.opened")
    number = running.open(running.whmcs.add_client("Bob B", "bob@b.example"))
    running.until(lambda: running.ticket(number), "it is known")
    running.until_settled()
    assert len([row for row in running.deliveries() if row.type == "ticket.opened"]) == 1
    headers = {"webhook-id": "evt_x", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA"}
    answer = requests.post(f"{running.url}/webhooks/whmcs", b"{}", headers=headers, timeout=10)
    assert answer.status_code == 401


def test_the_test_event_is_accepted_and_ignored(running: WhmcsWorld) -> None:
    running.whmcs.addon.ping()
    running.until(lambda: [row for row in running.deliveries() if row.state == "ignored"], "it is ignored")


def test_no_password_of_a_service_is_stored(running: WhmcsWorld, servers: Servers) -> None:
    client, bought = running.client_on(servers["live"])
    password = running.whmcs.state.services[bought].password
    number = running.open(client, "Hello", "about it", bought)
    key = running.whmcs.ticket(number).c
    running.until(lambda: running.notes(number), "a note")
    running.until_settled()
    with running.database.connect() as connection:
        for table in sa.inspect(running.database).get_table_names():
            rows = connection.execute(sa.text(f'SELECT * FROM "{table}"')).all()
            assert password not in repr(rows), table
            assert f"'{key}'" not in repr(rows), table


# Without the addon


def test_what_no_event_told_is_found_by_the_poller(polling: WhmcsWorld) -> None:
    number = polling.open(polling.whmcs.add_client("Bob B", "bob@b.example"))
    polling.until(lambda: polling.waits(number), "it waits")
    polling.whmcs.agent_reply(number, polling.agent, "Like this.")
    polling.until(lambda: polling.waits(number) is False, "it does not wait")
    polling.whmcs.client_reply(number, "No")
    polling.until(lambda: polling.waits(number), "it waits again")
    polling.whmcs.change(number, polling.agent, hooks=False, status="Closed")
    polling.until(lambda: (row := polling.ticket(number)) and row.status == "closed", "it is closed")
    assert polling.deliveries() == []


def test_a_merged_and_a_deleted_ticket_leave_the_queue(polling: WhmcsWorld) -> None:
    client = polling.whmcs.add_client("Bob B", "bob@b.example")
    kept, merged, deleted = (polling.open(client, name) for name in ("one", "two", "three"))
    for number in (kept, merged, deleted):
        polling.until(lambda number=number: polling.waits(number), "it waits")
    polling.whmcs.merge([merged], kept, polling.agent)
    polling.whmcs.delete(deleted, polling.agent)
    for number in (merged, deleted):
        polling.until(lambda number=number: polling.waits(number) is False, "it left")
    assert polling.waits(kept)


def test_a_custom_status_is_understood_by_where_whmcs_lists_it(polling: WhmcsWorld) -> None:
    polling.whmcs.add_status("Escalated", active=True, awaiting=True)
    polling.whmcs.add_status("Vendor", active=True, awaiting=False)
    client = polling.whmcs.add_client("Bob B", "bob@b.example")
    escalated, vendor = polling.open(client, "one"), polling.open(client, "two")
    polling.whmcs.change(escalated, polling.agent, hooks=False, status="Escalated")
    polling.whmcs.change(vendor, polling.agent, hooks=False, status="Vendor")
    polling.until(lambda: polling.waits(escalated), "the escalated one waits")
    polling.until(lambda: not polling.waits(vendor), "the vendor's does not")


def test_a_quiet_desk_is_listed_and_no_ticket_is_read_twice(polling: WhmcsWorld) -> None:
    client = polling.whmcs.add_client("Bob B", "bob@b.example")
    numbers = [polling.open(client, f"ticket {index}") for index in range(5)]
    for number in numbers:
        polling.until(lambda number=number: polling.waits(number), "it waits")
    polling.until_settled()
    polling.whmcs.vary(7)
    reads = len([call for call in polling.whmcs.requests if call.action.lower() == "getticket"])
    rounds = len([call for call in polling.whmcs.requests if call.action.lower() == "gettickets"])
    polling.until(
        lambda: len([call for call in polling.whmcs.requests if call.action.lower() == "gettickets"]) >= rounds + 4,
        "four more rounds",
    )
    assert len([call for call in polling.whmcs.requests if call.action.lower() == "getticket"]) == reads


@pytest.mark.parametrize("seed", [1, 2])
def test_however_whmcs_prints_its_answers_the_way_is_the_same(
    database: sa.Engine, database_url: str, servers: Servers, seed: int
) -> None:
    with whmcs_world(database, database_url, servers=servers) as running:
        running.whmcs.vary(seed)
        client, bought = running.client_on(servers["live"])
        number = running.open(client, "Größe & <b>", "Please look", bought)
        running.until(lambda: running.notes(number), "a note")
        running.until_settled()
        assert len(running.notes(number)) == 1
        (known,) = running.services()
        assert (known.name, known.status, known.product) == (servers["live"].address, "active", "VPS L")


def test_a_note_whose_answer_was_lost_is_there_once(running: WhmcsWorld, servers: Servers) -> None:
    client, bought = running.client_on(servers["live"])
    running.whmcs.faults.next("drop_after", "addticketnote")
    running.whmcs.faults.next("drop_before", "getticket", count=2)
    number = running.open(client, "Hello", "about it", bought)
    running.until(lambda: running.notes(number), "a note")
    running.until_settled()
    assert len(running.notes(number)) == 1


def test_a_thousand_active_tickets_are_listed_by_four_calls(database: sa.Engine, database_url: str) -> None:
    at = datetime.now(UTC) - timedelta(hours=1)
    with whmcs_world(database, database_url, addon=False) as running:
        client = running.whmcs.add_client("Bob B", "bob@b.example")
        for index in range(1000):
            running.whmcs.create_ticket(client, f"ticket {index}", "x", department_id=running.department, at=at)
        desk = running.parts.context.desk("whmcs")
        desk.changes(None)
        before = len(running.whmcs.requests)
        assert len(desk.changes(None).sightings) == 1000
        calls = [call.action.lower() for call in running.whmcs.requests[before:]]
        assert calls == ["gettickets"] * 4
        assert running.whmcs.most_at_once <= 4
