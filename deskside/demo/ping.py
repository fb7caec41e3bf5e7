"""Ping for a world on loopback.

The kernel answers ICMP for every address of 127/8, so on loopback no server can be silent to a real ping. The
demonstration and the tests therefore ping by UDP echo: a living server of theirs runs an `EchoServer`, a dead one has
a port that is bound and says nothing. The finding is what the ICMP probe would report.
"""

import asyncio
import socket
import threading
import time
from collections.abc import Sequence

from deskside.model.health import Finding, Sign, Word
from deskside.model.service import Target
from deskside.ports import Surroundings

PACKETS = 4
GAP_SECONDS = 0.05
WAIT_SECONDS = 1.0
_STOP = b"stop"


class LoopbackPing:
    """A `ports.Probe` that stands in for the ICMP probe; `port` is where every server of this world echoes."""

    name = "icmp"
    kind = "icmp"

    def __init__(self, port: int) -> None:
        self.port = port

    def applies(self, target: Target) -> bool:
        """Always."""
        return True

    async def look(self, target: Target, surroundings: Surroundings) -> Sequence[Finding]:
        """One finding over four echoes."""
        if surroundings.address is None:
            return ()
        loop = asyncio.get_running_loop()
        times: list[float] = []
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.setblocking(False)
            sock.connect((surroundings.address, self.port))
            for number in range(PACKETS):
                started = time.perf_counter()
                try:
                    await loop.sock_sendall(sock, bytes([number]))
                    async with asyncio.timeout(WAIT_SECONDS / PACKETS):
                        await loop.sock_recv(sock, 16)
                    times.append((time.perf_counter() - started) * 1000)
                except (TimeoutError, ConnectionRefusedError):
                    continue
                await asyncio.sleep(GAP_SECONDS)
        return (_finding(times),)


def _finding(times: list[float]) -> Finding:
    details: dict[str, object] = {"sent": PACKETS, "got": len(times)}
    if not times:
        summary = f"no answer to ping (0 of {PACKETS})"
        return Finding("icmp", "icmp", Word.UNKNOWN, Sign.SILENT, summary, {"code": "silent", **details})
    mean = sum(times) / len(times)
    rtt = {"min": round(min(times), 3), "avg": round(mean, 3), "max": round(max(times), 3)}
    details |= {"code": "answered", "loss_percent": round(100 - 100 * len(times) / PACKETS, 1), "rtt_ms": rtt}
    summary = f"ping answers ({len(times)} of {PACKETS}, {mean:.1f} ms on average)"
    return Finding("icmp", "icmp", Word.OK, Sign.ALIVE, summary, details)


class EchoServer:
    """Answers every datagram to `address:port` with itself; `silent` takes the port and never answers."""

    def __init__(self, address: str, port: int = 0, *, silent: bool = False) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, port))
        self.port: int = self._socket.getsockname()[1]
        if not silent:
            threading.Thread(target=self._serve, name=f"echo {address}", daemon=True).start()

    def stop(self) -> None:
        """Give the port back."""
        # A datagram to itself wakes the thread, which finds the socket closed.
        address = self._socket.getsockname()
        self._socket.sendto(_STOP, address)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                data, sender = self._socket.recvfrom(64)
                if data == _STOP:
                    return
                self._socket.sendto(data, sender)
            except OSError:
                return
