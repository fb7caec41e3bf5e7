"""The top of the queue with 100,000 tickets waiting: the page's own code path, beside a score computed in ORDER BY.

The peer sorts by `head start + waiting minutes` of each row as it is now: what a queue without a stored key has to do.
"""

import json
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from benchmarks.figures import Figure, main
from benchmarks.running import stores
from deskside.store import queue
from deskside.store.database import open_database, reading, utc_now
from deskside.store.tables import ticket
from webhooks import places

TICKETS = 100_000
POOL = "Support"
SHOWN = 20
REPEATS = 50
SLOW_REPEATS = 10
TARGET_MS = {"SQLite": 5.0, "PostgreSQL": 10.0}
_INDEX = "ix_ticket_queue"
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
            details={"index_used": _INDEX in plan, "plan": plan.splitlines()},
        ),
        Figure(f"{kind}: counts of all pools, on the same page", bar, "ms"),
    ]


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
    if _INDEX not in plan or "TEMP B-TREE" in plan or "Sort" in plan:
        raise RuntimeError(f"the queue is not read from its index:\n{plan}")
    return plan


def _fill(database: sa.Engine) -> None:
    rows = list(_rows())
    with database.begin() as connection:
        for start in range(0, len(rows), 5000):
            connection.execute(sa.insert(ticket), rows[start : start + 5000])
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
        yield {
            "desk": "zendesk",
            "ticket_id": str(number),
            "pool": POOL,
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
