"""Posting for real, over TLS and HTTP/2, to a service that behaves in every way services do."""

import json
import logging
import resource
import socket
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from pathlib import Path

import pytest

from deskside.errors import ConfigurationError
from push.wire import vapid
from push.wire.answer import Verdict
from push.wire.fanout import STOP_SECONDS, STOPS, Fanout, Outcome, Parcel
from push.wire.transport import Transport
from push.wire.vapid import Keys
from tests.doubles import certificates
from tests.doubles.push_service import Answer, PushService, authority
from tests.doubles.push_sink import push_sink
from tests.push.wire.browser import Browser
from tests.push.wire.conftest import KEY, settings_with

Make = Callable[..., Parcel]


class Clock:
    """Monotonic seconds that stand still until told."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def paced(service: PushService, clock: Clock) -> Iterator[Fanout]:
    """A fan-out that lives in the clock's time."""
    settings = settings_with(endpoints=[service.name], ca_file=authority())
    opened = Fanout(settings, Keys(settings), transport=Transport(total_seconds=2.0), monotonic=clock)
    yield opened
    opened.close()


def one(fanout: Fanout, parcel: Parcel) -> Outcome:
    (outcome,) = fanout.deliver([parcel])
    return outcome


def verdicts(outcomes: Iterator[Outcome]) -> Counter[Verdict]:
    return Counter(outcome.verdict for outcome in outcomes)


def test_the_browser_reads_what_was_posted_and_the_service_knows_who_we_are(
    service: PushService, browser: Browser, fanout: Fanout, parcel: Make
) -> None:
    outcome = one(fanout, parcel(7, "/push/a", body="Привет 🚀".encode(), ttl=3600, urgency="high", topic="news"))
    assert outcome == Outcome(7, Verdict.ACCEPTED, 201)
    (received,) = service.received
    assert browser.decrypt(received.body).decode() == "Привет 🚀"
    assert received.headers[":method"] == "POST"
    assert received.headers["ttl"] == "3600"
    assert received.headers["urgency"] == "high"
    assert received.headers["topic"] == "news"
    assert received.headers["content-encoding"] == "aes128gcm"
    assert received.headers["content-type"] == "application/octet-stream"
    token = received.headers["authorization"].removeprefix("vapid t=").split(",")[0]
    assert json.loads(vapid.decoded(token.split(".")[1]))["aud"] == f"https://{service.name}"


def test_many_go_over_one_connection_and_each_comes_once(service: PushService, fanout: Fanout, parcel: Make) -> None:
    outcomes = list(fanout.deliver(parcel(number, f"/push/{number}") for number in range(400)))
    assert sorted(outcome.id for outcome in outcomes) == list(range(400))
    assert {outcome.verdict for outcome in outcomes} == {Verdict.ACCEPTED}
    assert Counter(service.paths()) == Counter(f"/push/{number}" for number in range(400))
    first = service.connections
    list(fanout.deliver([parcel(1, "/push/again")]))
    assert service.connections == first <= 4


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (Answer(201), Verdict.ACCEPTED),
        (Answer(410), Verdict.GONE),
        (Answer(404, body=b"<html>"), Verdict.GONE),
        (Answer(400, body=b'{"reason":"VapidPkHashMismatch"}'), Verdict.MISMATCH),
        (Answer(403, body=b'{"reason":"BadJwtToken"}'), Verdict.STOP),
        (Answer(413), Verdict.TOO_LARGE),
        (Answer(400), Verdict.INVALID),
        (Answer(500), Verdict.LATER),
        (Answer(429, {"retry-after": "30"}), Verdict.LATER),
        (Answer(201, then="half", body=b"x" * 100), Verdict.ACCEPTED),
    ],
)
def test_each_answer_is_judged(
    service: PushService, fanout: Fanout, parcel: Make, answer: Answer, verdict: Verdict
) -> None:
    service.otherwise = answer
    assert one(fanout, parcel(1, "/push/a")).verdict is verdict


@pytest.mark.parametrize("then", ["hang", "close", "reset"])
@pytest.mark.parametrize("warm", [False, True], ids=["new connection", "used connection"])
def test_a_lost_answer_is_unknown_and_the_message_was_there_once(
    service: PushService, fanout: Fanout, parcel: Make, then: str, warm: bool
) -> None:
    # libcurl by itself would send again what got no answer on a connection that was used before.
    if warm:
        one(fanout, parcel(1, "/push/first"))
    service.answers["/push/a"] = Answer(then=then)
    assert one(fanout, parcel(2, "/push/a")).verdict is Verdict.UNKNOWN
    assert service.paths().count("/push/a") == 1


