"""A push service on loopback: HTTP/2 over TLS, with answers that can be told it, and everything it was sent kept."""

import asyncio
import contextlib
import functools
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h2.config
import h2.connection
import h2.events
import h2.exceptions

from tests.doubles import certificates

# The last is a name that no resolver knows (RFC 6761, 6.4).
NAMES = ("127.0.0.1", "localhost", "push.invalid")


@dataclass(frozen=True)
class Answer:
    """What is said to a message. `then` may be: hang (say nothing), close (the connection, before the answer),
    half (close it in the middle of the body), reset or refuse (the stream)."""

    status: int = 201
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    then: str = ""


@dataclass(frozen=True)
class Received:
    """A message that arrived whole; `connection` counts from 1."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: int


class PushService:
    """The service while it runs. Answers are looked up by path, `otherwise` is for the rest; set at any time."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.host = "127.0.0.1"
        self.answers: dict[str, Answer] = {}
        self.otherwise = Answer()
        self.received: list[Received] = []
        self.most_at_once = 0
        self.connections = 0
        self._open: set[asyncio.Transport] = set()

    @property
    def name(self) -> str:
        """What `[push] endpoints` calls it."""
        return f"{self.host}:{self.port}"

    def endpoint(self, path: str) -> str:
        """The address of a subscription here."""
        return f"https://{self.name}{path}"

    def paths(self) -> list[str]:
        """What was posted to, in the order of arrival."""
        return [item.path for item in self.received]


@contextlib.contextmanager
def push_service(*, streams: int = 100) -> Iterator[PushService]:
    """A service on a free port, vouched for by `authority()`; at most `streams` messages at once on a connection."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="push service", daemon=True)
    thread.start()
    context = certificates.serving(_certificate())
    context.set_alpn_protocols(["h2"])
    service = PushService(0)

    async def listen() -> asyncio.Server:
        return await loop.create_server(lambda: _Connection(service, streams), "127.0.0.1", 0, ssl=context)

    server = asyncio.run_coroutine_threadsafe(listen(), loop).result(10)
    service.port = server.sockets[0].getsockname()[1]

    async def end() -> None:
        server.close()
        for transport in list(service._open):
            transport.abort()

    try:
        yield service
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@functools.cache
def _certificate() -> certificates.Issued:
    return certificates.issue(*NAMES, issuer=certificates.root())


@functools.cache
def authority() -> str:
    """The path of the certificate that vouches for the service."""
    folder = Path(tempfile.mkdtemp(prefix="deskside-authority-"))
    (folder / "root.pem").write_bytes(certificates.root().pem)
    return str(folder / "root.pem")


class _Connection(asyncio.Protocol):
    def __init__(self, service: PushService, streams: int) -> None:
        self._service = service
        self._streams = streams
        self._requests: dict[int, tuple[dict[str, str], bytearray]] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._service._open.add(transport)
        self._service.connections += 1
        self._number = self._service.connections
        self._h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        self._h2.local_settings.max_concurrent_streams = self._streams
        self._h2.initiate_connection()
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        self._service._open.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        try:
            events = self._h2.receive_data(data)
        except h2.exceptions.ProtocolError:
            self._transport.abort()
            return
        for event in events:
            self._handle(event)
        self._flush()

    def _handle(self, event: Any) -> None:
        if isinstance(event, h2.events.RequestReceived):
            self._requests[event.stream_id] = (dict(event.headers), bytearray())
            self._service.most_at_once = max(self._service.most_at_once, len(self._requests))
            answer = self._service.answers.get(dict(event.headers)[":path"], self._service.otherwise)
            if answer.then == "refuse":
                del self._requests[event.stream_id]
                self._h2.reset_stream(event.stream_id, h2.errors.ErrorCodes.REFUSED_STREAM)
        elif isinstance(event, h2.events.DataReceived):
            self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            if event.stream_id in self._requests:
                self._requests[event.stream_id][1].extend(event.data)
        elif isinstance(event, h2.events.StreamEnded) and event.stream_id in self._requests:
            headers, body = self._requests[event.stream_id]
            # Who asked may have given up meanwhile.
            with contextlib.suppress(h2.exceptions.StreamClosedError, h2.exceptions.StreamIDTooLowError):
                self._answer(event.stream_id, headers, bytes(body))

    def _answer(self, stream: int, headers: dict[str, str], body: bytes) -> None:
        path = headers[":path"]
        self._service.received.append(Received(path, headers, body, self._number))
        answer = self._service.answers.get(path, self._service.otherwise)
        if answer.then == "hang":
            return
        del self._requests[stream]
        if answer.then == "close":
            self._flush()
            self._transport.abort()
            return
        if answer.then == "reset":
            self._h2.reset_stream(stream)
            return
        lines = [(":status", str(answer.status)), *answer.headers.items()]
        self._h2.send_headers(stream, lines, end_stream=not answer.body)
        if answer.body:
            window = self._h2.local_flow_control_window(stream)
            size = min(len(answer.body), window)
            for start in range(0, size, self._h2.max_outbound_frame_size):
                self._h2.send_data(stream, answer.body[start : min(size, start + self._h2.max_outbound_frame_size)])
            if answer.then == "half":
                self._flush()
                self._transport.close()
                return
            if size == len(answer.body):
                self._h2.end_stream(stream)

    def _flush(self) -> None:
        if data := self._h2.data_to_send():
            self._transport.write(data)
