"""Run inside a network namespace: loopback up, pings ignored, and two ports: one dead, one alive."""

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from adapters.health import icmp, tcp
from adapters.health.examine import examine
from adapters.health.pinger import close_pinger, shared_pinger
from adapters.health.settings import LIMITS, Endpoint, HealthSettings
from deskside.model.service import Target
from tests.adapters.health.network_namespace import NOT_PERMITTED, loopback_up
from tests.doubles.servers import full_backlog, silent, tcp_server

_IGNORE, _GROUPS = "/proc/sys/net/ipv4/icmp_echo_ignore_all", "/proc/sys/net/ipv4/ping_group_range"
_LIMITS = {**LIMITS, "tcp_seconds": 1.0, "icmp_wait_seconds": 0.5}


async def kind_of_socket() -> str:
    pinger = shared_pinger()
    echoes = await pinger.ping("127.0.0.1", 3, 0.01, 2)
    raw = pinger.raw("127.0.0.1")
    close_pinger()
    return f"{'raw' if raw else 'datagram'} {len(echoes.rtts_ms)}"


def look(name: str, port: int, *anchors: Endpoint) -> None:
    settings = HealthSettings(allow_networks=("127.0.0.0/8",), limits=_LIMITS, anchors=anchors)
    target = Target(name, None, "127.0.0.1", (port,), "")
    print(name, asyncio.run(examine(target, [icmp.probe, tcp.probe], settings)).word.value)


try:
    loopback_up()
    Path(_IGNORE).write_text("0")
except OSError:
    sys.exit(NOT_PERMITTED)
# A new namespace begins with the kernel's default: ping sockets for nobody.
print(asyncio.run(kind_of_socket()))
Path(_GROUPS).write_text("0 0")
print(asyncio.run(kind_of_socket()))
Path(_IGNORE).write_text("1")
with full_backlog() as dead, tcp_server(silent) as alive:
    look("dead", dead)
    look("filtered", alive)
    look("anchored", dead, Endpoint("127.0.0.1", dead))