def test_a_refused_connection_is_certainly_not_sent(fanout: Fanout, parcel: Make, service: PushService) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        name = f"127.0.0.1:{free.getsockname()[1]}"
    settings = settings_with(endpoints=[name])
    closed = Fanout(settings, Keys(settings))
    outcome = one(closed, parcel(1, f"https://{name}/push/a"))
    closed.close()
    assert (outcome.verdict, outcome.status) == (Verdict.NOT_SENT, None)


def test_a_service_nobody_vouches_for_gets_nothing(service: PushService, parcel: Make) -> None:
    settings = settings_with(endpoints=[service.name])
    careful = Fanout(settings, Keys(settings))
    outcome = one(careful, parcel(1, "/push/a"))
    careful.close()
    assert outcome.verdict is Verdict.NOT_SENT
    assert "certificate" in outcome.reason
    assert service.received == []


def test_what_died_with_the_connection_is_told_apart_from_what_never_left(
    service: PushService, fanout: Fanout, parcel: Make
) -> None:
    service.answers["/push/0"] = Answer(then="close")
    outcomes = list(fanout.deliver(parcel(number, f"/push/{number}") for number in range(200)))
    came = Counter(service.paths())
    assert max(came.values()) == 1
    for outcome in outcomes:
        if outcome.verdict is Verdict.NOT_SENT:
            assert came[f"/push/{outcome.id}"] == 0
        else:
            assert outcome.verdict in (Verdict.ACCEPTED, Verdict.UNKNOWN)
    assert len(outcomes) == 200
    assert outcomes[0].verdict is Verdict.UNKNOWN or any(item.verdict is Verdict.UNKNOWN for item in outcomes)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_nobody_goes_there(
    service: PushService, fanout: Fanout, parcel: Make, status: int
) -> None:
    service.answers["/push/a"] = Answer(status, {"location": service.endpoint("/internal")})
    assert one(fanout, parcel(1, "/push/a")).verdict is Verdict.INVALID
    assert service.paths() == ["/push/a"]


def test_proxies_of_the_environment_are_not_asked(
    service: PushService, parcel: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.getsockname()[1]}")
        settings = settings_with(endpoints=[service.name], ca_file=authority())
        direct = Fanout(settings, Keys(settings))
        assert one(direct, parcel(1, "/push/a")).verdict is Verdict.ACCEPTED
        direct.close()
        proxy.setblocking(False)
        with pytest.raises(BlockingIOError):
            proxy.accept()


def test_an_answer_without_end_is_read_to_4_kilobytes(service: PushService, fanout: Fanout, parcel: Make) -> None:
    service.otherwise = Answer(400, body=b"x" * 60_000)
    outcome = one(fanout, parcel(1, "/push/a"))
    assert outcome.verdict is Verdict.INVALID
    assert outcome.status == 400
    assert len(outcome.reason) < 200


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1/x", "https://evil.example/x", "https://127.0.0.1:1/x"])
def test_an_endpoint_that_should_not_be_stored_is_not_posted_to(fanout: Fanout, parcel: Make, endpoint: str) -> None:
    outcome = one(fanout, parcel(1, endpoint))
    assert (outcome.verdict, outcome.status) == (Verdict.INVALID, None)


def test_a_known_name_that_points_inside_is_not_connected_to(parcel: Make, clock: Clock) -> None:
    # Rebinding: the name is on the list, and its answer is an address of ours.
    settings = settings_with()
    rebound = Fanout(settings, Keys(settings), resolve=lambda host: ["127.0.0.1"], monotonic=clock)
    outcomes = list(rebound.deliver(parcel(number, "https://web.push.apple.com/x") for number in range(3)))
    rebound.close()
    assert {outcome.verdict for outcome in outcomes} == {Verdict.NOT_SENT}
    assert all(outcome.retry_after and "loopback" in outcome.reason for outcome in outcomes)


