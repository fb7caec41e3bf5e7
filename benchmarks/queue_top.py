"""The queue with 100,000 tickets waiting: its top, beside a score computed in ORDER BY, and changes of one ticket.

The first peer sorts by `head start + waiting minutes` of each row as it is now: what a queue without a stored key has
to do. What is done to one ticket is beside the one bare statement it cannot do without, on a table of three columns:
the same rows, the same index, nothing else.
"""

import json
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import sqlalchemy as sa

from benchmarks.figures import Figure, main
from benchmarks.running import stores
from deskside.order import key as order
from deskside.store import claims, queue, tickets
from deskside.store.database import Row, open_database, reading, utc_now
from deskside.store.tables import ticket
from webhooks import places

TICKETS = 100_000
POOL = "Support"
SHOWN = 20
REPEATS = 50
SLOW_REPEATS = 10
TARGET_MS = {"SQLite": 5.0, "PostgreSQL": 10.0}
ONE_TICKET_MS = 5.0
# How each database names the index of the queue in its plan.
_INDEX = {"sqlite": "USING PRIMARY KEY (pool=?)", "postgresql": "pk_queue_entry"}
_NOW = {
    "sqlite": sa.text("CAST(strftime('%s', 'now') AS INTEGER)"),
    "postgresql": sa.text("CAST(extract(epoch FROM now()) AS BIGINT)"),
}


def measure() -> list[Figure]:
    """The figures on each kind of database."""
    figures = []
    with stores() as kinds:
        for kind, store in kinds.items():
            database = open_database(store.make("queue"))
            _fill(database)
            with reading(database) as connection:
                figures += _figures(connection, kind)
            figures += _of_one(database, kind)
            database.dispose()
    return figures


def _figures(connection: sa.Connection, kind: str) -> list[Figure]:
    computed = _computed(connection.dialect.name)
    plan = _plan(connection)
    peer = _median_ms(lambda: connection.execute(computed).all(), SLOW_REPEATS)
    listed = _median_ms(lambda: places.of_pool(connection, POOL, SHOWN), REPEATS)
    bar = _median_ms(lambda: queue.pools(connection), SLOW_REPEATS)
    return [
        Figure(
            f"{kind}: top {SHOWN} of {TICKETS:,} waiting, with why each stands there",
            listed,
            "ms",
            {"score computed in ORDER BY": peer},
            target=TARGET_MS[kind],
            details={"index_used": _INDEX[connection.dialect.name] in plan, "plan": plan.splitlines()},
        ),
        Figure(f"{kind}: counts of all pools, on the same page", bar, "ms"),
    ]


