"""Echo requests for the whole process over one socket per address family, with the kernel's receive times.

A socket per look would give every socket a copy of every reply, and overflow.
"""

import asyncio
import itertools
import logging
import os
import secrets
import socket
import time
import weakref
from dataclasses import dataclass, field

from adapters.health.ping_socket import ECHO, HEADER, checksum, open_socket, received_ns

_TOKEN_BYTES = 16
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
            sock, raw = open_socket(family)
            channel = _Channel(sock, raw, family, os.getpid() & 0xFFFF ^ secrets.randbelow(0x10000))
            self._channels[family] = channel
            self._loop.add_reader(sock, self._read, channel)
        return self._channels[family]

    def _send(self, channel: _Channel, address: str, token: bytes) -> "asyncio.Future[float]":
        sequence = next(self._sequence) & 0xFFFF
        kind = ECHO[channel.family][0]
        packet = HEADER.pack(kind, 0, 0, channel.identifier, sequence) + token
        if channel.family == socket.AF_INET:
            packet = HEADER.pack(kind, 0, checksum(packet), channel.identifier, sequence) + token
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
            self._take(channel, data, source[0], received_ns(ancillary))

    def _take(self, channel: _Channel, data: bytes, source: str, received_ns: int | None) -> None:
        """Accept a reply only with our type, our identifier, the sequence, the source, and the unguessable token."""
        if len(data) < HEADER.size + _TOKEN_BYTES:
            return
        kind, code, _sum, identifier, sequence = HEADER.unpack_from(data)
        waiting = channel.waiting.get(data[HEADER.size : HEADER.size + _TOKEN_BYTES])
        if waiting is None or waiting.answer.done() or kind != ECHO[channel.family][1] or code:
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
