"""Ping: the first proof of life, never by itself a proof of death, since many hosts filter it."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import sqlalchemy as sa

from adapters.health.errors import PingForbidden
from adapters.health.pinger import Echoes, shared_pinger
from adapters.health.settings import HealthSettings
from deskside.model.health import Finding, Sign, Word
from deskside.model.service import Target
from deskside.ports import Surroundings
from deskside.store import hosts
from deskside.store.database import reading

_log = logging.getLogger(__name__)

CURE = 'sysctl -w net.ipv4.ping_group_range="0 2147483647" (or give the worker CAP_NET_RAW)'


def _nothing_usual(_address: str) -> float | None:
    return None


class IcmpProbe:
    """A few echo requests to the target's address.

    `usual` gives the round trip in milliseconds that the sweep is used to from an address, None where it is not; it may
    block.
    """

    name = "icmp"
    kind = "icmp"

    def __init__(self, usual: Callable[[str], float | None] = _nothing_usual) -> None:
        self._usual = usual

    def build(self, settings: HealthSettings, database: sa.Engine) -> "IcmpProbe":
        """The probe that compares with what the sweep keeps; the database is first touched at the first look."""
        return IcmpProbe(lambda address: _stored(database, address))

    def applies(self, target: Target) -> bool:
        """Always: every host may answer."""
        return True

    async def look(self, target: Target, surroundings: Surroundings) -> Sequence[Finding]:
        """One finding; details `code` is answered, lost, silent, forbidden or no_route, times in milliseconds."""
        address, limits = surroundings.address, surroundings.limits
        if address is None:
            return ()
        try:
            echoes = await shared_pinger().ping(
                address, int(limits["icmp_packets"]), limits["icmp_gap_seconds"], limits["icmp_wait_seconds"]
            )
        except PingForbidden:
            summary = f"ping is not permitted here; cure: {CURE}"
            return (_finding(Word.UNKNOWN, Sign.NOTHING, summary, {"code": "forbidden", "cure": CURE}),)
        usual = await asyncio.to_thread(self._usual, address) if echoes.rtts_ms else None
        return (judge_echoes(echoes, limits["icmp_loss_percent"], usual, limits["icmp_slower_ms"]),)


def _stored(database: sa.Engine, address: str) -> float | None:
    file = database.url.database
    if database.dialect.name == "sqlite" and file and not Path(file).exists():
        # `deskside health` works without a database and must not make one.
        return None
    try:
        with reading(database) as connection:
            row = hosts.get(connection, address)
    except sa.exc.SQLAlchemyError as error:
        _log.warning("the usual round trip cannot be read (%s)", type(error).__name__)
        return None
    return None if row is None else row.baseline_ms


def judge_echoes(
    echoes: Echoes, loss_percent: float, usual_ms: float | None = None, slower_ms: float = 150.0
) -> Finding:
    """The finding over a set of echoes.

    A loss of `loss_percent` or more is degraded, and a mean that is over the usual by more than `slower_ms`.
    """
    sent, got = echoes.sent - echoes.unsent, len(echoes.rtts_ms)
    details: dict[str, object] = {"sent": sent, "got": got}
    if not sent:
        summary = "no echo request could be sent from here"
        return _finding(Word.UNKNOWN, Sign.NOTHING, summary, {"code": "no_route", **details})
    if not got:
        return _finding(Word.UNKNOWN, Sign.SILENT, f"no answer to ping (0 of {sent})", {"code": "silent", **details})
    loss = 100 * (sent - got) / sent
    least, mean, most = (round(value, 3) for value in (min(echoes.rtts_ms), _mean(echoes.rtts_ms), max(echoes.rtts_ms)))
    details |= {"loss_percent": round(loss, 1), "rtt_ms": {"min": least, "avg": mean, "max": most}}
    if loss >= loss_percent:
        summary = f"ping loses {loss:.0f} % ({got} of {sent} answered, {mean:.1f} ms on average)"
        return _finding(Word.DEGRADED, Sign.ALIVE, summary, {"code": "lost", **details})
    if usual_ms is not None and mean > usual_ms + slower_ms:
        details |= {"code": "slow", "usual_ms": round(usual_ms, 1)}
        return _finding(Word.DEGRADED, Sign.ALIVE, f"ping takes {mean:.0f} ms, usually {usual_ms:.0f} ms", details)
    summary = f"ping answers ({got} of {sent}, {mean:.1f} ms on average)"
    return _finding(Word.OK, Sign.ALIVE, summary, {"code": "answered", **details})


def _mean(values: tuple[float, ...]) -> float:
    return sum(values) / len(values)


def _finding(word: Word, sign: Sign, summary: str, details: dict[str, object]) -> Finding:
    return Finding("icmp", "icmp", word, sign, summary, details)


probe = IcmpProbe()
