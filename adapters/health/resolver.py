"""Names to addresses, by a stub resolver of our own loop: `getaddrinfo` blocks threads beyond any deadline."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import dns.asyncquery
import dns.asyncresolver
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.nameserver
import dns.rcode
import dns.rdatatype
import dns.resolver

from adapters.health.errors import NoSuchName, ResolverFailure, ResolverTimeout
from adapters.health.guard import plain
from adapters.health.names import ascii_name
from adapters.health.settings import LIMITS, Endpoint

_MOST_ADDRESSES = 32


@dataclass(frozen=True, slots=True)
class Zone:
    """The zone a name lives in and the names of its servers, as the parent's and child's records say."""

    name: str
    nameservers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Authority:
    """What one authoritative server says about a name.

    `answered` is False when nothing came back in time. `authoritative` is the AA flag. `ttl` is the configured TTL
    in seconds of the address records, None when it has none; `serial` is the zone's SOA serial.
    """

    server: str
    address: str
    answered: bool
    authoritative: bool = False
    rcode: str = ""
    addresses: tuple[str, ...] = ()
    ttl: int | None = None
    serial: int | None = None


class StubResolver:
    """Asks recursive name servers, each question within one total limit; keeps no cache.

    Without `nameservers` those of the system's resolv.conf are asked. `authority_port` is where authoritative
    servers listen (53 in the world; another only makes sense on loopback).
    """

    def __init__(
        self,
        nameservers: Sequence[Endpoint] = (),
        seconds: float = LIMITS["resolve_seconds"],
        authority_port: int = 53,
    ) -> None:
        self._seconds = seconds
        self._authority_port = authority_port
        try:
            self._resolver = dns.asyncresolver.Resolver(configure=not nameservers)
        except dns.resolver.NoResolverConfiguration:
            self._resolver = dns.asyncresolver.Resolver(configure=False)
        if nameservers:
            self._resolver.nameservers = [dns.nameserver.Do53Nameserver(e.address, e.port or 53) for e in nameservers]
        self._resolver.timeout = max(0.5, seconds / 3)
        self._resolver.lifetime = seconds
        self._resolver.cache = None

    async def addresses(self, host: str) -> tuple[str, ...]:
        """The A and AAAA addresses of `host` in canonical spelling, A first, unchecked; empty when it has none.

        Raises `NoSuchName`, `ResolverTimeout` and `ResolverFailure`. When only one of the two questions is answered
        with addresses, that answer is given.
        """
        name = ascii_name(host)
        if name is None:
            raise NoSuchName("this is not a DNS name")
        tasks = [asyncio.create_task(self._texts(name, kind)) for kind in ("A", "AAAA")]
        try:
            await asyncio.wait(tasks)
        finally:
            for task in tasks:
                task.cancel()
        errors = [error for task in tasks if (error := task.exception()) is not None]
        found = [text for task in tasks if task.exception() is None for text in task.result()]
        if not found and errors:
            raise errors[0]
        return tuple(dict.fromkeys(plain(text) for text in found))[:_MOST_ADDRESSES]

    async def records(self, name: str, kind: str) -> tuple[str, ...]:
        """The records of exactly this kind at `name`; empty when the name exists without any.

        Raises `NoSuchName`, `ResolverTimeout` and `ResolverFailure`.
        """
        return tuple(await self._texts(name, kind))

    async def zone(self, host: str) -> Zone | None:
        """The zone that holds `host` and its name servers; None when no name above it has any.

        Raises `ResolverTimeout` and `ResolverFailure`.
        """
        labels = (ascii_name(host) or "").split(".")
        for start in range(len(labels) - 1):
            name = ".".join(labels[start:])
            try:
                servers = await self._texts(name, "NS")
            except NoSuchName:
                continue
            if servers:
                return Zone(name, tuple(sorted(server.rstrip(".").lower() for server in servers)))
        return None

    async def ask_authority(self, server: str, address: str, host: str, zone: str, seconds: float) -> Authority:
        """Ask the server at `address` (already checked by the guard) for `host`'s address records and the serial.

        The family asked for is A, and AAAA when there is no A. What does not come within `seconds` is not known.
        """
        try:
            async with asyncio.timeout(seconds):
                response = await self._direct(address, host, "A")
                records = _records(response, host)
                if not records[0] and response.rcode() == dns.rcode.NOERROR:
                    records = _records(await self._direct(address, host, "AAAA"), host)
                soa = await self._direct(address, zone, "SOA")
        except (TimeoutError, dns.exception.DNSException, OSError):
            return Authority(server, address, answered=False)
        serials = [
            rdata.serial
            for rrset in soa.answer
            if rrset.rdtype == dns.rdatatype.SOA and rrset.name == dns.name.from_text(zone)
            for rdata in rrset
        ]
        return Authority(
            server,
            address,
            answered=True,
            authoritative=bool(response.flags & dns.flags.AA),
            rcode=dns.rcode.to_text(response.rcode()),
            addresses=records[0],
            ttl=records[1],
            serial=serials[0] if serials else None,
        )

    async def _direct(self, address: str, name: str, kind: str) -> dns.message.Message:
        query = dns.message.make_query(dns.name.from_text(name), kind)
        query.flags &= ~dns.flags.RD
        response, _ = await dns.asyncquery.udp_with_fallback(query, address, port=self._authority_port, timeout=None)
        return response

    async def _texts(self, name: str, kind: str) -> list[str]:
        """The records of exactly this kind, following CNAME only for addresses."""
        try:
            # dnspython measures its lifetime by the wall clock, which may be set; this one is monotonic.
            async with asyncio.timeout(self._seconds + 0.2):
                answer = await self._resolver.resolve(
                    dns.name.from_text(name), kind, search=False, raise_on_no_answer=False
                )
        except dns.resolver.NXDOMAIN:
            raise NoSuchName(f"{name} does not exist") from None
        except (dns.exception.Timeout, TimeoutError):
            raise ResolverTimeout(f"no name server answered for {name} within {self._seconds:g} s") from None
        except dns.exception.DNSException as error:
            raise ResolverFailure(f"the name servers failed to resolve {name} ({type(error).__name__})") from None
        if answer.rrset is None or (kind == "NS" and answer.rrset.name != dns.name.from_text(name)):
            return []
        return [rdata.to_text() for rdata in answer.rrset]


class OnceResolver:
    """One examination's view of a resolver: the same name is asked once, and all probes get the same answer."""

    def __init__(self, resolver: StubResolver) -> None:
        self._resolver = resolver
        self._asked: dict[str, asyncio.Task[tuple[str, ...]]] = {}

    async def addresses(self, host: str) -> tuple[str, ...]:
        """As `StubResolver.addresses`; the second caller gets the first one's answer or error."""
        if host not in self._asked:
            task = asyncio.create_task(self._resolver.addresses(host))
            # Nobody may be waiting any more when it fails: then the failure is no news.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._asked[host] = task
        return await asyncio.shield(self._asked[host])

    async def records(self, name: str, kind: str) -> tuple[str, ...]:
        """As `StubResolver.records`."""
        return await self._resolver.records(name, kind)

    async def zone(self, host: str) -> Zone | None:
        """As `StubResolver.zone`."""
        return await self._resolver.zone(host)

    async def ask_authority(self, server: str, address: str, host: str, zone: str, seconds: float) -> Authority:
        """As `StubResolver.ask_authority`."""
        return await self._resolver.ask_authority(server, address, host, zone, seconds)

    def close(self) -> None:
        """Stop what is still being asked."""
        for task in self._asked.values():
            task.cancel()


def _records(response: dns.message.Message, host: str) -> tuple[tuple[str, ...], int | None]:
    """Addresses for `host` in an answer, its CNAMEs within the answer followed, and the smallest TTL on the way."""
    name, ttl = dns.name.from_text(host), None
    for _ in range(8):
        for rrset in response.answer:
            if rrset.name != name:
                continue
            ttl = rrset.ttl if ttl is None else min(ttl, rrset.ttl)
            if rrset.rdtype in (dns.rdatatype.A, dns.rdatatype.AAAA):
                return tuple(sorted(plain(rdata.to_text()) for rdata in rrset)), ttl
            if rrset.rdtype == dns.rdatatype.CNAME:
                name = rrset[0].target
                break
        else:
            break
    return (), ttl
