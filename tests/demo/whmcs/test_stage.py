from collections.abc import Iterator
from decimal import Decimal

import pytest

from deskside.demo import cast
from deskside.demo.servers import Condition, Servers
from deskside.demo.stream import FEWEST, MOST, OPENING, Stream
from deskside.demo.whmcs import SimulatedWhmcs, WhmcsStage
from tests.demo.clock import SettableClock


@pytest.fixture
def servers() -> Iterator[Servers]:
    with Servers(cast.servers()) as running:
        yield running


@pytest.fixture
def stage(clock: SettableClock) -> WhmcsStage:
    return WhmcsStage(SimulatedWhmcs(clock=clock))


def test_the_same_cast_plays_on_whmcs(stage: WhmcsStage, servers: Servers) -> None:
    Stream(stage, servers).open()
    state, tickets = stage.whmcs.state, stage.whmcs.tickets()
    assert len(tickets) == OPENING
    assert {row.companyname for row in state.clients.values()} == {client.name for client in cast.ORGANIZATIONS}
    assert {row.custom[stage.plan_field] for row in state.clients.values()} == {"basic", "business", "enterprise"}
    assert {row.name for row in state.departments.values()} == set(cast.GROUPS)
    assert sorted(row.dedicatedip for row in state.services.values()) == sorted(
        server.address for server in servers.servers.values()
    )
    vips = {row.companyname for row in state.clients.values() if row.groupid == stage.vip_group}
    assert vips == {client.name for client in cast.ORGANIZATIONS if client.vip}


def test_a_year_of_payments_is_the_spend(stage: WhmcsStage, servers: Servers) -> None:
    Stream(stage, servers).open()
    for client in cast.ORGANIZATIONS:
        rows = [row for row in stage.whmcs.state.transactions.values() if row.userid == stage.clients[client.key]]
        assert sum((row.amountin for row in rows), Decimal(0)) == 12 * client.spend


def test_the_first_happening_is_a_ticket_about_the_dead_servers_service(stage: WhmcsStage, servers: Servers) -> None:
    stream = Stream(stage, servers)
    stream.open()
    stream.step()
    dead = next(row for row in servers.servers.values() if row.condition is Condition.DEAD)
    ticket = stage.whmcs.tickets()[-1]
    assert ticket.service == f"S{stage.services[dead.name]}"
    assert stage.service_name(dead) == (f"whmcs:{ticket.userid}", "portal.harbour-legal.example")


def test_a_long_stream_keeps_the_queue_between_its_bounds(stage: WhmcsStage, servers: Servers) -> None:
    stream = Stream(stage, servers, seed=5)
    happened = [stream.step() for _ in range(150)]
    assert FEWEST - 4 <= len(stage.queue()) <= MOST + 4
    for words in ("opens ticket", "asks again", "the head of the queue", "is back", "dies", "works again"):
        assert any(words in line for line in happened), words
    statuses = {ticket.status for ticket in stage.whmcs.tickets()}
    assert {"Open", "Customer-Reply", "Closed"} <= statuses


def test_an_agent_takes_the_head_of_the_panel(stage: WhmcsStage, servers: Servers) -> None:
    stream = Stream(stage, servers)
    stream.open()
    last = stage.whmcs.tickets()[-1].id
    stage.whmcs.show_panel(lambda: [last])
    stream._solve_head()
    solved = stage.whmcs.ticket(last)
    assert solved.status == "Closed"
    assert solved.flag in stage.agents[solved.deptid]
