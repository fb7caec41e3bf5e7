"""TCP: a refusal is a proof of life, a full backlog is silence."""

import socket

from adapters.health.connect import State, connect, has_route
from adapters.health.tcp import judge_ports, probe
from deskside.model.health import Sign, Word
from tests.adapters.health.looking import look, run, target
from tests.doubles.servers import closed_port, full_backlog, silent, tcp_server


def test_an_open_port_is_ok_and_alive() -> None:
    with tcp_server(silent) as port:
        finding = look(probe, target(ports=(port,)))
    assert (finding.word, finding.sign) == (Word.OK, Sign.ALIVE)
    assert finding.details["ports"][0]["state"] == "open"  # type: ignore[index]


def test_a_refused_port_is_proof_of_life_but_degraded_when_it_should_be_open() -> None:
    finding = look(probe, target(ports=(closed_port(),)))
    assert (finding.word, finding.sign) == (Word.DEGRADED, Sign.ALIVE)


def test_a_port_that_times_out_is_silence() -> None:
    with full_backlog() as port:
        finding = look(probe, target(ports=(port,)), tcp_seconds=0.3)
    assert (finding.word, finding.sign) == (Word.DOWN, Sign.SILENT)


def test_one_answer_among_silent_ports_is_a_proof_of_life() -> None:
    with full_backlog() as dead:
        finding = look(probe, target(ports=(dead, closed_port())), tcp_seconds=0.3)
    assert (finding.word, finding.sign) == (Word.DEGRADED, Sign.ALIVE)


def test_usual_ports_that_are_closed_are_not_missed_since_nobody_promised_them() -> None:
    attempt = run(connect("127.0.0.1", closed_port(), 1))
    finding = judge_ports({22: attempt, 443: attempt}, expected=False)
    assert (finding.word, finding.sign) == (Word.UNKNOWN, Sign.ALIVE)


def test_all_ports_are_tried_at_once_and_no_more_than_the_limit() -> None:
    with full_backlog() as dead:
        finding = look(probe, target(ports=tuple(range(dead, dead + 30))), tcp_seconds=0.3)
    assert len(finding.details["ports"]) == 12  # type: ignore[arg-type]
    assert finding.took_ms == 0


def test_the_kernels_own_round_trip_is_reported() -> None:
    with tcp_server(silent) as port:
        attempt = run(connect("127.0.0.1", port, 1))
    assert attempt.sock is not None
    attempt.sock.close()
    assert 0 < attempt.rtt_ms <= attempt.took_ms


def test_an_answer_that_waits_in_the_kernel_when_the_timer_fires_is_still_seen() -> None:
    with tcp_server(silent) as port:
        # A timer of zero fires before the loop ever looks at the socket, as it does in a busy loop.
        attempt = run(connect("127.0.0.1", port, 0))
    assert attempt.state is State.OPEN
    assert attempt.sock is not None
    attempt.sock.close()


def test_an_address_family_without_a_route_is_our_own_lack() -> None:
    assert has_route("127.0.0.1")
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM):
        assert not has_route("255.255.255.255")
