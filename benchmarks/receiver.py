"""The receiver: signed deliveries over HTTP into the real server process, on SQLite and on PostgreSQL.

An open load of 200 a second for ten seconds: latency from when each was due. Then as many as 16 connections carry, in
turns with the raw commit rate of the same database on the same disk, because no machine is equally fast all the time.
"""

import importlib.util
import itertools
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from benchmarks import commits
from benchmarks.figures import Figure, main
from benchmarks.load import Outcome, Plan, send
from benchmarks.running import SECRET, Running, Store, server, stores

RATE = 200
OPEN_SECONDS = 5.0
FULL_SECONDS = 2.0
RAW_SECONDS = 1.0
CONNECTIONS = 16
ROUNDS = 3
SERVE = ("serve",)
WEB = ("web",)
ALONE = ("python", "-m", "benchmarks.server_alone")
GRANIAN = (
    *("python", "-m", "granian", "--interface", "wsgi", "--factory", "benchmarks.granian_app:alone"),
    *("--host", "127.0.0.1", "--port", "{port}", "--workers", "1", "--blocking-threads", "16", "--log-level", "error"),
)
_names = (f"load{number}" for number in itertools.count())


@dataclass(frozen=True, slots=True)
class Variant:
    """A server to measure. `worked` says whether a worker settles in the same process what comes."""

    name: str
    command: Sequence[str]
    worked: bool = False


def variants(kind: str) -> list[Variant]:
    """The servers to measure on this kind of database."""
    found = [Variant("serve, a worker beside", SERVE, worked=True)]
    found.append(Variant("web, 2 processes", WEB) if kind == "PostgreSQL" else Variant("receiver alone", ALONE))
    if importlib.util.find_spec("granian"):
        found.append(Variant("receiver alone, under granian", GRANIAN))
    return found


def measure() -> list[Figure]:
    """All figures of the receiver."""
    with stores() as kinds:
        return [
            figure
            for kind, store in kinds.items()
            for variant in variants(kind)
            for figure in measure_variant(kind, store, variant)
        ]


def measure_variant(kind: str, store: Store, variant: Variant) -> list[Figure]:
    """Latency at a fixed rate, and what can be accepted at most."""
    raw_url = store.make("raw")
    with server(store.make("deskside"), *variant.command) as running:
        send(_plan(running, 1.0, rate=100))
        opened = send(_plan(running, OPEN_SECONDS, connections=32, rate=RATE))
        turns = [_turn(running, raw_url, worked=variant.worked) for _ in range(ROUNDS)]
    accepted = [outcome for outcome, _ in turns]
    return [
        Figure(
            f"{kind}, {variant.name}: p99 at {RATE}/s",
            opened.p99_ms if not opened.refused + opened.unanswered else float("inf"),
            "ms",
            target=50,
            details=asdict(opened),
        ),
        Figure(
            f"{kind}, {variant.name}: accepted at {CONNECTIONS} connections",
            statistics.median(outcome.rate for outcome in accepted),
            "/s",
            {name: statistics.median(peers[name] for _, peers in turns) for name in turns[0][1]},
            target_ratio=0.6,
            at_most=False,
            paired={
                name: statistics.median(outcome.rate / peers[name] for outcome, peers in turns) for name in turns[0][1]
            },
            details={"rounds": [asdict(outcome) for outcome in accepted]},
        ),
    ]


def _turn(running: Running, raw_url: str, *, worked: bool) -> tuple[Outcome, Mapping[str, float]]:
    """What was accepted, and directly before and after it, what the peers did in a second."""
    if worked:
        running.drain()
    one = commits.rate(raw_url, 1, RAW_SECONDS)
    accepted = send(_plan(running, FULL_SECONDS, connections=CONNECTIONS))
    if worked:
        running.drain()
    sixteen = commits.rate(raw_url, 16, RAW_SECONDS)
    bare = send(_plan(running, RAW_SECONDS, connections=CONNECTIONS, method="GET", path="/healthz"))
    return accepted, {"1 thread, 1 row a commit": one, "16 threads, 1 row a commit": sixteen, "GET /healthz": bare.rate}


def _plan(running: Running, seconds: float, **more: object) -> Plan:
    return Plan(running.port, SECRET, next(_names), seconds, **more)  # type: ignore[arg-type]


if __name__ == "__main__":
    main("Receiver", measure)
