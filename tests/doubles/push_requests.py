"""The side of a push service that application servers see: RFC 8030, with RFC 8292 for who may ask.

What a service says when it refuses is its own; a `Dialect` tells.
"""

import base64
import contextlib
import re
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.requests import Request
from starlette.responses import Response

from tests.doubles.records import Records

MOST_BYTES = 4096
DAY_SECONDS = 24 * 3600


class Refusal(StrEnum):
    """Why a message is not taken."""

    UNKNOWN = "no such subscription"
    GONE = "the subscription is no more"
    TTL = "no TTL, or none that is a number of seconds"
    TOPIC = "the topic is longer than 32 characters or not base64url"
    URGENCY = "no such urgency"
    ENCODING = "the body is not aes128gcm"
    TOO_LARGE = "the body is larger than 4096 bytes"
    UNSIGNED = "no VAPID credentials"
    SIGNATURE = "the VAPID credentials are not valid, not for this service, or not for now"
    OTHER_KEY = "the VAPID key is not that of the subscription"


Dialect = Mapping[Refusal, tuple[int, bytes]]


@dataclass(frozen=True)
class Message:
    """One that was taken. `expires` is in seconds since the epoch."""

    id: str
    token: str
    body: bytes
    ttl: int
    expires: float
    topic: str | None


@dataclass(frozen=True)
class Post:
    """What an application server sent, and what it was told."""

    token: str
    headers: Mapping[str, str]
    body: bytes
    http_version: str
    status: int


@dataclass(frozen=True)
class Answer:
    """What to say instead of judging."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Waiting:
    """Messages that were taken and of which no browser has said yet that it has them."""

    def __init__(self) -> None:
        self._messages: dict[str, Message] = {}

    def add(self, message: Message) -> None:
        """Keep it; it takes the place of one of the same topic (RFC 8030, 5.4)."""
        if message.topic:
            for other in self.of(message.token):
                if other.topic == message.topic:
                    self.drop(other.id)
        self._messages[message.id] = message

    def drop(self, message_id: str) -> None:
        self._messages.pop(message_id, None)

    def of(self, token: str) -> list[Message]:
        """Those of a subscription whose time has not run out."""
        return [
            message for message in self._messages.values() if message.token == token and message.expires > time.time()
        ]


class PushRequests:
    """Judges what is posted, remembers it, and hands what it takes to `deliver`.

    `find` gives the VAPID key of the subscription with this token, base64url, or why there is none.
    """

    def __init__(
        self,
        origin: str,
        dialect: Dialect,
        find: Callable[[str], str | Refusal],
        deliver: Callable[[Message], Awaitable[None]],
    ) -> None:
        self.origin = origin
        self.posts: Records[Post] = Records()
        self._dialect, self._find, self._deliver = dialect, find, deliver
        self._instead: Answer | None = None

    @contextlib.contextmanager
    def answering(self, status: int, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Iterator[None]:
        """Within the block every message gets this answer and goes nowhere."""
        self._instead = Answer(status, headers or {}, body)
        try:
            yield
        finally:
            self._instead = None

    async def handle(self, request: Request) -> Response:
        """`POST` to an endpoint, whose last part is the `token`."""
        token, body = str(request.path_params["token"]), await request.body()
        headers = dict(request.headers)
        answer = self._instead or await self._judged(token, headers, body)
        version = str(request.scope["http_version"])
        self.posts.add(Post(token, headers, body, version, answer.status))
        return Response(answer.body, answer.status, dict(answer.headers))

    async def _judged(self, token: str, headers: Mapping[str, str], body: bytes) -> Answer:
        key = self._find(token)
        refusal = key if isinstance(key, Refusal) else judge(headers, body, key, self.origin)
        if refusal:
            status, text = self._dialect[refusal]
            return Answer(status, {}, text)
        ttl = int(headers["ttl"])
        message = Message(uuid.uuid4().hex, token, body, ttl, time.time() + ttl, headers.get("topic"))
        await self._deliver(message)
        return Answer(201, {"Location": f"{self.origin}/m/{message.id}", "TTL": str(ttl)}, b"")


def judge(headers: Mapping[str, str], body: bytes, key: str, origin: str) -> Refusal | None:
    """Why a message with these headers (their names in small letters) is not taken, if it is not."""
    if not re.fullmatch(r"\d{1,10}", headers.get("ttl", "")):
        return Refusal.TTL
    if "topic" in headers and not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", headers["topic"]):
        return Refusal.TOPIC
    if headers.get("urgency", "normal") not in {"very-low", "low", "normal", "high"}:
        return Refusal.URGENCY
    if body and headers.get("content-encoding") != "aes128gcm":
        return Refusal.ENCODING
    if len(body) > MOST_BYTES:
        return Refusal.TOO_LARGE
    return judge_credentials(headers.get("authorization", ""), key, origin)


def judge_credentials(authorization: str, key: str, origin: str) -> Refusal | None:
    """RFC 8292: a token for this origin, of at most a day, signed with the key of the subscription."""
    scheme, _, rest = authorization.partition(" ")
    if scheme.lower() != "vapid":
        return Refusal.UNSIGNED
    parameters = dict(part.strip().split("=", 1) for part in rest.split(",") if "=" in part)
    try:
        point = base64url_decoded(parameters["k"])
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        claims = jwt.decode(
            parameters["t"], public, algorithms=["ES256"], audience=origin, options={"require": ["exp", "aud", "sub"]}
        )
    except (KeyError, ValueError, jwt.InvalidTokenError):
        return Refusal.SIGNATURE
    if claims["exp"] > time.time() + DAY_SECONDS:
        return Refusal.SIGNATURE
    return None if point == base64url_decoded(key) else Refusal.OTHER_KEY


def base64url(data: bytes) -> str:
    """Without padding, as everything in web push."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def base64url_decoded(text: str) -> bytes:
    """With padding or without."""
    return base64.urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))
