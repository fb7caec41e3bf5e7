"""Claiming sends that are due, batch by batch: the rate with 10,000 waiting, and with 1,000,000.

A batch is claimed and brought to its end in the ledger, each with its commit, as a run does; nothing is posted. The
rate must not fall with the table. The peer claims without an index that knows what is due: it sorts whatever waits.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
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
# A million sends are many campaigns, one after the other.
CAMPAIGN, WINDOW_SECONDS = 10_000, 10_800
# Of the rate with few: what is lost to deeper trees and a colder cache.
TARGET_RATIO = 0.7
_LEASE = timedelta(minutes=5)
_AT_ONCE = 10_000


def measure() -> list[Figure]:
    """The figures on each kind of database."""
    figures = []
    with stores() as kinds:
        for kind, store in kinds.items():
            now = utc_now()
            few, many = (_filled(store.make(f"push_queue_{number}"), number, now) for number in (FEW, MANY))
            rates = _rates([partial(_batch, few, now), partial(_batch, many, now)], BATCHES)
            [sorting] = _rates([partial(_sorting, many, now)], SLOW_BATCHES)
            few.dispose()
            many.dispose()
            figures.append(
                Figure(
                    f"{kind}: claim and settle sends, {BATCH} at a time, {MANY:,} due",
                    rates[1],
                    "/s",
                    {f"{FEW:,} due": rates[0], "without the index of what is due": sorting},
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


def _rates(batches: Sequence[Callable[[], int]], repeats: int) -> list[float]:
    """Sends a second of each of these, by the median batch; they take turns, and the first only warms up."""
    rates: list[list[float]] = [[] for _ in batches]
    for turn in range(repeats + 1):
        for batch, found in zip(batches, rates, strict=True):
            started = time.perf_counter()
            done = batch()
            if turn:
                found.append(done / (time.perf_counter() - started))
    return [statistics.median(found) for found in rates]


def _filled(url: str, sends: int, now: datetime) -> sa.Engine:
    """A database with so many sends that are due."""
    database = open_database(url)
    rows = _rows(now)
    with database.begin() as connection:
        connection.execute(sa.insert(subscriber), [{"attributes": {}} for _ in range(PEOPLE)])
        for first in range(0, sends, _AT_ONCE):
            connection.execute(sa.insert(send), [next(rows) for _ in range(min(_AT_ONCE, sends - first))])
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    return database


def _rows(now: datetime) -> Iterator[dict[str, Any]]:
    for number in count():
        # Each campaign in its own window, and spread over it without chance: not in the order of the keys.
        window, place = divmod(number, CAMPAIGN)
        seconds = window * WINDOW_SECONDS + place * 7919 % CAMPAIGN * WINDOW_SECONDS / CAMPAIGN
        due = now - timedelta(days=30) + timedelta(seconds=seconds)
        yield {
            "dedupe_key": f"benchmark:{number}",
            "kind": "promo",
            "subscriber": number % PEOPLE + 1,
            "due_at": due,
            "not_after": now + timedelta(days=1),
        }


if __name__ == "__main__":
    main("Sends that are due", measure)
