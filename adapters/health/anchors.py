"""Is it us? Before a target is called down, our own uplink must have been seen to work."""

import asyncio
from collections.abc import Mapping, Sequence

from adapters.health.connect import connect
from adapters.health.errors import PingForbidden
from adapters.health.pinger import shared_pinger
from adapters.health.settings import Endpoint

_USUAL_PORT = 443


async def any_answers(anchors: Sequence[Endpoint], limits: Mapping[str, float]) -> bool:
    """Whether at least one anchor shows a sign of life; returns at the first one.

    Anchors come from the operator's configuration, never from a ticket, so the guard is not asked: a gateway has a
    private address as a rule.
    """
    tasks = [
        asyncio.create_task(look)
        for anchor in anchors
        for look in (_pings(anchor, limits), _connects(anchor, limits["tcp_seconds"]))
    ]
    try:
        for done in asyncio.as_completed(tasks):
            if await done:
                return True
        return False
    finally:
        for task in tasks:
            task.cancel()


async def _pings(anchor: Endpoint, limits: Mapping[str, float]) -> bool:
    try:
        echoes = await shared_pinger().ping(
            anchor.address, int(limits["icmp_packets"]), limits["icmp_gap_seconds"], limits["icmp_wait_seconds"]
        )
    except (PingForbidden, OSError):
        return False
    return bool(echoes.rtts_ms)


async def _connects(anchor: Endpoint, seconds: float) -> bool:
    try:
        attempt = await connect(anchor.address, anchor.port or _USUAL_PORT, seconds)
    except OSError:
        return False
    if attempt.sock is not None:
        attempt.sock.close()
    return attempt.state.alive
