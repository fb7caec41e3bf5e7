"""The guard against mass deletion: what may be archived, and what needs a person who says the exact number. Pure.

A document is archived only if

- (a) the last complete listing of its source was read to its end without an error and had not much less than before,
- (b) it was missing in several complete listings in a row,
- (c) the source, asked for it alone, said that it is gone, and did not refuse or fail to answer,
- (d) it is one of few: more than the limit are all refused until somebody names the exact number,
- (e) the article is ours,
- (f) it has been missing for a while.

Articles that leave a target because a rule changed count against the same limit (d).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.knowledge.settings import GuardSettings

GONE, THERE, DENIED = "gone", "there", "denied"


@dataclass(frozen=True, slots=True)
class Leaving:
    """An article that is to be taken from its readers.

    `missing` is false for one that leaves by a rule: its source has it still. `source_state` is that of `kb_source`;
    `listing_age` the time since its last complete listing, None before the first.
    """

    key: str
    missing: bool = True
    owned: bool = True
    source_state: str = "good"
    listing_age: timedelta | None = timedelta()
    missing_since: datetime | None = None
    missing_listings: int = 0
    proof: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may leave a target. `held` says why not; those in `numbered` may once somebody names their number."""

    allowed: frozenset[str]
    held: dict[str, str]
    numbered: frozenset[str]
    limit: int


def limit(settings: GuardSettings, articles: int) -> int:
    """How many of so many articles may leave a target in one run."""
    share = int(articles * settings.archive_percent / 100)
    return max(settings.archive_least, min(settings.archive_most, share))


def shrunk(settings: GuardSettings, known: int, missing: int) -> bool:
    """Whether a complete listing is not believed: it is empty, or too many of the documents known are not in it."""
    if not missing:
        return False
    if missing >= known:
        return True
    return missing > settings.archive_least and missing * 100 > known * settings.count_drop_percent


def judge(
    leaving: Sequence[Leaving], articles: int, settings: GuardSettings, full_listing: timedelta, now: datetime
) -> Verdict:
    """What of `leaving` may leave a target that has so many articles of ours."""
    held: dict[str, str] = {}
    ready: list[str] = []
    doubted: set[str] = set()
    for item in leaving:
        why = _unproved(item, settings, full_listing, now)
        if why:
            held[item.key] = why
            continue
        ready.append(item.key)
        if item.missing and item.source_state == "shrunk":
            doubted.add(item.key)
    most = limit(settings, articles)
    numbered = frozenset(ready) if len(ready) > most else frozenset(doubted)
    for key in numbered:
        held[key] = (
            f"{len(ready)} articles would leave at once, and {most} may: say --allow-archive={len(numbered)} if all of "
            "them are meant to"
            if len(ready) > most
            else "the last listing of its source had much less than before: say "
            f"--allow-archive={len(numbered)} if that is right"
        )
    return Verdict(frozenset(ready) - numbered, held, numbered, most)


def _unproved(item: Leaving, settings: GuardSettings, full_listing: timedelta, now: datetime) -> str:
    if not item.owned:
        return "the article is not ours"
    if not item.missing:
        return ""
    if item.source_state not in ("good", "shrunk"):
        return "its source could not be read"
    if item.listing_age is None or item.listing_age > 2 * full_listing:
        return "its source was not listed completely for too long"
    if item.proof == THERE:
        return "it is in no listing, but the source answers for it"
    if item.proof == DENIED:
        return "it is in no listing, and the source refuses to answer for it"
    if item.proof != GONE:
        return "the source has not said yet that it is gone"
    if item.missing_listings < settings.listings:
        return f"it was missing in {item.missing_listings} of {settings.listings} complete listings"
    if item.missing_since is None or now - item.missing_since < settings.grace:
        hours = settings.grace.total_seconds() / 3600
        return f"it has been missing for less than {hours:g} h"
    return ""
