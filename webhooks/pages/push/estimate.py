"""What a campaign would come to if it began now: whom it reaches, when, and how it looks."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from deskside.errors import Malformed, Permanent
from deskside.store.push_tables import subscriber
from push.campaigns import looks, schedule
from push.campaigns.audience import Reach, reach
from push.campaigns.definition import Draft, When, check_schedule
from push.campaigns.looks import Look
from push.model import Content, Person, Variant
from push.sending import contents, windows
from push.sending.gates import Manners
from push.subscribers import registry
from webhooks.pages.push import room
from webhooks.pages.rows import row_id

MOST_ZONES = 12


@dataclass(frozen=True, slots=True)
class Shown:
    """One text as it is read, and how it looks everywhere; `problem` instead, where a template cannot be worked out."""

    variant: str
    language: str
    looks: Sequence[Look] = ()
    title: str = ""
    body: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Landing:
    """When people of one time zone get it: how many there are, and their own time of it."""

    zone: ZoneInfo
    people: int
    known: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Estimate:
    """Whom it reaches, by zone when that differs; `problem` says why that cannot be told yet."""

    reach: Reach | None = None
    zones: Sequence[Landing] = ()
    more_zones: int = 0
    problem: str = ""


def estimate(connection: sa.Connection, draft: Draft, seed: str, now: datetime) -> Estimate:
    """Whom this draft reaches if it begins `now`; its text may still be missing."""
    manners = room.manners()
    try:
        check_schedule(draft.schedule)
    except Malformed as error:
        return Estimate(problem=str(error))
    found = reach(connection, draft, seed, manners, now)
    zones = _landings(connection, draft, manners, now)
    return Estimate(found, zones[:MOST_ZONES], max(0, len(zones) - MOST_ZONES))


def shown(variants: Sequence[Variant], person: Person, fallback: str) -> list[Shown]:
    """Every text of these, with what is known of this person in its places."""
    return [_shown(variant, language, person, fallback) for variant in variants for language in variant.contents]


def sample(connection: sa.Connection, number: int | None) -> Person:
    """The subscriber of this number, to fill in a text with; nobody in particular where there is none."""
    found = registry.people(connection, [number]).get(number) if number and row_id(number) else None
    return found or Person(0)


def pictures(variants: Sequence[Variant], icon: str) -> set[str]:
    """The origins of all pictures of these texts."""
    urls = {icon} | {
        url for variant in variants for one in variant.contents.values() for url in (one.icon, one.image, one.badge)
    }
    return {origin for url in urls if (origin := origin_of(url))}


def origin_of(url: str) -> str:
    """Scheme and host of a picture's address, as a content security policy names it; empty where it is none."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    host = parts.hostname or ""
    if parts.scheme not in {"https", "http"} or not host.isascii() or not all(c.isalnum() or c in ".-" for c in host):
        return ""
    return f"{parts.scheme}://{host}{port}"


def _shown(variant: Variant, language: str, person: Person, fallback: str) -> Shown:
    content = variant.contents[language]
    try:
        words = contents.words(Variant(variant.name, {language: content}), replace(person, language=language), fallback)
    except Permanent as error:
        if not content.title.strip():
            return _looked(variant.name, language, replace(content, title="", body=""))
        return Shown(variant.name, language, problem=str(error))
    return _looked(variant.name, language, words.content)


def _looked(name: str, language: str, content: Content) -> Shown:
    return Shown(name, language, looks.looks(content), content.title, content.body)


def _landings(connection: sa.Connection, draft: Draft, manners: Manners, now: datetime) -> list[Landing]:
    chosen = draft.schedule
    own = chosen.when is When.LOCAL or (chosen.when is When.WINDOW and not chosen.zone)
    if not own:
        return []
    counted: Counter[str] = Counter()
    people = sa.select(subscriber.c.zone, sa.func.count()).where(subscriber.c.left_at.is_(None))
    for zone, number in connection.execute(people.group_by(subscriber.c.zone)):
        counted[zone if windows.zone(zone) else ""] += number
    late = timedelta(minutes=draft.late_minutes)
    found = []
    for zone, number in counted.items():
        where = windows.zone(zone) or manners.zone
        slot = schedule.slot(chosen, where, now, late, 0.0)
        found.append(Landing(where, number, bool(zone), slot.due_at))
    return sorted(found, key=lambda one: (one.at, -one.people))
