"""One ticket's examination with every installed probe: a healthy server, and whatever tries to outlast the deadline.

Runs in a network namespace of its own, where a network without anybody behind it swallows every packet as a dead host
does. The peer is the same probes run one after another in the same run. Then 200 tickets, half of them about dead
servers, through as many threads as there are places.
"""

import contextlib
import fcntl
import json
import os
import socket
import statistics
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace

from adapters.health.examiner import Examiner
from adapters.health.settings import LIMITS, Endpoint, HealthSettings
from benchmarks.figures import Figure, main, percentile
from deskside import app, settings
from deskside.model.health import HealthReport, Word
from deskside.model.service import Target
from deskside.ports import Probe
from tests.doubles import servers
from tests.doubles.names import NameServer, name_server, soa

DEADLINE_SECONDS = 2.0
NEAR_SECONDS = 0.1
ROUNDS = 5
TICKETS = 200
PLACES = 20
NAME, SLOW, WEB = "srv1.bench.example", "127.0.9.9", 8080
_INSIDE = "--inside"
# RFC 2544's network for measurements.
_HOLE = "198.18"
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
_SIOCSIFADDR, _SIOCSIFFLAGS, _SIOCSIFNETMASK = 0x8916, 0x8914, 0x891C
_IFF_UP, _IFF_RUNNING = 0x1, 0x40
# Every limit lies behind the deadline: only the deadline itself can end it.
_ENDLESS = {name: 60.0 if name.endswith("_seconds") else value for name, value in LIMITS.items()} | {
    "icmp_gap_seconds": LIMITS["icmp_gap_seconds"]
}


def measure() -> list[Figure]:
    """All figures; empty where a namespace is not permitted."""
    command = ["unshare", "--user", "--map-root-user", "--net", sys.executable, "-m", "benchmarks.examination", _INSIDE]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False, timeout=600)
    if done.returncode:
        print("network namespaces are not permitted here: the examination is not measured", file=sys.stderr)
        return []
    return [Figure(**values) for values in json.loads(done.stdout)]


def _measure_inside() -> list[Figure]:
    probes = _installed()
    with contextlib.ExitStack() as stack:
        stack.enter_context(_black_hole())
        # On the usual port, because the zone's own servers are asked there too.
        names = stack.enter_context(name_server(_records(), port=53, authoritative=True))
        stack.enter_context(servers.tcp_server(servers.answering(servers.page()), "0.0.0.0", port=WEB))
        usual = HealthSettings(
            deadline_seconds=10.0,
            allow_networks=("127.0.0.0/8", f"{_HOLE}.0.0/16"),
            nameservers=(Endpoint(names.address, names.port),),
            vantage="bench",
            concurrent=PLACES,
            share_seconds=0,
        )
        bound = replace(usual, deadline_seconds=DEADLINE_SECONDS, limits=_ENDLESS)
        figures = [_healthy(probes, usual)]
        hole = Target("bench", None, f"{_HOLE}.0.7", (22, 80, 443), "")
        named = replace(hole, host=NAME)
        figures.append(_held("black hole", probes, bound, hole))
        figures += _with_a_dead_resolver(names, probes, bound, named)
        figures += _together(probes, usual)
    return figures


def _healthy(probes: list[Probe], chosen: HealthSettings) -> Figure:
    target = Target("bench", NAME, "127.0.0.1", (WEB,), "")
    together, apart = [], []
    for _ in range(ROUNDS):
        seconds, report = _timed(probes, chosen, target)
        assert report.word is Word.OK, report.headline
        together.append(seconds)
        apart.append(_one_after_another(probes, chosen, target))
    peers = {"the same probes one after another": statistics.median(apart)}
    details = {"probes": [probe.name for probe in probes]}
    return Figure("one ticket, healthy server, all probes", statistics.median(together), "s", peers, details=details)


def _held(what: str, probes: list[Probe], chosen: HealthSettings, target: Target) -> Figure:
    took = [_timed(probes, chosen, target)[0] for _ in range(3)]
    farthest = max(took, key=lambda seconds: abs(seconds - DEADLINE_SECONDS))
    return Figure(
        f"{what}: the answer farthest from the deadline of {DEADLINE_SECONDS:.0f} s",
        farthest,
        "s",
        {"the same probes one after another": _one_after_another(probes, chosen, target)},
        target=DEADLINE_SECONDS + NEAR_SECONDS,
        details={"took": took, "within": abs(farthest - DEADLINE_SECONDS) <= NEAR_SECONDS},
    )


