"""Signed deliveries from one thread over kept-alive connections: at a fixed rate, or as fast as answers come.

`python -m benchmarks.load '{"port": 8642, ...}'` sends what the plan says and prints the outcome as JSON: a process of
its own, so that it takes nothing from the interpreter of the server or of the script.
"""

import base64
import hashlib
import hmac
import json
import selectors
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from benchmarks.figures import percentile

# How long answers may be outstanding after the last request was due.
PATIENCE_SECONDS = 20.0
TICKETS = 200


@dataclass(frozen=True, slots=True)
class Plan:
    """What to send. With `rate` (a second) the load is open: a late answer does not put off the next request."""

    port: int
    secret: str
    name: str
    seconds: float
    connections: int = 16
    rate: float | None = None
    method: str = "POST"
    path: str = "/webhooks/zendesk"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it. Latencies in ms; of an open load from when a request was due, whenever it was truly sent."""

    accepted: int
    refused: int
    unanswered: int
    seconds: float
    p50_ms: float
    p99_ms: float
    max_ms: float

    @property
    def rate(self) -> float:
        """Accepted deliveries a second."""
        return self.accepted / self.seconds


def send(plan: Plan) -> Outcome:
    """Carry the plan out in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.load", json.dumps(asdict(plan))]
    limit = plan.seconds + 2 * PATIENCE_SECONDS
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=limit)
    return Outcome(**json.loads(done.stdout))


def request(plan: Plan, number: int) -> bytes:
    """One request, signed now. The event is of a type that Deskside keeps and settles as not its business."""
    if plan.method == "GET":
        return f"GET {plan.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    ticket = str(number % TICKETS + 1)
    delivery_id = f"{plan.name}-{number}"
    body = json.dumps(event(delivery_id, ticket, "ticket.benchmarked")).encode()
    headers = {
        "Host": "127.0.0.1",
        "User-Agent": "Zendesk Webhook",
        "Accept": "*/*",
        "Content-Length": str(len(body)),
        "X-Zendesk-Account-Id": "21825834",
        "X-Zendesk-Webhook-Id": "01GB85JTMWM3X0V2BZ3C4JQ84B",
        "X-Zendesk-Webhook-Invocation-Id": delivery_id,
        **signed(plan.secret, body),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {plan.path} HTTP/1.1\r\n{head}\r\n".encode() + body


def signed(secret: str, body: bytes) -> dict[str, str]:
    """The headers by which Zendesk shows that a body is its own, made now."""
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    digest = hmac.new(secret.encode(), moment.encode() + body, hashlib.sha256).digest()
    return {
        "Content-Type": "application/json; charset=utf-8",
        "X-Zendesk-Webhook-Signature": base64.b64encode(digest).decode(),
        "X-Zendesk-Webhook-Signature-Timestamp": moment,
    }


def event(delivery_id: str, ticket: str, type_: str) -> dict[str, Any]:
    """An event as long as Zendesk's own are (1.3 kB)."""
    return {
        "account_id": 21825834,
        "detail": {
            "actor_id": "8447388090494",
            "assignee_id": "8447388090494",
            "brand_id": "8447346621310",
            "created_at": "2026-11-22T07:18:34Z",
            "custom_status": "8447320465790",
            "description": "The site answers slowly since the night. " * 12,
            "external_id": None,
            "form_id": "8646151517822",
            "group_id": "8447320466430",
            "id": ticket,
            "is_public": True,
            "organization_id": "8447346622462",
            "priority": "HIGH",
            "requester_id": "8447388090494",
            "status": "OPEN",
            "subject": "The site is slow",
            "submitter_id": "8447388090494",
            "tags": ["hosting", "slow"],
            "type": "INCIDENT",
            "updated_at": "2026-11-22T07:18:34Z",
            "via": {"channel": "web_service"},
        },
        "event": {},
        "id": delivery_id,
        "subject": f"zen:ticket:{ticket}",
        "time": "2026-11-22T07:18:34.155343511Z",
        "type": f"zen:event-type:{type_}",
        "zendesk_event_version": "2022-11-06",
    }


class _Connection:
    def __init__(self, port: int) -> None:
        self.port = port
        self.due = 0.0
        self.sent = self.answer = b""
        self.open()

    def open(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, due: float, message: bytes) -> None:
        self.due, self.sent, self.answer = due, message, b""
        self.socket.sendall(message)

    def receive(self) -> int | None:
        """The status of the answer, once it is all here; 0 when the connection was closed instead."""
        data = self.socket.recv(65536)
        if not data:
            return 0
        self.answer += data
        head, end, body = self.answer.partition(b"\r\n\r\n")
        if not end or len(body) < _length(head):
            return None
        return int(head[9:12])


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


class _Sender:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        # select() waits with microsecond precision, epoll only with milliseconds.
        self.selector = selectors.SelectSelector()
        self.idle = deque(_Connection(plan.port) for _ in range(plan.connections))
        for connection in self.idle:
            self.selector.register(connection.socket, selectors.EVENT_READ, connection)
        self.accepted: list[float] = []
        self.refused = 0
        self.sent = 0

    def run(self) -> Outcome:
        started = time.perf_counter()
        for due in self._dues(started):
            self._answers(due)
            while not self.idle:
                self._answers(None)
            self.idle.popleft().send(due or time.perf_counter(), request(self.plan, self.sent))
            self.sent += 1
        last = time.perf_counter()
        while self._open() and time.perf_counter() - last < PATIENCE_SECONDS:
            self._answers(None)
        latencies = [seconds * 1000 for seconds in self.accepted] or [float("nan")]
        return Outcome(
            accepted=len(self.accepted),
            refused=self.refused,
            unanswered=self._open(),
            seconds=time.perf_counter() - started,
            p50_ms=percentile(latencies, 50),
            p99_ms=percentile(latencies, 99),
            max_ms=max(latencies),
        )

    def _dues(self, started: float) -> Iterator[float | None]:
        """When each request is due; None for as soon as a connection is free."""
        if self.plan.rate:
            yield from (started + number / self.plan.rate for number in range(int(self.plan.rate * self.plan.seconds)))
            return
        while time.perf_counter() - started < self.plan.seconds:
            yield None

    def _open(self) -> int:
        return self.sent - len(self.accepted) - self.refused

    def _answers(self, until: float | None) -> None:
        """Take answers until that time; None: those that are here now, or else the next."""
        while True:
            wait = (0.0 if self.idle else 1.0) if until is None else max(0.0, until - time.perf_counter())
            for key, _ in self.selector.select(wait):
                self._take(key.data)
            if until is None or time.perf_counter() >= until:
                return

    def _take(self, connection: _Connection) -> None:
        try:
            status = connection.receive()
        except ConnectionResetError:
            status = 0
        if status is None:
            return
        if status == 0:
            self._again(connection)
            return
        if 200 <= status < 300:
            self.accepted.append(time.perf_counter() - connection.due)
        else:
            self.refused += 1
        connection.sent = b""
        self.idle.append(connection)

    def _again(self, connection: _Connection) -> None:
        """The server closed a kept-alive connection: open another, and send again what it left unanswered."""
        self.selector.unregister(connection.socket)
        connection.socket.close()
        connection.open()
        self.selector.register(connection.socket, selectors.EVENT_READ, connection)
        if connection.sent:
            connection.send(connection.due, connection.sent)


if __name__ == "__main__":
    print(json.dumps(asdict(_Sender(Plan(**json.loads(sys.argv[1]))).run())))
