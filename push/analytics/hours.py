"""When messages reached people, by the hour and weekday of their own clock, and what they did."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from deskside.store.push_tables import send, subscriber
from push.analytics import quarters
from push.analytics.counts import Counts, add, heard, read, sums
from push.sending import windows


def by_hour(
    connection: sa.Connection, since: datetime, until: datetime, fallback: ZoneInfo
) -> Sequence[Sequence[Counts]]:
    """Seven weekdays (0 is Monday) of 24 hours, of what was accepted in this time.

    The hour is that at which a push service accepted it, in the person's zone; in `fallback` where theirs is unknown.
    """
    return _folded(connection, sa.and_(send.c.sent_at >= since, send.c.sent_at < until), fallback)


def of_campaign(connection: sa.Connection, number: int, fallback: ZoneInfo) -> Sequence[Sequence[Counts]]:
    """The same of one campaign."""
    return _folded(connection, sa.and_(send.c.campaign == number, send.c.sent_at.is_not(None)), fallback)


def _folded(connection: sa.Connection, which: sa.ColumnElement[bool], fallback: ZoneInfo) -> Sequence[Sequence[Counts]]:
    told = heard(which)
    quarter = quarters.quarter(connection, told.c.sent_at).label("quarter")
    query = (
        sa.select(subscriber.c.zone, quarter, *sums(told))
        .select_from(told.join(subscriber, subscriber.c.id == told.c.subscriber))
        .group_by(subscriber.c.zone, quarter)
    )
    found: dict[tuple[int, int], list[Counts]] = defaultdict(list)
    for row in connection.execute(query):
        where = windows.zone(row.zone) or fallback
        found[quarters.local_hour(row.quarter, where)].append(read(row))
    return [[add(found[day, hour]) for hour in range(24)] for day in range(7)]