def _with_a_dead_resolver(
    names: NameServer, probes: list[Probe], chosen: HealthSettings, target: Target
) -> Iterator[Figure]:
    names.mute = True
    try:
        yield _held("black hole and a dead resolver", probes, chosen, target)
        with servers.tcp_server(servers.dripping, SLOW, port=80), servers.tcp_server(servers.silent, SLOW, port=443):
            slow = replace(target, address=SLOW, ports=(80, 443))
            yield _held("a server of one byte at a time, and a dead resolver", probes, chosen, slow)
    finally:
        names.mute = False


def _together(probes: list[Probe], chosen: HealthSettings) -> list[Figure]:
    live = [Target(f"live{n}", NAME, f"127.1.{n // 200}.{n % 200 + 1}", (WEB,), "") for n in range(TICKETS // 2)]
    dead = [Target(f"dead{n}", NAME, f"{_HOLE}.{n // 200}.{n % 200 + 1}", (22, 80), "") for n in range(TICKETS // 2)]
    mixed = [target for pair in zip(live, dead, strict=True) for target in pair]
    examiner = Examiner(chosen, probes)
    started = time.perf_counter()
    with ThreadPoolExecutor(PLACES) as pool:
        reports = list(pool.map(examiner.examine, mixed))
    took = time.perf_counter() - started
    examiner.close()
    right = {"live": Word.OK, "dead": Word.DOWN}
    wrong = [report.headline for report in reports if report.word is not right[report.target.service[:4]]]
    lived = [report.took_ms / 1000 for report in reports if report.target.service.startswith("live")]
    sample = sum(_timed(probes, chosen, target)[0] for target in mixed[:4]) / 4 * TICKETS
    details = {"live p50": percentile(lived, 50), "live max": max(lived), "wrong": wrong[:5]}
    return [
        Figure(
            f"{TICKETS} tickets at once, half of them dead: wrong verdicts", len(wrong), "", target=0, details=details
        ),
        Figure(
            f"{TICKETS} tickets at once: until the last answer",
            took,
            "s",
            {"one after another (from 4 of them)": sample},
        ),
    ]


def _timed(probes: list[Probe], chosen: HealthSettings, target: Target) -> tuple[float, HealthReport]:
    examiner = Examiner(chosen, probes)
    try:
        started = time.perf_counter()
        report = examiner.examine(target, fresh=True)
        return time.perf_counter() - started, report
    finally:
        examiner.close()


def _one_after_another(probes: list[Probe], chosen: HealthSettings, target: Target) -> float:
    return sum(_timed([probe], chosen, target)[0] for probe in probes)


def _installed() -> list[Probe]:
    """Every installed probe, configured as on a fresh machine."""
    examiner = app.examiner(settings.load(environment={}))
    return list(examiner.probes)


def _records() -> dict[tuple[str, str], tuple[int, tuple[str, ...]]]:
    return {
        (NAME, "A"): (300, ("127.0.0.1",)),
        ("bench.example", "SOA"): (300, (soa(1),)),
        ("bench.example", "NS"): (300, ("ns1.bench.example.",)),
        ("ns1.bench.example", "A"): (300, ("127.0.0.1",)),
    }


@contextlib.contextmanager
def _black_hole() -> Iterator[None]:
    """Loopback, and a network whose packets go to a device that nobody reads."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        _up(sock, b"lo")
        device = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH14x", b"hole", _IFF_TUN | _IFF_NO_PI))
        for request, address in ((_SIOCSIFADDR, f"{_HOLE}.255.254"), (_SIOCSIFNETMASK, "255.255.0.0")):
            fcntl.ioctl(sock, request, struct.pack("16sHH4s8x", b"hole", socket.AF_INET, 0, socket.inet_aton(address)))
        _up(sock, b"hole")
    try:
        yield
    finally:
        os.close(device)


def _up(sock: socket.socket, name: bytes) -> None:
    fcntl.ioctl(sock, _SIOCSIFFLAGS, struct.pack("16sh14x", name, _IFF_UP | _IFF_RUNNING))


if __name__ == "__main__":
    if _INSIDE in sys.argv:
        print(json.dumps([asdict(figure) for figure in _measure_inside()]))
    else:
        main("Examination", measure)
