"""The receiver: signed deliveries over HTTP into the real server process, on SQLite and on PostgreSQL.

Open load of 200 a second for ten seconds, while a worker settles what comes: latency from when each was due. Then as
many as 16 connections can carry, in turns with the raw commit rate of the same database on the same disk.
"""

import importlib.util
import itertools
import statistics
from dataclasses import asdict, dataclass

from benchmarks import commits
from benchmarks.figures import Figure, main
from benchmarks.load import Outcome, Plan, send
from benchmarks.running import SECRET, Running, Store, server, stores

RATE = 200
OPEN_SECONDS = 10.0
FULL_SECONDS = 4.0
RAW_SECONDS = 2.0
CONNECTIONS = 16
ROUNDS = 3
_GRANIAN = (
    *("python", "-m", "granian", "--interface", "wsgi", "--factory", "benchmarks.granian_app:{make}"),
    *("--host", "127.0.0.1", "--port", "{port}", "--workers", "1", "--blocking-threads", "16", "--log-level", "error"),
)
_names = (f"load{number}" for number in itertools.count())


@dataclass(frozen=True, slots=True)
class Rates:
    """Accepted deliveries, and the raw commits, each a second; medians over the rounds."""

    accepted: float
    one_thread: float
    sixteen_threads: float
    outcomes: tuple[Outcome, ...]


def measure() -> list[Figure]:
    """All figures of the receiver."""
    figures: list[Figure] = []
    with stores() as kinds:
        for kind, store in kinds.items():
            figures += _variant(f"{kind}, serve", store, "serve")
            if kind == "PostgreSQL":
                figures += _variant(f"{kind}, web", store, "web")
            if importlib.util.find_spec("granian"):
                command = [part.replace("{make}", "serve") for part in _GRANIAN]
                figures += _variant(f"{kind}, serve under granian", store, *command)
    return figures


def _variant(label: str, store: Store, *command: str) -> list[Figure]:
    worked = command != ("web",)
    raw_url = store.make("raw")
    with server(store.make("deskside"), *command) as running:
        send(_plan(running, 1.0, rate=100))
        opened = send(_plan(running, OPEN_SECONDS, connections=32, rate=RATE))
        bare = send(_plan(running, RAW_SECONDS, connections=CONNECTIONS, method="GET", path="/healthz"))
        rates = _rates(running, raw_url, worked=worked)
    beside = "while jobs are worked" if worked else "no worker beside"
    return [
        Figure(
            f"{label}: p99 at {RATE}/s, {beside}",
            opened.p99_ms,
            "ms",
            target=50,
            details=asdict(opened),
        ),
        Figure(
            f"{label}: accepted at {CONNECTIONS} connections",
            rates.accepted,
            "/s",
            {
                "1 thread, 1 row a commit": rates.one_thread,
                "16 threads, 1 row a commit": rates.sixteen_threads,
                "GET /healthz of the same server": bare.rate,
            },
            target_ratio=0.6,
            at_most=False,
            details={"rounds": [asdict(outcome) for outcome in rates.outcomes]},
        ),
    ]


def _rates(running: Running, raw_url: str, *, worked: bool) -> Rates:
    """In turns, because a machine is not equally fast all the time."""
    one, sixteen, accepted = [], [], []
    for _ in range(ROUNDS):
        if worked:
            running.drain()
        one.append(commits.rate(raw_url, 1, RAW_SECONDS))
        sixteen.append(commits.rate(raw_url, 16, RAW_SECONDS))
        accepted.append(send(_plan(running, FULL_SECONDS, connections=CONNECTIONS)))
    return Rates(
        statistics.median(outcome.rate for outcome in accepted),
        statistics.median(one),
        statistics.median(sixteen),
        tuple(accepted),
    )


def _plan(running: Running, seconds: float, **more: object) -> Plan:
    return Plan(running.port, SECRET, next(_names), seconds, **more)  # type: ignore[arg-type]


if __name__ == "__main__":
    main("Receiver", measure)
