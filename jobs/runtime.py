"""The threads of a process that works: the engine, restarted when it fails, and the clock."""

import logging
import threading

from apscheduler.triggers.cron import CronTrigger

from deskside.ports import Billing
from jobs import (
    access,
    boosts,
    candidates,
    check,
    deliveries,
    digests,
    fallback,
    housekeeping,
    knowledge,
    outbox,
    paces,
    push,
    reconcile,
    refresh,
    sweep,
)
from jobs.clock import Clock, every
from jobs.context import Context
from jobs.follow import follow

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 15
PURGE_ACCESS_SECONDS = 3600

# Importing these modules is what registers their tasks.
TASK_MODULES = (
    access,
    boosts,
    candidates,
    check,
    deliveries,
    digests,
    fallback,
    housekeeping,
    knowledge,
    outbox,
    paces,
    push,
    reconcile,
    refresh,
    sweep,
)


class Runtime:
    """Starts and stops what works in this process."""

    def __init__(self, context: Context, *, worker: bool = True, clock: bool = True) -> None:
        self.context = context
        self._stop = context.stopping
        self._thread = threading.Thread(target=self._work, name="engine", daemon=True) if worker else None
        self._clock = _clock(context) if clock else None

    def start(self) -> None:
        """Start the threads."""
        self._stop.clear()
        if self._thread:
            follow(self.context)
            self._thread.start()
        if self._clock:
            self._clock.start()

    def stop(self) -> None:
        """Finish what runs, then end."""
        self._stop.set()
        if self._clock:
            self._clock.stop()
        if self._thread:
            self.context.engine.wake()
            self._thread.join()
        if self.context.fanout:
            self.context.fanout.close()

    def _work(self) -> None:
        pause = 1.0
        while not self._stop.is_set():
            try:
                self.context.engine.work(self._stop.is_set)
            except Exception:
                # Nobody is woken for this: jobs wait in the store, and the heartbeat stops while none are run.
                log.exception("the engine stopped and is started again")
                self._stop.wait(pause)
                pause = min(60.0, pause * 2)


def _clock(context: Context) -> Clock:
    clock = Clock(context.database, context.engine)
    for name, desk in context.desks.items():
        seconds = context.settings.jobs["reconcile_seconds"]
        clock.schedule(f"reconcile:{name}", every(seconds), "desk.reconcile", desk=name)
        if isinstance(desk, Billing):
            clock.schedule(f"boosts:{name}", every(seconds), "boost.poll", grace=seconds, desk=name)
    if context.sweeper:
        seconds = context.sweeper.settings.sweep_seconds
        clock.schedule("sweep", every(seconds), "fleet.sweep", grace=seconds)
    if context.push:
        clock.schedule("push", every(push.TICK_SECONDS), "push.tick", grace=push.TICK_SECONDS * 4)
    if context.digesting:
        clock.schedule("digests.look", every(digests.LOOK_SECONDS), "digests.look")
        clock.schedule("digests.draft", every(digests.DRAFT_SECONDS), "digests.draft", grace=digests.DRAFT_SECONDS)
    if context.falling:
        clock.schedule("fallback", every(fallback.LOOK_SECONDS), "push.fallback", grace=fallback.LOOK_SECONDS)
    if context.publishing and context.publishing.settings.every_minutes:
        seconds = context.publishing.settings.every_minutes * 60
        clock.schedule("knowledge", every(seconds), "knowledge.tick", grace=seconds)
    clock.schedule("heartbeat", every(HEARTBEAT_SECONDS), "house.heartbeat", grace=60)
    clock.schedule("paces", every(paces.MEASURE_SECONDS), "queue.measure", grace=paces.MEASURE_SECONDS)
    clock.schedule("draw", every(paces.DRAW_SECONDS), "queue.draw", grace=paces.DRAW_SECONDS)
    clock.schedule("access.purge", every(PURGE_ACCESS_SECONDS), "access.purge", grace=24 * 3600)
    clock.schedule("purge", CronTrigger(hour=3, minute=17, timezone="UTC"), "house.purge", grace=12 * 3600)
    return clock
