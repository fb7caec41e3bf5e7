"""The embedded engine: one process, rows in SQLite, one thread that settles and claims.

Worker threads run the tasks; the dispatcher thread records outcomes and claims the next jobs in one transaction, so
one fsync settles up to `4 x threads` jobs. A job leaves `ready` only in the transaction that records its outcome:
there is no lease to expire, and whatever was running when the process died runs again.
"""

import fcntl
import logging
import queue
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from deskside.crash import crash_point
from deskside.errors import ConfigurationError
from deskside.ports import Job
from deskside.store.database import Row, utc_now
from deskside.store.tables import job
from jobs.engine.tasks import TASKS, Run, Settle, describe

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
# What comes within this time of the first shares its turn: a turn costs a commit however little it does.
GATHER_SECONDS = 0.01

_older = job.alias("older")
# A lane is first in, first out: an older unfinished job of the lane blocks, also while it waits for its retry.
_DUE = (
    sa.select(job.c.id, job.c.task, job.c.args, job.c.lane, job.c.attempts)
    .where(
        job.c.state == "ready",
        job.c.run_at <= sa.bindparam("now"),
        sa.or_(
            job.c.lane.is_(None),
            ~sa.exists().where(_older.c.lane == job.c.lane, _older.c.state == "ready", _older.c.id < job.c.id),
        ),
    )
    .order_by(job.c.priority.desc(), job.c.run_at, job.c.id)
    .limit(sa.bindparam("limit"))
)
_INSERT = sa.insert(job)
_DONE = sa.delete(job).where(job.c.id == sa.bindparam("row_id"))


@dataclass(frozen=True, slots=True)
class _Outcome:
    row: Row
    settle: Settle | None
    error: BaseException | None


class EmbeddedEngine:
    """`ports.Engine` on SQLite, for exactly one process."""

    def __init__(self, database: sa.Engine, threads: int) -> None:
        self.database = database
        self.threads = threads
        self.context: Any = None
        self._held: dict[int, Row] = {}
        self._outcomes: queue.SimpleQueue[_Outcome | None] = queue.SimpleQueue()
        self._lock_file: Any = None

    def enqueue(
        self, connection: sa.Connection, task: str, *, lane: str | None = None, priority: int = 0, **args: Any
    ) -> None:
        """Write a job inside the caller's transaction."""
        self.enqueue_all(connection, [Job(task, args, lane, priority)])

    def enqueue_all(self, connection: sa.Connection, jobs: Sequence[Job]) -> None:
        """Write several jobs inside the caller's transaction."""
        now = utc_now()
        for wanted in jobs:
            if wanted.task not in TASKS:
                raise LookupError(f"there is no task {wanted.task}")
        connection.execute(
            _INSERT,
            [
                {"task": new.task, "args": new.args, "lane": new.lane, "priority": new.priority, "run_at": now}
                for new in jobs
            ],
        )
        # The dispatcher's BEGIN IMMEDIATE waits for this transaction, so waking it before the commit is not too early.
        self.wake()

    def wake(self) -> None:
        """Look for work now."""
        self._outcomes.put(None)

    def work(self, stopping: Callable[[], bool]) -> None:
        """Run jobs until `stopping()`; raises ConfigurationError when another process works on this database."""
        self._only_process()
        self._held.clear()
        with ThreadPoolExecutor(self.threads, thread_name_prefix="job") as pool:
            batch: list[_Outcome] = []
            while not stopping():
                try:
                    claimed = self._turn(batch)
                except sa.exc.OperationalError as error:
                    # Disk full or locked: nothing was committed. The outcomes are kept and tried again.
                    log.error("the database refuses: %s", type(error.orig).__name__)
                    batch += self._collect(POLL_SECONDS)
                    continue
                for row in claimed:
                    pool.submit(self._run, row)
                batch = self._collect(GATHER_SECONDS if claimed and len(self._held) < self.threads else POLL_SECONDS)
            # What still runs is finished, and its outcome recorded: a stop loses no work.
        batch += self._collect(0)
        with self.database.begin() as connection:
            for outcome in batch:
                self._settle(connection, outcome)
        self._held.clear()

    def _only_process(self) -> None:
        path = self.database.url.database
        if self._lock_file is None and path and path != ":memory:":
            self._lock_file = Path(f"{path}.lock").open("w")  # noqa: SIM115 - held while the process lives
            try:
                fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                self._lock_file.close()
                self._lock_file = None
                raise ConfigurationError(
                    f"another process already works on {path}: on SQLite there can be one; use PostgreSQL for more"
                ) from None

    def _turn(self, batch: list[_Outcome]) -> list[Row]:
        settled = {outcome.row.id for outcome in batch}
        with self.database.begin() as connection:
            for outcome in batch:
                self._settle(connection, outcome)
            claimed = self._claim(connection, settled)
        for row_id in settled:
            self._held.pop(row_id, None)
        for row in claimed:
            self._held[row.id] = row
        crash_point("job.claimed" if claimed else "job.idle")
        return claimed

    def _claim(self, connection: sa.Connection, settled: set[int]) -> list[Row]:
        held = {row_id: row for row_id, row in self._held.items() if row_id not in settled}
        room = self.threads * 4 - len(held)
        if room < self.threads:
            return []
        lanes = {row.lane for row in held.values() if row.lane}
        claimed: list[Row] = []
        for row in connection.execute(_DUE, {"now": utc_now(), "limit": room * 4 + len(held)}):
            if row.id in held or row.lane in lanes:
                continue
            claimed.append(row)
            if row.lane:
                lanes.add(row.lane)
            if len(claimed) == room:
                break
        if claimed:
            # Counted before it starts: a job that kills the process is seen to have tried.
            connection.execute(
                sa.update(job).where(job.c.id.in_([row.id for row in claimed])).values(attempts=job.c.attempts + 1)
            )
        return claimed

    def _run(self, row: Row) -> None:
        try:
            task = TASKS[row.task]
            self._outcomes.put(_Outcome(row, task.function(Run(row.attempts, self.context), **row.args), None))
        except BaseException as error:
            self._outcomes.put(_Outcome(row, None, error))

    def _settle(self, connection: sa.Connection, outcome: _Outcome) -> None:
        error = outcome.error
        if error is None:
            try:
                with connection.begin_nested():
                    if outcome.settle:
                        outcome.settle(connection)
                    connection.execute(_DONE, {"row_id": outcome.row.id})
                crash_point("job.settled")
                return
            except sa.exc.OperationalError:
                raise
            except Exception as failure:
                error = failure
        self._failed(connection, outcome.row, error)

    def _failed(self, connection: sa.Connection, row: Row, error: BaseException) -> None:
        task = TASKS.get(row.task)
        delay = task.delay(row.attempts, error) if task else None
        text = describe(error)
        log.warning("%s failed (attempt %d): %s", row.task, row.attempts + 1, text)
        values: dict[str, Any] = {"error": text[:2000]}
        if delay is None:
            values |= {"state": "dead", "settled_at": utc_now()}
            if task and task.on_dead:
                task.on_dead(connection, text, row.args)
        else:
            values["run_at"] = utc_now() + timedelta(seconds=delay)
        connection.execute(sa.update(job).where(job.c.id == row.id).values(**values))

    def _collect(self, wait: float) -> list[_Outcome]:
        outcomes: list[_Outcome] = []
        try:
            item = self._outcomes.get(timeout=wait) if wait else self._outcomes.get_nowait()
            time.sleep(GATHER_SECONDS if wait else 0)
            while True:
                if item is not None:
                    outcomes.append(item)
                item = self._outcomes.get_nowait()
        except queue.Empty:
            return outcomes
