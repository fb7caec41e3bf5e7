"""Letting people into a chain by hand: everybody, or all who chose a topic."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from deskside.store.database import Row
from deskside.store.push_tables import subscriber, subscriber_topic, subscription
from push.chains import flow
from push.sending.gates import Manners

_AT_ONCE = 2000


def enter(connection: sa.Connection, row: Row, topic: str, manners: Manners, now: datetime) -> int:
    """Let everybody into an active chain who can be reached, of this topic or (empty) of all; how many came in.

    Who is inside already stays where they are, and who was before comes in as the chain's own rule says.
    """
    people: Sequence[int] = connection.scalars(_reachable(topic).order_by(subscriber.c.id)).all()
    parts = [people[start : start + _AT_ONCE] for start in range(0, len(people), _AT_ONCE)]
    return sum(len(flow.enter(connection, row, part, manners, now)) for part in parts)


def reachable(connection: sa.Connection) -> Mapping[str, int]:
    """How many people can be reached, by topic; all of them are ""."""
    everybody = connection.scalar(sa.select(sa.func.count()).select_from(_reachable("").subquery())) or 0
    counted = (
        sa.select(subscriber_topic.c.topic, sa.func.count())
        .where(subscriber_topic.c.subscriber.in_(_reachable("")))
        .group_by(subscriber_topic.c.topic)
    )
    return {"": everybody, **{topic: number for topic, number in connection.execute(counted)}}  # noqa: C416


def _reachable(topic: str) -> sa.Select[Any]:
    alive = sa.exists().where(subscription.c.subscriber == subscriber.c.id, subscription.c.state == "alive")
    query = sa.select(subscriber.c.id).where(subscriber.c.left_at.is_(None), alive)
    if not topic:
        return query
    chose = sa.exists().where(subscriber_topic.c.subscriber == subscriber.c.id, subscriber_topic.c.topic == topic)
    return query.where(chose)
