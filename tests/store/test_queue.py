"""The queue in the store is the order by (key, id), found by its index, on both databases."""

import itertools
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deskside.order.key import Caps
from deskside.store import queue, tickets
from deskside.store.database import Row
from deskside.store.tables import queue_entry, ticket

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CAPS = Caps(overtaken=3)
_numbers = itertools.count(1)
POOLS = ("Support", "Second line")


def add(connection: sa.Connection, **values: Any) -> Row:
    """A waiting ticket."""
    number = str(next(_numbers))
    arrived = values.get("arrived", 1_000_000)
    defaults = {
        "pool": "Support",
        "status": "open",
        "waiting": True,
        "subject": "",
        "client_id": "1",
        "client_name": "",
        "created_at": NOON,
        "updated_at": NOON,
        "read_at": NOON,
        "digest": "",
        "arrived_at": datetime.fromtimestamp(arrived, UTC),
        "arrived": arrived,
        "head_start": 0,
        "key": arrived,
        "band": "normal",
        "contributions": [],
    }
    tickets.put(connection, "zendesk", number, **{**defaults, **values})
    return get(connection, number)


def get(connection: sa.Connection, ticket_id: str) -> Row:
    found = tickets.get(connection, "zendesk", ticket_id)
    assert found is not None
    return found


waiting_tickets = st.lists(
    st.fixed_dictionaries(
        {
            "pool": st.sampled_from(POOLS),
            "waiting": st.booleans() | st.just(True),
            # Few different keys, so that equal ones are common; some below zero and some beyond 32 bits.
            "key": st.integers(-3, 3) | st.sampled_from([-(2**40), 2**40]),
        }
    ),
    max_size=25,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(waiting_tickets)
def test_top_position_and_neighbour_agree_with_a_plain_sort(database: sa.Engine, plan: list[dict[str, Any]]) -> None:
    with database.begin() as connection:
        connection.execute(sa.delete(ticket))
        rows = [add(connection, **values) for values in plan]
    with database.connect() as connection:
        for pool in POOLS:
            expected = sorted((row for row in rows if row.waiting and row.pool == pool), key=lambda r: (r.key, r.id))
            found = queue.top(connection, pool, limit=100)
            assert [row.id for row in found] == [row.id for row in expected]
            for place, row in enumerate(expected, start=1):
                assert queue.position(connection, row) == place
                ahead = queue.neighbour_ahead(connection, row)
                assert (ahead.id if ahead else None) == (expected[place - 2].id if place > 1 else None)
        assert {state.pool: state.waiting for state in queue.pools(connection)} == {
            pool: count for pool in POOLS if (count := sum(row.waiting and row.pool == pool for row in rows))
        }


def test_a_page_of_the_queue_goes_on_where_the_last_ended(database: sa.Engine) -> None:
    with database.begin() as connection:
        rows = [add(connection, key=number % 3) for number in range(10)]
        whole = [row.id for row in queue.top(connection, "Support", limit=10)]
        pages = [[row.id for row in queue.top(connection, "Support", limit=4, skip=skip)] for skip in (0, 4, 8)]
    assert list(itertools.chain(*pages)) == whole
    assert sorted(whole) == sorted(row.id for row in rows)


def test_a_pool_tells_how_many_wait_how_many_are_down_and_since_when(database: sa.Engine) -> None:
    with database.begin() as connection:
        add(connection, arrived=500)
        add(connection, arrived=100, health="down")
        add(connection, arrived=50, waiting=False)
        add(connection, arrived=900, pool="Second line")
        states = queue.pools(connection)
    assert states == (
        queue.PoolState("Support", 2, 1, datetime.fromtimestamp(100, UTC)),
        queue.PoolState("Second line", 1, 0, datetime.fromtimestamp(900, UTC)),
    )


def test_who_came_before_and_still_waits_in_the_pool_is_overtaken(database: sa.Engine) -> None:
    with database.begin() as connection:
        early = add(connection, arrived=100)
        elsewhere = add(connection, arrived=100, pool="Second line")
        gone = add(connection, arrived=100, waiting=False)
        same = add(connection, arrived=200)
        taken = add(connection, arrived=200)
        late = add(connection, arrived=300)
        queue.served(connection, taken, CAPS)
        counted = {row.id: get(connection, row.ticket_id).overtaken for row in (early, elsewhere, gone, same, late)}
    assert counted == {early.id: 1, elsewhere.id: 0, gone.id: 0, same.id: 0, late.id: 0}


def test_at_the_cap_a_ticket_is_pinned_ahead_of_every_later_one(database: sa.Engine) -> None:
    with database.begin() as connection:
        early = add(connection, arrived=100)
        pinned = [
            queue.served(connection, add(connection, arrived=200 + number, waiting=True), CAPS) for number in range(3)
        ]
        row = get(connection, early.ticket_id)
        strongest = add(connection, arrived=101, key=101 - CAPS.contract * 60)
        assert queue.position(connection, row) < queue.position(connection, strongest)
    assert [[item.ticket_id for item in found] for found in pinned] == [[], [], [early.ticket_id]]
    assert (row.pinned, row.overtaken, row.key) == (True, 3, 100 - CAPS.contract * 60)
    assert pinned[2][0].key == row.key


def test_pinning_never_raises_a_key(database: sa.Engine) -> None:
    with database.begin() as connection:
        urgent = add(connection, arrived=100, key=100 - 1440 * 60, overtaken=2)
        queue.served(connection, add(connection, arrived=200), CAPS)
        row = get(connection, urgent.ticket_id)
    assert (row.pinned, row.key) == (True, urgent.key)


def test_a_pinned_ticket_is_pinned_once(database: sa.Engine) -> None:
    with database.begin() as connection:
        add(connection, arrived=100, overtaken=2)
        assert len(queue.served(connection, add(connection, arrived=200), CAPS)) == 1
        assert len(queue.served(connection, add(connection, arrived=300), CAPS)) == 0


@pytest.mark.parametrize(("caps", "emergency"), [(CAPS, True), (Caps(overtaken=0), False)])
def test_emergencies_do_not_count_and_a_cap_of_zero_pins_nobody(
    database: sa.Engine, caps: Caps, emergency: bool
) -> None:
    with database.begin() as connection:
        early = add(connection, arrived=100)
        for number in range(5):
            assert not queue.served(connection, add(connection, arrived=200 + number, emergency=emergency), caps)
        row = get(connection, early.ticket_id)
    assert (row.overtaken, row.pinned, row.key) == (0, False, early.key)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 480), st.booleans()), min_size=2, max_size=12))
