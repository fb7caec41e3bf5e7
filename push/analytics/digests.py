"""How many people were shown an issue of a digest, and how many opened something of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from deskside.store.push_tables import digest_shown


@dataclass(frozen=True, slots=True)
class Readers:
    """People, each counted once however many items there were."""

    shown: int = 0
    opened: int = 0


def readers(connection: sa.Connection, issues: Collection[int]) -> Mapping[int, Readers]:
    """The readers of these issues, by id."""
    people = sa.func.count(digest_shown.c.subscriber.distinct())
    opened = sa.case((digest_shown.c.opened_at.is_not(None), digest_shown.c.subscriber))
    query = (
        sa.select(digest_shown.c.digest, people, sa.func.count(opened.distinct()))
        .where(digest_shown.c.digest.in_(issues))
        .group_by(digest_shown.c.digest)
    )
    found = {issue: Readers(shown, clicked) for issue, shown, clicked in connection.execute(query)}
    return {issue: found.get(issue, Readers()) for issue in issues}
