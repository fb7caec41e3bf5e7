"""Web push to many at once: encrypted, signed and posted over TLS to a service on loopback that accepts everything.

Peers of the same run: pywebpush as its README has it, pywebpush with a session, web-push of npm with many in flight.
Every sender has one core and a process of its own, the service has the other core; they take turns, and what is
compared are the medians of the ratios of each turn. The service only counts frames, and how busy it was is told.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.fanout_sender import BODY, IN_FLIGHT
from benchmarks.figures import Figure, main
from tests.doubles.push_sink import Sink, push_sink

TURNS = 3
AT_ONCE = {"naive": 60, "session": 200, "web-push": 400, "ours": 5000, "ours with their encoder": 3000}
SLOW = {"web-push": 600, "ours": 8000}
SLOW_SECONDS = 0.05
TIMES_NODE, TIMES_NAIVE, TIMES_ENCODER = 6.0, 30.0, 1.3
SLOW_RATE = 3000.0
WEB_PUSH = "web-push@3.6.7"
_ROOT = Path(__file__).resolve().parents[1]
# What was found best among 1, 8, 32 and 256: more wait for each other. A slow service is another matter.
_NODE_IN_FLIGHT = 32
_LIMIT_SECONDS = 300
Result = dict[str, float]


def measure() -> list[Figure]:
    """The figures of a service that answers at once, and of one that answers as far away ones do."""
    with _node() as node:
        with push_sink() as sink:
            fast, busy = _turns(sink, AT_ONCE, node, _NODE_IN_FLIGHT)
        with push_sink(SLOW_SECONDS) as sink:
            slow, _ = _turns(sink, SLOW, node, IN_FLIGHT)
    ours = statistics.median(turn["ours"]["rate"] for turn in fast)
    details = {
        "processor_microseconds": _median(fast, "ours", "microseconds"),
        "service_busy": busy,
        "turns": fast,
    }
    figures = []
    if node is not None:
        figures.append(
            Figure(
                "Fan-out to a service that answers at once, beside npm web-push",
                ours,
                "msg/s",
                {"npm web-push, 32 in flight": _median(fast, "web-push", "rate")},
                target_ratio=TIMES_NODE,
                at_most=False,
                paired={"npm web-push, 32 in flight": _ratio(fast, "web-push")},
            )
        )
    figures += [
        Figure(
            "the same, beside pywebpush",
            ours,
            "msg/s",
            {"pywebpush": _median(fast, "naive", "rate"), "pywebpush, session": _median(fast, "session", "rate")},
            target_ratio=TIMES_NAIVE,
            at_most=False,
            paired={"pywebpush": _ratio(fast, "naive"), "pywebpush, session": _ratio(fast, "session")},
            details=details,
        ),
        Figure(
            "the same, what the own encoder is worth",
            ours,
            "msg/s",
            {"bodies by pywebpush": _median(fast, "ours with their encoder", "rate")},
            target_ratio=TIMES_ENCODER,
            at_most=False,
            paired={"bodies by pywebpush": _ratio(fast, "ours with their encoder")},
        ),
        Figure(
            f"Fan-out to a service that answers after {SLOW_SECONDS * 1000:.0f} ms",
            _median(slow, "ours", "rate"),
            "msg/s",
            {"npm web-push, 256 in flight": _median(slow, "web-push", "rate")} if node is not None else {},
            target=SLOW_RATE,
            at_most=False,
            details={"turns": slow},
        ),
    ]
    return figures


def _turns(
    sink: Sink, counts: Mapping[str, int], node: Path | None, node_in_flight: int
) -> tuple[list[dict[str, Result]], float]:
    """What each sender did in each turn, and the part of its core the service used while ours sent."""
    _pin(sink.process, ours=False)
    turns: list[dict[str, Result]] = []
    busy = []
    for _ in range(TURNS):
        turn = {}
        for name, count in counts.items():
            before = sink.seconds()
            if name == "web-push":
                if node is None:
                    continue
                turn[name] = _run(["node", str(node / "sender.js"), sink.name, str(count), str(node_in_flight)], sink)
            else:
                command = [sys.executable, "-m", "benchmarks.fanout_sender", name, str(count), sink.name]
                turn[name] = _run(command, sink)
            if turn[name]["sent"] != count:
                raise RuntimeError(f"{name}: only {turn[name]['sent']:.0f} of {count} arrived")
            if name == "ours":
                busy.append((sink.seconds() - before) / (count / turn[name]["rate"]))
        turns.append(turn)
    return turns, statistics.median(busy)


def _run(command: list[str], sink: Sink) -> Result:
    if command[0] == "node":
        command = [*command, BODY.decode()]
    trust = {"REQUESTS_CA_BUNDLE": sink.authority, "NODE_EXTRA_CA_CERTS": sink.authority}
    environment = {**os.environ, "PYTHONPATH": str(_ROOT), **trust}
    done = subprocess.run(
        command,
        cwd=_ROOT,
        env=environment,
        preexec_fn=_pin_self,
        capture_output=True,
        text=True,
        timeout=_LIMIT_SECONDS,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{command[:4]} failed: {done.stderr[-500:]}")
    result: Result = json.loads(done.stdout)
    return result


def _pin_self() -> None:
    _pin(0, ours=True)


def _pin(process: int, *, ours: bool) -> None:
    """Senders have the first core there is, the service the others."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(process, cores[:1] if ours else cores[1:])


def _median(turns: list[dict[str, Result]], name: str, what: str) -> float:
    return statistics.median(turn[name][what] for turn in turns)


def _ratio(turns: list[dict[str, Result]], name: str) -> float:
    return statistics.median(turn["ours"]["rate"] / turn[name]["rate"] for turn in turns)


@contextmanager
def _node() -> Iterator[Path | None]:
    """A folder with web-push and our script in it; None, said so, where node or the registry is not there."""
    with tempfile.TemporaryDirectory(prefix="deskside-web-push-") as folder:
        found = None
        if shutil.which("node") and shutil.which("npm"):
            command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, WEB_PUSH]
            if subprocess.run(command, capture_output=True, timeout=_LIMIT_SECONDS, check=False).returncode == 0:
                shutil.copy(Path(__file__).with_name("fanout_node.js"), Path(folder, "sender.js"))
                found = Path(folder)
        if found is None:
            print(f"{WEB_PUSH} cannot be installed here and is not measured", file=sys.stderr)
        yield found


if __name__ == "__main__":
    main("Fan-out of web push", measure)
