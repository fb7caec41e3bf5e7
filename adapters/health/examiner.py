"""Health for worker threads: one event loop for the whole process, one flight a target, shared for a while."""

import asyncio
import concurrent.futures
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from adapters.health.examine import examine, unknown_report
from adapters.health.opinions import Others
from adapters.health.pinger import close_pinger
from adapters.health.resolver import StubResolver
from adapters.health.settings import HealthSettings
from deskside.guard import AddressGuard
from deskside.model.access import Access
from deskside.model.health import HealthReport
from deskside.model.service import Target
from deskside.ports import Guard, Probe

_Key = tuple[str | None, str | None, tuple[int, ...], tuple[str, ...], str, str, tuple[str, ...] | None, int | None]
# Above the loop's own deadline: only reached when a probe blocks the loop itself.
_GRACE_SECONDS = 1.0
_MOST_KEPT = 2_000


@dataclass(frozen=True, slots=True)
class _Kept:
    report: HealthReport
    until: float


class Examiner:
    """Examines targets for any number of threads.

    The thread with the event loop starts at the first examination, so that it is not lost in a fork, and ends with
    `close`. How many examinations a client may cause is the caller's to limit. `access_for` finds the access a target's
    client gave; it is called in the caller's thread, and what it found is used for this look only.
    """

    def __init__(
        self,
        settings: HealthSettings,
        probes: Sequence[Probe],
        *,
        resolver: StubResolver | None = None,
        guard: Guard | None = None,
        others: Others | None = None,
        access_for: Callable[[Target], Access | None] | None = None,
    ) -> None:
        self._settings = settings
        self._probes = tuple(probes)
        self._resolver = resolver or StubResolver(settings.nameservers, settings.limits["resolve_seconds"])
        self._guard = guard or AddressGuard(settings.allow_networks, settings.deny_networks)
        self._others = others
        self._access_for = access_for or _no_access
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._slots: asyncio.Semaphore | None = None
        self._flights: dict[_Key, asyncio.Task[HealthReport]] = {}
        self._kept: dict[_Key, _Kept] = {}

    @property
    def probes(self) -> tuple[Probe, ...]:
        """What it looks with."""
        return self._probes

    def examine(self, target: Target, *, fresh: bool = False) -> HealthReport:
        """The health of one target; see `examine_all`."""
        return self.examine_all([target], fresh=fresh)[0]

    def examine_all(
        self,
        targets: Sequence[Target],
        *,
        fresh: bool = False,
        seconds: float | None = None,
        probes: Collection[str] | None = None,
    ) -> tuple[HealthReport, ...]:
        """The health of each target, all measured at once.

        Blocks for at most twice the deadline (waiting for a free place, then measuring). A second caller for the same
        target joins the first. A report is shared for `share_seconds`, unless `fresh`. `seconds` may shorten the
        deadline and `probes` the choice of probes, never the other way.
        """
        loop = self._running_loop()
        settings = self._narrowed(seconds, probes)
        limit = time.monotonic() + 2 * settings.deadline_seconds + _GRACE_SECONDS
        flights = [
            asyncio.run_coroutine_threadsafe(self._shared(target, fresh, settings, self._access_for(target)), loop)
            for target in targets
        ]
        return tuple(self._await(target, flight, limit) for target, flight in zip(targets, flights, strict=True))

    def _await(self, target: Target, flight: "concurrent.futures.Future[HealthReport]", limit: float) -> HealthReport:
        started = time.monotonic()
        try:
            report = flight.result(max(0.0, limit - started))
        except concurrent.futures.TimeoutError:
            flight.cancel()
            took = (time.monotonic() - started) * 1000
            return unknown_report(target, self._settings, "deadline", "no answer by the deadline", took)
        own = replace(report.target, found_by=target.found_by, service_id=target.service_id)
        return replace(report, target=own)

    def close(self) -> None:
        """Stop the loop and its thread; examinations in flight are cancelled. `others` are the maker's to close."""
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = self._slots = None
        if loop is None or thread is None:
            return
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=5)

    def _narrowed(self, seconds: float | None, probes: Collection[str] | None) -> HealthSettings:
        settings = self._settings
        if seconds is not None:
            settings = replace(settings, deadline_seconds=min(seconds, settings.deadline_seconds))
        if probes is not None:
            known = settings.probes if settings.probes is not None else [probe.name for probe in self._probes]
            settings = replace(settings, probes=tuple(name for name in known if name in probes))
        return settings

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._slots = asyncio.Semaphore(self._settings.concurrent)
                self._thread = threading.Thread(target=_serve, args=(self._loop,), name="health", daemon=True)
                self._thread.start()
            return self._loop

    async def _shared(
        self, target: Target, fresh: bool, settings: HealthSettings, access: Access | None
    ) -> HealthReport:
        # The service's name and status too: what is known of them stands in the report. And what was seen from inside
        # is for the service whose client let us in, whoever shares its address.
        place = (target.host, target.address, target.ports, target.addresses)
        service_id = target.service_id if access is not None else None
        key = (*place, target.service, target.status, settings.probes, service_id)
        kept = self._kept.get(key)
        if kept is not None and not fresh and kept.until > time.monotonic():
            return kept.report
        if key not in self._flights:
            flight = asyncio.create_task(self._fly(target, settings, access))
            self._flights[key] = flight
            flight.add_done_callback(lambda done: self._land(key, done))
        # Shielded: a caller that gives up must not take the answer from the others.
        return await asyncio.shield(self._flights[key])

    async def _fly(self, target: Target, settings: HealthSettings, access: Access | None) -> HealthReport:
        assert self._slots is not None
        started = time.monotonic()
        try:
            async with asyncio.timeout(settings.deadline_seconds):
                await self._slots.acquire()
        except TimeoutError:
            took = (time.monotonic() - started) * 1000
            return unknown_report(target, settings, "busy", "too many examinations at once", took)
        try:
            return await examine(
                target,
                self._probes,
                settings,
                resolver=self._resolver,
                guard=self._guard,
                others=self._others,
                access=access,
            )
        finally:
            self._slots.release()

    def _land(self, key: _Key, flight: "asyncio.Task[HealthReport]") -> None:
        self._flights.pop(key, None)
        if flight.cancelled() or flight.exception() is not None:
            return
        report, now = flight.result(), time.monotonic()
        if len(self._kept) >= _MOST_KEPT:
            self._kept = {key: kept for key, kept in self._kept.items() if kept.until > now}
        busy = any(finding.details.get("code") == "busy" for finding in report.findings)
        if not busy and len(self._kept) < _MOST_KEPT:
            self._kept[key] = _Kept(report, now + self._settings.share_seconds)


def _no_access(target: Target) -> Access | None:
    return None


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        if tasks:
            loop.run_until_complete(asyncio.wait(tasks, timeout=1))
        loop.run_until_complete(_close_pinger())
    finally:
        loop.close()


async def _close_pinger() -> None:
    close_pinger()
