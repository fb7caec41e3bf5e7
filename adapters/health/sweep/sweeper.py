"""A whole round: the inventory, the look at every host, the brake, and the standing of each host afterwards."""

import asyncio
import socket
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from adapters.health.anchors import any_answers
from adapters.health.icmp import CURE
from adapters.health.pinger import close_pinger
from adapters.health.resolver import StubResolver
from adapters.health.settings import HealthSettings
from adapters.health.sweep.brake import doubt, fallen
from adapters.health.sweep.echo import EchoSocket, IcmpSocket
from adapters.health.sweep.inventory import Inventory, Watched
from adapters.health.sweep.pace import fitting
from adapters.health.sweep.rounds import Progress, Round, sweep_round
from adapters.health.sweep.state import Sight, Standing, follow, judge, refreshed
from deskside.guard import AddressGuard
from deskside.model.health import Word
from deskside.model.service import Service

# The usual round trip of each host is refreshed every so many rounds, a share of the fleet in each.
REFRESH_ROUNDS = 15
_LEAST_KNOCK_SECONDS = 2.0

OpenEcho = Callable[[socket.AddressFamily], EchoSocket]


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known before a round: standings by address, changes of the last half hour, braked rounds just before."""

    standings: Mapping[str, Standing]
    changes: Mapping[str, int]
    held: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a round brought. With a `doubt` nothing of it is believed, and `standings` are those from before."""

    at: datetime
    round: Round
    watched: Mapping[str, Watched]
    sights: Mapping[str, Sight]
    standings: Mapping[str, Standing]
    doubt: str
    remark: str


class Sweeper:
    """Sweeps the fleet, one round at a time; for one thread. `open_echo` stands in for ICMP."""

    def __init__(self, settings: HealthSettings, open_echo: OpenEcho = IcmpSocket) -> None:
        self.settings = settings
        self._open_echo = open_echo
        self._inventory = Inventory(
            AddressGuard(settings.allow_networks, settings.deny_networks),
            StubResolver(settings.nameservers, settings.limits["resolve_seconds"]),
        )

    def look(
        self,
        services: Sequence[Service],
        memory: Memory,
        *,
        per_second: int | None = None,
        stopping: Callable[[], bool] = lambda: False,
        progress: Progress = lambda stage, done, total: None,
    ) -> Outcome:
        """One round over these services, at `per_second` packets if given. Raises `SweepStopped`."""
        at = datetime.now(UTC)
        watched = self._inventory.hosts(services)
        wish = self.settings.sweep_packets_per_second if per_second is None else per_second
        done = sweep_round(
            [item.host for item in watched.values()],
            fitting(len(watched), self.settings.sweep_seconds, wish),
            knock_seconds=max(_LEAST_KNOCK_SECONDS, self.settings.limits["tcp_seconds"]),
            knock_within=max(10.0, self.settings.sweep_seconds / 2),
            stopping=stopping,
            progress=progress,
            open_echo=self._open_echo,
        )
        before = {address: memory.standings.get(address, Standing(Word.UNKNOWN, at)) for address in watched}
        sights = {
            address: judge(item.host, done.seen[address], before[address].baseline_ms)
            for address, item in watched.items()
        }
        found = fallen([(before[address], sight) for address, sight in sights.items()])
        why = doubt(found, self._anchors() if found.silent else None, memory.held)
        after = before if why else self._follow(before, sights, at, memory.changes)
        return Outcome(at, done, watched, sights, after, why, _remark(why, done))

    def _follow(
        self, before: Mapping[str, Standing], sights: Mapping[str, Sight], at: datetime, changes: Mapping[str, int]
    ) -> dict[str, Standing]:
        turn = int(at.timestamp() // max(1, self.settings.sweep_seconds)) % REFRESH_ROUNDS
        after = {}
        for address, standing in before.items():
            followed = follow(standing, sights[address], at, changes.get(address, 0))
            # By the address and not by chance: every host has its turn, and only a share is written in each round.
            due = zlib.crc32(address.encode()) % REFRESH_ROUNDS == turn and followed.checked_at == at
            after[address] = refreshed(followed) if due else followed
        return after

    def _anchors(self) -> bool | None:
        """Whether an anchor answers; None when there are none."""
        return asyncio.run(self._ask_anchors()) if self.settings.anchors else None

    async def _ask_anchors(self) -> bool:
        try:
            return await any_answers(self.settings.anchors, self.settings.limits)
        finally:
            close_pinger()


def _remark(why: str, done: Round) -> str:
    said = [why] if why else []
    if not done.pinging:
        said.append(f"ping is not permitted here, so nobody is called down; cure: {CURE}")
    if done.drops:
        said.append(f"the kernel dropped {done.drops} packets: silent hosts of this round are not judged")
    return "; ".join(said)
