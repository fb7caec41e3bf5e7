"""From what one round saw to the confirmed word of a host: pure rules, slow to alarm and slow to calm down.

Down needs two kinds of silence in one round (three pings, and an expected port); everything else needs two rounds in
a row. Who changes too often is held where it is until it has been calm for a while.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from adapters.health.connect import State
from adapters.health.sweep.rounds import PASSES, Host, Seen
from deskside.model.health import Word

ROUNDS_TO_BELIEVE = 2
ROUNDS_OF_CALM = 10
MOST_CHANGES = 3
CHANGES_WITHIN = timedelta(minutes=30)
SLOWER_MS = 150.0
LOSS_PERCENT = 25.0
# One lost packet of three is a third, and says nothing.
_LEAST_LOST = 2
# For each refresh of the usual round trip: a lasting change of the way becomes usual within half a day.
_WEIGHT, _WEIGHT_WHEN_SLOW = 0.3, 0.05


@dataclass(frozen=True, slots=True)
class Standing:
    """What is kept of a host from round to round.

    `word` is confirmed and holds since `since`; `candidate` was seen `seen` rounds in a row and may follow it.
    `alive_at` is the last sign of life; `baseline_ms` is the usual round trip.
    """

    word: Word
    since: datetime
    why: str = ""
    candidate: Word | None = None
    seen: int = 0
    flapping: bool = False
    checked_at: datetime | None = None
    alive_at: datetime | None = None
    rtt_ms: float | None = None
    baseline_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Sight:
    """What one round alone says: the word (None when it says nothing), why (English), and whether the host lives."""

    word: Word | None
    why: str
    alive: bool = False
    rtt_ms: float | None = None


def judge(host: Host, seen: Seen, baseline_ms: float | None) -> Sight:
    """The word of this round alone."""
    if seen.rtts_ms:
        return _pinged(seen, min(seen.rtts_ms), baseline_ms)
    ping = f"no answer to ping (0 of {seen.sent})" if seen.sent else "ping is not permitted here"
    known = {port: state for port, state in seen.ports.items() if state is not State.BLOCKED}
    told = ", ".join(f"port {port} {_STATES[state]}" for port, state in sorted(known.items()))
    if any(state.alive for state in known.values()):
        shut = host.expected and any(state is not State.OPEN for state in known.values())
        return Sight(Word.DEGRADED if shut else Word.OK, f"{ping}; {told}", alive=True)
    if not seen.certain or (host.ports and not known):
        return Sight(None, "our own machine could not measure it")
    if host.expected and known and seen.sent >= PASSES:
        return Sight(Word.DOWN, f"{ping}; {told}")
    if not seen.sent:
        return Sight(Word.UNKNOWN, f"{ping}; {told}" if told else ping)
    return Sight(Word.UNKNOWN, f"{ping}, and no expected port is known to tell more")


def follow(previous: Standing, sight: Sight, at: datetime, recent_changes: int) -> Standing:
    """The standing after a round at `at`; `recent_changes` counts the confirmed ones of the last half hour."""
    if sight.word is None:
        return previous
    now = replace(
        previous,
        checked_at=at,
        alive_at=at if sight.alive else previous.alive_at,
        rtt_ms=sight.rtt_ms,
        baseline_ms=sight.rtt_ms if previous.baseline_ms is None else previous.baseline_ms,
    )
    if previous.checked_at is None:
        return replace(now, word=sight.word, why=sight.why, since=at)
    if sight.word is previous.word and not previous.flapping:
        return replace(now, candidate=None, seen=0)
    seen = previous.seen + 1 if sight.word is previous.candidate else 1
    if seen < _needed(previous, sight.word):
        return replace(now, candidate=sight.word, seen=seen)
    if not previous.flapping and recent_changes >= MOST_CHANGES:
        why = f"{recent_changes} changes within {CHANGES_WITHIN // timedelta(minutes=1)} minutes, held until it is calm"
        return replace(now, flapping=True, why=why, candidate=sight.word, seen=1)
    since = previous.since if sight.word is previous.word else at
    return replace(now, word=sight.word, why=sight.why, since=since, candidate=None, seen=0, flapping=False)


def refreshed(standing: Standing) -> Standing:
    """The standing with its usual round trip drawn towards the latest; done every quarter of an hour."""
    usual, latest = standing.baseline_ms, standing.rtt_ms
    if usual is None or latest is None:
        return standing
    weight = _WEIGHT_WHEN_SLOW if latest > usual + SLOWER_MS else _WEIGHT
    return replace(standing, baseline_ms=usual + weight * (latest - usual))


def _needed(previous: Standing, word: Word) -> int:
    if previous.flapping:
        return ROUNDS_OF_CALM
    return 1 if word is Word.DOWN else ROUNDS_TO_BELIEVE


def _pinged(seen: Seen, rtt_ms: float, baseline_ms: float | None) -> Sight:
    got = len(seen.rtts_ms)
    lost = seen.sent - got
    if lost >= _LEAST_LOST and 100 * lost >= LOSS_PERCENT * seen.sent:
        why = f"ping loses {100 * lost / seen.sent:.0f} % ({got} of {seen.sent} answered)"
        return Sight(Word.DEGRADED, why, True, rtt_ms)
    if baseline_ms is not None and rtt_ms > baseline_ms + SLOWER_MS:
        return Sight(Word.DEGRADED, f"ping takes {rtt_ms:.0f} ms, usually {baseline_ms:.0f} ms", True, rtt_ms)
    return Sight(Word.OK, f"ping answers ({rtt_ms:.1f} ms)", True, rtt_ms)


_STATES = {
    State.OPEN: "is open",
    State.REFUSED: "refuses",
    State.TIMEOUT: "times out",
    State.UNREACHABLE: "is unreachable",
}
