"""Everything that waits for a digest, as the team looks at it: what it is worth, and why it is in or not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from deskside.store.push_tables import candidate_vote
from push.digests import candidates, drafts, statistics
from push.digests.candidates import Candidate
from push.digests.score import Score, score
from push.digests.settings import DigestSettings


@dataclass(frozen=True, slots=True)
class Standing:
    """A candidate: its score, its place (from 0) in a digest made now, else why not, and one person's vote."""

    item: Candidate
    score: Score
    place: int | None
    reason: str
    vote: int


def board(connection: sa.Connection, settings: DigestSettings, voter: str, now: datetime) -> Sequence[Standing]:
    """All that waits: those of a digest made now in their order, then the rest by score."""
    proposal = drafts.propose(connection, settings, now)
    places = {one.item.id: place for place, one in enumerate(proposal.chosen)}
    refused = {item.id: reason for item, reason in proposal.refused}
    rates, shares = statistics.rates(connection, now), statistics.shares(connection)
    votes = _votes(connection, voter)
    found = [
        Standing(
            item,
            score(item, settings.weights, shares.get(item.topic or "", 0.0), rates, now),
            places.get(item.id),
            refused.get(item.id, "" if item.id in places else "others are better, or too much like it"),
            votes.get(item.id, 0),
        )
        for item in candidates.waiting(connection, now, now - settings.most_age)
    ]
    return sorted(
        found, key=lambda one: (len(found) if one.place is None else one.place, -one.score.total, one.item.id)
    )


def _votes(connection: sa.Connection, voter: str) -> dict[int, int]:
    asked = sa.select(candidate_vote.c.candidate, candidate_vote.c.vote).where(candidate_vote.c.voter == voter)
    return {item: vote for item, vote in connection.execute(asked)}  # noqa: C416 - rows are no pairs to mypy
