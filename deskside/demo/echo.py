"""Ping for the demonstration: on loopback the real one tells nothing.

The kernel answers an ICMP echo for every address in 127.0.0.0/8, whether anything runs there or not, and many
machines let nobody ping without privileges. So the demonstration's servers answer UDP echo (RFC 862) on a high port,
its dead ones receive and stay silent, and this probe asks them in the place of the probe `icmp`. What it finds was
measured; only the protocol is another.
"""

import asyncio
import secrets
import socket
import time
from collections.abc import Sequence

from deskside.model.health import Finding, Sign, Word
from deskside.model.service import Target
from deskside.ports import Surroundings

PACKETS = 3
GAP_SECONDS = 0.1


class EchoProbe:
    """Stands in for `icmp` where the targets are `deskside.demo.servers`; `port` is their echo port."""

    name = "icmp"
    kind = "icmp"

    def __init__(self, port: int) -> None:
        self.port = port

    def applies(self, target: Target) -> bool:
        """Always."""
        return True

    async def look(self, target: Target, surroundings: Surroundings) -> Sequence[Finding]:
        """One finding, with the details of the probe `icmp`: `code` answered, silent or no_route."""
        if surroundings.address is None:
            return ()
        wait = surroundings.limits.get("icmp_wait_seconds", 2.0)
        try:
            times = await asyncio.gather(
                *(echo(surroundings.address, self.port, wait, delay=n * GAP_SECONDS) for n in range(PACKETS))
            )
        except OSError:
            # Nothing at all listens on the echo port, so nothing can be said.
            summary = "no echo request could be sent from here"
            return (Finding(self.name, self.kind, Word.UNKNOWN, Sign.NOTHING, summary, {"code": "no_route"}),)
        return (judge([took for took in times if took is not None]),)


def judge(times_ms: Sequence[float]) -> Finding:
    """The finding over the answers that came, in milliseconds."""
    got = len(times_ms)
    details: dict[str, object] = {"sent": PACKETS, "got": got}
    if not got:
        summary = f"no answer to ping (0 of {PACKETS})"
        return Finding("icmp", "icmp", Word.UNKNOWN, Sign.SILENT, summary, {"code": "silent", **details})
    mean = sum(times_ms) / got
    details["loss_percent"] = round(100 * (PACKETS - got) / PACKETS, 1)
    details["rtt_ms"] = {"min": round(min(times_ms), 3), "avg": round(mean, 3), "max": round(max(times_ms), 3)}
    summary = f"ping answers ({got} of {PACKETS}, {mean:.1f} ms on average)"
    return Finding("icmp", "icmp", Word.OK, Sign.ALIVE, summary, {"code": "answered", **details})


class EchoSocket:
    """The same for the sweep of the whole fleet: one UDP socket in the place of the ping socket."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.setblocking(False)

    def send(self, address: str, payload: bytes, sequence: int) -> None:
        """Send one payload. Raises OSError."""
        self._sock.sendto(payload, (address, self._port))

    def receive(self) -> tuple[str, bytes, int | None] | None:
        """The next answer: from where, and its payload; None when there is none."""
        try:
            data, (address, _port) = self._sock.recvfrom(256)
        except OSError:
            return None
        return address, data, None

    def drops(self) -> int:
        """None that matter here."""
        return 0

    def fileno(self) -> int:
        """The descriptor."""
        return self._sock.fileno()

    def close(self) -> None:
        """Close the socket."""
        self._sock.close()


async def echo(address: str, port: int, wait: float, delay: float = 0.0) -> float | None:
    """Milliseconds until one echo came back, or None after `wait` seconds. Raises OSError when it is refused."""
    await asyncio.sleep(delay)
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        sock.connect((address, port))
        payload = secrets.token_bytes(16)
        started = time.perf_counter()
        try:
            async with asyncio.timeout(wait):
                await loop.sock_sendall(sock, payload)
                while await loop.sock_recv(sock, 64) != payload:
                    continue
        except TimeoutError:
            return None
        return (time.perf_counter() - started) * 1000
