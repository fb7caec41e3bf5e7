"""The addon inside WHMCS, as Deskside's receiver meets it: an outbox, one push at once, the rest from the cron.

Signed as https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md says.
"""

import base64
import hashlib
import hmac
import json
import logging
import queue
import secrets
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import requests

from deskside.demo.faults import Faults
from deskside.demo.whmcs.faults import PUSH, Fault
from deskside.demo.whmcs.state import Actor, Clock, Json

log = logging.getLogger(__name__)

PREFIX = "whsec_"
CONNECT_SECONDS, ANSWER_SECONDS = 0.3, 0.8
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
TYPES = (
    "ticket.opened",
    "ticket.client_replied",
    "ticket.agent_replied",
    "ticket.note_added",
    "ticket.status_changed",
    "ticket.closed",
    "ticket.priority_changed",
    "ticket.subject_changed",
    "ticket.department_changed",
    "ticket.flagged",
    "ticket.deleted",
    "ticket.merged",
    "ticket.split",
    "invoice.paid",
    "invoice.refunded",
    "invoice.cancelled",
    "invoice.unpaid",
    "service.changed",
    "network_issue.opened",
    "network_issue.closed",
    "announcement.changed",
    "test.ping",
)


@dataclass
class Event:
    """A row of the outbox; its id stays the same however often it is sent."""

    id: str
    type: str
    body: bytes
    next_at: datetime
    tries: int = 0
    sent_at: datetime | None = None
    answers: list[int | None] = field(default_factory=list)


