"""What readers did with earlier digests, as far as it weighs on the next."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa

from deskside.store.push_tables import candidate, digest, digest_shown, subscriber, subscriber_topic
from push.digests.score import Rates

LOOK_BACK = timedelta(days=180)
_PAST_LEADS = 50


def rates(connection: sa.Connection, now: datetime) -> Rates:
    """How often what was shown within the last half year was opened, by source and author."""
    query = (
        sa.select(candidate.c.source, candidate.c.author, sa.func.count(), sa.func.count(digest_shown.c.opened_at))
        .join(candidate, candidate.c.id == digest_shown.c.candidate)
        .where(digest_shown.c.at > now - LOOK_BACK)
        .group_by(candidate.c.source, candidate.c.author)
    )
    shown, opened = {}, {}
    for source, author, count, clicks in connection.execute(query):
        shown[source, author], opened[source, author] = count, clicks
    return Rates(shown, opened)


def shares(connection: sa.Connection) -> Mapping[str, float]:
    """The share of all subscribers who chose a topic, by topic; "" is what has none: a half."""
    here = subscriber.c.left_at.is_(None)
    total = connection.scalar(sa.select(sa.func.count()).select_from(subscriber).where(here)) or 0
    if not total:
        return {"": 0.5}
    query = (
        sa.select(subscriber_topic.c.topic, sa.func.count())
        .join(subscriber, subscriber.c.id == subscriber_topic.c.subscriber)
        .where(here)
        .group_by(subscriber_topic.c.topic)
    )
    return {"": 0.5, **{topic: count / total for topic, count in connection.execute(query)}}


def past_leads(connection: sa.Connection) -> Collection[float]:
    """The scores of the leads of the last digests that were sent."""
    query = sa.select(digest.c["items"]).where(digest.c.state == "sent").order_by(digest.c.id.desc()).limit(_PAST_LEADS)
    return [items[0]["score"] for items in connection.scalars(query) if items]
