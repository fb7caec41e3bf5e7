"""Who unsubscribed, and after which message: the last one that reached them within a day before."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from deskside.store.database import Row
from deskside.store.push_tables import consent, send
from push.model import Kind

# Later than this after a message, somebody left for another reason.
AFTER = timedelta(days=1)
_AT_ONCE = 500


def by_campaign(connection: sa.Connection, numbers: Collection[int]) -> Mapping[int, int]:
    """How many people left because of each of these campaigns."""
    span = sa.select(sa.func.min(send.c.sent_at), sa.func.max(send.c.sent_at)).where(send.c.campaign.in_(numbers))
    first, last = connection.execute(span).one()
    if first is None:
        return {}
    # The span is wide where campaigns are far apart: only people who got one of them are asked for.
    got = sa.exists().where(send.c.subscriber == consent.c.subscriber, send.c.campaign.in_(numbers))
    found = Counter(row.campaign for row in _blamed(connection, first, last + AFTER, got))
    return {number: found[number] for number in numbers}


def by_kind(connection: sa.Connection, since: datetime, until: datetime) -> Mapping[str, int]:
    """How many people left because of messages that reached them in this time, by what those were for."""
    rows = _blamed(connection, since, until + AFTER, sa.true())
    return Counter(row.kind for row in rows if since <= row.sent_at < until)


def _blamed(
    connection: sa.Connection, since: datetime, until: datetime, which: sa.ColumnElement[bool]
) -> Sequence[Row]:
    left = connection.execute(
        sa.select(consent.c.subscriber, consent.c.at)
        .where(consent.c.action == "withdrawn", consent.c.at >= since, consent.c.at <= until, which)
        .order_by(consent.c.id)
    ).all()
    found: list[Row] = []
    for start in range(0, len(left), _AT_ONCE):
        some = left[start : start + _AT_ONCE]
        messages = _messages(connection, {row.subscriber for row in some}, since - AFTER, until)
        for row in some:
            before = [one for one in messages[row.subscriber] if row.at - AFTER < one.sent_at <= row.at]
            found += before[-1:]
    return found


def _messages(
    connection: sa.Connection, people: Collection[int], since: datetime, until: datetime
) -> Mapping[int, list[Row]]:
    columns = ("id", "subscriber", "campaign", "enrollment", "step_key", "kind", "sent_at")
    query = (
        sa.select(*(send.c[name] for name in columns))
        .where(
            send.c.subscriber.in_(people),
            send.c.state == "sent",
            send.c.kind != Kind.TEST.value,
            send.c.sent_at > since,
            send.c.sent_at <= until,
        )
        .order_by(send.c.sent_at, send.c.id)
    )
    found: dict[int, list[Row]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.subscriber].append(row)
    return found