def new_secret() -> str:
    """A signing secret."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def sign(secret: str, event_id: str, timestamp: int, body: bytes) -> str:
    """One signature of Standard Webhooks: `v1,` and base64 of HMAC-SHA256 over id, timestamp and body.

    A secret without its prefix is taken as it stands.
    """
    plain = secret.removeprefix(PREFIX)
    key = secret.encode() if plain == secret else base64.b64decode(plain)
    digest = hmac.new(key, f"{event_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def who(actor: Actor | None) -> Json:
    """The `by` of an event, `{"admin": "3"}` or `{"client": "7"}`; nothing at all when the hook does not say."""
    return {"by": {actor.kind: str(actor.id)}} if actor is not None and actor.id else {}


class Addon:
    """The outbox and its sender. Nothing happens until `connect` and a start of the desk; `on` false switches it off.

    Every event is tried once when it happens; what failed is tried again by `cron`, whose pause doubles. Delivered at
    least once and in no certain order. `previous_secret` signs too while the secret is changed.
    """

    def __init__(self, faults: Faults[Fault], clock: Clock, threads: int = 2) -> None:
        self.faults = faults
        self.clock = clock
        self.threads = threads
        self.on = True
        self.url = ""
        self.secret = new_secret()
        self.previous_secret = ""
        self.outbox: list[Event] = []
        self._held: Event | None = None
        self._due: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._unfinished = 0
        self._condition = threading.Condition()
        self._workers: list[threading.Thread] = []

    def connect(self, url: str, secret: str = "") -> str:
        """Set the settings of the addon's page; gives the secret, which is the old one unless it is named."""
        self.url, self.secret = url, secret or self.secret
        return self.secret

    def start(self) -> None:
        """Start sending."""
        self._workers = [
            threading.Thread(target=self._work, name=f"whmcs-addon-{number}", daemon=True)
            for number in range(self.threads)
        ]
        for worker in self._workers:
            worker.start()

    def stop(self) -> None:
        """Stop sending; the outbox is kept."""
        for _ in self._workers:
            self._due.put(None)
        for worker in self._workers:
            worker.join(2)
        self._workers = []

    def tell(self, kind: str, subject: Json, actor: Actor | None) -> None:
        """A hook ran: write the event and push it once."""
        if not self.on or not self.url:
            return
        now = self.clock()
        at = f"{now:%Y-%m-%dT%H:%M:%SZ}"
        body = json.dumps({"type": kind, **subject, "at": at, **who(actor)}, separators=(",", ":")).encode()
        event = Event(f"evt_{secrets.token_hex(16)}", kind, body, now)
        fault = self.faults.take(PUSH, kind)
        if fault is not None and fault.kind == "push_loss":
            return
        with self._condition:
            self.outbox.append(event)
            if fault is not None and fault.kind == "push_reorder" and self._held is None:
                self._held = event
                return
            self._push(event)
            if fault is not None and fault.kind == "push_duplicate":
                self._push(event)
            self._release()

    def ask(self, wanted: Json) -> Json | None:
        """What a page of WHMCS asks Deskside; None when it does not answer."""
        if not self.on or not self.url:
            return None
        body = json.dumps(wanted).encode()
        headers = self._signed(f"ask_{secrets.token_hex(16)}", body)
        address = self.url.replace("/webhooks/", "/embed/")
        try:
            answer = requests.post(
                address, data=body, headers=headers, timeout=(CONNECT_SECONDS, ANSWER_SECONDS), allow_redirects=False
            )
            found = answer.json() if answer.ok else None
        except (requests.RequestException, ValueError) as error:
            log.info("Deskside did not answer: %s", type(error).__name__)
            return None
        return found if isinstance(found, dict) else None

    def ping(self) -> None:
        """The button "test connection"."""
        self.tell("test.ping", {}, None)

    def cron(self) -> int:
        """What `AfterCronJob` does: send again what is due. Gives how many were."""
        with self._condition:
            self._release()
            now = self.clock()
            due = [event for event in self.outbox if event.sent_at is None and event.tries and event.next_at <= now]
            for event in due:
                self._push(event)
            return len(due)

    def drain(self, timeout: float = 10.0) -> bool:
        """Wait until every push begun has ended; False when that takes longer than `timeout` seconds."""
        with self._condition:
            self._release()
            return self._condition.wait_for(lambda: self._unfinished == 0, timeout)

    def headers(self, event: Event) -> dict[str, str]:
        """The headers of one try; the signature's time is the time of the try."""
        return self._signed(event.id, event.body)

    def _signed(self, request_id: str, body: bytes) -> dict[str, str]:
        timestamp = int(self.clock().timestamp())
        keys = [key for key in (self.secret, self.previous_secret) if key]
        return {
            "Content-Type": "application/json",
            "User-Agent": "Deskside-WHMCS/1",
            "webhook-id": request_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": " ".join(sign(key, request_id, timestamp, body) for key in keys),
        }

    def _push(self, event: Event) -> None:
        self._unfinished += 1
        self._due.put(event)

    def _release(self) -> None:
        if self._held is not None:
            held, self._held = self._held, None
            self._push(held)

    def _work(self) -> None:
        with requests.Session() as session:
            session.trust_env = False
            while (event := self._due.get()) is not None:
                try:
                    self._try(session, event)
                except Exception:
                    log.exception("a push failed inside the simulated WHMCS")
                finally:
                    with self._condition:
                        self._unfinished -= 1
                        self._condition.notify_all()

    def _try(self, session: requests.Session, event: Event) -> None:
        headers, answered = self.headers(event), None
        try:
            answer = session.post(
                self.url,
                data=event.body,
                headers=headers,
                timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
                allow_redirects=False,
            )
            answered = answer.status_code
        except requests.RequestException as error:
            log.info("the receiver did not answer: %s", type(error).__name__)
        with self._condition:
            event.answers.append(answered)
            event.tries += 1
            if answered is not None and 200 <= answered < 300:
                event.sent_at = self.clock()
            else:
                # The exponent is bounded, because 2 to the number of tries soon fits no timedelta.
                event.next_at = self.clock() + min(FIRST_PAUSE * 2 ** min(event.tries - 1, 10), LONGEST_PAUSE)
