"""One examination: the guard before any packet, all probes at once, an answer by the deadline whatever happens."""

import asyncio
import socket
import time
from pathlib import Path

import pytest

from adapters.health import dns, http, icmp, tcp, tls
from adapters.health.errors import NoSuchName, ResolverTimeout
from adapters.health.examine import choose_address, examine
from adapters.health.resolver import StubResolver
from adapters.health.settings import LIMITS, Endpoint, HealthSettings
from deskside.model.health import HealthReport, Sign, Word
from deskside.model.service import Target
from deskside.ports import Probe
from tests.adapters.health.looking import run, target
from tests.adapters.health.network_namespace import run_inside
from tests.adapters.health.stand_ins import KnownNames, StandIn, saw, silent
from tests.doubles import servers
from tests.doubles.names import name_server

ALIVE = saw("tcp", Word.OK, Sign.ALIVE)
BUILT_IN: list[Probe] = [icmp.probe, tcp.probe, http.probe, tls.probe, dns.probe]


def settings(**more: object) -> HealthSettings:
    return HealthSettings(**{"allow_networks": ("127.0.0.0/8",), "vantage": "FRA", **more})  # type: ignore[arg-type]


def report(at: Target, *probes: Probe, names: object = None, **more: object) -> HealthReport:
    resolver = KnownNames(names) if isinstance(names, dict) else None
    return run(examine(at, probes, settings(**more), resolver=resolver))


def test_all_probes_run_and_the_verdict_is_over_all_of_them() -> None:
    probes = [StandIn("icmp", silent("icmp")), StandIn("tcp", silent("tcp"))]
    result = report(target(), *probes)
    assert (result.word, result.address, result.vantage) == (Word.DOWN, "127.0.0.1", "FRA")
    assert [finding.kind for finding in result.findings] == ["icmp", "tcp"]


def test_probes_run_at_the_same_time() -> None:
    meeting = asyncio.Barrier(3)
    probes = [StandIn(kind, ALIVE, meeting.wait) for kind in ("a", "b", "c")]
    assert report(target(), *probes).word is Word.OK


def test_a_probe_that_raises_is_an_unknown_finding_and_harms_nobody() -> None:
    async def fault() -> None:
        raise ZeroDivisionError("a secret")

    result = report(target(), StandIn("x", behaviour=fault), StandIn("tcp", ALIVE))
    assert result.word is Word.OK
    assert result.findings[0].details == {"code": "fault", "error": "ZeroDivisionError"}
    assert "secret" not in str(result)


def test_what_is_not_done_by_the_deadline_is_cancelled_and_told() -> None:
    cancelled = []

    async def forever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.append(True)

    result = report(target(), StandIn("x", behaviour=forever), StandIn("tcp", ALIVE), deadline_seconds=0.3)
    assert result.findings[0].details["code"] == "deadline"
    assert result.findings[1] is not None
    assert (result.word, cancelled) == (Word.OK, [True])


@pytest.mark.timeout(20)
def test_a_probe_that_refuses_to_be_cancelled_is_left_behind() -> None:
    async def stubborn() -> None:
        for _ in range(3):
            try:
                await asyncio.sleep(1)
            except asyncio.CancelledError:
                continue

    async def timed() -> float:
        started = time.monotonic()
        await examine(target(), [StandIn("x", behaviour=stubborn)], settings(deadline_seconds=0.3))
        return time.monotonic() - started

    # It would take 2 s or more if it were waited for.
    assert run(timed()) < 1.5


@pytest.mark.parametrize(
    ("at", "names"),
    [
        (target(None, "10.0.0.1"), {}),
        (target(None, "127.1"), {}),
        (target("srv1.example", "10.0.0.1"), {"srv1.example": ("127.0.0.1",)}),
        (target("srv1.example", None), {"srv1.example": ("127.0.0.1", "169.254.169.254")}),
        (target("srv1.example", "127.0.0.1"), {"srv1.example": ("fe80::1", "127.0.0.1")}),
        (target("10.0.0.1", None), {}),
        (target("::ffff:10.0.0.1", None), {}),
    ],
)
def test_any_forbidden_address_stops_everything_before_the_first_packet(at: Target, names: dict[str, object]) -> None:
    stand_in = StandIn("tcp", ALIVE)
    result = report(at, stand_in, names=names)
    assert stand_in.looks == []
    assert (result.word, result.address) == (Word.UNKNOWN, None)
    (finding,) = result.findings
    assert finding.details["code"] == "forbidden"


def test_a_mapped_address_is_looked_at_as_the_ipv4_one_it_is() -> None:
    stand_in = StandIn("tcp", ALIVE)
    report(target(None, "::ffff:127.0.0.1"), stand_in)
    assert stand_in.looks[0].address == "127.0.0.1"


def test_a_name_is_resolved_once_for_all_probes() -> None:
    resolver = KnownNames({"srv1.example": ("127.0.0.5",)})
    asking = StandIn("a", ALIVE)

    async def both() -> HealthReport:
        return await examine(target("SRV1.Example.", None), [asking, dns.probe], settings(), resolver=resolver)

    resolver.zone = _no_zone  # type: ignore[method-assign]
    result = run(both())
    assert resolver.asked == ["srv1.example"]
    assert result.address == asking.looks[0].address == "127.0.0.5"


