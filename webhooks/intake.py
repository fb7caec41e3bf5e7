"""Group commit: request threads hand over a delivery, one thread commits all that have arrived, then each answers.

One fsync serves many deliveries, so `synchronous=FULL` costs no throughput, and SQLite's single writer is never fought
over (its busy handler sleeps and is unfair).
"""

import logging
import queue
import threading
from dataclasses import dataclass, field

import sqlalchemy as sa

from deskside.crash import crash_point
from deskside.ports import Engine, Job
from deskside.store import inbox

log = logging.getLogger(__name__)

BATCH = 64
WAITING_LIMIT = 2000
ANSWER_SECONDS = 5.0


class Unavailable(Exception):
    """The delivery could not be stored now; the sender should come again."""


@dataclass(slots=True)
class _Waiting:
    delivery: inbox.Arrival
    settled: threading.Event = field(default_factory=threading.Event)
    new: bool = False
    error: BaseException | None = None


class Intake:
    """Stores deliveries with their jobs; `store` returns only after the commit."""

    def __init__(self, database: sa.Engine, engine: Engine, task: str, priority: int) -> None:
        self.database = database
        self.engine = engine
        self.task = task
        self.priority = priority
        self._arrived: queue.Queue[_Waiting | None] = queue.Queue(WAITING_LIMIT)
        self._thread = threading.Thread(target=self._run, name="intake", daemon=True)

    def start(self) -> None:
        """Start the committing thread; after a fork, not before."""
        self._thread.start()

    def stop(self) -> None:
        """Commit what has arrived and end."""
        self._arrived.put(None)
        self._thread.join()

    def store(
        self, source: str, delivery_id: str, type: str, ticket_id: str | None, headers: dict[str, str], body: bytes
    ) -> bool:
        """Store a delivery and its job; false when it was stored before. Raises Unavailable."""
        item = _Waiting(inbox.Arrival(source, delivery_id, type, ticket_id, headers, body))
        try:
            self._arrived.put_nowait(item)
        except queue.Full:
            raise Unavailable("too many deliveries wait to be stored") from None
        if not item.settled.wait(ANSWER_SECONDS):
            raise Unavailable("the database did not answer in time")
        if item.error is not None:
            raise Unavailable(f"the database refused: {type_name(item.error)}") from item.error
        return item.new

    def _run(self) -> None:
        while True:
            batch, stop = self._batch()
            if batch:
                self._store(batch)
            if stop:
                return

    def _store(self, batch: list[_Waiting]) -> None:
        try:
            self._commit(batch)
        except Exception as error:
            log.error("a batch of %d deliveries could not be stored: %s", len(batch), type_name(error))
            self._one_by_one(batch)
        crash_point("receiver.committed")
        for item in batch:
            item.settled.set()

    def _batch(self) -> tuple[list[_Waiting], bool]:
        item = self._arrived.get()
        batch: list[_Waiting] = []
        while item is not None:
            batch.append(item)
            if len(batch) == BATCH:
                return batch, False
            try:
                item = self._arrived.get_nowait()
            except queue.Empty:
                return batch, False
        return batch, True

    def _commit(self, batch: list[_Waiting]) -> None:
        if not batch:
            return
        with self.database.begin() as connection:
            stored = inbox.add_all(connection, [item.delivery for item in batch])
            jobs = []
            for item in batch:
                # Taken out: the same delivery may be twice in a batch.
                inbox_id = stored.pop(item.delivery.identity, None)
                item.new = inbox_id is not None
                if item.new:
                    jobs.append(Job(self.task, {"inbox_id": inbox_id}, _lane(item.delivery), self.priority))
            if jobs:
                self.engine.enqueue_all(connection, jobs)
            crash_point("receiver.stored")

    def _one_by_one(self, batch: list[_Waiting]) -> None:
        # One bad row must not cost the others their place.
        for item in batch:
            try:
                self._commit([item])
            except Exception as error:
                item.error = error


def _lane(delivery: inbox.Arrival) -> str | None:
    return f"ticket:{delivery.source}:{delivery.ticket_id}" if delivery.ticket_id else None


def type_name(error: BaseException) -> str:
    """The kind of a database error; its text would quote the row."""
    original = getattr(error, "orig", None)
    return type(original or error).__name__
