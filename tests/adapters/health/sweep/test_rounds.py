"""One round: a living fleet has no dead host, and what our own machine lost is never held against a host."""

import os
import socket
from collections import deque
from pathlib import Path

import pytest

from adapters.health.connect import State
from adapters.health.errors import PingForbidden, SweepStopped
from adapters.health.sweep.echo import EchoSocket, IcmpSocket
from adapters.health.sweep.pace import Pace
from adapters.health.sweep.rounds import Host, Seen, sweep_round
from tests.adapters.health.looking import needs_ping
from tests.adapters.health.network_namespace import run_inside
from tests.doubles.servers import full_backlog, silent, tcp_server

FAST = Pace(0, 0)


class Wire:
    """An echo whose answers a test decides: `lost` says of (address, number of the request) whether it is lost."""

    def __init__(self, lost: dict[str, set[int]], *, drops: int = 0, broken: frozenset[str] = frozenset()) -> None:
        self.lost, self.dropped, self.broken = lost, drops, broken
        self.asked: dict[str, int] = {}
        self.answers: deque[tuple[str, bytes, int | None]] = deque()
        self.ends = socket.socketpair()

    def send(self, address: str, payload: bytes, sequence: int) -> None:
        if address in self.broken:
            raise OSError(1, "not permitted")
        number = self.asked[address] = self.asked.get(address, 0) + 1
        if number not in self.lost.get(address, set()):
            self.answers.append((address, payload, None))
            self.ends[1].send(b".")

    def receive(self) -> tuple[str, bytes, int | None] | None:
        return self.answers.popleft() if self.answers else None

    def drops(self) -> int:
        return self.dropped

    def fileno(self) -> int:
        return self.ends[0].fileno()

    def close(self) -> None:
        for end in self.ends:
            end.close()


def over(wire: EchoSocket, *hosts: Host) -> dict[str, Seen]:
    found = sweep_round(hosts, FAST, wait=0.05, knock_seconds=0.2, open_echo=lambda family: wire)
    return dict(found.seen)


@needs_ping
def test_a_living_fleet_of_sixteen_thousand_has_no_silent_host() -> None:
    hosts = [Host(f"127.{1 + number // 50_000}.{number // 250 % 200}.{number % 250 + 1}") for number in range(16_000)]
    found = sweep_round(hosts, Pace(10_000, 0))
    assert (len(found.seen), found.silent, found.drops) == (16_000, (), 0)
    assert all(len(seen.rtts_ms) == 1 for seen in found.seen.values())


@needs_ping
def test_both_families_are_asked_in_one_round() -> None:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            sock.bind(("::1", 0))
    except OSError:
        pytest.skip("there is no IPv6 on loopback here")
    assert sweep_round([Host("::1"), Host("127.0.0.1")], FAST).silent == ()


def test_a_silent_host_is_asked_three_times_and_one_answer_of_three_is_life() -> None:
    wire = Wire({"192.0.2.1": {1}, "192.0.2.2": {1, 2}, "192.0.2.3": {1, 2, 3}})
    seen = over(wire, *(Host(f"192.0.2.{number}") for number in range(4)))
    assert [len(seen[f"192.0.2.{number}"].rtts_ms) for number in range(4)] == [1, 2, 1, 0]
    assert [seen[f"192.0.2.{number}"].sent for number in range(4)] == [1, 3, 3, 3]


def test_who_is_silent_to_ping_is_knocked_at_and_a_refusal_is_life() -> None:
    with tcp_server(silent) as living, full_backlog() as dead:
        hosts = [Host("127.0.0.1", (living, dead)), Host("127.0.0.2", (living,)), Host("127.0.0.3", (living,))]
        seen = over(Wire({"127.0.0.1": {1, 2, 3}, "127.0.0.2": {1, 2, 3}}), *hosts)
    assert seen["127.0.0.1"].ports == {living: State.OPEN, dead: State.TIMEOUT}
    assert seen["127.0.0.2"].ports == {living: State.REFUSED}
    assert seen["127.0.0.3"].ports == {}
    assert all(found.alive for found in seen.values())


def test_packets_the_kernel_dropped_make_silence_uncertain() -> None:
    seen = over(Wire({"192.0.2.1": {1, 2, 3}}, drops=1), Host("192.0.2.1"), Host("192.0.2.2"))
    assert not seen["192.0.2.1"].certain
    assert seen["192.0.2.2"].certain


def test_a_request_we_could_not_send_makes_silence_uncertain() -> None:
    seen = over(Wire({}, broken=frozenset({"192.0.2.1"})), Host("192.0.2.1"))
    assert (seen["192.0.2.1"].sent, seen["192.0.2.1"].certain) == (0, False)


def test_where_ping_is_not_permitted_the_ports_alone_are_asked() -> None:
    def forbidden(family: socket.AddressFamily) -> EchoSocket:
        raise PingForbidden("not here")

    with tcp_server(silent) as port:
        found = sweep_round([Host("127.0.0.1", (port,))], FAST, open_echo=forbidden)
    assert not found.pinging
    assert found.seen["127.0.0.1"] == Seen(0, (), {port: State.OPEN})


def test_an_answer_counts_only_from_its_own_host_and_with_its_secret() -> None:
    class Forger(Wire):
        def send(self, address: str, payload: bytes, sequence: int) -> None:
            for forged in (
                (address, payload[:-1] + b"x"),
                ("192.0.2.9", payload),
                (address, b""),
                (address, b"y" * 17),
            ):
                self.answers.append((*forged, None))
            self.ends[1].send(b".")

    assert not over(Forger({}), Host("192.0.2.1"))["192.0.2.1"].alive


@needs_ping
def test_the_drops_of_a_full_socket_are_those_the_kernel_shows() -> None:
    sock = IcmpSocket(socket.AF_INET)
    sock._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    for number in range(50):
        sock.send("127.0.0.1", b"x" * 64, number)
    table = Path("/proc/net/raw" if sock.raw else "/proc/net/icmp").read_text().splitlines()
    inode = str(os.fstat(sock.fileno()).st_ino)
    shown = [line.split() for line in table if line.split()[9] == inode]
    assert sock.drops() > 0
    assert sock.drops() == int(shown[0][-1])
    sock.close()


def test_a_round_that_is_stopped_ends_at_once() -> None:
    with pytest.raises(SweepStopped):
        sweep_round([Host("192.0.2.1")], FAST, stopping=lambda: True, open_echo=lambda family: Wire({}))


def test_a_link_that_loses_one_packet_in_a_hundred_makes_nobody_down() -> None:
    rounds = run_inside(Path(__file__).with_name("lossy_link.py"))
    # Nobody down, nobody silent; some were asked again; and the socket was the unprivileged one.
    assert rounds == ["0 0 1 0"] * 3
