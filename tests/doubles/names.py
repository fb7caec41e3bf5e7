"""A name server on loopback, bound to the very address that is asked: answers from another one are rightly dropped."""

import asyncio
import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from tests.doubles.servers import background

Records = Mapping[tuple[str, str], tuple[int, tuple[str, ...]]]


@dataclass
class NameServer:
    """Where it listens, what it was asked, and whether it answers at all.

    `delegates` maps a zone below its own to the name servers it refers to; their addresses among its records are glue.
    What is at or below `failing` gets SERVFAIL; questions for the kinds in `ignores` get nothing.
    """

    address: str
    port: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)
    mute: bool = False
    rcode: dns.rcode.Rcode | None = None
    failing: tuple[str, ...] = ()
    ignores: tuple[str, ...] = ()
    delegates: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class _Protocol(asyncio.DatagramProtocol):
    def __init__(self, server: NameServer, records: Records, authoritative: bool) -> None:
        self._server, self._records, self._authoritative = server, records, authoritative

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def datagram_received(self, data: bytes, source: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        question = query.question[0]
        name, kind = question.name.to_text().rstrip(".").lower(), dns.rdatatype.to_text(question.rdtype)
        self._server.asked.append((name, kind))
        if self._server.mute or kind in self._server.ignores:
            return
        response = dns.message.make_response(query)
        zone = next((zone for zone in self._server.delegates if name == zone or name.endswith("." + zone)), None)
        if zone is not None and self._server.rcode is None:
            self._refer(response, zone)
            self._transport.sendto(response.to_wire(), source)
            return
        response.flags |= dns.flags.AA if self._authoritative else dns.flags.RA
        if self._server.rcode is not None:
            response.set_rcode(self._server.rcode)
        elif any(name == failing or name.endswith("." + failing) for failing in self._server.failing):
            response.set_rcode(dns.rcode.SERVFAIL)
        elif not any(known == name or known.endswith("." + name) for known, _ in self._records):
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif (name, kind) in self._records:
            ttl, values = self._records[name, kind]
            response.answer.append(dns.rrset.from_text(question.name, ttl, "IN", kind, *values))
        self._transport.sendto(response.to_wire(), source)

    def _refer(self, response: dns.message.Message, zone: str) -> None:
        servers = self._server.delegates[zone]
        response.authority.append(dns.rrset.from_text(f"{zone}.", 3600, "IN", "NS", *(f"{name}." for name in servers)))
        for server in servers:
            if (server, "A") in self._records:
                ttl, values = self._records[server, "A"]
                response.additional.append(dns.rrset.from_text(f"{server}.", ttl, "IN", "A", *values))


@contextlib.contextmanager
def name_server(
    records: Records, address: str = "127.0.0.1", port: int = 0, authoritative: bool = False
) -> Iterator[NameServer]:
    """Serve `records` ({(name, kind): (ttl, values)}) until the block ends."""
    loop = background()
    server = NameServer(address)

    async def start() -> asyncio.DatagramTransport:
        transport, _ = await loop.create_datagram_endpoint(
            lambda: _Protocol(server, records, authoritative), local_addr=(address, port)
        )
        return transport

    transport = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    server.port = transport.get_extra_info("sockname")[1]
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(transport.close)


def soa(serial: int, server: str = "ns1.example.com") -> str:
    """The text of an SOA record."""
    return f"{server}. host.example.com. {serial} 3600 600 86400 300"
