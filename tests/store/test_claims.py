"""A waiting ticket is given to one agent at a time, in the order of the queue, on both databases."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from deskside.order.key import Caps
from deskside.store import claims, moves, queue, tickets
from deskside.store.database import Row, reading
from deskside.store.tables import ticket
from tests.databases import open_careless
from tests.store.test_queue import add, get

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
LATER = NOW + timedelta(minutes=15)
AGENTS = 200


def ask(connection: sa.Connection, who: str, *pools: str, at: datetime = NOW) -> str | None:
    given = claims.give_next(connection, who, pools, at, at + timedelta(minutes=15))
    return given.ticket_id if given is not None else None


def test_the_head_is_given_and_held_for_a_while(database: sa.Engine) -> None:
    with database.begin() as connection:
        add(connection, key=200)
        head = add(connection, key=100)
        given = claims.give_next(connection, "ann", (), NOW, LATER)
        assert given is not None
        assert (given.id, given.claimed_by, given.claimed_at, given.claimed_until) == (head.id, "ann", NOW, LATER)
        assert claims.holder(given, NOW) == "ann"
        assert claims.holder(given, LATER) is None


def test_two_agents_never_have_the_same_ticket(database: sa.Engine) -> None:
    with database.begin() as connection:
        first, second = add(connection, key=1), add(connection, key=2)
        assert [ask(connection, who) for who in ("ann", "bob", "cid")] == [first.ticket_id, second.ticket_id, None]


def test_who_has_one_gets_the_same_again_and_for_longer(database: sa.Engine) -> None:
    with database.begin() as connection:
        mine = add(connection, key=2)
        assert ask(connection, "ann") == mine.ticket_id
        add(connection, key=1)
        soon = NOW + timedelta(minutes=10)
        assert ask(connection, "ann", at=soon) == mine.ticket_id
        assert get(connection, mine.ticket_id).claimed_until == soon + timedelta(minutes=15)


def test_a_ticket_whose_time_ran_out_is_the_next_one_again(database: sa.Engine) -> None:
    with database.begin() as connection:
        head = add(connection, key=1)
        ask(connection, "ann")
        assert ask(connection, "bob", at=LATER) == head.ticket_id
        assert claims.renew(connection, "zendesk", head.ticket_id, "ann", LATER, LATER) is None


def test_a_ticket_is_renewed_by_who_has_it_and_nobody_else(database: sa.Engine) -> None:
    with database.begin() as connection:
        head = add(connection)
        ask(connection, "ann")
        longer = LATER + timedelta(minutes=5)
        assert claims.renew(connection, "zendesk", head.ticket_id, "bob", NOW, longer) is None
        renewed = claims.renew(connection, "zendesk", head.ticket_id, "ann", NOW, longer)
        assert renewed is not None and renewed.claimed_until == longer


def test_a_ticket_given_back_is_next_for_everybody(database: sa.Engine) -> None:
    with database.begin() as connection:
        head = add(connection)
        ask(connection, "ann")
        assert not claims.give_back(connection, "zendesk", head.ticket_id, "bob", NOW)
        assert claims.give_back(connection, "zendesk", head.ticket_id, "ann", NOW)
        assert not claims.give_back(connection, "zendesk", head.ticket_id, "ann", NOW)
        assert ask(connection, "ann") == head.ticket_id


def test_a_skip_is_logged_with_its_place_and_the_ticket_goes_to_somebody_else(database: sa.Engine) -> None:
    with database.begin() as connection:
        head, second = add(connection, key=1), add(connection, key=2)
        ask(connection, "ann")
        assert claims.skip(connection, "zendesk", head.ticket_id, "bob", "not mine", NOW) is None
        logged = claims.skip(connection, "zendesk", head.ticket_id, "ann", "needs a Linux person", NOW)
        assert logged is not None
        assert (logged.kind, logged.by, logged.reason, logged.position_before) == (
            moves.SKIP,
            "ann",
            "needs a Linux person",
            1,
        )
        assert [item.id for item in moves.of_ticket(connection, "zendesk", head.ticket_id)] == [logged.id]
        assert ask(connection, "ann") == second.ticket_id
        assert ask(connection, "bob") == head.ticket_id
        assert queue.position(connection, get(connection, head.ticket_id)) == 1


def test_who_skipped_all_is_told_how_many(database: sa.Engine) -> None:
    with database.begin() as connection:
        row = add(connection)
        ask(connection, "ann")
        claims.skip(connection, "zendesk", row.ticket_id, "ann", "no", NOW)
        assert ask(connection, "ann") is None
        assert claims.skipped_by(connection, "ann", (), NOW) == 1
        assert claims.skipped_by(connection, "ann", ("Second line",), NOW) == 0
        assert claims.skipped_by(connection, "bob", (), NOW) == 0


def test_a_ticket_that_came_back_is_offered_to_who_skipped_it_before(database: sa.Engine) -> None:
    with database.begin() as connection:
        row = add(connection)
        ask(connection, "ann")
        claims.skip(connection, "zendesk", row.ticket_id, "ann", "no", NOW)
        tickets.update(connection, "zendesk", row.ticket_id, arrived_at=NOW + timedelta(hours=1))
        assert ask(connection, "ann", at=NOW + timedelta(hours=1)) == row.ticket_id


def test_only_the_agents_own_pools_are_served_and_the_smallest_head_of_them_first(database: sa.Engine) -> None:
    with database.begin() as connection:
        add(connection, pool="Billing", key=1)
        support, second = add(connection, pool="Support", key=3), add(connection, pool="Second line", key=2)
        both = add(connection, pool="Support", pools=["Support", "Second line"], key=4)
        mine = ("Support", "Second line")
        assert [ask(connection, who, *mine) for who in ("ann", "bob", "cid", "dan")] == [
            second.ticket_id,
            support.ticket_id,
            both.ticket_id,
            None,
        ]


def test_between_calendars_a_dead_server_is_first_and_then_the_longest_wait(database: sa.Engine) -> None:
    # The keys of the office hours are small numbers: compared with the others they would always be first.
    with database.begin() as connection:
        office = [
            add(connection, pool="Billing", calendar="office", key=key, arrived_at=NOW - timedelta(hours=hours))
            for key, hours in ((10, 3), (20, 1))
        ]
        late = add(connection, key=10**9, arrived_at=NOW - timedelta(hours=2))
        dead = add(connection, key=10**9 - 1, arrived_at=NOW, emergency=True, health="down")
        expected = [dead, office[0], late, office[1]]
        assert [ask(connection, f"agent{n}") for n in range(4)] == [row.ticket_id for row in expected]


def test_a_ticket_that_stopped_waiting_is_given_to_nobody(database: sa.Engine) -> None:
    with database.begin() as connection:
        row = add(connection)
        ask(connection, "ann")
        tickets.update(connection, "zendesk", row.ticket_id, waiting=False)
        assert claims.held_by(connection, "ann", NOW) is None
        assert ask(connection, "ann") is None
        assert claims.renew(connection, "zendesk", row.ticket_id, "ann", NOW, LATER) is None


def test_a_ticket_that_is_just_being_changed_is_not_passed_over(database: sa.Engine) -> None:
    with database.begin() as connection:
        head, _, later = (add(connection, key=key, arrived=key) for key in (1, 2, 3))
    with ThreadPoolExecutor(1) as thread:
        with database.begin() as connection:
            # The reply to a later ticket is counted on all who came before it.
            queue.served(connection, later, Caps(overtaken=5))
            asking = thread.submit(_ask_alone, database, "ann")
            with pytest.raises(TimeoutError):
                asking.result(0.3)
        assert asking.result(30) == head.ticket_id


def test_a_ticket_that_stops_waiting_while_it_is_asked_for_is_not_given(database: sa.Engine) -> None:
    with database.begin() as connection:
        head, second = add(connection, key=1), add(connection, key=2)
    with ThreadPoolExecutor(1) as thread:
        with database.begin() as connection:
            tickets.update(connection, "zendesk", head.ticket_id, waiting=False)
            asking = thread.submit(_ask_alone, database, "ann")
            with pytest.raises(TimeoutError):
                asking.result(0.3)
        assert asking.result(30) == second.ticket_id


def _ask_alone(database: sa.Engine, who: str) -> str | None:
    with database.begin() as connection:
        return ask(connection, who)


@pytest.fixture
def crowded(database_url: str) -> Iterator[sa.Engine]:
    """A database with room for many connections at once."""
    opened = open_careless(database_url, pool_size=100)
    yield opened
    opened.dispose()


def rush(database: sa.Engine, agents: int, pools: tuple[str, ...] = ()) -> list[tuple[str, Row | None]]:
    """All ask at the same moment, each over a connection of their own; what they got, in the order of commits."""
    ready = threading.Barrier(agents)
    order: list[tuple[str, Row | None]] = []

    def one(number: int) -> None:
        who = f"agent{number}"
        ready.wait(60)
        with database.begin() as connection:
            given = claims.give_next(connection, who, pools, NOW, LATER)
            # Nobody else can be given one before this transaction ends: so this is the order in which they were given.
            order.append((who, given))

    with ThreadPoolExecutor(agents) as threads:
        list(threads.map(one, range(agents)))
    return order


def fill(database: sa.Engine, many: int) -> list[Any]:
    with database.begin() as connection:
        pools = ("Support", "Second line", "Billing")
        return [add(connection, key=(n * 7919) % 1000, pool=pools[n % 3]).id for n in range(many)]


def test_two_hundred_agents_at_once_get_a_ticket_each_in_the_order_of_the_queue(crowded: sa.Engine) -> None:
    fill(crowded, AGENTS + 50)
    given = rush(crowded, AGENTS)
    keys = [(row.key, row.id) for _, row in given if row is not None]
    assert len(keys) == AGENTS, "nobody is empty-handed while there are tickets"
    assert len(set(keys)) == AGENTS, "each ticket to one"
    assert keys == sorted(keys), "in the order of the queue"
    with reading(crowded) as connection:
        rows = connection.execute(sa.select(ticket).order_by(ticket.c.key, ticket.c.id)).all()
    assert [claims.holder(row, NOW) is not None for row in rows] == [True] * AGENTS + [False] * 50
    assert {row.claimed_by for row in rows[:AGENTS]} == {who for who, _ in given}


def test_with_fewer_tickets_than_agents_every_ticket_is_given_once(crowded: sa.Engine) -> None:
    fill(crowded, 30)
    given = [row.id for _, row in rush(crowded, AGENTS) if row is not None]
    assert len(given) == len(set(given)) == 30


def test_one_agent_who_asks_from_twenty_windows_gets_one_ticket(crowded: sa.Engine) -> None:
    fill(crowded, 40)
    with ThreadPoolExecutor(20) as threads:
        got = list(threads.map(lambda _: _ask_alone(crowded, "ann"), range(20)))
    assert len(set(got)) == 1 and got[0] is not None
