"""Claiming sends that are due, batch by batch: the rate with 10,000 waiting, and with 1,000,000.

A batch is claimed and brought to its end in the ledger, each with its commit, as a run does; nothing is posted. The
rate must not fall with the table. The peer claims without an index that knows what is due: it sorts whatever waits.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

import sqlalchemy as sa

from benchmarks.figures import Figure, main
from benchmarks.running import stores
from deskside.store.database import open_database, utc_now
from deskside.store.push_tables import send, subscriber
from push.sending import ledger
from push.sending.ledger import Change

FEW, MANY = 10_000, 1_000_000
BATCH = 500
BATCHES = 15
SLOW_BATCHES = 3
PEOPLE = 100_000
# Of the rate with few: what is lost to deeper trees and a colder cache.
TARGET_RATIO = 0.7
_LEASE = timedelta(minutes=5)
_AT_ONCE = 10_000


def measure() -> list[Figure]:
    """The figures on each kind of database."""
    figures = []
    with stores() as kinds:
        for kind, store in kinds.items():
            database = open_database(store.make("push_queue"))
            now = utc_now()
            _people(database)
            _fill(database, 0, FEW, now)
            few = _rate(partial(_batch, database, now), BATCHES)
            _fill(database, FEW, MANY, now)
            many = _rate(partial(_batch, database, now), BATCHES)
            sorting = _rate(partial(_sorting, database, now), SLOW_BATCHES)
            database.dispose()
            figures.append(
                Figure(
                    f"{kind}: claim and settle sends, {BATCH} at a time, {MANY:,} due",
                    many,
                    "/s",
                    {f"{FEW:,} due": few, "without the index of what is due": sorting},
                    target_ratio=TARGET_RATIO,
                    at_most=False,
                )
            )
    return figures


def _batch(database: sa.Engine, now: datetime) -> int:
    with database.begin() as connection:
        rows = ledger.claim(connection, "benchmark", now, BATCH, _LEASE)
    with database.begin() as connection:
        changes = [Change(row.id, "benchmark", "sent", "accepted for 1 of 1 browser", sent_at=now) for row in rows]
        ledger.change(connection, changes, now)
    return len(rows)


def _sorting(database: sa.Engine, now: datetime) -> int:
    # `+ 0` and `|| ''` keep the planner from the indexes.
    state = send.c.state.concat("")
    waiting = sa.select(send.c.id).where(state == "due", send.c.due_at <= now).order_by(send.c.attempts + 0, send.c.id)
    with database.begin() as connection:
        ids = connection.scalars(waiting.limit(BATCH)).all()
        connection.execute(sa.update(send).where(send.c.id.in_(ids)).values(state="claimed"))
    with database.begin() as connection:
        ledger.change(connection, [Change(number, "", "sent", "", sent_at=now) for number in ids], now)
    return len(ids)


def _rate(batch: Callable[[], int], batches: int) -> float:
    """Sends a second, by the median batch; the first only warms up."""
    batch()
    rates = []
    for _ in range(batches):
        started = time.perf_counter()
        done = batch()
        rates.append(done / (time.perf_counter() - started))
    return statistics.median(rates)


def _people(database: sa.Engine) -> None:
    with database.begin() as connection:
        connection.execute(sa.insert(subscriber), [{"attributes": {}} for _ in range(PEOPLE)])


def _fill(database: sa.Engine, start: int, end: int, now: datetime) -> None:
    rows = _rows(start, now)
    with database.begin() as connection:
        for first in range(start, end, _AT_ONCE):
            connection.execute(sa.insert(send), [next(rows) for _ in range(min(_AT_ONCE, end - first))])
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def _rows(start: int, now: datetime) -> Iterator[dict[str, Any]]:
    for number in count(start):
        # Spread without chance: the same rows in every run, not in the order of their keys.
        due = now - timedelta(seconds=(number * 7919) % 600_000)
        yield {
            "dedupe_key": f"benchmark:{number}",
            "kind": "promo",
            "subscriber": number % PEOPLE + 1,
            "due_at": due,
            "not_after": now + timedelta(days=1),
        }


if __name__ == "__main__":
    main("Sends that are due", measure)
