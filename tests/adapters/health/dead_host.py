"""Run inside a network namespace: loopback up, pings ignored, and two ports: one dead, one alive."""

import asyncio
import fcntl
import socket
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from adapters.health import icmp, tcp
from adapters.health.examine import examine
from adapters.health.settings import LIMITS, Endpoint, HealthSettings
from deskside.model.service import Target
from tests.doubles.servers import full_backlog, silent, tcp_server

_SIOCSIFFLAGS, _IFF_UP, _IFF_RUNNING = 0x8914, 0x1, 0x40
_LIMITS = {**LIMITS, "tcp_seconds": 1.0, "icmp_wait_seconds": 0.5}


def loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        fcntl.ioctl(sock, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _IFF_UP | _IFF_RUNNING))


def look(name: str, port: int, *anchors: Endpoint) -> None:
    settings = HealthSettings(allow_networks=("127.0.0.0/8",), limits=_LIMITS, anchors=anchors)
    target = Target(name, None, "127.0.0.1", (port,), "")
    print(name, asyncio.run(examine(target, [icmp.probe, tcp.probe], settings)).word.value)


loopback_up()
Path("/proc/sys/net/ipv4/icmp_echo_ignore_all").write_text("1")
with full_backlog() as dead, tcp_server(silent) as alive:
    look("dead", dead)
    look("filtered", alive)
    look("anchored", dead, Endpoint("127.0.0.1", dead))
