"""What the desk knows of a person holds a promo back, and is read for a whole batch at once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from deskside.errors import Gone
from deskside.store import incidents, moves, tickets
from deskside.store.database import reading
from deskside.store.tables import move
from push.model import Kind
from push.sending.explain import explain, history
from push.sending.gates import Defer, Send, Skip
from push.sending.messages import Message
from push.sending.run import run_batch
from tests.push.sending.world import NOON, World, variant

WHO = {"desk": "zendesk", "client_id": "7"}
MESSAGE = Message(variant(), "tag", "news")


def ticket(world: World, number: str = "1", **values: Any) -> None:
    """A waiting ticket of the client 7."""
    plain: dict[str, Any] = {
        "pool": "Support",
        "pools": ["Support"],
        "status": "open",
        "waiting": True,
        "subject": "Help",
        "client_id": "7",
        "client_name": "Acme",
        "created_at": NOON,
        "updated_at": NOON,
        "read_at": NOON,
        "digest": "0" * 64,
        "arrived_at": NOON - timedelta(days=3),
        "arrived": 0,
        "head_start": 0,
        "key": 0,
        "band": "normal",
        "contributions": [],
        "targets": [],
    }
    with world.database.begin() as connection:
        tickets.put(connection, "zendesk", number, **{**plain, **values})


def reason(world: World, person: int, now: datetime = NOON, kind: Kind = Kind.PROMO) -> str:
    with reading(world.database) as connection:
        found = explain(connection, person, MESSAGE, kind, now, world.manners)
    return "" if isinstance(found.decision, Send) else found.decision.reason


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"health": "down"}, "zendesk 1, its server is down"),
        ({"emergency": True}, "zendesk 1"),
        ({"band": "ahead"}, "zendesk 1"),
        ({"band": "emergency"}, "zendesk 1"),
    ],
)
def test_an_urgent_ticket_that_waits_holds_a_promo_back(world: World, values: dict[str, Any], told: str) -> None:
    concerned, other = world.person(**WHO), world.person(desk="zendesk", client_id="8")
    ticket(world, **values)
    assert reason(world, concerned) == f"has an urgent ticket open: {told}"
    assert reason(world, other) == ""
    assert reason(world, concerned, kind=Kind.INCIDENT) == ""


@pytest.mark.parametrize("values", [{}, {"waiting": False, "health": "down", "status": "solved"}])
def test_an_ordinary_or_a_solved_ticket_does_not(world: World, values: dict[str, Any]) -> None:
    person = world.person(**WHO)
    ticket(world, **values)
    assert reason(world, person) == ""


def test_the_same_client_number_on_another_desk_is_somebody_else(world: World) -> None:
    person = world.person(desk="whmcs", client_id="7")
    ticket(world, health="down")
    assert reason(world, person) == ""


def complain(world: World, at: datetime) -> None:
    values = {"desk": "zendesk", "ticket_id": "1", "kind": moves.COMPLAINT, "at": at, "by": "ann"}
    with world.database.begin() as connection:
        connection.execute(sa.insert(move).values(**values, position_before=3, position_after=1))


def test_who_complained_today_hears_nothing_until_tomorrow_of_their_own_day(world: World) -> None:
    person = world.person(**WHO, zone="Pacific/Auckland", quiet_from=0, quiet_to=0)
    ticket(world)
    complain(world, NOON)  # 01:00 on Tuesday in Auckland
    assert reason(world, person) == "is unhappy with us today: a complaint in zendesk 1"
    assert reason(world, person, NOON + timedelta(hours=22)) != ""
    assert reason(world, person, NOON + timedelta(hours=24)) == ""


def test_a_ticket_marked_as_a_complaint_that_came_today_counts_too(world: World) -> None:
    person = world.person(**WHO)
    ticket(world, arrived_at=NOON, contributions=[{"factor": "complaint", "minutes": 60}])
    assert reason(world, person) == "is unhappy with us today: a complaint in zendesk 1"
    assert reason(world, person, NOON + timedelta(days=1)) == ""


def test_a_ticket_rated_badly_today_holds_a_promo_back_until_tomorrow(world: World) -> None:
    person = world.person(**WHO)
    ticket(world, status="solved", waiting=False, rated_badly_at=NOON - timedelta(hours=1))
    assert reason(world, person) == "is unhappy with us today: a bad rating of zendesk 1"
    assert reason(world, person, NOON + timedelta(days=1)) == ""


@pytest.mark.parametrize(
    ("value", "held"),
    [
        (NOON.isoformat(), True),
        ((NOON - timedelta(days=1)).isoformat(), False),
        ("yesterday", False),
        ("2026-11-23T12:00:00", False),
        (7, False),
        (None, False),
    ],
)
def test_a_bad_rating_today_holds_a_promo_back(world: World, value: Any, held: bool) -> None:
    person = world.person(attributes={"rated_badly_at": value})
    assert (reason(world, person) != "") is held


@pytest.mark.parametrize(
    ("attributes", "held"),
    [
        ({"products": ["VPS", "Mail"]}, True),
        ({"services": "mail"}, True),
        ({"addresses": ["192.0.2.9", "no address"]}, True),
        ({"products": ["VPS"], "addresses": ["198.51.100.1"]}, False),
        ({"products": {"mail": 1}, "services": 7}, False),
        ({}, False),
    ],
)
def test_an_open_incident_hushes_whom_it_concerns(world: World, attributes: dict[str, Any], held: bool) -> None:
    person = world.person(attributes=attributes)
    with world.database.begin() as connection:
        number = incidents.open_incident(connection, "Mail is slow", ["Mail", "192.0.2.0/24"], NOON)
    assert (reason(world, person) == "something of theirs is in an open incident: Mail is slow") is held
    with world.database.begin() as connection:
        incidents.close_incident(connection, number)
    assert reason(world, person) == ""


def test_what_is_held_back_goes_out_when_the_way_is_free(world: World) -> None:
    person = world.person(**WHO)
    ticket(world, health="down")
    world.campaign()
    world.go()
    [row] = history_of(world, person)
    assert (row.state, row.reason) == ("due", "has an urgent ticket open: zendesk 1, its server is down")
    ticket(world, health="ok")
    world.hand.move(minutes=31)
    world.run()
    assert world.states() == {"sent": 1}


def history_of(world: World, person: int) -> list[Any]:
    with reading(world.database) as connection:
        return list(history(connection, person))


def test_why_not_tells_every_gate_and_changes_nothing(world: World) -> None:
    person = world.person(devices=0, topics=(), zone="Mars/Olympus")
    before = (world.sends(), world.pushes())
    with reading(world.database) as connection:
        found = explain(connection, person, MESSAGE, Kind.PROMO, NOON.replace(hour=23), world.manners, NOON)
        with pytest.raises(Gone):
            explain(connection, person + 1, MESSAGE, Kind.PROMO, NOON, world.manners)
    assert found.decision == Skip("no browser of theirs is alive")
    objecting = {finding.gate: type(finding.objection) for finding in found.findings if finding.objection}
    assert objecting == {"no_browser": Skip, "topic_not_chosen": Skip, "too_late": Skip, "quiet_hours": Defer}
    assert (found.zone, found.zone_known) == ("UTC", False)
    assert (world.sends(), world.pushes()) == before


@pytest.fixture
def statements(world: World) -> Callable[[Callable[[], Any]], int]:
    """How many statements an action takes."""

    def count(action: Callable[[], Any]) -> int:
        seen: list[str] = []

        def note(_c: Any, _k: Any, statement: str, *_: Any) -> None:
            seen.append(statement)

        sa.event.listen(world.database, "before_cursor_execute", note)
        action()
        sa.event.remove(world.database, "before_cursor_execute", note)
        return len(seen)

    return count


def test_a_batch_of_five_hundred_takes_no_more_statements_than_its_outcomes_do(
    world: World, statements: Callable[[Callable[[], Any]], int]
) -> None:
    world.crowd(5, **WHO)
    world.campaign()
    world.start()
    few = statements(lambda: run_batch(world.sending))
    world.crowd(495, **WHO)
    world.hand.move(days=1)
    world.campaign()
    world.start()
    many = statements(lambda: run_batch(world.sending))
    assert world.states() == {"sent": 505}
    # Inserts of many rows and the writing of outcomes go in pages; nothing else grows with the batch.
    assert many <= few + 40
