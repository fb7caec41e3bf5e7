"""One socket for all echoes of a sweep, and what the kernel had to drop from it."""

import contextlib
import os
import secrets
import socket
import struct
from typing import Protocol

from adapters.health.ping_socket import ECHO, HEADER, checksum, open_socket, received_ns

_SO_MEMINFO = 55
_MEMINFO = struct.Struct("@9I")
_DROPS = 8
_LONGEST = 256
_SEQUENCES = 256
_HEADER_BYTES = HEADER.size
_IPV4 = int(socket.AF_INET)


class EchoSocket(Protocol):
    """Sends payloads that come back. Nothing blocks."""

    def send(self, address: str, payload: bytes, sequence: int) -> None:
        """Send one payload; `sequence` is 0 to 255. Raises OSError when our own machine cannot."""

    def receive(self) -> tuple[str, bytes, int | None] | None:
        """The next answer: from where, its payload, when the kernel received it (wall clock, ns); None when none."""

    def drops(self) -> int:
        """How many packets the kernel has dropped because this socket was full."""

    def fileno(self) -> int:
        """The descriptor, to wait for."""

    def close(self) -> None:
        """Close the socket."""


class IcmpSocket:
    """ICMP echo: an unprivileged ping socket, or a raw one. Raises `PingForbidden` when neither may be opened."""

    def __init__(self, family: socket.AddressFamily) -> None:
        self._sock, self.raw = open_socket(family)
        self._family = family
        self._request, self._reply = ECHO[family]
        self._receive = self._sock.recvmsg
        self._identifier = os.getpid() & 0xFFFF ^ secrets.randbelow(0x10000)
        # The kernel fills the checksum in for a ping socket and for ICMPv6.
        self._sums = self.raw and family == socket.AF_INET
        self._headers = [HEADER.pack(self._request, 0, 0, self._identifier, number) for number in range(_SEQUENCES)]

    def send(self, address: str, payload: bytes, sequence: int) -> None:
        """Send one echo request."""
        packet = self._headers[sequence] + payload
        if self._sums:
            packet = HEADER.pack(self._request, 0, checksum(packet), self._identifier, sequence) + payload
        self._sock.sendto(packet, (address, 0))

    def receive(self) -> tuple[str, bytes, int | None] | None:
        """The next echo reply that is for us."""
        while True:
            try:
                data, ancillary, _flags, source = self._receive(_LONGEST, 64)
            except OSError:
                return None
            if self._sums and data:
                data = data[(data[0] & 0x0F) * 4 :]
            # Type and code. Without unpacking the rest, which only matters to a raw socket.
            if len(data) < _HEADER_BYTES or data[0] != self._reply or data[1]:
                continue
            # A ping socket gets only its own replies, and the kernel chose the identifier.
            if self.raw and int.from_bytes(data[4:6]) != self._identifier:
                continue
            address = source[0] if self._family == _IPV4 else source[0].partition("%")[0]
            return address, data[_HEADER_BYTES:], received_ns(ancillary)

    def drops(self) -> int:
        """The counter that /proc/net/icmp and /proc/net/raw show as `drops`."""
        with contextlib.suppress(OSError, struct.error):
            return int(_MEMINFO.unpack(self._sock.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, _MEMINFO.size))[_DROPS])
        return 0

    def fileno(self) -> int:
        """The descriptor."""
        return self._sock.fileno()

    def close(self) -> None:
        """Close the socket."""
        self._sock.close()
