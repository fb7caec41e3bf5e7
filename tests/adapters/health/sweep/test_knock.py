"""Connections to many ports: what opens, what refuses, what stays silent, and nobody lost by our own slowness."""

import resource
import socket

import pytest

from adapters.health.connect import State
from adapters.health.errors import SweepStopped
from adapters.health.sweep.knock import knock
from adapters.health.sweep.pace import Pace
from tests.doubles.servers import full_backlog, silent, tcp_server

FAST = Pace(0, 0)


def test_open_refused_and_silent_are_told_apart() -> None:
    with tcp_server(silent) as living, full_backlog() as dead:
        found = knock([("127.0.0.1", living), ("127.0.0.2", living), ("127.0.0.1", dead)], FAST, seconds=0.5)
    assert found == {
        ("127.0.0.1", living): State.OPEN,
        ("127.0.0.2", living): State.REFUSED,
        ("127.0.0.1", dead): State.TIMEOUT,
    }


def test_thousands_of_living_hosts_are_all_alive() -> None:
    doors = [(f"127.{1 + number // 250}.9.{number % 250 + 1}", 9) for number in range(4000)]
    found = knock(doors, FAST)
    assert len(found) == 4000
    assert set(found.values()) == {State.REFUSED}


def test_few_descriptors_make_it_slower_and_nobody_dead() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Nobody accepts: the kernel completes the connections, and the other side needs no descriptors of ours.
    with socket.create_server(("0.0.0.0", 0), backlog=512) as listening:
        doors = [(f"127.0.0.{number}", listening.getsockname()[1]) for number in range(1, 201)]
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
        try:
            found = knock(doors, FAST, seconds=5)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert len(found) == 200
    assert set(found.values()) == {State.OPEN}


def test_what_was_not_begun_in_time_is_missing_and_not_dead() -> None:
    doors = [("127.0.0.1", port) for port in range(20_000, 20_100)]
    assert len(knock(doors, Pace(20, 0), within=0.2)) < 20


def test_a_sweep_that_is_stopped_ends_at_once() -> None:
    with pytest.raises(SweepStopped):
        knock([("127.0.0.1", 9)], FAST, stopping=lambda: True)
