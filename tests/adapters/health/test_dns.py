"""DNS: the zone's own servers are asked directly; nothing here says that a host lives or not."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import dns.rcode
import pytest

from adapters.health.dns import judge_answers, probe, resolution_failed
from adapters.health.errors import NoSuchName, ResolverFailure, ResolverTimeout
from adapters.health.resolver import StubResolver
from adapters.health.settings import Endpoint
from adapters.health.survey import Survey
from deskside.model.health import Finding, Sign, Word
from tests.adapters.health.looking import look, target
from tests.doubles.names import NameServer, Records, name_server, soa

HOST = "srv1.example.com"
BOTH = ("ns1.example.com", "ns2.example.com")


@dataclass
class World:
    """A recursive server, the parent zone's and the zone's two, each at an address of its own, on one port."""

    recursive: NameServer
    parent: NameServer
    first: NameServer
    second: NameServer

    def look(self, address: str | None = "192.0.2.7", host: str = HOST, **limits: float) -> Finding:
        resolver = StubResolver([Endpoint("127.0.0.1", self.recursive.port)], 1, self.first.port)
        return look(probe, target(host, address), resolver, **{"dns_server_seconds": 0.3, **limits})


def zone(serial: int = 1, address: str = "192.0.2.7", ttl: int = 3600, servers: Sequence[str] = BOTH) -> Records:
    return {
        ("example.com", "SOA"): (300, (soa(serial),)),
        ("example.com", "NS"): (300, tuple(f"{server}." for server in servers)),
        ("example.com", "MX"): (300, ("10 mail.example.com.",)),
        (HOST, "A"): (ttl, (address,)),
    }


@contextmanager
def world(
    first: Records | None = None,
    second: Records | None = None,
    ns2: str = "127.0.1.2",
    delegated: Sequence[str] = BOTH,
    answers: str = "192.0.2.7",
) -> Iterator[World]:
    addresses = {
        ("ns1.example.com", "A"): (300, ("127.0.1.1",)),
        ("ns2.example.com", "A"): (300, (ns2,)),
        ("a.nic.com", "A"): (300, ("127.0.1.9",)),
    }
    recursive = {
        (HOST, "A"): (17, (answers,)),
        ("example.com", "NS"): (300, ("ns1.example.com.", "ns2.example.com.")),
        ("com", "NS"): (300, ("a.nic.com.",)),
        **addresses,
    }
    with ExitStack() as stack:
        resolver = stack.enter_context(name_server(recursive))
        one = stack.enter_context(name_server(first or zone(), "127.0.1.1", authoritative=True))
        two = stack.enter_context(name_server(second or zone(), "127.0.1.2", one.port, authoritative=True))
        parent = stack.enter_context(name_server(addresses, "127.0.1.9", one.port, authoritative=True))
        parent.delegates = {"example.com": tuple(delegated)}
        yield World(resolver, parent, one, two)


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
    finding = judge_answers(target(HOST, None), (), Survey(), long_ttl=1)
    assert (finding.word, finding.details["reasons"]) == (Word.DEGRADED, ["no_address"])


def test_the_parent_is_asked_directly_and_agrees() -> None:
    with world() as it:
        finding = it.look()
        assert ("example.com", "NS") in it.parent.asked
    assert finding.details["parent_nameservers"] == list(BOTH)
    assert finding.details["reasons"] == []


def test_a_parent_that_names_other_servers_than_the_zone_is_told_with_the_difference() -> None:
    with world(delegated=("ns1.example.com", "ns9.example.com")) as it:
        finding = it.look()
    assert (finding.word, finding.sign) == (Word.DEGRADED, Sign.NOTHING)
    assert "ns_differ" in finding.details["reasons"]  # type: ignore[operator]
    assert (finding.details["only_parent"], finding.details["only_child"]) == (["ns9.example.com"], ["ns2.example.com"])


def test_a_server_that_only_the_parent_names_is_asked_too_and_found_lame() -> None:
    with world(delegated=("ns1.example.com", "a.nic.com")) as it:
        finding = it.look()
    assert "lame" in finding.details["reasons"]  # type: ignore[operator]
    assert finding.details["lame"] == ["a.nic.com"]


def test_a_name_server_without_a_name_of_its_own_counts_as_silent() -> None:
    with world(delegated=("ns1.example.com", "ns9.example.com")) as it:
        finding = it.look()
    assert finding.details["silent"] == ["ns9.example.com"]


def test_a_parent_that_serves_both_zones_shows_no_delegation_and_is_no_fault() -> None:
    with world() as it:
        it.parent.delegates = {}
        finding = it.look()
    assert (finding.word, finding.details["parent_nameservers"]) == (Word.OK, [])


def test_when_nobody_at_all_answers_us_directly_it_is_most_likely_our_own_firewall() -> None:
    with world() as it:
        it.first.mute = it.second.mute = it.parent.mute = True
        finding = it.look()
    assert (finding.word, finding.details["reasons"]) == (Word.OK, [])
    assert finding.details["notes"] == ["no_direct"]


def test_a_name_that_fails_because_all_its_servers_are_dead_is_down_and_says_so() -> None:
    with world() as it:
        it.first.mute = it.second.mute = True
        it.recursive.failing = ("example.com",)
        finding = it.look()
    assert (finding.word, finding.sign) == (Word.DOWN, Sign.NOTHING)
    assert finding.details["reasons"] == ["failure", "all_servers_silent"]
    assert (finding.details["zone"], finding.details["silent"]) == ("example.com", list(BOTH))


def test_a_name_that_fails_while_its_servers_answer_is_degraded() -> None:
    with world() as it:
        it.recursive.failing = ("example.com",)
        finding = it.look()
    assert (finding.word, finding.details["reasons"]) == (Word.DEGRADED, ["failure"])
    # Glue leads to the servers when their names cannot be resolved.
    assert {a["server"] for a in finding.details["authorities"] if a["answered"]} == set(BOTH)  # type: ignore[attr-defined]


def test_a_name_that_does_not_exist_is_known_without_asking_further() -> None:
    with world() as it:
        finding = it.look(host="nowhere.org")
        assert it.parent.asked == []
    assert (finding.word, finding.details["code"]) == (Word.DOWN, "nxdomain")


def test_cloudflare_in_front_is_named_and_no_fault() -> None:
    with world(answers="104.16.1.2") as it:
        finding = it.look()
    assert (finding.word, finding.details["notes"]) == (Word.OK, ["cdn"])


def test_an_answer_elsewhere_that_comes_from_a_wildcard_is_noted() -> None:
    beside = ("deskside-wildcard-check.example.com", "A")
    records = {**zone(), beside: (300, ("192.0.2.7",))}
    with world(first=records, second=records) as it:
        assert it.look("198.51.100.9").details["notes"] == ["elsewhere", "wildcard"]
        asked = [question for question in (*it.first.asked, *it.second.asked) if question == beside]
        assert len(asked) == 1
        it.look()
    assert len([question for question in (*it.first.asked, *it.second.asked) if question == beside]) == 1


def test_the_mail_exchangers_are_compared_too() -> None:
    other = {**zone(), ("example.com", "MX"): (300, ("10 elsewhere.example.net.",))}
    with world(second=other) as it:
        assert it.look().details["notes"] == ["answers_differ"]


def test_a_server_that_answers_only_some_questions_is_not_said_to_have_no_record() -> None:
    with world() as it:
        it.second.ignores = ("A",)
        finding = it.look()
    assert (finding.word, finding.details["reasons"], finding.details["notes"]) == (Word.OK, [], [])


def test_what_came_before_the_limit_is_kept() -> None:
    with world() as it:
        it.second.mute = True
        finding = it.look(dns_seconds=1, dns_server_seconds=10)
    assert finding.details["serials"] == [1]
    assert finding.details["silent"] == []