def test_a_connection_goes_to_the_address_that_was_checked(service: PushService, parcel: Make) -> None:
    # A name that no resolver of any machine knows.
    name = f"push.invalid:{service.port}"
    settings = settings_with(endpoints=[name], ca_file=authority())
    pinned = Fanout(settings, Keys(settings), resolve=lambda host: ["127.0.0.1"])
    outcome = one(pinned, parcel(1, f"https://{name}/push/a"))
    pinned.close()
    assert outcome.verdict is Verdict.ACCEPTED


def test_what_is_for_a_service_that_wants_silence_comes_back_at_once(
    service: PushService, paced: Fanout, parcel: Make, clock: Clock
) -> None:
    service.otherwise = Answer(429, {"retry-after": "30"})
    assert one(paced, parcel(0, "/push/0")).retry_after == 30
    sent = len(service.received)
    outcomes = list(paced.deliver(parcel(number, f"/push/{number}") for number in range(1, 500)))
    assert {(outcome.verdict, outcome.retry_after) for outcome in outcomes} == {(Verdict.NOT_SENT, 30.0)}
    assert len(service.received) == sent
    clock.now += 30
    service.otherwise = Answer(201)
    assert one(paced, parcel(1, "/push/1")).verdict is Verdict.ACCEPTED


def test_silence_of_one_service_does_not_slow_another(service: PushService, parcel: Make, clock: Clock) -> None:
    settings = settings_with(endpoints=[service.name, f"localhost:{service.port}"], ca_file=authority())
    both = Fanout(settings, Keys(settings), monotonic=clock)
    both._pace(f"https://{service.name}").block(clock.now, 60, "429")
    other = f"https://localhost:{service.port}/push/"
    outcomes = list(
        both.deliver(parcel(number, f"/push/{number}" if number % 2 else f"{other}{number}") for number in range(100))
    )
    both.close()
    assert {item.id % 2: item.verdict for item in outcomes} == {1: Verdict.NOT_SENT, 0: Verdict.ACCEPTED}


