"""One round over the fleet: ping everybody, the silent ones twice more, then knock at the ports of who stayed silent.

One socket for each address family, a plain loop: a socket or a task for each host makes living hosts look dead, by
full buffers and by timers that run while the loop is busy.
"""

import errno
import os
import select
import socket
import struct
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from types import MappingProxyType
from typing import NamedTuple

from adapters.health.connect import State
from adapters.health.errors import PingForbidden, SweepStopped
from adapters.health.sweep.echo import EchoSocket, IcmpSocket
from adapters.health.sweep.knock import Door, knock
from adapters.health.sweep.pace import Pace, timetable

PASSES = 3
# What every payload begins with: the index of the host, and a secret of its own. The number of the pass ends it.
_MARK = struct.Struct("!I12s")
_SECRET = struct.Struct("12s")
_LENGTH = _MARK.size + 1
_DRAIN_EVERY = 32
_LONGEST_NAP = 0.25
# Sleeping for less costs more than it spreads.
_SHORTEST_NAP = 0.002
_V4, _V6 = socket.AF_INET, socket.AF_INET6
_FULL_QUEUE = (errno.ENOBUFS, errno.EAGAIN)

Send = Callable[[str, bytes, int], None]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Host:
    """One address to look at. `ports` are those to knock at; `expected` when the inventory says that they answer."""

    address: str
    ports: tuple[int, ...] = ()
    expected: bool = True


class Seen(NamedTuple):
    """What one round saw of one host. A named tuple, because a round makes one for each host of a fleet.

    `sent` echo requests left, `rtts_ms` are the answers (milliseconds, as the kernel stamped them). `ports` is empty
    when ping was answered. `certain` is False when our own machine may be why nothing was heard: it could not send,
    or its kernel dropped packets.
    """

    sent: int
    rtts_ms: tuple[float, ...] = ()
    ports: Mapping[int, State] = MappingProxyType({})
    certain: bool = True

    @property
    def alive(self) -> bool:
        """Whether there was any sign of life."""
        return bool(self.rtts_ms) or any(state.alive for state in self.ports.values())


@dataclass(frozen=True, slots=True)
class Round:
    """What a round saw, by address. `drops` are packets the kernel dropped, `pinging` whether ping was permitted."""

    seen: Mapping[str, Seen]
    took_seconds: float
    packets: int
    drops: int
    pinging: bool

    @property
    def silent(self) -> tuple[str, ...]:
        """The addresses without a sign of life."""
        return tuple(address for address, seen in self.seen.items() if not seen.alive)


def sweep_round(
    hosts: Sequence[Host],
    pace: Pace,
    *,
    wait: float = 1.0,
    knock_seconds: float = 2.0,
    knock_within: float = 30.0,
    stopping: Callable[[], bool] = lambda: False,
    progress: Progress = lambda stage, done, total: None,
    open_echo: Callable[[socket.AddressFamily], EchoSocket] = IcmpSocket,
) -> Round:
    """Look at every host once; addresses are distinct and already passed the guard. Blocks until the round is over.

    `wait` is how long (seconds) answers are waited for after each of the three passes, and so at least the gap
    between two requests to one host. Raises `SweepStopped` when `stopping()` turns true.
    """
    started = time.monotonic()
    with _Echoes(hosts, pace, stopping, progress, open_echo) as echoes:
        silent = echoes.ask(range(len(hosts)), 0, wait)
        for number in range(1, PASSES):
            # Who answered the second time is asked a third time too: one lost packet says nothing about loss.
            echoes.ask(silent, number, wait)
        drops = echoes.drops()
    quiet = [index for index in silent if not echoes.rtts(index)]
    doors = [(hosts[index].address, port) for index in quiet for port in hosts[index].ports]
    progress("ports", 0, len(doors))
    states = knock(doors, pace, seconds=knock_seconds, within=knock_within, stopping=stopping)
    progress("ports", len(doors), len(doors))
    behind = frozenset(quiet)
    first = echoes.first_answers()
    # Nearly every host of nearly every round answers at once.
    seen = dict(zip(echoes.addresses, map(Seen, repeat(1), zip(first)), strict=True))
    for index in silent:
        seen[hosts[index].address] = _seen(hosts[index], echoes, index, states if index in behind else {}, drops)
    took = time.monotonic() - started
    return Round(seen, took, echoes.packets + len(states), drops, not echoes.forbidden)


def _seen(host: Host, echoes: "_Echoes", index: int, states: Mapping[Door, State], drops: int) -> Seen:
    rtts = echoes.rtts(index)
    ports = {port: states[host.address, port] for port in host.ports if (host.address, port) in states}
    untried = bool(states) and len(ports) < len(host.ports)
    return Seen(echoes.sent(index), rtts, ports, bool(rtts) or not (drops or echoes.unsent[index] or untried))


