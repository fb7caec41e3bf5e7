"""Google's push service on loopback: Chromium checks in, registers, and stays connected over MCS; servers post.

https://chromium.googlesource.com/chromium/src/+/main/google_apis/gcm/
"""

import asyncio
import base64
import contextlib
import hashlib
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl

from cryptography.hazmat.primitives import serialization
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.doubles import mcs
from tests.doubles.asgi import open_ports, served
from tests.doubles.certificates import issue, root, serving
from tests.doubles.push_requests import Dialect, Message, PushRequests, Refusal, Waiting
from tests.doubles.records import Records
from tests.doubles.servers import tcp_server

_GONE = b"push subscription has unsubscribed or expired.\n"
_MISMATCH = (
    b"the VAPID credentials in the authorization header do not correspond to the credentials used to create the"
    b" subscriptions.\n"
)
DIALECT: Dialect = {
    Refusal.UNKNOWN: (404, _GONE),
    Refusal.GONE: (410, _GONE),
    Refusal.TTL: (400, b"missing or invalid TTL\n"),
    Refusal.TOPIC: (400, b"invalid Topic\n"),
    Refusal.URGENCY: (400, b"invalid Urgency\n"),
    Refusal.ENCODING: (400, b"invalid Content-Encoding\n"),
    Refusal.TOO_LARGE: (413, b"payload too large\n"),
    Refusal.UNSIGNED: (401, b"missing authorization\n"),
    Refusal.SIGNATURE: (400, b"UnauthorizedRegistration\n"),
    Refusal.OTHER_KEY: (403, _MISMATCH),
}


@dataclass(frozen=True)
class Registered:
    """One subscription: `category` and `subtype` are how Chromium finds whose it is, `sender` is the VAPID key."""

    category: str
    subtype: str
    sender: str


class Fcm:
    """What it knows of subscriptions; `logins` are the connections of the browser, of which there is one."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.requests = PushRequests(origin, DIALECT, self._key, self._deliver)
        self.logins: Records[float] = Records()
        self._registered: dict[str, Registered] = {}
        self._gone: set[str] = set()
        self._waiting = Waiting()
        self._stream: asyncio.StreamWriter | None = None
        self.app = Starlette(
            routes=[
                Route("/checkin", self._check_in, methods=["POST"]),
                Route("/register", self._register, methods=["POST"]),
                Route("/fcm/send/{token}", self.requests.handle, methods=["POST"]),
            ]
        )

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The connection messages come by."""
        await reader.readexactly(1)
        try:
            while True:
                tag, _ = await mcs.read_frame(reader)
                if tag == mcs.LOGIN_REQUEST:
                    answer = mcs.message((1, "login"), (8, _milliseconds()))
                    writer.write(bytes([mcs.VERSION]) + mcs.frame(mcs.LOGIN_RESPONSE, answer))
                    await self._logged_in(writer)
                elif tag == mcs.HEARTBEAT_PING:
                    writer.write(mcs.frame(mcs.HEARTBEAT_ACK, b""))
                    await writer.drain()
                elif tag == mcs.CLOSE:
                    return
        finally:
            if self._stream is writer:
                self._stream = None

    async def _logged_in(self, writer: asyncio.StreamWriter) -> None:
        self._stream = writer
        for token in self._registered:
            for message in self._waiting.of(token):
                await self._send(writer, message)
        self.logins.add(time.time())

    async def _check_in(self, request: Request) -> Response:
        body = mcs.message((1, 1), (3, _milliseconds())) + mcs.fixed64(7, 42) + mcs.fixed64(8, 43)
        return Response(body, media_type="application/x-protobuf")

    async def _register(self, request: Request) -> Response:
        asked = dict(parse_qsl((await request.body()).decode()))
        if asked.get("delete"):
            gone = [token for token, known in self._registered.items() if known.subtype == asked["X-subtype"]]
            for token in gone:
                del self._registered[token]
            self._gone.update(gone)
            return PlainTextResponse(f"deleted={asked['app']}")
        token = f"{uuid.uuid4().hex[:22]}:APA91b{uuid.uuid4().hex}"
        self._registered[token] = Registered(asked["app"], asked["X-subtype"], asked["sender"])
        return PlainTextResponse(f"token={token}")

    def _key(self, token: str) -> str | Refusal:
        if token in self._gone:
            return Refusal.GONE
        return self._registered[token].sender if token in self._registered else Refusal.UNKNOWN

    async def _deliver(self, message: Message) -> None:
        if self._stream is None:
            self._waiting.add(message)
            return
        await self._send(self._stream, message)

    async def _send(self, stream: asyncio.StreamWriter, message: Message) -> None:
        known = self._registered[message.token]
        data = [("subtype", known.subtype)]
        if message.body:
            data.append(("content-encoding", "aes128gcm"))
        fields: list[tuple[int, mcs.Value]] = [(3, known.sender), (5, known.category), *mcs.app_data(data)]
        fields += [(9, message.id), (17, message.ttl), (18, _milliseconds())]
        if message.body:
            fields.append((21, message.body))
        stream.write(mcs.frame(mcs.DATA_MESSAGE, mcs.message(*fields)))
        await stream.drain()
        self._waiting.drop(message.id)


def _milliseconds() -> int:
    return int(time.time() * 1000)


@contextlib.contextmanager
def fcm() -> Iterator[tuple[Fcm, list[str]]]:
    """The service, until the block ends, and the flags by which Chromium finds and trusts it."""
    ports = open_ports()
    service = Fcm(f"https://{ports.secure}")
    certificate = issue("localhost", issuer=root())
    public = certificate.key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    trusted = base64.b64encode(hashlib.sha256(public).digest()).decode()
    with served(service.app, ports), tcp_server(service.talk, tls=serving(certificate)) as port:
        yield (
            service,
            [
                f"--gcm-checkin-url=http://{ports.plain}/checkin",
                f"--gcm-registration-url=http://{ports.plain}/register",
                f"--gcm-mcs-endpoint=https://localhost:{port}",
                f"--ignore-certificate-errors-spki-list={trusted}",
            ],
        )
