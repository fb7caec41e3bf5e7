"""Sends many messages to push services at once, each service as fast as it likes."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from deskside.errors import ConfigurationError, Malformed, Permanent, Transient
from deskside.guard import AddressGuard
from push.settings import PushSettings
from push.wire.addresses import Addresses, Lookup, lookup
from push.wire.answer import Verdict, judge
from push.wire.encrypt import encrypt
from push.wire.endpoints import Endpoint, check
from push.wire.headers import headers
from push.wire.pace import Pace
from push.wire.transport import Post, Reply, Transport
from push.wire.vapid import Keys

# So many refusals of our key or clock in a row, and the service is left alone. One alone may be a subscription that
# was made up to be refused, which must not silence the service for everybody.
STOPS = 3
STOP_SECONDS = 600.0
_BURST = 32
_SERVICES_AT_FULL_SPEED = 4
_WAIT_SECONDS = 1.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message for one browser. `id` is the caller's, `ttl` in seconds, `key_id` of the VAPID key to sign with."""

    id: int
    endpoint: str = field(repr=False)
    p256dh: bytes = field(repr=False)
    auth: bytes = field(repr=False)
    key_id: str
    body: bytes = field(repr=False)
    ttl: int
    urgency: str = "normal"
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a parcel. `status` is the HTTP status, None without an answer; `retry_after` in seconds.

    With `strike` the subscription is gone only when the next message says so too.
    """

    id: int
    verdict: Verdict
    status: int | None = None
    reason: str = ""
    retry_after: float | None = None
    strike: bool = False


@dataclass(slots=True)
class _Posting:
    parcel: Parcel
    endpoint: Endpoint
    ticket: int = 0


class Fanout:
    """Lives as long as the process: keeps connections, what services said about their burden, signed headers.

    Raises ConfigurationError for a `ca_file` that is not there.
    """

    def __init__(
        self,
        settings: PushSettings,
        keys: Keys,
        *,
        guard: AddressGuard | None = None,
        transport: Transport | None = None,
        resolve: Lookup = lookup,
        monotonic: Callable[[], float] = time.monotonic,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if settings.ca_file is not None and not Path(settings.ca_file).is_file():
            raise ConfigurationError(f"[push] ca_file (found {settings.ca_file!r}): there is no such file")
        self._settings = settings
        self._keys = keys
        self._addresses = Addresses(guard or AddressGuard(), resolve)
        self._transport = transport or Transport()
        self._monotonic = monotonic
        self._clock = clock
        self._most = settings.in_flight * _SERVICES_AT_FULL_SPEED
        self._paces: dict[str, Pace] = {}
        self._stops: dict[tuple[str, str], int] = {}
        self._stopped: dict[tuple[str, str], float] = {}
        self._turn = threading.Lock()

    def deliver(self, parcels: Iterable[Parcel]) -> Iterator[Outcome]:
        """Send the parcels, and yield what became of each, in no order; posts move only while the caller iterates.

        Reads ahead no more than can soon be sent. What is for a service that wants to be left alone is NOT_SENT at
        once, with the time to wait. What a caller that stops early has seen no outcome of is unknown, and so are the
        answers a caller lets wait for longer than `TOTAL_SECONDS`. Another thread waits for its turn.
        """
        with self._turn:
            source = iter(parcels)
            waiting: dict[str, deque[_Posting]] = {}
            queued = 0
            more = True
            try:
                while more or queued or self._transport.under_way:
                    for _ in range(_BURST):
                        if not more or queued >= self._most:
                            break
                        parcel = next(source, None)
                        if parcel is None:
                            more = False
                        elif isinstance(posting := self._address(parcel), Outcome):
                            yield posting
                        else:
                            waiting.setdefault(posting.endpoint.origin, deque()).append(posting)
                            queued += 1
                    moved = False
                    for origin, queue in waiting.items():
                        before = len(queue)
                        yield from self._begin(self._pace(origin), queue)
                        queued -= before - len(queue)
                        moved |= before > len(queue)
                    idle = not moved and (not more or queued >= self._most) and self._transport.under_way
                    for posting, reply in self._transport.run(_WAIT_SECONDS if idle else 0.0):
                        yield self._settle(posting, reply)
            finally:
                for posting in self._transport.abandon():
                    self._pace(posting.endpoint.origin).end()

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    def _address(self, parcel: Parcel) -> _Posting | Outcome:
        try:
            return _Posting(parcel, check(parcel.endpoint, self._settings))
        except Malformed as error:
            return Outcome(parcel.id, Verdict.INVALID, reason=str(error))

    def _begin(self, pace: Pace, queue: deque[_Posting]) -> Iterator[Outcome]:
        """Start what may start now; yield what will not be."""
        started = 0
        while queue and started < _BURST:
            now = self._monotonic()
            blocked = pace.blocked_for(now)
            if blocked:
                yield Outcome(queue.popleft().parcel.id, Verdict.NOT_SENT, reason=pace.why, retry_after=blocked)
                continue
            if not pace.has_room() or self._transport.under_way >= self._most:
                return
            posting = queue.popleft()
            try:
                post = self._post(posting, now)
            except Transient as error:
                pace.block(now, error.retry_after or 0.0, str(error))
                yield Outcome(posting.parcel.id, Verdict.NOT_SENT, reason=str(error), retry_after=error.retry_after)
                continue
            except (Permanent, Malformed) as error:
                verdict = Verdict.TOO_LARGE if isinstance(error, Permanent) else Verdict.INVALID
                yield Outcome(posting.parcel.id, verdict, reason=str(error))
                continue
            if isinstance(post, Outcome):
                yield post
                continue
            posting.ticket = pace.start()
            self._transport.start(posting, post)
            started += 1

    def _post(self, posting: _Posting, now: float) -> Post | Outcome:
        parcel, endpoint = posting.parcel, posting.endpoint
        stopped = self._stopped.get((endpoint.origin, parcel.key_id), now) - now
        if stopped > 0:
            reason = "the service refuses our key or clock"
            return Outcome(parcel.id, Verdict.NOT_SENT, reason=reason, retry_after=stopped)
        if self._keys.get(parcel.key_id) is None:
            reason = f"the key {parcel.key_id} is not configured"
            return Outcome(parcel.id, Verdict.NOT_SENT, reason=reason, retry_after=STOP_SECONDS)
        addresses = self._addresses.of(endpoint, now)
        authorization = self._keys.authorization(parcel.key_id, endpoint.origin, self._clock())
        return Post(
            parcel.endpoint,
            endpoint.host,
            endpoint.port,
            addresses,
            headers(endpoint.host, authorization, parcel.ttl, parcel.urgency, parcel.topic),
            encrypt(parcel.body, parcel.p256dh, parcel.auth),
            self._settings.ca_file if endpoint.exempt else None,
        )

    def _settle(self, posting: _Posting, reply: Reply) -> Outcome:
        pace = self._pace(posting.endpoint.origin)
        pace.end()
        now = self._monotonic()
        parcel, host = posting.parcel, posting.endpoint.host
        if reply.status is None:
            pace.lost(posting.ticket, now, f"{host}: {reply.error}")
            verdict = Verdict.UNKNOWN if reply.left else Verdict.NOT_SENT
            return Outcome(parcel.id, verdict, None, reply.error, pace.blocked_for(now) or None)
        judged = judge(reply.status, reply.headers, reply.body, host, self._clock())
        if judged.busy:
            pace.too_much(posting.ticket, now, judged.retry_after, f"{host}: {judged.reason}")
        else:
            pace.went_well()
        if judged.verdict is Verdict.STOP:
            self._refused(posting, now, judged.reason)
        elif judged.verdict is Verdict.ACCEPTED:
            self._stops.pop((posting.endpoint.origin, parcel.key_id), None)
        return Outcome(parcel.id, judged.verdict, reply.status, judged.reason, judged.retry_after, judged.strike)

    def _refused(self, posting: _Posting, now: float, reason: str) -> None:
        name = (posting.endpoint.origin, posting.parcel.key_id)
        self._keys.forget(posting.parcel.key_id, posting.endpoint.origin)
        self._stops[name] = self._stops.get(name, 0) + 1
        if self._stops[name] == STOPS:
            self._stops[name] = 0
            self._stopped[name] = now + STOP_SECONDS
            _log.error("%s refuses our key %s or our clock: %s; nothing is sent there for a while", *name, reason)

    def _pace(self, origin: str) -> Pace:
        pace = self._paces.get(origin)
        if pace is None:
            pace = self._paces[origin] = Pace(self._settings.in_flight)
        return pace
