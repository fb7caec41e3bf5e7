"""Candidates as the team sees them: with votes, a veto, a pin."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from deskside.store.database import Row, upsert
from deskside.store.push_tables import candidate, candidate_vote, digest_source
from push.digests import options
from push.digests.sources import NEW, USED


@dataclass(frozen=True, slots=True)
class Candidate:
    """A candidate with all that is weighed. `ups` and `downs` are when the team voted, oldest first."""

    id: int
    source: int
    url: str
    title: str
    title_hash: str
    summary: str
    language: str
    topic: str | None
    section: str
    author: str
    published_at: datetime
    found_at: datetime
    public: bool
    half_life_days: float
    pinned: bool = False
    vetoed: bool = False
    ups: tuple[datetime, ...] = ()
    downs: tuple[datetime, ...] = ()

    def ready_at(self, min_votes: int) -> datetime | None:
        """Since when it has been known, with votes enough; None while it has too few."""
        cast = sorted((*self.ups, *self.downs))
        if len(cast) < min_votes and not self.pinned:
            return None
        return max(self.found_at, cast[min_votes - 1]) if 0 < min_votes <= len(cast) else self.found_at


def waiting(connection: sa.Connection, now: datetime, since: datetime) -> Sequence[Candidate]:
    """Candidates that stood in no digest yet and were published after `since`, the newest first."""
    query = (
        _query()
        .where(candidate.c.state == NEW, candidate.c.published_at > since, candidate.c.published_at <= now)
        .order_by(candidate.c.published_at.desc(), candidate.c.id)
    )
    return _read(connection, connection.execute(query).all())


def by_id(connection: sa.Connection, ids: Collection[int]) -> Mapping[int, Candidate]:
    """These candidates, whatever became of them."""
    rows = connection.execute(_query().where(candidate.c.id.in_(ids))).all()
    return {item.id: item for item in _read(connection, rows)}


def vote(connection: sa.Connection, candidate_id: int, voter: str, value: int, now: datetime) -> None:
    """One person's vote: 1, -1, or 0 to take it back. A later one replaces it."""
    if value not in (-1, 0, 1):
        raise ValueError("a vote is 1, -1 or 0")
    if value == 0:
        connection.execute(
            candidate_vote.delete().where(candidate_vote.c.candidate == candidate_id, candidate_vote.c.voter == voter)
        )
        return
    upsert(connection, candidate_vote, candidate=candidate_id, voter=voter, vote=value, at=now)


def veto(connection: sa.Connection, candidate_id: int, by: str) -> None:
    """It goes into no digest, whatever the votes; an empty `by` lifts that."""
    connection.execute(candidate.update().where(candidate.c.id == candidate_id).values(vetoed_by=by))


def pin(connection: sa.Connection, candidate_id: int, by: str) -> None:
    """It goes to the head of the next digest; an empty `by` lifts that. It must still be public, and not vetoed."""
    connection.execute(candidate.update().where(candidate.c.id == candidate_id).values(pinned_by=by))


def unproven(connection: sa.Connection, since: datetime, limit: int) -> Sequence[Row]:
    """Candidates found after `since` that wait and were not seen by a stranger yet, the newest first."""
    query = candidate.select().where(candidate.c.state == NEW, ~candidate.c.public, candidate.c.found_at > since)
    return connection.execute(query.order_by(candidate.c.id.desc()).limit(limit)).all()


def set_public(connection: sa.Connection, candidate_id: int, public: bool) -> None:
    """What a stranger found."""
    connection.execute(candidate.update().where(candidate.c.id == candidate_id).values(public=public))


def use(connection: sa.Connection, ids: Collection[int]) -> None:
    """These stood in a digest that was sent: never again in another."""
    connection.execute(candidate.update().where(candidate.c.id.in_(ids)).values(state=USED))


def _query() -> sa.Select[tuple[object, ...]]:
    return sa.select(candidate, digest_source.c.options).join(digest_source, digest_source.c.id == candidate.c.source)


def _read(connection: sa.Connection, rows: Sequence[Row]) -> Sequence[Candidate]:
    votes: dict[int, dict[int, list[datetime]]] = defaultdict(lambda: defaultdict(list))
    cast = sa.select(candidate_vote).where(candidate_vote.c.candidate.in_([row.id for row in rows]))
    for row in connection.execute(cast.order_by(candidate_vote.c.at)):
        votes[row.candidate][row.vote].append(row.at)
    return [
        Candidate(
            id=row.id,
            source=row.source,
            url=row.url,
            title=row.title,
            title_hash=row.title_hash,
            summary=row.summary,
            language=row.language,
            topic=row.topic,
            section=row.section,
            author=row.author,
            published_at=row.published_at,
            found_at=row.found_at,
            public=row.public,
            half_life_days=options.read(row.options).half_life_days,
            pinned=bool(row.pinned_by),
            vetoed=bool(row.vetoed_by),
            ups=tuple(votes[row.id][1]),
            downs=tuple(votes[row.id][-1]),
        )
        for row in rows
    ]
