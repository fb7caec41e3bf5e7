"""DNS: the zone's own servers are asked directly; nothing here says that a host lives or not."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import dns.rcode
import pytest

from adapters.health.dns import judge_answers, probe, resolution_failed
from adapters.health.errors import NoSuchName, ResolverFailure, ResolverTimeout
from adapters.health.resolver import StubResolver
from adapters.health.settings import Endpoint
from deskside.model.health import Finding, Sign, Word
from tests.adapters.health.looking import look, target
from tests.doubles.names import NameServer, Records, name_server, soa

HOST = "srv1.example.com"


@dataclass
class World:
    """A recursive server and two authoritative ones at addresses of their own, on one port."""

    recursive: NameServer
    first: NameServer
    second: NameServer

    def look(self, address: str | None = "192.0.2.7", **limits: float) -> Finding:
        resolver = StubResolver([Endpoint("127.0.0.1", self.recursive.port)], 1, self.first.port)
        return look(probe, target(HOST, address), resolver, dns_server_seconds=0.3, **limits)


def zone(serial: int = 1, address: str = "192.0.2.7", ttl: int = 3600) -> Records:
    return {("example.com", "SOA"): (300, (soa(serial),)), (HOST, "A"): (ttl, (address,))}


@contextmanager
def world(first: Records | None = None, second: Records | None = None, ns2: str = "127.0.1.2") -> Iterator[World]:
    recursive = {
        (HOST, "A"): (17, ("192.0.2.7",)),
        ("example.com", "NS"): (300, ("ns1.example.com.", "ns2.example.com.")),
        ("ns1.example.com", "A"): (300, ("127.0.1.1",)),
        ("ns2.example.com", "A"): (300, (ns2,)),
    }
    with ExitStack() as stack:
        resolver = stack.enter_context(name_server(recursive))
        one = stack.enter_context(name_server(first or zone(), "127.0.1.1", authoritative=True))
        two = stack.enter_context(name_server(second or zone(), "127.0.1.2", one.port, authoritative=True))
        yield World(resolver, one, two)


def test_a_sound_zone_is_ok_with_the_configured_ttl_and_not_what_is_left_of_it() -> None:
    with world() as it:
        finding = it.look()
    assert (finding.word, finding.sign) == (Word.OK, Sign.NOTHING)
    assert (finding.details["ttl"], finding.details["serials"]) == (3600, [1])
    assert finding.details["nameservers"] == ["ns1.example.com", "ns2.example.com"]


def test_a_name_server_that_does_not_answer_is_named() -> None:
    with world() as it:
        it.second.mute = True
        finding = it.look()
    assert (finding.word, finding.details["reasons"]) == (Word.DEGRADED, ["server_silent"])
    assert finding.details["silent"] == ["ns2.example.com"]


def test_no_name_server_answers() -> None:
    with world() as it:
        it.first.mute = it.second.mute = True
        assert it.look().details["reasons"] == ["all_servers_silent"]


def test_different_serials_are_told() -> None:
    with world(second=zone(serial=2)) as it:
        finding = it.look()
    assert (finding.details["reasons"], finding.details["serials"]) == (["serials_differ"], [1, 2])


def test_a_server_that_refuses_the_zone_is_lame() -> None:
    with world() as it:
        it.second.rcode = dns.rcode.REFUSED
        finding = it.look()
    assert (finding.details["reasons"], finding.details["lame"]) == (["lame"], ["ns2.example.com"])


def test_an_answer_that_is_not_ours_is_a_note_since_a_cdn_looks_the_same() -> None:
    with world() as it:
        finding = it.look("198.51.100.9")
    assert (finding.word, finding.details["notes"]) == (Word.OK, ["elsewhere"])


def test_a_long_ttl_and_answers_that_differ_are_notes() -> None:
    with world(second=zone(address="192.0.2.8", ttl=172_800)) as it:
        finding = it.look()
    assert (finding.word, finding.details["notes"]) == (Word.OK, ["answers_differ", "long_ttl"])


def test_a_name_server_at_a_forbidden_address_is_never_asked() -> None:
    with world(ns2="10.0.0.1") as it:
        finding = it.look()
        assert it.second.asked == []
    assert finding.details["unasked"] == ["ns2.example.com"]
    assert finding.word is Word.OK


def test_servers_that_come_too_late_leave_the_answer_itself() -> None:
    with world() as it:
        it.first.mute = it.second.mute = True
        finding = it.look(dns_seconds=0.1)
    assert (finding.word, finding.details["answers"]) == (Word.OK, ["192.0.2.7"])


def test_a_mute_resolver_is_unknown_never_a_missing_record() -> None:
    with world() as it:
        it.recursive.mute = True
        finding = it.look()
    assert (finding.word, finding.details["code"]) == (Word.UNKNOWN, "timeout")


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (NoSuchName("x"), Word.DOWN),
        (ResolverTimeout("x"), Word.UNKNOWN),
        (ResolverFailure("x"), Word.DEGRADED),
    ],
)
def test_a_failure_to_resolve_has_its_own_word(error: NoSuchName, word: Word) -> None:
    finding = resolution_failed(HOST, error)
    assert (finding.word, finding.sign) == (word, Sign.NOTHING)


def test_a_name_without_an_address_is_degraded() -> None:
    finding = judge_answers(target(HOST, None), (), None, long_ttl=1)
    assert (finding.word, finding.details["reasons"]) == (Word.DEGRADED, ["no_address"])
