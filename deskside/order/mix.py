"""What tickets arrive, and how unfair other minutes would be to those among them that have none."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from deskside.order import weights
from deskside.order.key import Caps
from deskside.order.unfairness import budget
from deskside.order.weights import Makings

# Of the agents. Our own capacity is not known: the cautious value is the most there can be.
UTILISATION = 1.0


@dataclass(frozen=True, slots=True)
class Mix:
    """How many tickets of each making arrived since then."""

    counts: Mapping[Makings, int]
    since: datetime

    @property
    def tickets(self) -> int:
        """How many tickets that are."""
        return sum(self.counts.values())


def unfairness(mix: Mix, minutes: Mapping[str, int], caps: Caps) -> float:
    """The budget of unfairness: what a ticket with no head start loses at most in the mean, in minutes.

    The load of each making is its share of the arrivals times a utilisation of 1.0, since nobody tells us how many
    agents there are and handling times are not told by making: the truth is lower. What emergencies add is left out,
    see `emergencies`: no weight decides it. 0 while nothing arrived.
    """
    return _mean(mix, {made: weights.ordinary(made, minutes, caps) for made in mix.counts})


def emergencies(mix: Mix, minutes: Mapping[str, int], caps: Caps) -> float:
    """What the head starts of emergencies add to the budget, in minutes."""
    added = {
        made: weights.whole(made, minutes, caps) - weights.ordinary(made, minutes, caps) if made.emergency else 0
        for made in mix.counts
    }
    return _mean(mix, added)


def parts(mix: Mix, minutes: Mapping[str, int], caps: Caps) -> dict[str, float]:
    """By how many minutes the budget would fall if a weight were 0, for each weight."""
    total = unfairness(mix, minutes, caps)
    return {name: total - unfairness(mix, {**minutes, name: 0}, caps) for name in minutes}


def too_unfair(found: float, now: float, limit: float) -> bool:
    """Whether minutes with the budget `found` may not take the place of those in force, which have `now`.

    Contracts alone may exceed the limit, and then no weight could be saved: a step towards it is never refused.
    """
    return found > limit and found >= now


def lower(mix: Mix, minutes: Mapping[str, int], caps: Caps, limit: float) -> tuple[str, int | None]:
    """The weight to lower when minutes exceed the limit, and how far; see `weights.lower`."""
    return weights.lower(lambda other: unfairness(mix, other, caps), minutes, limit)


def _mean(mix: Mix, minutes: Mapping[Makings, int]) -> float:
    tickets = mix.tickets
    return budget([(UTILISATION * count / tickets, minutes[made]) for made, count in mix.counts.items()])
