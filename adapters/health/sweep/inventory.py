"""Which addresses the sweep may look at: those of the clients' services, past the guard, and nothing else."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from adapters.health.errors import NoSuchName, ResolverFailure, ResolverTimeout
from adapters.health.sweep.rounds import Host
from adapters.health.tcp import USUAL_PORTS
from deskside.errors import AddressForbidden
from deskside.guard import plain
from deskside.model.service import Service
from deskside.ports import Guard, Resolver

RESOLVE_EVERY_SECONDS = 3600.0
_MOST_AT_ONCE = 50
_MOST_PORTS = 12
_MOST_IN_NAME = 255


@dataclass(frozen=True, slots=True)
class Watched:
    """A host of the sweep, what it is called, and the ports the inventory expects to answer."""

    host: Host
    name: str
    ports: tuple[int, ...]


class Inventory:
    """Turns services into hosts. Keeps between rounds what names resolved to, and what the guard said."""

    def __init__(self, guard: Guard, resolver: Resolver) -> None:
        self._guard = guard
        self._resolver = resolver
        self._allowed: dict[str, bool] = {}
        self._resolved: dict[str, tuple[float, tuple[str, ...]]] = {}

    def hosts(self, services: Sequence[Service], *, resolve_within: float = 15.0) -> Mapping[str, Watched]:
        """The hosts of these services by address.

        A service without addresses is looked at where its domains point to; that is asked once an hour, for at most
        `resolve_within` seconds a round.
        """
        nameless = {domain for service in services if not service.addresses for domain in service.domains}
        self._resolve(nameless, resolve_within)
        names: dict[str, list[str]] = {}
        ports: dict[str, list[int]] = {}
        for service in services:
            for address in service.addresses or self._pointed_to(service.domains):
                key = _canonical(address)
                if key is not None and self._may(key):
                    names.setdefault(key, []).append(service.name)
                    ports.setdefault(key, []).extend(service.ports)
        return {address: _watched(address, names[address], ports[address]) for address in names}

    def _may(self, address: str) -> bool:
        if address not in self._allowed:
            try:
                self._guard.check(address)
            except AddressForbidden:
                self._allowed[address] = False
            else:
                self._allowed[address] = True
        return self._allowed[address]

    def _pointed_to(self, domains: Iterable[str]) -> list[str]:
        return [address for domain in domains for address in self._resolved.get(domain, (0.0, ()))[1]]

    def _resolve(self, domains: set[str], within: float) -> None:
        now = time.monotonic()
        self._resolved = {domain: kept for domain, kept in self._resolved.items() if domain in domains}
        due = [d for d in domains if d not in self._resolved or now - self._resolved[d][0] > RESOLVE_EVERY_SECONDS]
        if due:
            asyncio.run(self._resolve_all(due, within))

    async def _resolve_all(self, domains: Sequence[str], within: float) -> None:
        slots = asyncio.Semaphore(_MOST_AT_ONCE)
        tasks = [asyncio.create_task(self._resolve_one(domain, slots)) for domain in domains]
        _, pending = await asyncio.wait(tasks, timeout=within)
        for task in pending:
            task.cancel()

    async def _resolve_one(self, domain: str, slots: asyncio.Semaphore) -> None:
        async with slots:
            try:
                found = await self._resolver.addresses(domain)
            except NoSuchName:
                found = ()
            except (ResolverTimeout, ResolverFailure):
                # Nothing new is known, so what was known stays for another hour.
                found = self._resolved.get(domain, (0.0, ()))[1]
            self._resolved[domain] = (time.monotonic(), found)


def _watched(address: str, names: Sequence[str], ports: Iterable[int]) -> Watched:
    expected = tuple(dict.fromkeys(ports))[:_MOST_PORTS]
    distinct = list(dict.fromkeys(names))
    name = distinct[0] if len(distinct) == 1 else f"{distinct[0]} (+{len(distinct) - 1})"
    return Watched(Host(address, expected or USUAL_PORTS, bool(expected)), name[:_MOST_IN_NAME], expected)


def _canonical(address: str) -> str | None:
    try:
        return plain(address)
    except ValueError:
        return None
