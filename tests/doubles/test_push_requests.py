"""What the doubles of push services take from application servers, and what they refuse."""

import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pycurl
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from tests.doubles.application_server import CONTACT, new_key, public_text, send
from tests.doubles.asgi import open_ports, served
from tests.doubles.autopush import DIALECT
from tests.doubles.certificates import root
from tests.doubles.push_requests import Message, PushRequests, Refusal, Waiting, judge

KEY = new_key()
ORIGIN = "https://localhost:1"
DAY_SECONDS = 24 * 3600


def signed(key: Any = KEY, audience: str = ORIGIN, seconds: int = 3600) -> dict[str, str]:
    """The header of a token with so long to live."""
    claims = {"aud": audience, "exp": int(time.time()) + seconds, "sub": CONTACT}
    return {"authorization": str(key.sign(claims)["Authorization"])}


def judged(headers: dict[str, str], body: bytes = b"x") -> Refusal | None:
    """What is thought of a message that is in order but for these headers."""
    return judge({"ttl": "60", "content-encoding": "aes128gcm", **signed(), **headers}, body, public_text(KEY), ORIGIN)


def test_a_message_in_order_is_not_refused() -> None:
    assert judged({"topic": "a_b-C", "urgency": "high"}, b"x" * 4096) is None


@pytest.mark.parametrize(
    ("headers", "refusal"),
    [
        ({"ttl": ""}, Refusal.TTL),
        ({"ttl": "-1"}, Refusal.TTL),
        ({"topic": "x" * 33}, Refusal.TOPIC),
        ({"topic": "two words"}, Refusal.TOPIC),
        ({"urgency": "extreme"}, Refusal.URGENCY),
        ({"content-encoding": "aesgcm"}, Refusal.ENCODING),
        ({"authorization": "Bearer x"}, Refusal.UNSIGNED),
        ({"authorization": "vapid t=a.b.c, k=AAAA"}, Refusal.SIGNATURE),
        (signed(audience="https://localhost:2"), Refusal.SIGNATURE),
        (signed(seconds=-60), Refusal.SIGNATURE),
        (signed(seconds=DAY_SECONDS + 60), Refusal.SIGNATURE),
        (signed(new_key()), Refusal.OTHER_KEY),
    ],
)
def test_a_header_that_is_wrong_is_refused(headers: dict[str, str], refusal: Refusal) -> None:
    assert judged(headers) is refusal


def test_a_token_of_one_key_under_the_name_of_another_is_no_signature() -> None:
    token = signed(new_key())["authorization"].partition("t=")[2].partition(",")[0]
    assert judged({"authorization": f"vapid t={token}, k={public_text(KEY)}"}) is Refusal.SIGNATURE


def test_a_body_of_more_than_4096_bytes_is_refused() -> None:
    assert judged({}, b"x" * 4097) is Refusal.TOO_LARGE


def message(identity: str, topic: str | None = None, seconds: float = 60) -> Message:
    return Message(identity, "known", b"", int(seconds), time.time() + seconds, topic)


def test_of_one_topic_the_newest_waits() -> None:
    waiting = Waiting()
    for given in [message("1", "news"), message("2"), message("3", "weather"), message("4", "news"), message("5")]:
        waiting.add(given)
    assert [kept.id for kept in waiting.of("known")] == ["2", "3", "4", "5"]


def test_what_has_run_out_does_not_wait() -> None:
    waiting = Waiting()
    waiting.add(message("1", seconds=0))
    waiting.add(message("2"))
    assert [kept.id for kept in waiting.of("known")] == ["2"]


class Service:
    """A service with one subscription, `known`, and what was delivered to it."""

    def __init__(self, origin: str) -> None:
        self.delivered: list[Message] = []
        self.requests = PushRequests(origin, DIALECT, self._find, self._deliver)

    def subscription(self, token: str) -> dict[str, Any]:
        """As a browser would give it, of a browser that is not there."""
        keys = {"p256dh": public_text(new_key()), "auth": "AAAAAAAAAAAAAAAAAAAAAA"}
        return {"endpoint": f"{self.requests.origin}/{token}", "keys": keys}

    def _find(self, token: str) -> str | Refusal:
        return public_text(KEY) if token == "known" else Refusal.UNKNOWN

    async def _deliver(self, delivered: Message) -> None:
        self.delivered.append(delivered)


@pytest.fixture
def service() -> Iterator[Service]:
    ports = open_ports()
    made = Service(f"https://{ports.secure}")
    with served(Starlette(routes=[Route("/{token}", made.requests.handle, methods=["POST"])]), ports):
        yield made


def test_what_a_public_library_sends_is_taken(service: Service) -> None:
    answer = send(service.subscription("known"), "hello", KEY, ttl=7, headers={"Topic": "news"})
    assert (answer.status_code, answer.headers["TTL"]) == (201, "7")
    assert answer.headers["Location"].startswith(service.requests.origin)
    assert [(taken.token, taken.ttl, taken.topic) for taken in service.delivered] == [("known", 7, "news")]


def test_an_endpoint_that_never_was_is_not_found(service: Service) -> None:
    assert send(service.subscription("stranger"), "hello", KEY).status_code == 404


def test_a_service_says_what_a_test_wants_for_as_long_as_it_wants(service: Service) -> None:
    with service.requests.answering(429, {"Retry-After": "7"}, b"slower"):
        answer = send(service.subscription("known"), "hello", KEY)
    assert (answer.status_code, answer.headers["Retry-After"], answer.text) == (429, "7", "slower")
    assert send(service.subscription("known"), "hello", KEY).status_code == 201
    assert [post.status for post in service.requests.posts] == [429, 201]
    assert len(service.delivered) == 1


def test_http_2_is_spoken_to_who_can(service: Service, tmp_path: Path) -> None:
    (tmp_path / "root.pem").write_bytes(root().pem)
    asked = pycurl.Curl()
    asked.setopt(pycurl.URL, f"{service.requests.origin}/known")
    asked.setopt(pycurl.CAINFO, str(tmp_path / "root.pem"))
    asked.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_2TLS)
    asked.setopt(pycurl.POSTFIELDS, b"x")
    asked.setopt(pycurl.WRITEDATA, io.BytesIO())
    asked.perform()
    assert (asked.getinfo(pycurl.RESPONSE_CODE), service.requests.posts.wait().http_version) == (400, "2")
    asked.close()