def _of_one(database: sa.Engine, kind: str) -> list[Figure]:
    """What is done to one ticket, each with its commit."""
    with reading(database) as connection:
        # From all over the queue, so that a position is half of it in the middle.
        ids = [str(number * (TICKETS // REPEATS)) for number in range(REPEATS + 1)]
        rows = [row for ticket_id in ids if (row := tickets.get(connection, "zendesk", ticket_id)) is not None]
        position = _median_each(rows, lambda row: queue.position(connection, row))
        bare = sa.text("SELECT count(*) FROM bare WHERE pool = :pool AND (key, id) < (:key, :id)")
        bare_position = _median_each(
            rows, lambda row: connection.scalar(bare, {"pool": row.pool, "key": row.key, "id": row.id})
        )
    numbers = count(TICKETS)
    return [
        Figure(
            f"{kind}: position of one of {TICKETS:,}",
            position,
            "ms",
            {"bare count": bare_position},
            target=ONE_TICKET_MS,
        ),
        Figure(
            f"{kind}: insert one and commit",
            _median_ms(lambda: _insert(database, next(numbers)), REPEATS),
            "ms",
            {"bare INSERT": _median_ms(lambda: _bare_insert(database, next(numbers)), REPEATS)},
            target=ONE_TICKET_MS,
        ),
        Figure(
            f"{kind}: boost one and commit",
            _median_each(rows, lambda row: _boost(database, row)),
            "ms",
            {"bare UPDATE": _median_each(rows, lambda row: _bare_boost(database, row))},
            target=ONE_TICKET_MS,
        ),
        Figure(
            f"{kind}: give the next ticket to an agent and commit",
            _median_ms(lambda: _give(database, f"agent{next(numbers)}"), REPEATS),
            "ms",
        ),
    ]


def _insert(database: sa.Engine, number: int) -> None:
    at = utc_now()
    values = _row(number, at, int(at.timestamp()), 0, [])
    desk, ticket_id = values.pop("desk"), values.pop("ticket_id")
    with database.begin() as connection:
        tickets.put(connection, desk, ticket_id, **values)


def _bare_insert(database: sa.Engine, number: int) -> None:
    with database.begin() as connection:
        connection.execute(
            sa.text("INSERT INTO bare VALUES (:pool, :key, :id)"), {"pool": POOL, "key": 0, "id": number}
        )


def _boost(database: sa.Engine, row: Row) -> None:
    key = order.boosted(row.key, int(utc_now().timestamp()), 14_400)
    with database.begin() as connection:
        tickets.update(connection, row.desk, row.ticket_id, key=key)


def _bare_boost(database: sa.Engine, row: Row) -> None:
    with database.begin() as connection:
        connection.execute(
            sa.text("UPDATE bare SET key = :boosted WHERE pool = :pool AND key = :key AND id = :id"),
            {"boosted": row.key - 1, "pool": row.pool, "key": row.key, "id": row.id},
        )


def _give(database: sa.Engine, who: str) -> None:
    now = utc_now()
    with database.begin() as connection:
        claims.give_next(connection, who, (), now, now + timedelta(minutes=15))


def _median_each(rows: list[Row], action: Callable[[Row], Any]) -> float:
    """The median over one action for each of these rows; the first only warms up."""
    left = iter(rows)
    return _median_ms(lambda: action(next(left)), len(rows) - 1)


def _median_ms(action: Callable[[], Any], repeats: int) -> float:
    action()
    took = []
    for _ in range(repeats):
        started = time.perf_counter()
        action()
        took.append((time.perf_counter() - started) * 1000)
    return statistics.median(took)


def _computed(dialect: str) -> sa.Select[Any]:
    """The same twenty rows by a score that is worked out for every row at the moment of the question."""
    score = ticket.c.head_start + (_NOW[dialect] - ticket.c.arrived)
    return (
        sa.select(ticket)
        .where(ticket.c.waiting, ticket.c.pool == POOL)
        .order_by(sa.desc(score), ticket.c.id)
        .limit(SHOWN)
    )


def _plan(connection: sa.Connection) -> str:
    """How the database finds the page's rows, by its own account."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        seen.append((statement, parameters))

    sa.event.listen(connection, "before_cursor_execute", note)
    queue.top(connection, POOL, SHOWN)
    sa.event.remove(connection, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    statement, parameters = seen[-1]
    rows = connection.exec_driver_sql(f"{explain} {statement}", parameters)
    plan = "\n".join(str(row[-1]) for row in rows)
    if _INDEX[connection.dialect.name] not in plan or "TEMP B-TREE" in plan or "Sort" in plan:
        raise RuntimeError(f"the queue is not read from its index:\n{plan}")
    return plan


def _fill(database: sa.Engine) -> None:
    rows = list(_rows())
    with database.begin() as connection:
        for start in range(0, len(rows), 5000):
            connection.execute(sa.insert(ticket), rows[start : start + 5000])
        queue.rebuild(connection)
        connection.exec_driver_sql("CREATE TABLE bare (pool TEXT, key BIGINT, id BIGINT, PRIMARY KEY (pool, key, id))")
        connection.exec_driver_sql("INSERT INTO bare SELECT pool, key, ticket FROM queue_entry")
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def _rows() -> Iterator[dict[str, Any]]:
    now = utc_now()
    reasons = json.loads('[{"factor": "plan", "minutes": 60, "scale": "commercial", "reason": "the plan is Business"}]')
    for number in range(TICKETS):
        # Spread without chance: the same rows in every run.
        at = now - timedelta(seconds=(number * 7919) % 600_000)
        arrived = int(at.timestamp())
        head_start = (number * 31) % 241 * 60
        yield _row(number, at, arrived, head_start, reasons)


def _row(number: int, at: datetime, arrived: int, head_start: int, reasons: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "desk": "zendesk",
        "ticket_id": str(number),
        "pool": POOL,
        "pools": [POOL],
        "status": "open",
        "waiting": True,
        "subject": f"The site answers slowly ({number})",
        "client_id": f"client{number % 5000}",
        "client_name": f"Client {number % 5000}",
        "requester_name": "Ann Doe",
        "created_at": at,
        "updated_at": at,
        "read_at": at,
        "digest": "0" * 64,
        "arrived_at": at,
        "arrived": arrived,
        "head_start": head_start,
        "key": arrived - head_start,
        "band": "normal",
        "contributions": reasons,
        "targets": [],
        "health": "down" if number % 50 == 0 else "ok",
    }


if __name__ == "__main__":
    main("Top of the queue", measure)
