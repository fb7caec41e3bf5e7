"""Webhook deliveries: signed, logged, retried by Zendesk's rules, in the background and in no certain order."""

import base64
import hashlib
import heapq
import hmac
import itertools
import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import requests

from deskside.demo.faults import Faults
from deskside.demo.zendesk import shapes
from deskside.demo.zendesk.faults import WEBHOOK, Fault
from deskside.demo.zendesk.state import Clock, Webhook, ulid

log = logging.getLogger(__name__)

CONFLICT_TRIES = 4
TIMEOUT_TRIES = 6
LONGEST_RETRY_AFTER = 60
BREAKER_WINDOW_SECONDS = 300
BREAKER_REQUESTS = 100
BREAKER_SHARE = 0.7
BREAKER_ERRORS = 1000
BREAKER_PAUSE_SECONDS = 5


@dataclass
class Attempt:
    """One try: `status` is success, failed, timeout or circuit_broken."""

    at: datetime
    status: str
    status_code: int | None
    headers: dict[str, str] = field(repr=False)
    answer: str = ""


@dataclass
class Invocation:
    """One delivery over all its tries; they share the id."""

    id: str
    webhook_id: str
    account_id: int
    type: str
    body: bytes
    status: str = "queued"
    attempts: list[Attempt] = field(default_factory=list)
    tries: dict[str, int] = field(default_factory=dict)

    @property
    def status_code(self) -> int | None:
        """What the receiver answered last, or None."""
        return self.attempts[-1].status_code if self.attempts else None


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """base64 of HMAC-SHA256 over the timestamp and the body, with the secret's text as the key."""
    digest = hmac.new(secret.encode(), timestamp.encode() + body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


class Sender:
    """Delivers invocations from a small pool of threads.

    `timeout_seconds` is how long it waits for an answer; `retry_seconds` the pause before the retry of a 409 or a
    time-out; `hurry` scales every pause (tests set it to 0). `log` keeps every invocation.
    """

    def __init__(self, webhooks: Mapping[str, Webhook], faults: Faults[Fault], clock: Clock, threads: int = 3) -> None:
        self.webhooks = webhooks
        self.faults = faults
        self.clock = clock
        self.threads = threads
        self.timeout_seconds = 12.0
        self.retry_seconds = 1.0
        self.hurry = 1.0
        self.log: list[Invocation] = []
        self._due: list[tuple[float, int, Invocation]] = []
        self._held: Invocation | None = None
        self._running = 0
        self._sequence = itertools.count()
        self._recent: list[tuple[float, bool]] = []
        self._paused_until = 0.0
        self._condition = threading.Condition()
        self._stop = threading.Event()
        self._workers: list[threading.Thread] = []

    def start(self) -> None:
        """Start delivering; what was left waiting by `stop` is delivered too."""
        self._stop = threading.Event()
        self._workers = [
            threading.Thread(target=self._work, args=(self._stop,), name=f"zendesk-sender-{number}", daemon=True)
            for number in range(self.threads)
        ]
        for worker in self._workers:
            worker.start()

    def stop(self) -> None:
        """Stop delivering."""
        self._stop.set()
        with self._condition:
            self._condition.notify_all()
        for worker in self._workers:
            worker.join(0.1)

    def send(self, webhook: Webhook, account_id: int, kind: str, body: bytes) -> None:
        """Queue one delivery; `kind` is the event's type, or `conditional_ticket_events`."""
        invocation = Invocation(ulid(self.clock()), webhook.id, account_id, kind, body)
        fault = self.faults.take(WEBHOOK, "*", kind)
        with self._condition:
            self.log.append(invocation)
            if fault is not None and fault.kind == "webhook_loss":
                invocation.status = "lost"
                return
            if fault is not None and fault.kind == "webhook_reorder" and self._held is None:
                self._held = invocation
                return
            self._queue(invocation, 0)
            if fault is not None and fault.kind == "webhook_duplicate":
                twin = Invocation(ulid(self.clock()), webhook.id, account_id, kind, body)
                self.log.append(twin)
                self._queue(twin, 0)
            if self._held is not None:
                held, self._held = self._held, None
                self._queue(held, 0.05)

    def drain(self, timeout: float = 10.0) -> bool:
        """Wait until everything is delivered or given up; False when that takes longer than `timeout` seconds."""
        with self._condition:
            if self._held is not None:
                held, self._held = self._held, None
                self._queue(held, 0)
            return self._condition.wait_for(lambda: not self._due and not self._running, timeout)

    def _queue(self, invocation: Invocation, delay: float) -> None:
        heapq.heappush(self._due, (time.monotonic() + delay, next(self._sequence), invocation))
        self._condition.notify()

    def _work(self, stop: threading.Event) -> None:
        with requests.Session() as session:
            session.trust_env = False
            while not stop.is_set():
                with self._condition:
                    wait = self._due[0][0] - time.monotonic() if self._due else None
                    if wait is None or wait > 0:
                        self._condition.wait(wait)
                        continue
                    _, _, invocation = heapq.heappop(self._due)
                    self._running += 1
                delay: float | None = None
                try:
                    delay = self._try(session, invocation)
                except Exception:
                    log.exception("delivery failed inside the simulated desk")
                finally:
                    with self._condition:
                        self._running -= 1
                        if delay is not None:
                            self._queue(invocation, delay)
                        self._condition.notify_all()

    def _try(self, session: requests.Session, invocation: Invocation) -> float | None:
        """One try; seconds until the next one, or None when there is none."""
        webhook = self.webhooks.get(invocation.webhook_id)
        if webhook is None or webhook.status != "active":
            invocation.status = "terminated"
            return None
        if self._broken():
            invocation.status = "circuit_broken"
            invocation.attempts.append(Attempt(self.clock(), "circuit_broken", None, {}))
            return None
        headers = self.headers(webhook, invocation)
        reason, pause = "", self.retry_seconds
        try:
            answer = session.request(
                webhook.http_method,
                webhook.endpoint,
                data=None if webhook.http_method == "GET" else invocation.body,
                headers=headers,
                timeout=self.timeout_seconds,
                allow_redirects=False,
            )
        except requests.Timeout:
            reason, attempt = "timeout", Attempt(self.clock(), "timeout", None, headers)
        except requests.RequestException as error:
            attempt = Attempt(self.clock(), "failed", None, headers, type(error).__name__)
        else:
            status = "success" if answer.ok else "failed"
            attempt = Attempt(self.clock(), status, answer.status_code, headers, answer.text[:1000])
            after = answer.headers.get("Retry-After", "")
            if answer.status_code == 409:
                reason = "conflict"
            elif answer.status_code in (429, 503) and after.isdigit() and int(after) < LONGEST_RETRY_AFTER:
                reason, pause = "later", float(after)
        invocation.attempts.append(attempt)
        self._note(attempt.status == "success")
        invocation.tries[reason] = invocation.tries.get(reason, 0) + 1
        again = {"conflict": CONFLICT_TRIES, "timeout": TIMEOUT_TRIES, "later": CONFLICT_TRIES}.get(reason, 0)
        if invocation.tries[reason] < again:
            invocation.status = "failed"
            return pause * self.hurry
        invocation.status = "success" if attempt.status == "success" else "terminated"
        return None

    def headers(self, webhook: Webhook, invocation: Invocation) -> dict[str, str]:
        """The headers of one try; the signature's time is the time of the try, not of the event."""
        timestamp = shapes.stamp(self.clock()) or ""
        signed = b"" if webhook.http_method == "GET" else invocation.body
        types = {"json": "application/json", "xml": "application/xml"}
        kind = types.get(webhook.request_format, "application/x-www-form-urlencoded")
        return {
            "Content-Type": f"{kind}; charset=utf-8",
            "User-Agent": "Zendesk Webhook",
            "X-Zendesk-Account-Id": str(invocation.account_id),
            "X-Zendesk-Webhook-Id": webhook.id,
            "X-Zendesk-Webhook-Invocation-Id": invocation.id,
            "X-Zendesk-Webhook-Signature": sign(webhook.secret, timestamp, signed),
            "X-Zendesk-Webhook-Signature-Timestamp": timestamp,
            **authentication_header(webhook),
            **webhook.custom_headers,
        }

    def _note(self, success: bool) -> None:
        with self._condition:
            now = time.monotonic()
            self._recent = [row for row in self._recent if now - row[0] < BREAKER_WINDOW_SECONDS] + [(now, success)]
            wrong = sum(1 for _, fine in self._recent if not fine)
            many = len(self._recent) >= BREAKER_REQUESTS
            if many and (wrong / len(self._recent) >= BREAKER_SHARE or wrong > BREAKER_ERRORS):
                self._paused_until = now + BREAKER_PAUSE_SECONDS * self.hurry

    def _broken(self) -> bool:
        with self._condition:
            return time.monotonic() < self._paused_until


def authentication_header(webhook: Webhook) -> dict[str, str]:
    """The header of the endpoint's own authentication, if it has one."""
    kind = (webhook.authentication or {}).get("type")
    data = (webhook.authentication or {}).get("data") or {}
    if kind == "basic_auth":
        pair = f"{data.get('username')}:{data.get('password')}".encode()
        return {"Authorization": "Basic " + base64.b64encode(pair).decode()}
    if kind == "bearer_token":
        return {"Authorization": f"Bearer {data.get('token')}"}
    if kind == "api_key":
        return {str(data.get("name")): str(data.get("value"))}
    return {}
