"""How fast a pool moves: what its waits of the last days say of service, of leaving, and of who comes in ahead."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# With fewer tickets served the error of the rate alone is more than a third.
LEAST_SERVED = 10
# The recent hours tell how many agents work now. They count by the tickets served in them, against so many of the
# whole window: so a busy pool follows its day, and a quiet one is not thrown about by two quick answers. Of the pairs
# tried on simulated desks of 25, 90 and 200 tickets a day, these had the smallest pinball loss over all three.
HALF_LIFE = 2 * 3600
PRIOR_TICKETS = 100
# Head starts are put together in steps of this many seconds, upwards.
_STEP = 300


@dataclass(frozen=True, slots=True)
class Wait:
    """One wait in a pool, in working seconds of its calendar. `ended` is None while it lasts.

    `served` is false for who left without being served: deleted, merged, closed. `head_start` is in seconds.
    """

    arrived: int
    head_start: int
    ended: int | None = None
    served: bool = True


@dataclass(frozen=True, slots=True)
class Pace:
    """How a pool moves, per working second.

    `rate`: tickets served while somebody waited; `leaving`: the share of those that wait that goes unserved;
    `inflow`: head start in seconds and tickets that arrive with it, by head start. `served` is how many it is from.
    """

    rate: float
    leaving: float
    inflow: tuple[tuple[int, float], ...]
    served: int


def measure(waits: Sequence[Wait], since: int, now: int) -> Pace | None:
    """The pace of a pool from the waits that ended in its window, from `since` to `now`, and those that last.

    Time in which nobody waited does not count as slow service. The rate is that of the whole window, moved towards the
    one of the recent hours by as much as the number of tickets served in them deserves. None when fewer than
    `LEAST_SERVED` were served.
    """
    # Nobody watched before the first end that is known.
    since = max(since, min((wait.ended for wait in waits if wait.ended is not None), default=now))
    ended = [(wait, wait.ended) for wait in waits if wait.ended is not None and since < wait.ended <= now]
    served = [end for wait, end in ended if wait.served]
    if len(served) < LEAST_SERVED or now <= since:
        return None
    spans = [(max(since, wait.arrived), min(now, now if wait.ended is None else wait.ended)) for wait in waits]
    spans = [(start, end) for start, end in spans if end > start]
    busy = list(_union(spans))
    whole = len(served) / max(1, sum(end - start for start, end in busy))
    recent_time = sum(_weight(end, now) - _weight(start, now) for start, end in busy) * HALF_LIFE / math.log(2)
    recent = math.fsum(_weight(end, now) for end in served)
    waiting_time = sum(end - start for start, end in spans)
    inflow = Counter(-(-wait.head_start // _STEP) * _STEP for wait in waits if wait.arrived > since)
    return Pace(
        rate=(recent + PRIOR_TICKETS) / (recent_time + PRIOR_TICKETS / whole),
        leaving=(len(ended) - len(served)) / max(1, waiting_time),
        inflow=tuple((head_start, count / (now - since)) for head_start, count in sorted(inflow.items())),
        served=len(served),
    )


def _weight(at: int, now: int) -> float:
    return float(2.0 ** ((at - now) / HALF_LIFE))


def _union(spans: Iterable[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    """The time that any of the spans covers."""
    begun: int | None = None
    until = 0
    for start, end in sorted(spans):
        if begun is None or start > until:
            if begun is not None:
                yield begun, until
            begun, until = start, end
        until = max(until, end)
    if begun is not None:
        yield begun, until
