"""The sweep over 16,000 loopback addresses, beside fping in the same run.

Prints wall, CPU and who answered: unpaced against `fping -i 0`, then three passes paced as on a real network with one
host in fifty dead. Runs with `python -m benchmarks.sweep`; the peer is left out where it is not installed. A dead host
on loopback is one whose requests are not sent: the kernel answers for every address of 127/8.
"""

import resource
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial

from adapters.health.errors import PingForbidden
from adapters.health.sweep.echo import IcmpSocket
from adapters.health.sweep.knock import knock
from adapters.health.sweep.pace import Pace
from adapters.health.sweep.rounds import Host, Round, sweep_round

HOSTS = 16_000
REPEATS = 3
DEAD_EVERY = 50
PACES = (5_000, 2_000, 445)


class PartlyDead(IcmpSocket):
    """Does not ask one host in fifty."""

    def __init__(self, family: socket.AddressFamily) -> None:
        super().__init__(family)
        self.dead = {host.address for host in FLEET[::DEAD_EVERY]}

    def send(self, address: str, payload: bytes, sequence: int) -> None:
        """Send, or not."""
        if address not in self.dead:
            super().send(address, payload, sequence)


FLEET = [Host(f"127.{1 + n // 62_500}.{n // 250 % 250}.{n % 250 + 1}") for n in range(HOSTS)]


def measured(work: Callable[[], object], who: int = resource.RUSAGE_SELF) -> tuple[float, float, object]:
    """Wall seconds, CPU seconds, and what the work gave."""
    before, started = resource.getrusage(who), time.perf_counter()
    result = work()
    took, after = time.perf_counter() - started, resource.getrusage(who)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, result


def line(name: str, runs: list[tuple[float, float, object]], note: str) -> float:
    """Print the best and the middle of some runs; the best wall time."""
    walls, cpus = [run[0] for run in runs], [run[1] for run in runs]
    middle = statistics.median(walls)
    print(f"{name:34} wall {min(walls):7.3f} s (middle {middle:7.3f})  CPU {min(cpus):6.3f} s  {note}")
    return min(walls)


def fping() -> tuple[float, float, object]:
    """The same addresses by fping."""
    text = "\n".join(host.address for host in FLEET)
    command = ["fping", "-a", "-i", "0", "-r", "0", "-t", "1000"]
    return measured(
        lambda: subprocess.run(command, input=text, capture_output=True, text=True, check=False).stdout.count("\n"),
        resource.RUSAGE_CHILDREN,
    )


def main() -> int:
    """Measure and print."""
    try:
        with_socket = IcmpSocket(socket.AF_INET)
    except PingForbidden:
        print("ping is not permitted here: nothing to measure", file=sys.stderr)
        return 1
    kind = "raw" if with_socket.raw else "unprivileged"
    with_socket.close()
    print(f"{HOSTS} addresses on loopback, {kind} socket, best of {REPEATS}")
    ours, peers = [], []
    for _ in range(REPEATS):
        # By turns, so that what else the machine does falls on both.
        ours.append(measured(lambda: sweep_round(FLEET, Pace(0, 0))))
        if shutil.which("fping"):
            peers.append(fping())
    best = line("sweep, unpaced", ours, f"silent {max(len(silent_of(run)) for run in ours)}")
    if peers:
        peer = line("fping -i 0 -r 0", peers, f"answered {min(int(str(run[2])) for run in peers)}")
        print(f"{'':34} ratio to fping {best / peer:.2f}")
    for per_second in PACES:
        run = measured(partial(sweep_round, FLEET, Pace(per_second, 0), open_echo=PartlyDead))
        expected = len(FLEET[::DEAD_EVERY])
        false = len(silent_of(run)) - expected
        line(f"three passes, {per_second}/s, 2 % dead", [run], f"false silent {false} of {HOSTS - expected}")
    doors = [(host.address, 9) for host in FLEET]
    run = measured(lambda: knock(doors, Pace(0, 0)))
    found = run[2]
    assert isinstance(found, dict)
    line("TCP connects, refused by all", [run], f"not alive {sum(not state.alive for state in found.values())}")
    return 0


def silent_of(run: tuple[float, float, object]) -> tuple[str, ...]:
    """Who was silent in a measured round."""
    assert isinstance(run[2], Round)
    return run[2].silent


if __name__ == "__main__":
    sys.exit(main())
