"""What a candidate is worth: four parts between 0 and 1, each of which anybody can check, and their weighted sum.

The parts are those of editorial digests (Discourse and Zulip rank by the reader's own follows and by freshness, Hacker
News by votes against age), with Laplace's rule for the votes of a team that is small by nature.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from push.digests.candidates import Candidate

_DAY = 86_400.0
# As many shown copies as the mean of all is worth, in a rate of clicks.
PRIOR_SHOWN = 20.0
# The mean while nothing at all was clicked yet.
FIRST_RATE = 0.05


@dataclass(frozen=True, slots=True)
class Rates:
    """How often readers opened what they were shown: by source and author, and of everything."""

    shown: Mapping[tuple[int, str], int] = field(default_factory=dict)
    opened: Mapping[tuple[int, str], int] = field(default_factory=dict)

    @property
    def mean(self) -> float:
        """Of everything that was ever shown."""
        shown = sum(self.shown.values())
        return max(1, sum(self.opened.values())) / shown if shown >= PRIOR_SHOWN else FIRST_RATE


@dataclass(frozen=True, slots=True)
class Score:
    """The sum, and the parts it is made of, unweighted, by their names."""

    total: float
    parts: Mapping[str, float]

    def as_json(self) -> dict[str, Any]:
        """As it is stored with a digest."""
        return {"score": round(self.total, 6), "parts": {name: round(part, 4) for name, part in self.parts.items()}}


def score(item: Candidate, weights: Mapping[str, float], relevance: float, rates: Rates, now: datetime) -> Score:
    """The score at `now`; `relevance` is between 0 and 1 and depends on who reads."""
    parts = {
        "votes": votes(len(item.ups), len(item.downs)),
        "freshness": freshness(item.published_at, item.half_life_days, now),
        "relevance": relevance,
        "engagement": engagement(rates, item.source, item.author),
    }
    return Score(sum(weights[name] * part for name, part in parts.items()), parts)


def votes(up: int, down: int) -> float:
    """Laplace's rule of succession: one vote more of each kind than was cast, so that nobody's is a half."""
    return (up + 1) / (up + down + 2)


def freshness(published_at: datetime, half_life_days: float, now: datetime) -> float:
    """1 for what is just out, a half after each half-life."""
    age = max(0.0, (now - published_at).total_seconds()) / _DAY
    return float(0.5 ** (age / half_life_days))


def engagement(rates: Rates, source: int, author: str) -> float:
    """How the rate of a source's author compares with the mean: a half is just that, 1 is never reached.

    The rate is shrunk towards the mean as if 20 more copies had been shown, (clicks + 20 m) / (shown + 20), so that one
    lucky click says little.
    """
    mean = rates.mean
    key = (source, author)
    rate = (rates.opened.get(key, 0) + PRIOR_SHOWN * mean) / (rates.shown.get(key, 0) + PRIOR_SHOWN)
    return rate / (rate + mean)
