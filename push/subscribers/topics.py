"""What people can choose to hear about."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from deskside.store.database import Row, insert_new, upsert
from deskside.store.push_tables import subscriber_topic, topic


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic: `titles` by language, whether its box is ticked for newcomers, whether it is still offered."""

    name: str
    titles: Mapping[str, str] = field(default_factory=dict)
    position: int = 0
    proposed: bool = True
    active: bool = True

    def title(self, language: str) -> str:
        """In this language, else in its main language, else in the first there is, else the name."""
        for wanted in (language, language.partition("-")[0]):
            if self.titles.get(wanted):
                return self.titles[wanted]
        return next((title for title in self.titles.values() if title), self.name)


def put(connection: sa.Connection, wanted: Topic) -> None:
    """Make a topic, or change the one of this name."""
    upsert(
        connection,
        topic,
        name=wanted.name,
        titles=dict(wanted.titles),
        position=wanted.position,
        proposed=wanted.proposed,
        active=wanted.active,
    )


def every(connection: sa.Connection) -> list[Topic]:
    """All topics, also those that are no longer offered, in their order."""
    rows = connection.execute(sa.select(topic).order_by(topic.c.position, topic.c.name))
    return [_topic(row) for row in rows]


def offered(connection: sa.Connection) -> list[Topic]:
    """The topics people can choose, in their order."""
    return [found for found in every(connection) if found.active]


def choose(connection: sa.Connection, subscriber_id: int, names: Collection[str], now: datetime) -> tuple[str, ...]:
    """Make exactly these a person's topics, as far as they are offered: their names, sorted.

    A topic that is no longer offered stays as it was: it could not be seen, so nobody decided about it.
    """
    choice = {found.name for found in offered(connection)}
    wanted, had = choice & set(names), set(of(connection, subscriber_id))
    gone = (had & choice) - wanted
    if gone:
        connection.execute(
            sa.delete(subscriber_topic).where(
                subscriber_topic.c.subscriber == subscriber_id, subscriber_topic.c.topic.in_(gone)
            )
        )
    for name in sorted(wanted - had):
        insert_new(connection, subscriber_topic, subscriber=subscriber_id, topic=name, since=now)
    return tuple(sorted(wanted))


def of(connection: sa.Connection, subscriber_id: int) -> tuple[str, ...]:
    """The names of a person's topics, sorted."""
    return of_several(connection, [subscriber_id]).get(subscriber_id, ())


def of_several(connection: sa.Connection, subscriber_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """The names of these people's topics, sorted; whoever has none is missing."""
    rows = connection.execute(
        sa.select(subscriber_topic.c.subscriber, subscriber_topic.c.topic)
        .where(subscriber_topic.c.subscriber.in_(list(subscriber_ids)))
        .order_by(subscriber_topic.c.topic)
    )
    found: dict[int, tuple[str, ...]] = {}
    for row in rows:
        found[row.subscriber] = (*found.get(row.subscriber, ()), row.topic)
    return found


def _topic(row: Row) -> Topic:
    return Topic(row.name, row.titles, row.position, row.proposed, row.active)
