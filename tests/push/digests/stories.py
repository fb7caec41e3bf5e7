"""Candidates and subscribers for the tests of digests."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from deskside.model.digest import Entry, Found
from deskside.store.push_tables import campaign, send, subscriber, subscriber_topic
from push.digests import candidates, sources
from push.digests.candidates import Candidate
from push.digests.settings import DigestSchema, DigestSettings
from push.launching import Wish
from push.links import Links

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LINKS = Links("https://push.example", "only for tests")
TOPIC = {"topic": "news", "topics": {}, "language": "", "half_life_days": 3.0, "own": {}}


def settings(**values: Any) -> DigestSettings:
    """What `[digest]` says, these values given."""
    loaded: DigestSettings = DigestSchema().load(values)
    return loaded


def entry(name: str, **values: Any) -> Entry:
    """An entry of a feed, of three hours ago."""
    given = {"guid": name, "url": f"https://blog.example/{name}", "title": f"All about {name}", "section": name}
    return Entry(**{"published_at": NOW - 3 * HOUR, **given, **values})


def item(number: int = 1, **values: Any) -> Candidate:
    """A candidate with two votes that could stand in a digest."""
    made = Candidate(
        id=number,
        source=1,
        url=f"https://blog.example/{number}",
        title=f"Story {number}",
        title_hash=f"hash {number}",
        summary="",
        language="",
        topic=None,
        section=f"section {number}",
        author="",
        published_at=NOW - 3 * HOUR,
        found_at=NOW - 3 * HOUR,
        public=True,
        half_life_days=3.0,
        ups=(NOW - 2 * HOUR, NOW - HOUR),
    )
    return replace(made, **values)


class Desk:
    """A source with its first look behind it, and people who read."""

    def __init__(self, connection: sa.Connection, options: dict[str, Any] | None = None) -> None:
        self.connection = connection
        self.source = sources.add(connection, "feed", "Blog", options or TOPIC)
        sources.keep(connection, self.source, Found((), "first"), NOW - 10 * DAY)

    def found(self, *entries: Entry, at: datetime = NOW - 2 * HOUR, votes: int = 2) -> list[int]:
        """The ids of what a look brought that is new; public, with votes."""
        ids = list(sources.keep(self.connection, self.source, Found(entries, "next"), at))
        for candidate_id in ids:
            candidates.set_public(self.connection, candidate_id, True)
            for voter in range(votes):
                candidates.vote(self.connection, candidate_id, f"voter {voter}", 1, at + timedelta(minutes=1))
        return ids

    def person(self, *topics: str, language: str = "en", **values: Any) -> int:
        """Somebody who subscribed to these topics; their id."""
        row = subscriber.insert().values(language=language, **values).returning(subscriber.c.id)
        number = int(self.connection.execute(row).scalar_one())
        for name in topics:
            self.connection.execute(subscriber_topic.insert().values(subscriber=number, topic=name))
        return number


def run_campaign(connection: sa.Connection, wish: Wish, now: datetime) -> int:
    """A campaign that runs, as far as a digest or a poll needs one."""
    row = campaign.insert().values(
        name=wish.name,
        kind=wish.kind.value,
        state="running",
        variants=[],
        audience={},
        schedule={},
        seed="seed",
        made_from=wish.made_from,
        created_by=wish.by,
        started_at=now,
    )
    return int(connection.execute(row.returning(campaign.c.id)).scalar_one())


def deliver(
    connection: sa.Connection, campaign_id: int, kind: str, *people: int, state: str = "sent", at: datetime = NOW
) -> Any:
    """The rows of sends to these people that came to this state."""
    for person in people:
        connection.execute(
            send.insert().values(
                dedupe_key=f"campaign:{campaign_id}:{person}",
                kind=kind,
                campaign=campaign_id,
                subscriber=person,
                due_at=at,
                state=state,
                sent_at=at if state == "sent" else None,
                decided_at=at,
            )
        )
    return connection.execute(send.select().where(send.c.campaign == campaign_id, send.c.subscriber.in_(people))).all()