async def _no_zone(host: str) -> None:
    return None


def test_the_inventorys_address_is_looked_at_when_dns_says_another() -> None:
    stand_in = StandIn("tcp", ALIVE)
    result = report(target("srv1.example", "127.0.0.9"), stand_in, names={"srv1.example": ("127.0.0.5",)})
    assert result.address == "127.0.0.9"
    assert stand_in.looks[0].addresses == ("127.0.0.5",)


def test_an_address_that_both_know_is_preferred() -> None:
    at = target("srv1.example", "192.0.2.1", addresses=("192.0.2.1", "192.0.2.2"))
    assert choose_address(at, ("198.51.100.1", "192.0.2.2")) == "192.0.2.2"
    assert choose_address(target("srv1.example", None), ()) is None


def test_a_missing_name_is_told_even_without_the_dns_probe() -> None:
    result = report(target("srv1.example", None), names={"srv1.example": NoSuchName("no")})
    assert (result.word, result.findings[0].details["code"]) == (Word.UNKNOWN, "nxdomain")


def test_a_mute_resolver_does_not_keep_us_from_the_address_of_the_inventory() -> None:
    at = target("srv1.example", "127.0.0.1")
    result = report(at, StandIn("tcp", ALIVE), names={"srv1.example": ResolverTimeout("late")})
    assert result.word is Word.OK
    assert result.findings[-1].details["code"] == "timeout"


def test_only_the_probes_that_are_switched_on_run() -> None:
    result = report(target(), StandIn("a", ALIVE), StandIn("b", silent("b")), probes=("a",))
    assert [finding.kind for finding in result.findings] == ["tcp"]


def test_silent_anchors_make_a_dead_target_unknown_since_it_may_be_us() -> None:
    dead = [StandIn("icmp", silent("icmp")), StandIn("tcp", silent("tcp"))]
    limits = {**LIMITS, "icmp_packets": 0, "tcp_seconds": 0.3}
    with servers.full_backlog() as mute:
        result = report(target(), *dead, anchors=(Endpoint("127.0.0.1", mute),), limits=limits)
        assert (result.word, result.findings[-1].details["code"]) == (Word.UNKNOWN, "our_side")
        assert "our side?" in result.headline
        both = (Endpoint("127.0.0.1", mute), Endpoint("127.0.0.1", servers.closed_port()))
        assert report(target(), *dead, anchors=both, limits=limits).word is Word.DOWN


def test_silent_anchors_do_not_matter_while_the_target_lives() -> None:
    with servers.full_backlog() as mute:
        result = report(target(), StandIn("tcp", ALIVE), anchors=(Endpoint("127.0.0.1", mute),))
    assert result.word is Word.OK


def test_with_every_host_alive_none_is_called_down() -> None:
    async def sweep(port: int) -> list[HealthReport]:
        limits = {**LIMITS, "icmp_gap_seconds": 0.02}
        hosts = [f"127.1.{number // 100}.{number % 100 + 1}" for number in range(300)]
        one = asyncio.Semaphore(50)

        async def guarded(host: str) -> HealthReport:
            async with one:
                return await examine(target(None, host, (port,)), BUILT_IN, settings(limits=limits))

        tasks = [asyncio.create_task(guarded(host)) for host in hosts]
        await asyncio.wait(tasks)
        return [task.result() for task in tasks]

    with servers.tcp_server(servers.silent, "0.0.0.0") as port:
        words = [result.word for result in run(sweep(port))]
    assert words == [Word.OK] * 300


@pytest.mark.timeout(30)
@pytest.mark.parametrize("handler", [servers.silent, servers.dripping, servers.hanging])
def test_the_deadline_holds_against_dead_resolvers_and_dripping_servers(
    handler: servers.Handler, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def timed(mute: int, port: int) -> HealthReport:
        resolver = StubResolver([Endpoint("127.0.0.1", mute)], 30)
        at = target("srv1.example", "127.0.0.1", (port,))
        # Every limit of every probe is longer than the deadline: only the deadline itself can end it.
        limits = {key: 30.0 if key.endswith("_seconds") else value for key, value in LIMITS.items()}
        more = settings(deadline_seconds=1.0, limits={**limits, "icmp_gap_seconds": 0.01})
        return await examine(at, BUILT_IN, more, resolver=resolver)

    with name_server({}) as names, servers.tcp_server(handler) as port:
        names.mute = True
        monkeypatch.setattr(http, "WEB_PORTS", {port: False})
        monkeypatch.setattr(tls, "TLS_PORTS", (port,))
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_: pytest.fail("getaddrinfo was called"))
        result = run(timed(names.port, port))
    # Half a minute was allowed to each of them.
    assert result.took_ms < 5_000
    assert result.word is not Word.DOWN
    late = {finding.kind for finding in result.findings if finding.details["code"] == "deadline"}
    assert {"http", "tls"} <= late


def test_a_dead_host_is_down_and_a_host_that_only_filters_ping_is_not() -> None:
    """In a network of its own, where the kernel can be told to ignore pings; a full queue stands for a dead port.

    Both kinds of ping socket are tried there too: raw first, and the unprivileged one once it is permitted.
    """
    lines = run_inside(Path(__file__).with_name("dead_host.py"))
    assert lines == ["raw 3", "datagram 3", "dead down", "filtered ok", "anchored unknown"]
