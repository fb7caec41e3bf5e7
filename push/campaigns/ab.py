"""What can honestly be said of two variants on a small list. Pure.

One send can earn a few more clicks; with a thousand people it can hardly prove anything. So there is no winner here:
a variant leads, or it is not decidable, or it is decided.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

# Two-sided 5 %, 80 % power.
_Z_FALSE = 1.959964
_Z_MISSED = 0.841621
# Ville's inequality: evidence of 20 comes about by chance in at most one of twenty tests, however often one looks.
PROOF = 20.0
SURE = 0.95
LEADING = 0.75
# A split of the people that chance makes in less than one of a thousand campaigns is a fault.
SPLIT_FAULT = 0.001
LEAST_CLICKS = 5
# Beyond this the sum over the clicks takes longer than the approximation is wrong.
_EXACT = 2000


class Word(StrEnum):
    """How far a comparison has come."""

    LEADING = "leading"
    NOT_DECIDABLE = "not decidable"
    DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class Leg:
    """One variant: to how many people it was delivered, and how many of them clicked."""

    name: str
    delivered: int
    clicks: int

    @property
    def rate(self) -> float:
        """The share who clicked."""
        return self.clicks / self.delivered if self.delivered else 0.0


@dataclass(frozen=True, slots=True)
class Judgement:
    """What can be said: `best` against the one next to it, `other`.

    `probability` is how likely it is that `best` is better at all, `loss` how many clicks per person are lost on
    average if it is chosen and is not, `evidence` the e-value against both being the same. `needed` is to how many
    people each variant would have to go for a proof of the difference that is seen; None when none is seen.
    `fault` says that the people were not split as they should have been: then nothing is decided.
    """

    word: Word
    best: Leg
    other: Leg
    probability: float
    loss: float
    evidence: float
    needed: int | None
    split: float
    fault: bool


def assign(seed: str, person: int, variants: int) -> int:
    """The variant of a person, by a hash of campaign and PERSON: the same on all of their devices."""
    number = int.from_bytes(hashlib.sha256(f"{seed}:{person}".encode()).digest()[:8])
    return number * variants >> 64


def judge(legs: Sequence[Leg], ended: bool) -> Judgement | None:
    """What can be said of these variants; `ended` once the planned end has come. None for fewer than two.

    With more than two the best is held against the second, and has to prove as much more as there are comparisons.
    """
    if len(legs) < 2:
        return None
    best, other = sorted(legs, key=lambda leg: (leg.rate, leg.clicks), reverse=True)[:2]
    split = split_probability([leg.delivered for leg in legs])
    probability = probability_better(other, best)
    evidence = e_value(other.clicks, best.clicks)
    comparisons = len(legs) - 1
    sure = ended and 1 - probability <= (1 - SURE) / comparisons
    fault = split < SPLIT_FAULT
    if fault or best.clicks + other.clicks < LEAST_CLICKS:
        word = Word.NOT_DECIDABLE
    elif evidence >= PROOF * comparisons or sure:
        word = Word.DECIDED
    else:
        word = Word.LEADING if probability >= LEADING else Word.NOT_DECIDABLE
    needed = needed_each(other.rate, best.rate)
    return Judgement(word, best, other, probability, expected_loss(best, other), evidence, needed, split, fault)


def probability_better(a: Leg, b: Leg) -> float:
    """The probability that B's true rate is higher than A's, from uniform priors.

    Evan Miller, https://www.evanmiller.org/bayesian-ab-testing.html; beyond a few thousand clicks by the normal
    approximation with the means and variances of the Beta distributions.
    """
    return _beats(a.clicks + 1, a.delivered - a.clicks + 1, b.clicks + 1, b.delivered - b.clicks + 1)


def expected_loss(chosen: Leg, other: Leg) -> float:
    """E[max(other - chosen, 0)]: the clicks per person that choosing costs, on average over what is not known.

    Chris Stucchio, "Bayesian A/B decision rules" (2014).
    """
    a1, b1 = other.clicks + 1, other.delivered - other.clicks + 1
    a2, b2 = chosen.clicks + 1, chosen.delivered - chosen.clicks + 1
    other_wins = a1 / (a1 + b1) * _beats(a2, b2, a1 + 1, b1)
    chosen_loses = a2 / (a2 + b2) * _beats(a2 + 1, b2, a1, b1)
    return max(0.0, other_wins - chosen_loses)


def e_value(a: int, b: int) -> float:
    """The evidence against equal rates in `a` and `b` clicks at equal numbers of people, valid at every look.

    Each click is a coin toss if both are the same: 2^(a+b) * Beta(a+1, b+1).
    """
    exponent = (a + b) * math.log(2) + _log_beta(a + 1, b + 1)
    return math.exp(min(exponent, 700.0))


def needed_each(rate_a: float, rate_b: float) -> int | None:
    """How many people each variant must go to, for this difference to be found with 80 % power at 5 %."""
    if rate_a == rate_b:
        return None
    mean = (rate_a + rate_b) / 2
    spread = _Z_FALSE * math.sqrt(2 * mean * (1 - mean))
    spread += _Z_MISSED * math.sqrt(rate_a * (1 - rate_a) + rate_b * (1 - rate_b))
    return math.ceil(spread**2 / (rate_a - rate_b) ** 2)


def split_probability(counts: Sequence[int]) -> float:
    """How likely chance alone splits people as unevenly as this over as many equal parts (chi-squared)."""
    total = sum(counts)
    if not total:
        return 1.0
    expected = total / len(counts)
    return _chi_squared_above(sum((count - expected) ** 2 / expected for count in counts), len(counts) - 1)


def _beats(a1: float, b1: float, a2: float, b2: float) -> float:
    """P(second > first) for two Beta distributions; the second's alpha is a whole number."""
    if a2 > _EXACT:
        mean1, mean2 = a1 / (a1 + b1), a2 / (a2 + b2)
        variance = mean1 * (1 - mean1) / (a1 + b1 + 1) + mean2 * (1 - mean2) / (a2 + b2 + 1)
        return 0.5 * math.erfc(-(mean2 - mean1) / math.sqrt(2 * variance))
    total = 0.0
    for i in range(int(a2)):
        total += math.exp(_log_beta(a1 + i, b1 + b2) - math.log(b2 + i) - _log_beta(1 + i, b2) - _log_beta(a1, b1))
    return min(1.0, total)


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def _chi_squared_above(value: float, freedom: int) -> float:
    """P(X >= value) with so many degrees of freedom, by the recurrence in steps of two."""
    half = value / 2
    above = math.erfc(math.sqrt(half)) if freedom % 2 else math.exp(-half)
    for degrees in range(1 if freedom % 2 else 2, freedom, 2):
        above += math.exp(degrees / 2 * math.log(half) - half - math.lgamma(degrees / 2 + 1)) if half else 0.0
    return min(1.0, above)