def test_a_refused_key_stops_the_service_after_a_few_and_calls_a_person(
    service: PushService, paced: Fanout, parcel: Make, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    service.otherwise = Answer(403, body=b'{"reason":"BadJwtToken"}')
    found = [one(paced, parcel(number, f"/push/{number}")) for number in range(STOPS + 2)]
    assert [outcome.verdict for outcome in found] == [Verdict.STOP] * STOPS + [Verdict.NOT_SENT] * 2
    assert found[-1].retry_after == STOP_SECONDS
    assert len(service.received) == STOPS
    (line,) = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert "BadJwtToken" in line and KEY.id in line and "/push/" not in line
    clock.now += STOP_SECONDS
    service.otherwise = Answer(201)
    assert one(paced, parcel(9, "/push/9")).verdict is Verdict.ACCEPTED


def test_one_subscription_made_up_to_be_refused_silences_nobody(
    service: PushService, paced: Fanout, parcel: Make
) -> None:
    service.answers["/push/evil"] = Answer(401)
    for number in range(3 * STOPS):
        assert one(paced, parcel(1, "/push/evil")).verdict is Verdict.STOP
        assert one(paced, parcel(2, f"/push/{number}")).verdict is Verdict.ACCEPTED


def test_a_parcel_of_a_key_that_is_not_configured_waits(fanout: Fanout, parcel: Make) -> None:
    outcome = one(fanout, parcel(1, "/push/a", key_id="0" * 16))
    assert outcome.verdict is Verdict.NOT_SENT
    assert "not configured" in outcome.reason


def test_each_parcel_is_signed_with_the_key_of_its_subscription(service: PushService, parcel: Make) -> None:
    old = vapid.generate()
    settings = settings_with(
        vapid_previous_keys=[vapid.private_text(old)], endpoints=[service.name], ca_file=authority()
    )
    rotating = Fanout(settings, Keys(settings))
    list(rotating.deliver([parcel(1, "/push/old", key_id=old.id), parcel(2, "/push/new")]))
    rotating.close()
    signed = {item.path: item.headers["authorization"].partition("k=")[2] for item in service.received}
    assert signed == {"/push/old": old.public, "/push/new": KEY.public}


def test_a_body_that_is_too_large_is_not_posted(service: PushService, fanout: Fanout, parcel: Make) -> None:
    assert one(fanout, parcel(1, "/push/a", body=b"x" * 3994)).verdict is Verdict.TOO_LARGE
    assert service.received == []


def test_no_more_are_under_way_than_was_said(service: PushService, parcel: Make) -> None:
    settings = settings_with(endpoints=[service.name], ca_file=authority(), in_flight=3)
    slow = Fanout(settings, Keys(settings))
    found = verdicts(slow.deliver(parcel(number, f"/push/{number}") for number in range(60)))
    slow.close()
    assert found == {Verdict.ACCEPTED: 60}
    assert service.most_at_once <= 3


def test_a_service_without_http_2_is_posted_to_as_well(parcel: Make, browser: Browser) -> None:
    bodies = []

    class Service(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(201)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    issued = certificates.issue("127.0.0.1", issuer=certificates.root())
    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        server.socket = certificates.serving(issued).wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        name = f"127.0.0.1:{server.server_port}"
        settings = settings_with(endpoints=[name], ca_file=authority())
        older = Fanout(settings, Keys(settings))
        found = verdicts(older.deliver(parcel(number, f"https://{name}/push/{number}") for number in range(50)))
        older.close()
        server.shutdown()
    assert found == {Verdict.ACCEPTED: 50}
    assert {browser.decrypt(body) for body in bodies} == {b'{"web_push":8030}'}
    assert len(bodies) == 50


def test_another_thread_waits_for_its_turn(service: PushService, fanout: Fanout, parcel: Make) -> None:
    with ThreadPoolExecutor(2) as threads:
        jobs = [
            threads.submit(
                lambda part: verdicts(fanout.deliver(parcel(number, f"/{part}/{number}") for number in range(100))),
                part,
            )
            for part in "ab"
        ]
        assert [job.result(30) for job in jobs] == [{Verdict.ACCEPTED: 100}] * 2
    assert len(set(service.paths())) == len(service.paths()) == 200


def test_a_caller_that_stops_early_leaves_the_fanout_usable(service: PushService, fanout: Fanout, parcel: Make) -> None:
    delivering = fanout.deliver(parcel(number, f"/push/{number}") for number in range(500))
    list(islice(delivering, 5))
    delivering.close()
    assert one(fanout, parcel(1, "/push/after")).verdict is Verdict.ACCEPTED


def test_the_source_is_read_only_as_fast_as_it_can_be_sent(service: PushService, parcel: Make) -> None:
    settings = settings_with(endpoints=[service.name], ca_file=authority(), in_flight=4)
    slow = Fanout(settings, Keys(settings))
    taken = 0

    def source() -> Iterator[Parcel]:
        nonlocal taken
        for number in range(1000):
            taken += 1
            yield parcel(number, f"/push/{number}")

    delivering = slow.deliver(source())
    for done in range(1, 200):
        next(delivering)
        assert taken - done <= 2 * 16 + 32
    delivering.close()
    slow.close()


def test_nothing_secret_is_in_the_words_for_a_parcel(parcel: Make, browser: Browser) -> None:
    shown = repr(parcel(1, "/push/canary", body=b"canary"))
    assert "canary" not in shown
    assert vapid.encoded(browser.auth) not in shown


def test_a_missing_authority_is_named() -> None:
    settings = settings_with(ca_file="/nowhere/ca.pem")
    with pytest.raises(ConfigurationError, match="ca_file"):
        Fanout(settings, Keys(settings))


def resident() -> int:
    """Bytes of memory this process has, libcurl's included."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_memory_stays_flat_over_twenty_thousand_parcels(browser: Browser) -> None:
    with push_sink() as sink:
        settings = settings_with(endpoints=[sink.name], ca_file=sink.authority)
        fanout = Fanout(settings, Keys(settings))

        def parcels(count: int) -> Iterator[Parcel]:
            for number in range(count):
                endpoint = f"https://{sink.name}/push/{number}"
                yield Parcel(number, endpoint, browser.p256dh, browser.auth, KEY.id, b"x" * 1000, 60)

        sizes = []
        for outcome in fanout.deliver(parcels(20_000)):
            assert outcome.verdict is Verdict.ACCEPTED
            if outcome.id % 500 == 0:
                sizes.append(resident())
        fanout.close()
    # Handles and buffers are there after the first part; the bodies of the rest are 20 MB.
    assert max(sizes[12:]) - max(sizes[:12]) < 10_000_000
