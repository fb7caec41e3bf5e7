"""A socket for echo requests, and the parts of a packet that every user of one needs.

The unprivileged ping socket is tried first (Linux `ping_group_range`, icmp(7)); a raw socket with a filter is the
second choice.
"""

import socket
import struct

from adapters.health.errors import PingForbidden

HEADER = struct.Struct("!BBHHH")
# The types of an echo request and of its reply (RFC 792, RFC 4443).
ECHO = {socket.AF_INET: (8, 0), socket.AF_INET6: (128, 129)}
_TIMESPEC = struct.Struct("@qq")
_SO_TIMESTAMPNS = 35
# A plain number: comparing with the module's enum costs more than reading the packet.
_SOL_SOCKET = int(socket.SOL_SOCKET)
_SOL_RAW, _ICMP_FILTER = 255, 1
_ICMPV6_FILTER = 1
_RECEIVE_BUFFER = 4 * 1024 * 1024


def open_socket(family: socket.AddressFamily) -> tuple[socket.socket, bool]:
    """A non-blocking socket for echo, and whether it is raw. Raises `PingForbidden`."""
    protocol = socket.IPPROTO_ICMP if family == socket.AF_INET else socket.IPPROTO_ICMPV6
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            sock = socket.socket(family, kind, protocol)
        except OSError:
            continue
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        if kind == socket.SOCK_RAW:
            _only_echo_replies(sock, family)
        return sock, kind == socket.SOCK_RAW
    raise PingForbidden("neither a ping socket nor a raw one may be opened")


def _only_echo_replies(sock: socket.socket, family: socket.AddressFamily) -> None:
    if family == socket.AF_INET:
        sock.setsockopt(_SOL_RAW, _ICMP_FILTER, struct.pack("@I", ~(1 << 0) & 0xFFFFFFFF))
        return
    words = [0xFFFFFFFF] * 8
    words[129 >> 5] &= ~(1 << (129 & 31)) & 0xFFFFFFFF
    sock.setsockopt(socket.IPPROTO_ICMPV6, _ICMPV6_FILTER, struct.pack("@8I", *words))


def received_ns(ancillary: list[tuple[int, int, bytes]]) -> int | None:
    """When the kernel received the packet, in nanoseconds of the wall clock; None when it did not say."""
    for level, kind, data in ancillary:
        if kind == _SO_TIMESTAMPNS and level == _SOL_SOCKET and len(data) >= _TIMESPEC.size:
            seconds, nanoseconds = _TIMESPEC.unpack_from(data)
            stamp: int = seconds * 1_000_000_000 + nanoseconds
            return stamp
    return None


def checksum(packet: bytes) -> int:
    """The internet checksum (RFC 1071)."""
    if len(packet) % 2:
        packet += b"\0"
    total: int = sum(struct.unpack(f"!{len(packet) // 2}H", packet))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
