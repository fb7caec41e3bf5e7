"""What people wish: topics, language, how often, when not, and pauses."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from deskside.store.push_tables import subscriber
from push.subscribers import consent, topics

DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Preferences:
    """A person's wishes.

    `per_week` is the most messages of a week, `quiet` from and to in minutes after local midnight; None is the
    portal's default for both. `zone` is where their days begin.
    """

    topics: tuple[str, ...] = ()
    language: str = ""
    zone: str = ""
    per_week: int | None = None
    quiet: tuple[int, int] | None = None
    paused_until: datetime | None = None
    left_at: datetime | None = None


def read(connection: sa.Connection, subscriber_id: int) -> Preferences | None:
    """The wishes of a person; None when nobody is there."""
    row = connection.execute(sa.select(subscriber).where(subscriber.c.id == subscriber_id)).first()
    if row is None:
        return None
    return Preferences(
        topics=topics.of(connection, subscriber_id),
        language=row.language,
        zone=row.zone,
        per_week=row.per_week,
        quiet=None if row.quiet_from is None or row.quiet_to is None else (row.quiet_from, row.quiet_to),
        paused_until=row.paused_until,
        left_at=row.left_at,
    )


def change(
    connection: sa.Connection, subscriber_id: int, wanted: Preferences, now: datetime, source: str
) -> tuple[str, ...]:
    """Keep topics, language, how often and when not; the topics they had not chosen before.

    Other topics than before are a change of what was agreed to.
    """
    before = topics.of(connection, subscriber_id)
    topics.choose(connection, subscriber_id, wanted.topics, now)
    after = topics.of(connection, subscriber_id)
    quiet_from, quiet_to = wanted.quiet or (None, None)
    connection.execute(
        sa.update(subscriber)
        .where(subscriber.c.id == subscriber_id)
        .values(
            language=wanted.language, per_week=wanted.per_week, quiet_from=quiet_from, quiet_to=quiet_to, seen_at=now
        )
    )
    if after != before:
        consent.record(
            connection,
            subscriber_id,
            consent.Action.CHANGED,
            now,
            topics=after,
            language=wanted.language,
            source=source,
        )
    return tuple(name for name in after if name not in before)


def pause(connection: sa.Connection, subscriber_id: int, until: datetime | None) -> None:
    """No messages before this instant; None ends the pause."""
    connection.execute(sa.update(subscriber).where(subscriber.c.id == subscriber_id).values(paused_until=until))
