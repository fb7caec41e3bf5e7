"""What one person gets of a digest: the items of their topics, in their language, never one they were shown before."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa

from deskside.store.database import Row, insert_new, upsert
from deskside.store.push_tables import candidate, digest, digest_shown, subscriber, subscriber_topic
from push.digests import candidates, statistics
from push.digests.candidates import Candidate
from push.digests.identity import canonical
from push.digests.selection import fits, relevance
from push.digests.settings import DigestSettings
from push.links import Links
from push.model import Button, Content, Variant
from push.wording import cut, literal, say

_LONGEST_TITLE, _LONGEST_BODY, _LONGEST_BUTTON = 80, 110, 18
# What counts as having reached somebody.
REACHED = ("sent", "unknown")


class Ended(Protocol):
    """A send that reached its end, as whoever sent it tells it."""

    @property
    def campaign(self) -> int | None:
        """The campaign it belongs to."""

    @property
    def subscriber(self) -> int:
        """Whom it was for."""

    @property
    def state(self) -> str:
        """sent, failed, unknown or skipped."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: what decides on their items."""

    id: int
    language: str
    topics: frozenset[str]


def items_for(
    connection: sa.Connection, issue: Row, people: Collection[int], settings: DigestSettings, now: datetime
) -> Mapping[int, Sequence[Candidate]]:
    """Each person's items of this issue, their lead first; nobody without any is in it.

    An order that the team gave holds for everybody. Otherwise each person's own relevance takes the place of the
    portal's in the score. What was vetoed or hidden since the draft is in nobody's.
    """
    stored = {item["candidate"]: item for item in issue.items}
    found = candidates.by_id(connection, list(stored))
    usable = [found[key] for key in stored if key in found and found[key].public and not found[key].vetoed]
    shares = statistics.shares(connection)
    before = _shown_before(connection, issue.id, people, now - settings.again_after)
    arranged = all("place" in item for item in issue.items)
    result: dict[int, Sequence[Candidate]] = {}
    for reader in _readers(connection, people):
        names = before.get(reader.id, frozenset())
        theirs = [
            item
            for item in usable
            if fits(item, reader.topics, reader.language, settings.fallback_language)
            and not names & {item.title_hash, canonical(item.url)}
        ]
        if not arranged:
            own = {
                item.id: _personal(stored[item.id], relevance(item, reader.topics, shares), settings) for item in theirs
            }
            theirs.sort(key=lambda item: (not item.pinned, -own[item.id], item.id))
        if theirs:
            result[reader.id] = tuple(theirs)
    return result


def variants(
    connection: sa.Connection, sends: Sequence[Row], settings: DigestSettings, links: Links, now: datetime
) -> Mapping[int, Variant]:
    """The message of each of these sends of digest campaigns, by the send's id; none for whom there is nothing new."""
    by_campaign: dict[int, list[Row]] = defaultdict(list)
    for row in sends:
        by_campaign[row.campaign].append(row)
    issues = connection.execute(digest.select().where(digest.c.campaign.in_(list(by_campaign)))).all()
    result: dict[int, Variant] = {}
    for issue in issues:
        rows = by_campaign[issue.campaign]
        theirs = items_for(connection, issue, {row.subscriber for row in rows}, settings, now)
        languages = _languages(connection, list(theirs))
        for row in rows:
            if row.subscriber in theirs:
                language = languages[row.subscriber]
                content = _content(issue, row.subscriber, theirs[row.subscriber], language, links)
                result[row.id] = Variant("A", {language or "en": content})
    return result


def keep_shown(connection: sa.Connection, ended: Iterable[Ended], settings: DigestSettings, now: datetime) -> None:
    """Write down what those who were reached were shown; for the transaction that settles the sends."""
    people: dict[int, set[int]] = defaultdict(set)
    for one in ended:
        if one.campaign is not None and one.state in REACHED:
            people[one.campaign].add(one.subscriber)
    if not people:
        return
    for issue in connection.execute(digest.select().where(digest.c.campaign.in_(list(people)))).all():
        for person, items in items_for(connection, issue, people[issue.campaign], settings, now).items():
            for item in items:
                upsert(connection, digest_shown, subscriber=person, candidate=item.id, digest=issue.id, at=now)


def opened(connection: sa.Connection, issue: Row, candidate_id: int, person: int, now: datetime) -> None:
    """A person followed a link of this issue; only the first time is kept."""
    if connection.scalar(sa.select(subscriber.c.id).where(subscriber.c.id == person)) is None:
        return
    insert_new(connection, digest_shown, subscriber=person, candidate=candidate_id, digest=issue.id, at=now)
    connection.execute(
        digest_shown.update()
        .where(
            digest_shown.c.subscriber == person,
            digest_shown.c.candidate == candidate_id,
            digest_shown.c.opened_at.is_(None),
        )
        .values(opened_at=now)
    )


def link_target(connection: sa.Connection, issue: Row, candidate_id: int) -> str | None:
    """Where a link of this issue leads; None for what is not in it, or not public any more."""
    if candidate_id not in {item["candidate"] for item in issue.items}:
        return None
    found = candidates.by_id(connection, [candidate_id]).get(candidate_id)
    return found.url if found is not None and found.public and not found.vetoed else None


def _content(issue: Row, person: int, items: Sequence[Candidate], language: str, links: Links) -> Content:
    lead, *rest = items
    body = (
        say(language, "more", count=len(rest), titles=" · ".join(item.title for item in rest[:2]))
        if rest
        else lead.summary
    )
    buttons = tuple(
        Button(cut(item.title, _LONGEST_BUTTON), links.item(issue.token, issue.id, person, item.id))
        for item in rest[:2]
    )
    return Content(
        title=literal(cut(lead.title, _LONGEST_TITLE)),
        body=literal(cut(body, _LONGEST_BODY)),
        url=links.digest(issue.token, issue.id, person),
        buttons=buttons,
    )


def _personal(stored: Mapping[str, Any], own: float, settings: DigestSettings) -> float:
    parts: dict[str, float] = {**stored["parts"], "relevance": own}
    return sum(settings.weights[name] * part for name, part in parts.items())


def _readers(connection: sa.Connection, people: Collection[int]) -> Sequence[Reader]:
    topics: dict[int, set[str]] = defaultdict(set)
    for person, topic in connection.execute(
        sa.select(subscriber_topic.c.subscriber, subscriber_topic.c.topic).where(
            subscriber_topic.c.subscriber.in_(people)
        )
    ):
        topics[person].add(topic)
    languages = _languages(connection, people)
    return [Reader(person, language, frozenset(topics[person])) for person, language in languages.items()]


def _languages(connection: sa.Connection, people: Collection[int]) -> Mapping[int, str]:
    query = sa.select(subscriber.c.id, subscriber.c.language).where(subscriber.c.id.in_(people))
    return {row.id: row.language for row in connection.execute(query.order_by(subscriber.c.id))}


def _shown_before(
    connection: sa.Connection, issue: int, people: Collection[int], since: datetime
) -> Mapping[int, frozenset[str]]:
    """The titles (as hashes) and addresses of what each person was shown in other issues since then."""
    query = (
        sa.select(digest_shown.c.subscriber, candidate.c.title_hash, candidate.c.url)
        .join(candidate, candidate.c.id == digest_shown.c.candidate)
        .where(digest_shown.c.subscriber.in_(people), digest_shown.c.digest != issue, digest_shown.c.at > since)
    )
    names: dict[int, set[str]] = defaultdict(set)
    for person, title, url in connection.execute(query):
        names[person] |= {title, canonical(url)}
    return {person: frozenset(found) for person, found in names.items()}
