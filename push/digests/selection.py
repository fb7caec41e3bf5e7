"""Which candidates make a digest, for the whole portal or for one person. Pure: all that is asked is given."""

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from push.digests.candidates import Candidate
from push.digests.identity import canonical, words
from push.digests.score import Score
from push.digests.settings import DigestSettings

# So alike are two candidates of one section, and of one source, whatever their titles say.
_SAME_SECTION, _SAME_SOURCE = 0.6, 0.3
# Fewer past leads say nothing about what is a good one.
LEAST_LEADS = 5


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate and its score."""

    item: Candidate
    score: Score


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether what was chosen is worth sending, and in words why."""

    enough: bool
    reason: str


def refusal(item: Candidate, settings: DigestSettings, since: datetime | None, now: datetime) -> str:
    """Why a candidate cannot stand in a digest made at `now`, empty when it can.

    `since` is the cut of the last digest that was sent: what was ready then had its chance. A pinned one has another.
    """
    if item.vetoed:
        return "vetoed"
    if not item.public:
        return "no stranger could read it"
    if now - item.found_at < settings.min_age:
        return "too young: its author may still be mending it"
    if now - item.published_at > settings.most_age:
        return "too old"
    ready = item.ready_at(0 if item.pinned else settings.min_votes)
    if ready is None:
        return f"fewer than {settings.min_votes} votes"
    if since is not None and ready <= since and not item.pinned:
        return "was passed over for the last digest"
    return ""


def choose(scored: Sequence[Scored], settings: DigestSettings) -> Sequence[Scored]:
    """The items of a digest, the lead first: pinned ones by score, then greedily by maximal marginal relevance.

    Each next one has the largest λ·score − (1 − λ)·likeness to what was chosen already (Carbonell and Goldstein, 1998);
    of one section there are at most `per_section`, and of the same address or title only one.
    """
    left = sorted(scored, key=lambda one: (not one.item.pinned, -one.score.total, one.item.id))
    chosen: list[Scored] = []
    sections: Counter[tuple[int, str]] = Counter()
    while left and len(chosen) < settings.most_items:
        pinned = [one for one in left if one.item.pinned]
        best = pinned[0] if pinned else max(left, key=lambda one: _marginal(one, chosen, settings.diversity))
        left.remove(best)
        section = (best.item.source, best.item.section)
        if any(same(best.item, other.item) for other in chosen):
            continue
        if not best.item.pinned and best.item.section and sections[section] >= settings.per_section:
            continue
        chosen.append(best)
        sections[section] += 1
    return tuple(chosen)


def judge(chosen: Sequence[Scored], past_leads: Collection[float], settings: DigestSettings) -> Verdict:
    """Whether this is worth a push: items enough, or a single one as good as the best of past leads."""
    if len(chosen) >= settings.min_items:
        return Verdict(True, f"{len(chosen)} items")
    if not chosen:
        return Verdict(False, "nothing that could stand in it")
    bar = percentile(past_leads, settings.lead_percentile) if len(past_leads) >= LEAST_LEADS else None
    lead = chosen[0].score.total
    if bar is not None and lead >= bar:
        return Verdict(True, f"{len(chosen)} of {settings.min_items} items, but the lead ({lead:.2f}) is a strong one")
    return Verdict(False, f"{len(chosen)} of {settings.min_items} items, and no strong lead")


def percentile(values: Collection[float], share: float) -> float:
    """The value that this share of them is not above (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def fits(item: Candidate, topics: Collection[str], language: str, fallback: str) -> bool:
    """Whether somebody with these topics and this language is given it: their language, the fallback, or unsaid."""
    if item.topic is not None and item.topic not in topics:
        return False
    own = main_language(item.language)
    return not own or not language or own in (main_language(language), main_language(fallback))


def relevance(item: Candidate, topics: Collection[str], shares: Mapping[str, float]) -> float:
    """For one person: 1 for a topic of theirs; for what has no topic, what the portal thinks of such things."""
    if item.topic is not None:
        return 1.0 if item.topic in topics else 0.0
    return shares.get("", 0.5)


def same(one: Candidate, other: Candidate) -> bool:
    """Whether two candidates, of two sources perhaps, are the same thing."""
    return one.title_hash == other.title_hash or canonical(one.url) == canonical(other.url)


def main_language(language: str) -> str:
    """`pt` for `pt-BR`."""
    return language.replace("_", "-").partition("-")[0].lower()


def _marginal(one: Scored, chosen: Sequence[Scored], diversity: float) -> float:
    likeness = max((_likeness(one.item, other.item) for other in chosen), default=0.0)
    return diversity * one.score.total - (1 - diversity) * likeness


def _likeness(one: Candidate, other: Candidate) -> float:
    ours, theirs = set(words(one.title)), set(words(other.title))
    shared = len(ours & theirs) / len(ours | theirs) if ours | theirs else 0.0
    if one.source == other.source:
        return max(shared, _SAME_SECTION if one.section and one.section == other.section else _SAME_SOURCE)
    return shared
