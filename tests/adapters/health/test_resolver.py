"""The resolver: what was not answered is not "no such name", and nothing is asked by getaddrinfo."""

import asyncio
import socket

import dns.rcode
import pytest

from adapters.health.errors import NoSuchName, ResolverFailure, ResolverTimeout
from adapters.health.resolver import OnceResolver, StubResolver
from adapters.health.settings import Endpoint
from tests.adapters.health.looking import run
from tests.doubles.names import NameServer, name_server, soa

RECORDS = {
    ("srv1.example.com", "A"): (300, ("192.0.2.7",)),
    ("srv1.example.com", "AAAA"): (300, ("2001:db8::7", "::ffff:192.0.2.7")),
    ("v6.example.com", "AAAA"): (300, ("2001:db8::8",)),
    ("bare.example.com", "TXT"): (300, ("hello",)),
    ("example.com", "NS"): (300, ("ns1.example.com.", "NS2.example.com.")),
}


def resolver(*servers: NameServer, seconds: float = 1.0) -> StubResolver:
    return StubResolver([Endpoint(server.address, server.port) for server in servers], seconds)


@pytest.fixture(autouse=True)
def no_getaddrinfo(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_args: object, **_options: object) -> None:
        raise AssertionError("getaddrinfo was called")

    monkeypatch.setattr(socket, "getaddrinfo", forbidden)


def test_both_families_are_asked_and_mapped_addresses_unwrapped() -> None:
    with name_server(RECORDS) as server:
        assert run(resolver(server).addresses("SRV1.example.com.")) == ("192.0.2.7", "2001:db8::7")
        assert run(resolver(server).addresses("v6.example.com")) == ("2001:db8::8",)


def test_a_name_without_addresses_is_empty_and_a_missing_one_is_an_error() -> None:
    with name_server(RECORDS) as server:
        assert run(resolver(server).addresses("bare.example.com")) == ()
        with pytest.raises(NoSuchName):
            run(resolver(server).addresses("nothing.example.com"))


@pytest.mark.parametrize("host", ["127.1", "2130706433", "a b", "", "x" * 300, "-.example.com"])
def test_what_is_no_name_is_never_asked(host: str) -> None:
    with name_server(RECORDS) as server:
        with pytest.raises(NoSuchName):
            run(resolver(server).addresses(host))
        assert server.asked == []


def test_a_mute_server_is_a_timeout_never_a_missing_name() -> None:
    with name_server(RECORDS) as server:
        server.mute = True
        with pytest.raises(ResolverTimeout):
            run(resolver(server, seconds=0.3).addresses("srv1.example.com"))


def test_a_second_server_is_asked_when_the_first_is_mute() -> None:
    with name_server(RECORDS) as mute, name_server(RECORDS, "127.0.0.2") as server:
        mute.mute = True
        assert "192.0.2.7" in run(resolver(mute, server, seconds=3).addresses("srv1.example.com"))


def test_a_failing_server_is_a_failure_and_not_a_missing_name() -> None:
    with name_server(RECORDS) as server:
        server.rcode = dns.rcode.SERVFAIL
        with pytest.raises(ResolverFailure):
            run(resolver(server).addresses("srv1.example.com"))


def test_the_zone_is_found_above_the_name() -> None:
    with name_server(RECORDS) as server:
        zone = run(resolver(server).zone("srv1.example.com"))
    assert zone is not None
    assert (zone.name, zone.nameservers) == ("example.com", ("ns1.example.com", "ns2.example.com"))


def test_one_examination_asks_a_name_once() -> None:
    async def thrice(once: OnceResolver) -> None:
        assert await once.addresses("v6.example.com") == await once.addresses("v6.example.com")
        await asyncio.wait([asyncio.create_task(once.addresses("v6.example.com")) for _ in range(3)])

    with name_server(RECORDS) as server:
        run(thrice(OnceResolver(resolver(server))))
        assert sorted(server.asked) == [("v6.example.com", "A"), ("v6.example.com", "AAAA")]


def test_an_authority_tells_the_configured_ttl_and_the_serial() -> None:
    records = {**RECORDS, ("example.com", "SOA"): (300, (soa(7),))}
    with name_server(records, "127.0.0.3", authoritative=True) as server:
        stub = StubResolver([], authority_port=server.port)
        said = run(stub.ask_authority("ns1.example.com", server.address, "srv1.example.com", "example.com", 2))
        v6 = run(stub.ask_authority("ns1.example.com", server.address, "v6.example.com", "example.com", 2))
    assert (said.answered, said.authoritative, said.rcode) == (True, True, "NOERROR")
    assert (said.addresses, said.ttl, said.serial) == (("192.0.2.7", "2001:db8::7"), 300, 7)
    assert v6.addresses == ("2001:db8::8",)


def test_a_mute_authority_is_told_as_such() -> None:
    with name_server(RECORDS, authoritative=True) as server:
        server.mute = True
        stub = StubResolver([], authority_port=server.port)
        said = run(stub.ask_authority("ns1.example.com", server.address, "srv1.example.com", "example.com", 0.2))
    assert not said.answered
