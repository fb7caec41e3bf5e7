"""Killed with -9 around money: one invoice is written, one place is given, and money comes back once."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa

from deskside.model.boost import BoostState
from deskside.store import boosts, tickets
from deskside.store.database import Row, open_database, reading
from tests.durability.desks import WhmcsSide, whmcs_side
from tests.durability.victim import Victim, victim_beside

POLLING = {"DESKSIDE_JOBS__RECONCILE_SECONDS": "1", "DESKSIDE_QUEUE__BOOSTS__FRONT__USD": "9"}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def victim(database: sa.Engine, database_url: str, tmp_path: Path) -> Iterator[Victim[WhmcsSide]]:
    with whmcs_side() as desk, victim_beside(desk, database, database_url, tmp_path, **POLLING) as made:
        yield made


def look(victim: Victim[WhmcsSide], ticket: int) -> tuple[Row | None, Row | None]:
    """What Deskside knows of the ticket, and its newest boost."""
    database = open_database(victim.database_url)
    try:
        with reading(database) as connection:
            found = boosts.of_ticket(connection, "whmcs", str(ticket))
            return tickets.get(connection, "whmcs", str(ticket)), found[0] if found else None
    finally:
        database.dispose()


def until(condition: Callable[[], bool], what: str) -> None:
    pause = threading.Event()
    for _ in range(600):
        if condition():
            return
        pause.wait(0.1)
    raise AssertionError(f"it never became true: {what}")


def state(victim: Victim[WhmcsSide], ticket: int) -> str:
    _, found = look(victim, ticket)
    return found.state if found else ""


def waits(victim: Victim[WhmcsSide], ticket: int) -> bool:
    row, _ = look(victim, ticket)
    return row is not None and bool(row.waiting)


def ask(victim: Victim[WhmcsSide]) -> int:
    """Two tickets; the second asks for the front."""
    whmcs = victim.desk.whmcs
    first, second = victim.desk.tickets(2, victim.server)
    until(lambda: None not in (look(victim, first)[0], look(victim, second)[0]), "both are known")
    other = whmcs.add_client("Otto", "otto@x.example")
    ahead = whmcs.create_ticket(other, "Before", "x", department_id=victim.desk.department)
    until(lambda: look(victim, ahead)[0] is not None, "the third is known")
    # The last to come has somebody to pass.
    wanted = {"type": "boost.ask", "ticket": str(ahead), "client": {"id": str(other)}, "kind": "front", "place": 1}
    event = victim.desk.signed("/embed/whmcs", "ask-1", wanted)
    # It may die before it answers: what was asked for is stored by then.
    with contextlib.suppress(requests.ConnectionError):
        requests.post(victim.url + event.path, event.body, headers=event.headers, timeout=20)
    assert state(victim, ahead)
    return ahead


def revive(victim: Victim[WhmcsSide], point: str) -> None:
    assert victim.died(point)
    victim.kill()
    victim.start()


@pytest.mark.parametrize("point", ["invoice.started", "invoice.sent"])
def test_one_invoice_is_written_and_one_place_given(victim: Victim[WhmcsSide], point: str) -> None:
    victim.start(DESKSIDE_CRASH_AT=point)
    ticket = ask(victim)
    revive(victim, point)
    until(lambda: state(victim, ticket) == BoostState.INVOICED, "invoiced")
    whmcs = victim.desk.whmcs
    assert len(whmcs.state.invoices) == 1
    whmcs.pay(next(iter(whmcs.state.invoices)))
    until(lambda: state(victim, ticket) == BoostState.GRANTED, "granted")
    row, _ = look(victim, ticket)
    assert row is not None
    assert [item["factor"] for item in row.contributions].count("boost") == 1
    assert whmcs.state.credits == []


@pytest.mark.parametrize("point", ["credit.started", "credit.sent"])
def test_money_comes_back_once(victim: Victim[WhmcsSide], point: str) -> None:
    victim.start(DESKSIDE_CRASH_AT=point)
    ticket = ask(victim)
    until(lambda: state(victim, ticket) == BoostState.INVOICED, "invoiced")
    whmcs = victim.desk.whmcs
    whmcs.agent_reply(ticket, whmcs.add_admin("Eve", "eve", "e@x.example"), "Done")
    until(lambda: not waits(victim, ticket), "it waits no longer")
    whmcs.pay(next(iter(whmcs.state.invoices)))
    revive(victim, point)
    until(lambda: state(victim, ticket) == BoostState.RETURNED, "returned")
    assert len(whmcs.state.credits) == 1
