"""What the tests of probes share: a target, its surroundings, one look."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest

from adapters.health.errors import PingForbidden
from adapters.health.pinger import close_pinger, shared_pinger
from adapters.health.settings import LIMITS
from deskside.guard import AddressGuard
from deskside.model.health import Finding
from deskside.model.service import Target
from deskside.ports import Probe, Surroundings

LOOPBACK = AddressGuard(allow=["127.0.0.0/8", "::1"])
T = TypeVar("T")


def target(
    host: str | None = None, address: str | None = "127.0.0.1", ports: tuple[int, ...] = (), **more: Any
) -> Target:
    """A target on loopback."""
    return Target("srv1", host, address, ports, more.pop("found_by", "the client's only service"), **more)


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run in a fresh loop, closing the loop's pinger."""

    async def closing() -> T:
        try:
            return await coroutine
        finally:
            close_pinger()

    return asyncio.run(closing())


def look(probe: Probe, at: Target, resolver: Any = None, **limits: float) -> Finding:
    """The one finding of a probe over `at`."""
    surroundings = Surroundings(at.address, (), LOOPBACK, resolver, {**LIMITS, **limits})
    findings = run(probe.look(at, surroundings))  # type: ignore[arg-type]
    assert len(findings) == 1
    return findings[0]


def may_ping() -> bool:
    """Whether this process may ping at all."""

    async def attempt() -> bool:
        try:
            shared_pinger().raw("127.0.0.1")
        except PingForbidden:
            return False
        return True

    return run(attempt())


needs_ping = pytest.mark.skipif(
    not may_ping(),
    reason="ICMP is not permitted here: set net.ipv4.ping_group_range, or run with CAP_NET_RAW",
)
