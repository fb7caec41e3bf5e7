"""Queueing systems whose mean waits are known: Poisson arrivals, independent handling, a mean handling time of 1.

The mean waits are those of Pollaczek and Khinchine (first come, first served), Cobham 1954 (strict priority) and
Kleinrock 1964 (priorities that grow at a rate), for several agents with Erlang's C; class 1 is the most urgent. Those
of head starts are exact for two classes: E[W2] = W_F + rho1 * integral of P(W2 of Cobham > x) from 0 to H.
"""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

Draw = Callable[[random.Random, int], float]


def exponential(chance: random.Random, _group: int) -> float:
    return chance.expovariate(1)


def always_one(_chance: random.Random, _group: int) -> float:
    return 1.0


def lognormal(chance: random.Random, _group: int) -> float:
    """Squared coefficient of variation 2."""
    return chance.lognormvariate(-math.log(3) / 2, math.sqrt(math.log(3)))


def by_class(chance: random.Random, group: int) -> float:
    """Means 0.5 and 1.5."""
    return chance.expovariate(1 / (0.5, 1.5)[group])


@dataclass(frozen=True)
class System:
    """A system and the mean waits of its classes; `rho` is the load of each of the `agents`."""

    name: str
    agents: int
    rho: float
    shares: tuple[float, ...]
    rates: tuple[int, ...]
    handling: Draw
    fcfs: float
    cobham: tuple[float, ...]
    kleinrock: tuple[float, ...]
    means: tuple[float, ...] = (1.0, 1.0, 1.0)

    def loads(self) -> list[float]:
        """The load of each class."""
        return [self.rho * share * mean for share, mean in zip(self.shares, self.means, strict=False)]

    def draw(self, chance: random.Random, count: int) -> tuple[list[float], list[int], list[float]]:
        """Arrivals, classes and handling times of `count` tickets."""
        clock = 0.0
        arrived, groups, handling = [], [], []
        for group in chance.choices(range(len(self.shares)), self.shares, k=count):
            clock += chance.expovariate(self.rho * self.agents)
            arrived.append(clock)
            groups.append(group)
            handling.append(self.handling(chance, group))
        return arrived, groups, handling


A, B = (0.3, 0.7), (0.1, 0.3, 0.6)
A_RATES, B_RATES = (4, 1), (9, 3, 1)
SYSTEMS = (
    System("M/M/1 .8 A", 1, 0.8, A, A_RATES, exponential, 4.0, (1.0526, 5.2632), (1.9512, 4.8780)),
    System("M/M/1 .8 B", 1, 0.8, B, B_RATES, exponential, 4.0, (0.8696, 1.2788, 5.8824), (1.3857, 2.4668, 5.2023)),
    System("M/M/1 .9 A", 1, 0.9, A, A_RATES, exponential, 9.0, (1.2329, 12.3288), (3.6677, 11.2853)),
    System("M/M/1 .9 B", 1, 0.9, B, B_RATES, exponential, 9.0, (0.9890, 1.5453, 14.0625), (2.2772, 4.9166, 12.1622)),
    System("M/D/1 .8 A", 1, 0.8, A, A_RATES, always_one, 2.0, (0.5263, 2.6316), (0.9756, 2.4390)),
    System("M/D/1 .9 B", 1, 0.9, B, B_RATES, always_one, 4.5, (0.4945, 0.7727, 7.0313), (1.1386, 2.4583, 6.0811)),
    System("M/LN/1 .8 A", 1, 0.8, A, A_RATES, lognormal, 6.0, (1.5789, 7.8947), (2.9268, 7.3171)),
    System("M/LN/1 .9 B", 1, 0.9, B, B_RATES, lognormal, 13.5, (1.4835, 2.3180, 21.094), (3.4158, 7.3749, 18.243)),
    System(
        "two exponential classes .9",
        1,
        0.9,
        (0.5, 0.5),
        A_RATES,
        by_class,
        11.25,
        (1.4516, 14.5161),
        (4.3985, 13.5338),
        means=(0.5, 1.5),
    ),
    System("M/M/4 .9 B", 4, 0.9, B, B_RATES, exponential, 1.9694, (0.2164, 0.3381, 3.0772), (0.4983, 1.0759, 2.6613)),
    System("M/M/18 .8 B", 18, 0.8, B, B_RATES, exponential, 0.0775, (0.0168, 0.0248, 0.1140), (0.0268, 0.0478, 0.1008)),
    System("M/M/18 .9 B", 18, 0.9, B, B_RATES, exponential, 0.3168, (0.0348, 0.0544, 0.4950), (0.0802, 0.1731, 0.4281)),
)


@dataclass(frozen=True)
class HeadStarts:
    """Class 1 of mix A has this head start: (minutes, mean wait of class 1, of class 2)."""

    name: str
    agents: int
    rho: float
    fcfs: float
    rows: tuple[tuple[float, float, float], ...]


HEAD_STARTS = (
    HeadStarts("M/M/1 .8", 1, 0.8, 4.0, ((2, 3.2473, 4.3226), (5, 2.4822, 4.6505), (20, 1.2265, 5.1887))),
    HeadStarts("M/M/1 .9", 1, 0.9, 9.0, ((2, 7.9611, 9.4453), (5, 6.6763, 9.9959), (20, 3.1353, 11.5135))),
    HeadStarts("M/M/18 .8", 18, 0.8, 0.0775, ((0.1, 0.0642, 0.0832), (0.5, 0.0361, 0.0952), (2, 0.0208, 0.1018))),
    HeadStarts("M/M/18 .9", 18, 0.9, 0.3168, ((0.1, 0.2836, 0.3310), (0.5, 0.1881, 0.3720), (2, 0.0652, 0.4246))),
)


def class_means(waits: Sequence[float], groups: Sequence[int], count: int) -> list[float]:
    """The mean wait of each of `count` classes."""
    return [fmean(wait for wait, found in zip(waits, groups, strict=True) if found == group) for group in range(count)]


def half_width(values: Sequence[float]) -> float:
    """Half of the 95 % interval of the mean of independent values (Student's t with 23 degrees of freedom)."""
    assert len(values) == 24
    return 2.0687 * stdev(values) / math.sqrt(len(values))
