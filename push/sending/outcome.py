"""What an outcome of the wire means for the copy it is about, and what the copies together mean for the send. Pure."""

import random
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from push.model import INSISTENT, Kind
from push.wire.answer import Verdict
from push.wire.fanout import Outcome

MOST_ATTEMPTS = 8
FIRST_PAUSE = 30.0
LONGEST_PAUSE = 3600.0
# A service that refuses our key waits for a person; whether one came is looked at so often.
STOPPED_PAUSE = 900.0
STRIKES = 2


@dataclass(frozen=True, slots=True)
class PushChange:
    """What becomes of a copy: accepted | failed | gone | unknown | again (then `retry_in` seconds from now)."""

    state: str
    error: str = ""
    retry_in: float | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """What becomes of a send: sent | failed | unknown, or due again at `due_at`."""

    state: str
    reason: str
    due_at: datetime | None = None


def of_push(outcome: Outcome, kind: Kind, attempts: int, strikes: int, shrunk: bool) -> PushChange:
    """What an outcome means for its copy, which was tried `attempts` times, this one included.

    Only what certainly was not taken is tried again, unless the message insists: a second one of those replaces the
    first. `strikes` is how often its browser was said to be gone before; `shrunk` whether it was made small already.
    """
    verdict, reason = outcome.verdict, outcome.reason
    if verdict is Verdict.ACCEPTED:
        return PushChange("accepted")
    if verdict is Verdict.GONE:
        state = "failed" if outcome.strike and strikes + 1 < STRIKES else "gone"
        return PushChange(state, reason or "the push service does not know this browser any more")
    if verdict in (Verdict.MISMATCH, Verdict.INVALID):
        return PushChange("failed", reason or "the push service refuses it")
    if verdict is Verdict.TOO_LARGE:
        return PushChange("failed", "too large also when shortened") if shrunk else PushChange("again", reason, 0.0)
    if verdict is Verdict.UNKNOWN and kind not in INSISTENT:
        return PushChange("unknown", reason or "it left, and no answer came")
    if attempts >= MOST_ATTEMPTS:
        return PushChange("failed", f"given up after {attempts} attempts: {reason}")
    if verdict is Verdict.STOP:
        return PushChange("again", reason, STOPPED_PAUSE)
    return PushChange("again", reason, pause(attempts, outcome.retry_after))


def pause(attempts: int, told: float | None) -> float:
    """Seconds until the next attempt: as told, else twice as long each time, spread."""
    if told is not None:
        return max(0.0, told)
    # What failed together must not come back together.
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** (attempts - 1)) * random.uniform(0.5, 1.5)  # noqa: S311


def of_send(
    kind: Kind, states: Collection[str], why: str, now: datetime, not_after: datetime | None, retry_in: float
) -> Ending:
    """What the states of all copies of a send mean for it; `why` is what was wrong with the last one that failed."""
    counted = Counter(states)
    accepted, unknown, again = counted["accepted"], counted["unknown"], counted["again"]
    if again:
        due_at = now + timedelta(seconds=retry_in)
        if not_after is None or due_at < not_after:
            return Ending("due", f"tried again: {why}" if why else "tried again", due_at)
        why = f"no time is left to try again: {why}"
    browsers = f"{len(states)} browser{'' if len(states) == 1 else 's'}"
    if accepted:
        return Ending("sent", f"accepted for {accepted} of {browsers}")
    if unknown:
        return Ending("unknown", f"not known whether it arrived: {unknown} of {browsers}")
    return Ending("failed", why or "no browser of theirs was alive when it was to leave")
