"""Each wait of a ticket is kept once when it ends: for whom it waited, how long, and where it stood when taken."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
import sqlalchemy as sa

from deskside.model.ticket import Agent, Status
from deskside.order.pools import PoolRule
from deskside.store import queue
from deskside.store.database import Row, reading
from deskside.store.tables import turn
from tests.jobs.desk import MORNING, Bench, make_bench, promised


@pytest.fixture
def bench(database: sa.Engine) -> Bench:
    return make_bench(database)


def kept(bench: Bench) -> Sequence[Row]:
    with reading(bench.database) as connection:
        return connection.execute(sa.select(turn).order_by(turn.c.id)).all()


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def test_an_answered_wait_is_kept_with_who_answered_and_what_was_promised(bench: Bench) -> None:
    bench.put(service_level=promised(60))
    bench.look()
    bench.put("2", created_at=MORNING - minutes(5))
    bench.look("2")
    bench.put(
        status=Status.PENDING,
        updated_at=MORNING + minutes(40),
        first_reply_at=MORNING + minutes(38),
        agent=Agent("9", "Bob", "ru"),
        service_level=None,
    )
    bench.look()
    (found,) = kept(bench)
    assert (found.ticket_id, found.number, found.waited, found.agent_id) == ("1", 1, 40 * 60, "9")
    assert (found.due_at, found.replied_at) == (MORNING + minutes(60), MORNING + minutes(38))
    # Its promise put it before the other, so nobody stood before it.
    assert (found.position, found.overtaken, found.model) == (0, 0, 0)
    assert bench.row("2").overtaken == 1


def test_each_wait_is_a_turn_of_its_own_and_a_reading_twice_keeps_it_once(bench: Bench) -> None:
    bench.put()
    for number in range(3):
        at = MORNING + minutes(100 * number)
        bench.put(status=Status.OPEN, updated_at=at)
        bench.look()
        bench.put(status=Status.PENDING, updated_at=at + minutes(10))
        bench.look()
        bench.look()
    assert [(row.number, row.waited) for row in kept(bench)] == [(1, 600), (2, 600), (3, 600)]


def test_a_ticket_two_pools_can_take_has_one_key_and_leaves_both_at_once(database: sa.Engine) -> None:
    rules = [PoolRule("Linux", tags=frozenset({"linux"})), PoolRule("Russian", languages=frozenset({"ru"}))]
    bench = make_bench(database, pool_rules=rules)
    bench.put(tags=frozenset({"linux"}), language="ru")
    row = bench.look()
    with reading(database) as connection:
        heads = [queue.top(connection, pool, 1)[0] for pool in ("Linux", "Russian")]
    assert [(head.id, head.key) for head in heads] == [(row.id, row.key)] * 2
    bench.put(status=Status.PENDING, updated_at=MORNING + minutes(3))
    bench.look()
    with reading(database) as connection:
        assert queue.pools(connection) == ()


def test_who_shares_a_pool_with_the_taken_one_is_overtaken_and_nobody_else(database: sa.Engine) -> None:
    rules = [PoolRule(name.title(), tags=frozenset({name})) for name in ("linux", "windows")]
    bench = make_bench(database, pool_rules=rules)
    waits = {"1": {"linux"}, "2": {"windows"}, "3": {"linux", "windows"}, "4": {"other"}}
    for number, tags in waits.items():
        bench.put(number, tags=frozenset(tags), created_at=MORNING)
        bench.look(number)
    bench.put("5", tags=frozenset({"linux"}), created_at=MORNING + minutes(1))
    bench.look("5")
    bench.put("5", status=Status.SOLVED, updated_at=MORNING + minutes(2))
    bench.look("5")
    assert [bench.row(number).overtaken for number in waits] == [1, 0, 1, 0]
