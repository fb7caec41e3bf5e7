"""The clock: APScheduler knows the timetable, a row in `fire` decides which node fires an instant.

APScheduler's executor does not run work here. It writes the planned instant into `fire` and enqueues the task in one
transaction; the primary key lets one node win. What is due is derived from the newest row, so an instant missed by an
outage is made up at the next look, and a healing look at every schedule bounds the delay.
"""

import os
import socket
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from apscheduler.events import EVENT_JOB_EXECUTED, JobExecutionEvent
from apscheduler.executors.base import BaseExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from deskside.ports import Engine
from deskside.store.database import EPOCH, insert_new, utc_now
from deskside.store.tables import fire

HEAL_SECONDS = 30
_HEAL = "heal"
NODE = f"{socket.gethostname()}:{os.getpid()}"


def every(seconds: int) -> IntervalTrigger:
    """A fixed interval counted from the epoch, so that every node plans the same instants."""
    return IntervalTrigger(seconds=seconds, start_date=EPOCH, timezone=UTC)


class Clock:
    """Fires tasks by timetable; every node may run one."""

    def __init__(self, database: sa.Engine, engine: Engine) -> None:
        self.database = database
        self.engine = engine
        self._scheduler = BackgroundScheduler(timezone=UTC, executors={"default": _FireExecutor(self)})
        self._scheduler.add_job(_nothing, every(HEAL_SECONDS), id=_HEAL, misfire_grace_time=None, coalesce=True)

    def schedule(self, schedule_id: str, trigger: BaseTrigger, task: str, *, grace: int = 3600, **args: Any) -> None:
        """Fire `task(**args)` at every instant of `trigger`, once over all nodes.

        Instants missed are folded into the newest; one later than `grace` seconds is recorded and not fired.
        """
        with self.database.begin() as connection:
            known = connection.scalar(
                sa.select(sa.func.count()).select_from(fire).where(fire.c.schedule_id == schedule_id)
            )
            if not known:
                # Since when the schedule exists: nothing before that is due.
                insert_new(connection, fire, schedule_id=schedule_id, fire_time=utc_now(), node="registered")
        self._scheduler.add_job(
            _nothing,
            trigger,
            id=schedule_id,
            kwargs={"task": task, "args": args},
            misfire_grace_time=grace,
            coalesce=True,
            replace_existing=True,
        )

    def start(self) -> None:
        """Start, and make up at once what was missed."""
        self._scheduler.start()
        self.catch_up()

    def stop(self) -> None:
        """Stop firing."""
        self._scheduler.shutdown(wait=True)

    def catch_up(self, schedule_id: str | None = None) -> int:
        """Claim and enqueue what is due of one schedule, or of all; how many instants were claimed."""
        if schedule_id in (None, _HEAL):
            return sum(self.catch_up(job.id) for job in self._scheduler.get_jobs() if job.id != _HEAL)
        job = self._scheduler.get_job(schedule_id)
        return self._claim(job) if job else 0

    def _claim(self, job: Any) -> int:
        now = utc_now()
        with self.database.begin() as connection:
            last: datetime = connection.scalar(
                sa.select(sa.func.max(fire.c.fire_time)).where(fire.c.schedule_id == job.id)
            )
            due = _newest_due(job.trigger, last, now)
            if due is None:
                return 0
            late = (now - due).total_seconds() > job.misfire_grace_time
            won = insert_new(
                connection, fire, schedule_id=job.id, fire_time=due, node="missed" if late else NODE, at=now
            )
            if won and not late:
                self.engine.enqueue(connection, job.kwargs["task"], lane=f"clock:{job.id}", **job.kwargs["args"])
        self.engine.wake()
        return int(won)


class _FireExecutor(BaseExecutor):  # type: ignore[misc]
    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock

    def _do_submit_job(self, job: Any, run_times: list[datetime]) -> None:
        try:
            fired = self.clock.catch_up(job.id)
        except sa.exc.OperationalError as error:
            # The healing look will find it again.
            self._run_job_error(job.id, error, error.__traceback__)
            return
        events = [
            JobExecutionEvent(EVENT_JOB_EXECUTED, job.id, job._jobstore_alias, at, retval=fired) for at in run_times
        ]
        self._run_job_success(job.id, events)


def _newest_due(trigger: BaseTrigger, last: datetime, now: datetime) -> datetime | None:
    if isinstance(trigger, IntervalTrigger):
        # Straight to the newest: stepping through a long outage second by second would take as long as a day has.
        steps = (now - EPOCH) // trigger.interval
        newest = EPOCH + steps * trigger.interval
        return newest if newest > last else None
    newest_due = None
    following = trigger.get_next_fire_time(last, last + timedelta(microseconds=1))
    while following is not None and following <= now:
        newest_due = following.astimezone(UTC)
        following = trigger.get_next_fire_time(following, following + timedelta(microseconds=1))
    return newest_due


def _nothing(**_: Any) -> None:
    """APScheduler wants a function; the executor never calls it."""