class _Echoes:
    """All requests of a round and the answers to them, by the index of the host and the number of the pass."""

    def __init__(
        self,
        hosts: Sequence[Host],
        pace: Pace,
        stopping: Callable[[], bool],
        progress: Progress,
        open_echo: Callable[[socket.AddressFamily], EchoSocket],
    ) -> None:
        count = len(hosts)
        self.addresses = [host.address for host in hosts]
        self.pace = pace
        self.stopping = stopping
        self.progress = progress
        self.open_echo = open_echo
        self.packets = 0
        self.forbidden = False
        self.unsent = bytearray(count)
        self.sockets: dict[socket.AddressFamily, EchoSocket] = {}
        # A host sees only the secret of its own, so it cannot answer for another.
        secrets = _SECRET.iter_unpack(os.urandom(_SECRET.size * count))
        self._marks = [_MARK.pack(index, *secret) for index, secret in enumerate(secrets)]
        # By pass and host: when the request left (monotonic clock, ns; 0 is never), and the round trip (ms; below 0
        # is none).
        self._sent_ns = [[0] * count for _ in range(PASSES)]
        self._rtts = [[-1.0] * count for _ in range(PASSES)]
        self._answered = [0] * PASSES
        # How each host is sent to, None for those that may not be pinged.
        self._sends: list[Send | None] = []
        self._poller = select.poll()

    def __enter__(self) -> "_Echoes":
        families = [_V6 if ":" in address else _V4 for address in self.addresses]
        for family in sorted(set(families)):
            try:
                opened = self.open_echo(family)
            except PingForbidden:
                self.forbidden = True
                continue
            self.sockets[family] = opened
            self._poller.register(opened.fileno(), select.POLLIN)
        ways = {family: sock.send for family, sock in self.sockets.items()}
        self._sends = [ways.get(family) for family in families]
        return self

    def __exit__(self, *_: object) -> None:
        for sock in self.sockets.values():
            sock.close()

    def ask(self, indexes: Sequence[int], number: int, wait: float) -> list[int]:
        """Send one request to each and read answers; the indexes that had none at the end of the wait."""
        mute = [index for index in indexes if self._sends[index] is None] if self.forbidden else []
        if mute:
            indexes = [index for index in indexes if self._sends[index] is not None]
        started = time.monotonic()
        turns = timetable([self.addresses[index] for index in indexes], self.pace)
        ending, addresses, marks = bytes((number,)), self.addresses, self._marks
        sent_ns, clock = self._sent_ns[number], time.monotonic_ns
        sends, unsent = self._sends, 0
        for turn, (due, place) in enumerate(turns, start=1):
            if due and started + due > time.monotonic() + _SHORTEST_NAP:
                self._read_until(started + due, number, len(indexes))
            index = indexes[place]
            sent_ns[index] = clock()
            try:
                sends[index](addresses[index], marks[index] + ending, number)  # type: ignore[misc]
            except OSError as error:
                unsent += not self._send_again(index, number, error)
            if not turn % _DRAIN_EVERY:
                self._drain()
                self._look_up(number, len(indexes))
        self.packets += len(indexes) - unsent
        self._read_until(time.monotonic() + wait, number, len(indexes), until_all=True)
        return mute + [index for index in indexes if self._rtts[number][index] < 0]

    def first_answers(self) -> Sequence[float]:
        """The round trip of each host in the first pass, in milliseconds; below 0 without an answer."""
        return self._rtts[0]

    def rtts(self, index: int) -> tuple[float, ...]:
        """The round trips of all passes that were answered, in milliseconds."""
        return tuple(rtts[index] for rtts in self._rtts if rtts[index] >= 0)

    def sent(self, index: int) -> int:
        """How many requests left for this host."""
        return sum(1 for sent in self._sent_ns if sent[index])

    def drops(self) -> int:
        """How many packets the kernel dropped from our sockets so far."""
        return sum(sock.drops() for sock in self.sockets.values())

    def _send_again(self, index: int, number: int, error: OSError) -> bool:
        """What did not leave: try again where only a queue of ours was full. Whether it left then."""
        for _ in range(PASSES):
            if error.errno not in _FULL_QUEUE:
                break
            self._read_until(time.monotonic() + 5 * _SHORTEST_NAP, number, 0)
            self._sent_ns[number][index] = time.monotonic_ns()
            try:
                self._sends[index](self.addresses[index], self._marks[index] + bytes((number,)), number)  # type: ignore[misc]
            except OSError as again:
                error = again
                continue
            return True
        self._sent_ns[number][index] = 0
        self.unsent[index] = 1
        return False

    def _read_until(self, end: float, number: int, total: int, *, until_all: bool = False) -> None:
        while (left := end - time.monotonic()) > 0:
            self._look_up(number, total)
            if until_all and self._answered[number] >= total:
                return
            # Rounded up: a wait of 0 would spin through the last millisecond.
            if self._poller.poll(min(left, _LONGEST_NAP) * 1000 + 1):
                self._drain()
        self._drain()

    def _look_up(self, number: int, total: int) -> None:
        if self.stopping():
            raise SweepStopped("the sweep was stopped")
        if total:
            self.progress("ping" if not number else "again", self._answered[number], total)

    def _drain(self) -> None:
        """Count each answer that carries the secret of its host and comes from that host's address, once a pass."""
        # The kernel stamps in wall time. Read anew for each drain, so that a clock that is set harms no more than that.
        clock = time.monotonic_ns
        wall_ahead = time.time_ns() - clock()
        addresses, marks, count = self.addresses, self._marks, len(self.addresses)
        for sock in self.sockets.values():
            while (answer := sock.receive()) is not None:
                source, payload, received_ns = answer
                if len(payload) != _LENGTH:
                    continue
                index, number = int.from_bytes(payload[:4]), payload[-1]
                if index >= count or number >= PASSES or addresses[index] != source:
                    continue
                rtts = self._rtts[number]
                if rtts[index] >= 0 or not payload.startswith(marks[index]):
                    continue
                sent_ns, now_ns = self._sent_ns[number][index], clock()
                heard_ns = now_ns if received_ns is None else received_ns - wall_ahead
                rtts[index] = ((heard_ns if sent_ns <= heard_ns <= now_ns else now_ns) - sent_ns) / 1e6
                self._answered[number] += 1
