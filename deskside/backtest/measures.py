"""What a replay was like for those who waited: quantiles of the wait, kept promises, overtakes."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean


@dataclass(frozen=True, slots=True)
class Measures:
    """A group of tickets under one order. Waits in working minutes, from arrival until an agent takes the ticket.

    `kept` is the share of promises kept, None where nothing was promised. `overtaken` is how many later tickets went
    ahead of one, in the mean and at most.
    """

    tickets: int
    mean: float
    p50: float
    p90: float
    p99: float
    longest: float
    kept: float | None
    overtaken: float
    most_overtaken: int


def measure(waits: Sequence[float], within: Sequence[float | None], overtaken: Sequence[int]) -> Measures:
    """The measures of a group that is not empty; waits and promises in seconds."""
    ordered = sorted(waits)
    return Measures(
        tickets=len(ordered),
        mean=fmean(ordered) / 60,
        p50=quantile(ordered, 0.5) / 60,
        p90=quantile(ordered, 0.9) / 60,
        p99=quantile(ordered, 0.99) / 60,
        longest=ordered[-1] / 60,
        kept=kept(waits, within),
        overtaken=fmean(overtaken),
        most_overtaken=max(overtaken),
    )


def quantile(ordered: Sequence[float], part: float) -> float:
    """The smallest of ascending values that at least `part` of them do not exceed (nearest rank)."""
    return ordered[max(0, -int(-len(ordered) * part // 1) - 1)]


def kept(waits: Sequence[float], within: Sequence[float | None]) -> float | None:
    """The share of promises that were kept; None where there was none."""
    promises = [wait <= limit for wait, limit in zip(waits, within, strict=True) if limit is not None]
    return sum(promises) / len(promises) if promises else None


def overtakes(order: Sequence[int]) -> list[int]:
    """How many later tickets were started before each, by index. `order` lists the indices as they were started."""
    found = [0] * len(order)
    seen = 0
    waiting: list[int] = []
    for started, ticket in enumerate(order):
        if ticket >= seen:
            waiting.extend(range(seen, ticket + 1))
            seen = ticket + 1
        place = bisect_left(waiting, ticket)
        # Started so far, less those of them that came before this one.
        found[ticket] = started - (ticket - place)
        del waiting[place]
    return found
