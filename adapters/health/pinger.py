"""Echo requests for the whole process over one socket per address family, with the kernel's receive times.

The unprivileged ping socket is tried first (Linux `ping_group_range`, icmp(7)); a raw socket with a filter is the
second choice. A socket per look would give every socket a copy of every reply, and overflow.
"""

import asyncio
import itertools
import logging
import os
import secrets
import socket
import struct
import time
import weakref
from dataclasses import dataclass, field

from adapters.health.errors import PingForbidden

_HEADER = struct.Struct("!BBHHH")
_TIMESPEC = struct.Struct("@qq")
_TOKEN_BYTES = 16
_SO_TIMESTAMPNS = 35
_SOL_RAW, _ICMP_FILTER = 255, 1
_ICMPV6_FILTER = 1
_ECHO = {socket.AF_INET: (8, 0), socket.AF_INET6: (128, 129)}
_RECEIVE_BUFFER = 4 * 1024 * 1024
_MOST_PER_WAKE = 256

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Echoes:
    """How `sent` echo requests fared: one round trip in milliseconds for each that came back.

    `unsent` counts those our own machine could not send (no route, forbidden by its firewall).
    """

    sent: int
    unsent: int
    rtts_ms: tuple[float, ...]


@dataclass(slots=True)
class _Waiting:
    address: str
    sequence: int
    sent_ns: int
    sent_clock: float
    answer: "asyncio.Future[float]"


@dataclass(slots=True)
class _Channel:
    sock: socket.socket
    raw: bool
    family: socket.AddressFamily
    identifier: int
    waiting: dict[bytes, _Waiting] = field(default_factory=dict)


class Pinger:
    """All pings of one event loop. Made and used only inside that loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._channels: dict[socket.AddressFamily, _Channel] = {}
        self._sequence = itertools.count(secrets.randbelow(0x10000))

    async def ping(self, address: str, packets: int, gap: float, wait: float) -> Echoes:
        """Send `packets` echo requests `gap` seconds apart and wait at most `wait` seconds after the last.

        Raises `PingForbidden` when this process may not ping at all.
        """
        channel = self._channel(socket.AF_INET6 if ":" in address else socket.AF_INET)
        answers: list[asyncio.Future[float]] = []
        tokens: list[bytes] = []
        unsent = 0
        try:
            for number in range(packets):
                if number:
                    await asyncio.sleep(gap)
                token = secrets.token_bytes(_TOKEN_BYTES)
                tokens.append(token)
                try:
                    answers.append(self._send(channel, address, token))
                except OSError as error:
                    unsent += 1
                    _log.debug("an echo request to %s could not be sent: %s", address, error)
            if answers:
                await asyncio.wait(answers, timeout=wait)
            # The timer may have fired while replies were already waiting in the socket.
            self._read(channel)
            rtts = tuple(answer.result() for answer in answers if answer.done())
            return Echoes(packets, unsent, rtts)
        finally:
            for token in tokens:
                channel.waiting.pop(token, None)

    def raw(self, address: str) -> bool:
        """Whether pings to this address go over a raw socket."""
        return self._channel(socket.AF_INET6 if ":" in address else socket.AF_INET).raw

    def close(self) -> None:
        """Close the sockets."""
        for channel in self._channels.values():
            if not self._loop.is_closed():
                self._loop.remove_reader(channel.sock)
            channel.sock.close()
        self._channels.clear()

    def _channel(self, family: socket.AddressFamily) -> _Channel:
        if family not in self._channels:
            sock, raw = _open(family)
            channel = _Channel(sock, raw, family, os.getpid() & 0xFFFF ^ secrets.randbelow(0x10000))
            self._channels[family] = channel
            self._loop.add_reader(sock, self._read, channel)
        return self._channels[family]

    def _send(self, channel: _Channel, address: str, token: bytes) -> "asyncio.Future[float]":
        sequence = next(self._sequence) & 0xFFFF
        kind = _ECHO[channel.family][0]
        packet = _HEADER.pack(kind, 0, 0, channel.identifier, sequence) + token
        if channel.family == socket.AF_INET:
            packet = _HEADER.pack(kind, 0, _checksum(packet), channel.identifier, sequence) + token
        answer: asyncio.Future[float] = self._loop.create_future()
        channel.waiting[token] = _Waiting(address, sequence, time.time_ns(), time.monotonic(), answer)
        channel.sock.sendto(packet, (address, 0))
        return answer

    def _read(self, channel: _Channel) -> None:
        for _ in range(_MOST_PER_WAKE):
            try:
                data, ancillary, _flags, source = channel.sock.recvmsg(2048, 256)
            except BlockingIOError:
                return
            except OSError as error:
                _log.debug("reading echo replies: %s", error)
                return
            if channel.raw and channel.family == socket.AF_INET:
                data = data[(data[0] & 0x0F) * 4 :] if data else data
            self._take(channel, data, source[0], _received_ns(ancillary))

    def _take(self, channel: _Channel, data: bytes, source: str, received_ns: int | None) -> None:
        """Accept a reply only with our type, our identifier, the sequence, the source, and the unguessable token."""
        if len(data) < _HEADER.size + _TOKEN_BYTES:
            return
        kind, code, _sum, identifier, sequence = _HEADER.unpack_from(data)
        waiting = channel.waiting.get(data[_HEADER.size : _HEADER.size + _TOKEN_BYTES])
        if waiting is None or waiting.answer.done() or kind != _ECHO[channel.family][1] or code:
            return
        # The kernel puts its own identifier into packets of a ping socket and gives us only those replies.
        if channel.raw and identifier != channel.identifier:
            return
        if sequence != waiting.sequence or source.partition("%")[0] != waiting.address:
            return
        elapsed = (time.monotonic() - waiting.sent_clock) * 1000
        rtt = elapsed if received_ns is None else (received_ns - waiting.sent_ns) / 1e6
        # Both stamps are wall clock: if it was set in between, the monotonic bound holds.
        waiting.answer.set_result(min(rtt, elapsed) if rtt >= 0 else elapsed)


_pingers: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Pinger]" = weakref.WeakKeyDictionary()


def shared_pinger() -> Pinger:
    """The one pinger of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _pingers:
        _pingers[loop] = Pinger()
    return _pingers[loop]


def close_pinger() -> None:
    """Close the running loop's pinger, if it has one."""
    pinger = _pingers.pop(asyncio.get_running_loop(), None)
    if pinger is not None:
        pinger.close()


def _open(family: socket.AddressFamily) -> tuple[socket.socket, bool]:
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


def _received_ns(ancillary: list[tuple[int, int, bytes]]) -> int | None:
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS and len(data) >= _TIMESPEC.size:
            seconds, nanoseconds = _TIMESPEC.unpack_from(data)
            return int(seconds) * 1_000_000_000 + int(nanoseconds)
    return None


def _checksum(packet: bytes) -> int:
    """The internet checksum (RFC 1071)."""
    if len(packet) % 2:
        packet += b"\0"
    total: int = sum(struct.unpack(f"!{len(packet) // 2}H", packet))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
