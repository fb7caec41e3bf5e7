"""Mozilla's push service on loopback: what Firefox says over its WebSocket, and what application servers post.

https://mozilla-push-service.readthedocs.io/en/latest/ (autopush-rs: design, http.md, errors.md).
"""

import asyncio
import contextlib
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Route
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from tests.doubles.asgi import open_ports, served
from tests.doubles.push_requests import Dialect, Message, PushRequests, Refusal, Waiting, base64url
from tests.doubles.records import Records
from tests.doubles.servers import background


def _error(status: int, errno: int) -> tuple[int, bytes]:
    return status, json.dumps({"code": status, "errno": errno, "error": "refused", "message": "by the double"}).encode()


DIALECT: Dialect = {
    Refusal.UNKNOWN: _error(404, 102),
    Refusal.GONE: _error(410, 106),
    Refusal.TTL: _error(400, 111),
    Refusal.TOPIC: _error(400, 113),
    Refusal.URGENCY: _error(400, 114),
    Refusal.ENCODING: _error(400, 110),
    Refusal.TOO_LARGE: _error(413, 104),
    Refusal.UNSIGNED: _error(401, 109),
    Refusal.SIGNATURE: _error(401, 109),
    Refusal.OTHER_KEY: _error(401, 109),
}


@dataclass(frozen=True)
class Channel:
    """One subscription of one browser, which knows it by `id`; `agent` is the browser."""

    id: str
    agent: str
    key: str


class Autopush:
    """What it knows of browsers and subscriptions, and the levers of a test.

    `hellos` are the browsers that connected, `acks` what they said of messages (`code` 100: handed to the page's
    worker; 101: could not be decrypted), `unregistered` what they gave up.
    """

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.requests = PushRequests(origin, DIALECT, self._key, self._deliver)
        self.hellos: Records[str] = Records()
        self.acks: Records[dict[str, Any]] = Records()
        self.unregistered: Records[dict[str, Any]] = Records()
        self._channels: dict[str, Channel] = {}
        self._gone: set[str] = set()
        self._sockets: dict[str, ServerConnection] = {}
        self._waiting = Waiting()
        self._away = False
        self.app = Starlette(routes=[Route("/wpush/v2/{token}", self.requests.handle, methods=["POST"])])

    @contextlib.contextmanager
    def offline(self) -> Iterator[None]:
        """Within the block no browser is connected."""
        self._away = True
        self._hang_up()
        try:
            yield
        finally:
            self._away = False

    def forget_browsers(self) -> None:
        """Lose all subscriptions; each browser hears so when it comes again, and tells its pages."""
        self._gone.update(self._channels)
        self._channels.clear()
        self._hang_up()

    def _hang_up(self) -> None:
        # Cut off, as by a bad line: a proper farewell Firefox takes ten seconds to answer.
        sockets = [*self._sockets.values()]
        self._sockets.clear()
        for socket in sockets:
            background().call_soon_threadsafe(socket.transport.abort)

    def admit(self, socket: ServerConnection, request: Request) -> Response | None:
        """An answer for a browser that is to stay away."""
        return socket.respond(HTTPStatus.SERVICE_UNAVAILABLE, "") if self._away else None

    async def talk(self, socket: ServerConnection) -> None:
        """The connection of a browser."""
        agent = ""
        with contextlib.suppress(ConnectionClosed):
            async for text in socket:
                agent = await self._answer(socket, agent, json.loads(text))
        if self._sockets.get(agent) is socket:
            del self._sockets[agent]

    async def _answer(self, socket: ServerConnection, agent: str, said: dict[str, Any]) -> str:
        """Answer a message of this browser; its name from now on."""
        match said.get("messageType"):
            case "hello":
                return await self._greet(socket, said.get("uaid"))
            case "register":
                await self._register(socket, agent, said)
            case "unregister":
                self._unregister(said)
                await _say(socket, {"messageType": "unregister", "status": 200, "channelID": said["channelID"]})
            case "ack":
                for update in said["updates"]:
                    self._waiting.drop(update["version"])
                    self.acks.add(update)
            case None:
                await _say(socket, {})
        return agent

    async def _greet(self, socket: ServerConnection, known: str | None) -> str:
        """A browser that nothing is known of gets a new name, by which it sees that its subscriptions are lost."""
        own = [token for token, channel in self._channels.items() if channel.agent == known]
        agent = known if known and own else uuid.uuid4().hex
        self._sockets[agent] = socket
        await _say(
            socket, {"messageType": "hello", "status": 200, "uaid": agent, "use_webpush": True, "broadcasts": {}}
        )
        for token in own:
            for message in self._waiting.of(token):
                await self._send(socket, message)
        self.hellos.add(agent)
        return agent

    async def _register(self, socket: ServerConnection, agent: str, said: dict[str, Any]) -> None:
        token = uuid.uuid4().hex
        self._channels[token] = Channel(said["channelID"], agent, said["key"])
        await _say(
            socket,
            {
                "messageType": "register",
                "status": 200,
                "channelID": said["channelID"],
                "uaid": agent,
                "pushEndpoint": f"{self.origin}/wpush/v2/{token}",
            },
        )

    def _unregister(self, said: dict[str, Any]) -> None:
        gone = [token for token, channel in self._channels.items() if channel.id == said["channelID"]]
        for token in gone:
            del self._channels[token]
        self._gone.update(gone)
        self.unregistered.add(said)

    def _key(self, token: str) -> str | Refusal:
        if token in self._gone:
            return Refusal.GONE
        return self._channels[token].key if token in self._channels else Refusal.UNKNOWN

    async def _deliver(self, message: Message) -> None:
        self._waiting.add(message)
        socket = self._sockets.get(self._channels[message.token].agent)
        if socket:
            # A browser that has just gone will fetch what waits when it comes again.
            with contextlib.suppress(ConnectionClosed):
                await self._send(socket, message)

    async def _send(self, socket: ServerConnection, message: Message) -> None:
        notification: dict[str, Any] = {
            "messageType": "notification",
            "channelID": self._channels[message.token].id,
            "version": message.id,
            "ttl": message.ttl,
        }
        if message.body:
            notification |= {"data": base64url(message.body), "headers": {"encoding": "aes128gcm"}}
        await _say(socket, notification)


async def _say(socket: ServerConnection, said: dict[str, Any]) -> None:
    await socket.send(json.dumps(said))


@contextlib.contextmanager
def autopush() -> Iterator[tuple[Autopush, str]]:
    """The service, until the block ends, and the address of its WebSocket."""
    ports = open_ports()
    service = Autopush(f"https://{ports.secure}")
    server = asyncio.run_coroutine_threadsafe(_listen(service), background()).result(10)
    try:
        with served(service.app, ports):
            yield service, f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    finally:
        background().call_soon_threadsafe(server.close)


async def _listen(service: Autopush) -> Server:
    subprotocols = [Subprotocol("push-notification")]
    return await serve(service.talk, "127.0.0.1", 0, subprotocols=subprotocols, process_request=service.admit)
