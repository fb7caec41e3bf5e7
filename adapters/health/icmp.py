"""Ping: the first proof of life, never by itself a proof of death, since many hosts filter it."""

from collections.abc import Sequence

from adapters.health.errors import PingForbidden
from adapters.health.pinger import Echoes, shared_pinger
from deskside.model.health import Finding, Sign, Word
from deskside.model.service import Target
from deskside.ports import Surroundings

CURE = 'sysctl -w net.ipv4.ping_group_range="0 2147483647" (or give the worker CAP_NET_RAW)'


class IcmpProbe:
    """A few echo requests to the target's address."""

    name = "icmp"
    kind = "icmp"

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
        return (judge_echoes(echoes, limits["icmp_loss_percent"]),)


def judge_echoes(echoes: Echoes, loss_percent: float) -> Finding:
    """The finding over a set of echoes; a loss of `loss_percent` or more is degraded."""
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
    summary = f"ping answers ({got} of {sent}, {mean:.1f} ms on average)"
    return _finding(Word.OK, Sign.ALIVE, summary, {"code": "answered", **details})


def _mean(values: tuple[float, ...]) -> float:
    return sum(values) / len(values)


def _finding(word: Word, sign: Sign, summary: str, details: dict[str, object]) -> Finding:
    return Finding("icmp", "icmp", word, sign, summary, details)


probe = IcmpProbe()