def test_served_in_order_nobody_is_overtaken_more_often_than_the_cap(
    database: sa.Engine, plan: list[tuple[int, int, bool]]
) -> None:
    with database.begin() as connection:
        connection.execute(sa.delete(ticket))
        for number, (gap, minutes, emergency) in enumerate(plan):
            arrived = 1_000_000 + 600 * (number + gap)
            head_start = (1440 if emergency else minutes) * 60
            add(connection, arrived=arrived, key=arrived - head_start, head_start=head_start, emergency=emergency)
        while found := queue.top(connection, "Support", 1):
            queue.served(connection, found[0], CAPS)
            tickets.update(connection, "zendesk", found[0].ticket_id, waiting=False)
        assert connection.scalar(sa.select(sa.func.max(ticket.c.overtaken))) <= CAPS.overtaken


STATEMENT = re.compile(r"\s*(INSERT INTO|UPDATE|DELETE FROM) queue_entry\b")


def written(database: sa.Engine, act: Callable[[sa.Connection], object]) -> list[str]:
    """How `act(connection)` writes to the queue's own rows."""
    seen: list[str] = []

    def remember(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    sa.event.listen(database, "before_cursor_execute", remember)
    with database.begin() as connection:
        act(connection)
    sa.event.remove(database, "before_cursor_execute", remember)
    return [found[1] for statement in seen if (found := STATEMENT.match(statement))]


def entries(database: sa.Engine) -> set[tuple[str, int, str]]:
    with database.connect() as connection:
        rows = connection.execute(sa.select(queue_entry.c.pool, queue_entry.c.key, queue_entry.c.health))
        return {(row.pool, row.key, row.health) for row in rows}


def test_a_look_that_changes_nothing_writes_nothing_to_the_queue(database: sa.Engine) -> None:
    with database.begin() as connection:
        row = add(connection, pools=["Support", "Second line"])
    before = entries(database)
    same = {name: row._mapping[name] for name in ("waiting", "pool", "pools", "key", "arrived", "arrived_at", "health")}
    again = written(database, lambda connection: tickets.put(connection, "zendesk", row.ticket_id, **same))
    assert again == []
    assert entries(database) == before == {("Support", row.key, ""), ("Second line", row.key, "")}


def test_of_the_queues_rows_only_what_differs_is_written(database: sa.Engine) -> None:
    with database.begin() as connection:
        row = add(connection, pools=["Support", "Second line"])

    def becomes(**values: Any) -> list[str]:
        return written(database, lambda connection: tickets.update(connection, "zendesk", row.ticket_id, **values))

    assert becomes(pools=["Support"]) == ["DELETE FROM"]
    assert becomes(pools=["Support", "Billing"]) == ["INSERT INTO"]
    assert becomes(key=7) == ["DELETE FROM", "INSERT INTO"]
    assert entries(database) == {("Support", 7, ""), ("Billing", 7, "")}
    assert becomes(health="down") == ["DELETE FROM", "INSERT INTO"]
    assert becomes(waiting=False) == ["DELETE FROM"]
    assert becomes(waiting=False) == []
    assert entries(database) == set()


@pytest.fixture
def crowd(database: sa.Engine) -> sa.Engine:
    """Nine thousand tickets, most of them long answered, so that a planner has a reason to choose."""
    with database.begin() as connection:
        add(connection)
        template = dict(connection.execute(sa.select(ticket)).one()._mapping)
        del template["id"]
        connection.execute(
            sa.insert(ticket),
            [
                {**template, "ticket_id": f"c{n}", "key": n, "pool": f"Pool {n % 10}", "waiting": n % 3 == 0}
                for n in range(9000)
            ],
        )
        queue.rebuild(connection)
        connection.execute(sa.text("ANALYZE"))
    return database


def by_key(plan: str) -> bool:
    """Whether the queue's rows are found by (pool, key, ticket)."""
    return "queue_entry USING PRIMARY KEY" in plan or "pk_queue_entry" in plan


def plan_of(database: sa.Engine, query: sa.Select[Any]) -> str:
    explain = "EXPLAIN QUERY PLAN" if database.dialect.name == "sqlite" else "EXPLAIN"
    with database.connect() as connection:
        text = str(query.compile(database, compile_kwargs={"literal_binds": True}))
        return "\n".join(str(tuple(row)) for row in connection.exec_driver_sql(f"{explain} {text}"))


def recorded(database: sa.Engine, act: Any) -> sa.Select[Any]:
    """The query that `act(connection)` sends."""
    seen: list[Any] = []

    def remember(_connection: Any, statement: Any, *_: Any) -> None:
        seen.append(statement)

    sa.event.listen(database, "before_execute", remember)
    with database.connect() as connection:
        act(connection)
    sa.event.remove(database, "before_execute", remember)
    return seen[-1]


def test_the_head_of_the_queue_is_read_from_the_index_without_sorting(crowd: sa.Engine) -> None:
    plan = plan_of(crowd, recorded(crowd, lambda connection: queue.top(connection, "Pool 1", 20)))
    assert by_key(plan)
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan


def test_a_position_is_counted_in_an_index_of_the_waiting_ones(crowd: sa.Engine) -> None:
    with crowd.connect() as connection:
        row = queue.top(connection, "Pool 1", 1, 50)[0]
    plan = plan_of(crowd, recorded(crowd, lambda connection: queue.position(connection, row)))
    assert "queue_entry" in plan
    assert "SCAN" not in plan
    assert "Seq Scan" not in plan


def test_the_neighbour_is_read_from_the_index(crowd: sa.Engine) -> None:
    with crowd.connect() as connection:
        row = queue.top(connection, "Pool 1", 1, 50)[0]
    plan = plan_of(crowd, recorded(crowd, lambda connection: queue.neighbour_ahead(connection, row)))
    assert by_key(plan)
