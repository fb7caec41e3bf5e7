"""Names to addresses, by a stub resolver of our own loop: `getaddrinfo` blocks threads beyond any deadline."""

import asyncio
from collections.abc import Sequence

import dns.asyncresolver
import dns.exception
import dns.name
import dns.nameserver
import dns.resolver

from adapters.health.authority import Authority, Referral, Zone, ask_addresses, ask_authority, ask_parent
from adapters.health.errors import NoSuchName, ResolverFailure, ResolverTimeout
from adapters.health.names import ascii_name
from adapters.health.settings import LIMITS, Endpoint
from deskside.guard import plain

_MOST_ADDRESSES = 32


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
        """The zone that holds `host` and the one above it, with their name servers; None when there is none.

        A zone that fails to resolve is left nameless, and the nearest one above it is the parent. Raises
        `ResolverTimeout`.
        """
        labels = (ascii_name(host) or "").split(".")
        found: list[tuple[str, tuple[str, ...]]] = []
        failed = False
        for start in range(len(labels)):
            name = ".".join(labels[start:])
            try:
                servers = await self._texts(name, "NS")
            except NoSuchName:
                continue
            except ResolverFailure:
                failed = failed or not found
                continue
            if servers:
                found.append((name, tuple(sorted(server.rstrip(".").lower() for server in servers))))
            if len(found) == (1 if failed else 2):
                break
        if not found:
            return None
        if failed:
            return Zone("", (), *found[0])
        if len(found) == 1 and "." not in found[0][0]:
            # Only the TLD has servers, so the host is in no zone of its own.
            return None
        return Zone(*found[0], *(found[1] if len(found) > 1 else ()))

    async def ask_authority(self, server: str, address: str, host: str, zone: str, seconds: float) -> Authority:
        """As `authority.ask_authority`."""
        return await ask_authority(server, address, host, zone, port=self._authority_port, seconds=seconds)

    async def ask_parent(self, server: str, address: str, parent: str, name: str, seconds: float) -> Referral:
        """As `authority.ask_parent`."""
        return await ask_parent(server, address, parent, name, port=self._authority_port, seconds=seconds)

    async def ask_addresses(self, address: str, name: str, seconds: float) -> tuple[str, ...]:
        """As `authority.ask_addresses`."""
        return await ask_addresses(address, name, port=self._authority_port, seconds=seconds)

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

    async def ask_parent(self, server: str, address: str, parent: str, name: str, seconds: float) -> Referral:
        """As `StubResolver.ask_parent`."""
        return await self._resolver.ask_parent(server, address, parent, name, seconds)

    async def ask_addresses(self, address: str, name: str, seconds: float) -> tuple[str, ...]:
        """As `StubResolver.ask_addresses`."""
        return await self._resolver.ask_addresses(address, name, seconds)

    def close(self) -> None:
        """Stop what is still being asked."""
        for task in self._asked.values():
            task.cancel()
