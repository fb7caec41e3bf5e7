"""The engine for several machines: Procrastinate on PostgreSQL, behind the same port.

A job is written in the caller's transaction. A worker that dies leaves its jobs in `doing`; every living worker looks
for them and gives them back once the dead one's heartbeat has stopped. (Not a job itself: it would need the rescue.)
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import procrastinate
import sqlalchemy as sa
from procrastinate.jobs import Job, Status

from deskside import ports
from deskside.crash import crash_point
from jobs.engine.tasks import TASKS, Run, Task, describe

log = logging.getLogger(__name__)

_RESCUE_LOCK = 72348643


class _Retry(procrastinate.BaseRetryStrategy):
    def __init__(self, task: Task) -> None:
        self.task = task

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> procrastinate.RetryDecision | None:
        delay = self.task.delay(job.attempts, exception)
        # Procrastinate plans in whole seconds.
        return None if delay is None else procrastinate.RetryDecision(retry_in={"seconds": max(1, round(delay))})


class ClusterEngine:
    """`ports.Engine` on PostgreSQL.

    `stalled_seconds` should be longer than any request a task makes: a worker that lives but hangs must not lose its
    job to another.
    """

    def __init__(self, database: sa.Engine, threads: int, stalled_seconds: float) -> None:
        self.database = database
        self.threads = threads
        self.stalled_seconds = stalled_seconds
        self.context: Any = None
        self._conninfo = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._worker_app = procrastinate.App(
            connector=procrastinate.PsycopgConnector(conninfo=self._conninfo, min_size=1, max_size=threads + 4)
        )
        # Only a name for tasks: every job is written through the caller's own connection.
        self._writer_app = procrastinate.App(connector=procrastinate.SyncPsycopgConnector(conninfo=self._conninfo))
        for registered in TASKS.values():
            for app in (self._worker_app, self._writer_app):
                app.task(name=registered.name, pass_context=True, retry=_Retry(registered))(self._wrap(registered))

    def enqueue(
        self, connection: sa.Connection, task: str, *, lane: str | None = None, priority: int = 0, **args: Any
    ) -> None:
        """Write a job inside the caller's transaction."""
        self.enqueue_all(connection, [ports.Job(task, args, lane, priority)])

    def enqueue_all(self, connection: sa.Connection, jobs: Sequence[ports.Job]) -> None:
        """Write several jobs inside the caller's transaction, in one statement."""
        made = [
            self._writer_app.tasks[new.task].configure(lock=new.lane, priority=new.priority).make_new_job(**new.args)
            for new in jobs
        ]
        raw = connection.connection.driver_connection
        self._writer_app.job_manager.batch_defer_jobs(made, connection=raw)

    def wake(self) -> None:
        """Nothing to do: PostgreSQL notifies the workers when the job commits."""

    def work(self, stopping: Callable[[], bool]) -> None:
        """Run jobs until `stopping()`."""
        asyncio.run(self._work(stopping))

    async def _work(self, stopping: Callable[[], bool]) -> None:
        # Otherwise tasks share the loop's default pool of cpus + 4 threads.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(self.threads, thread_name_prefix="job"))
        async with self._worker_app.open_async():
            worker = asyncio.create_task(
                self._worker_app.run_worker_async(
                    concurrency=self.threads,
                    delete_jobs="successful",
                    install_signal_handlers=False,
                    # A retry is not announced: this is how late it can be seen.
                    fetch_job_polling_interval=1.0,
                    update_heartbeat_interval=self.stalled_seconds / 6,
                    stalled_worker_timeout=self.stalled_seconds,
                )
            )
            next_rescue = 0.0
            while not stopping() and not worker.done():
                await asyncio.sleep(0.1)
                if time.monotonic() >= next_rescue:
                    next_rescue = time.monotonic() + self.stalled_seconds / 3
                    await self._rescue()
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)

    async def _rescue(self) -> None:
        manager = self._worker_app.job_manager
        with self.database.begin() as connection:
            # One node at a time: a second would give back a job that the first one's rescue has just let start.
            if not connection.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(_RESCUE_LOCK))):
                return
            for stalled in await manager.get_stalled_jobs(seconds_since_heartbeat=self.stalled_seconds):
                registered = TASKS.get(stalled.task_name)
                if registered and stalled.attempts + 1 < registered.max_attempts:
                    await manager.retry_job(stalled)
                    continue
                self._give_up(registered, "the worker died each time", dict(stalled.task_kwargs))
                await manager.finish_job(stalled, status=Status.FAILED, delete_job=False)

    def _wrap(self, registered: Task) -> Callable[..., None]:
        def run(context: procrastinate.JobContext, **args: Any) -> None:
            attempts = context.job.attempts
            crash_point("job.claimed")
            try:
                settle = registered.function(Run(attempts, self.context), **args)
                if settle:
                    with self.database.begin() as connection:
                        settle(connection)
                crash_point("job.settled")
            except Exception as error:
                log.warning("%s failed (attempt %d): %s", registered.name, attempts + 1, describe(error))
                if registered.delay(attempts, error) is None:
                    self._give_up(registered, describe(error), args)
                raise

        return run

    def _give_up(self, registered: Task | None, text: str, args: dict[str, Any]) -> None:
        if registered and registered.on_dead:
            with self.database.begin() as connection:
                registered.on_dead(connection, text, args)
