"""What kinds of tickets arrived lately, as the weights see them."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa

from deskside.order.mix import Mix
from deskside.order.weights import makings
from deskside.store.tables import ticket, turn
from deskside.store.weights import contributions

RECENT = timedelta(days=30)
# More do not change a mean.
MOST = 10_000


def mix(connection: sa.Connection, versions: Mapping[int, Mapping[str, int]], now: datetime) -> Mix:
    """The arrivals of the last 30 days: the newest 10,000 turns that ended, and as many of those that wait.

    `versions` are the minutes of every version of the weights, the configuration's own as version 0. A ticket that came
    back is an arrival each time, as it is in the queue.
    """
    since = now - RECENT
    # What arrived since then was also answered since then, and that is in an index.
    ended = (
        sa.select(turn.c.contributions, turn.c.model)
        .where(turn.c.replied_at >= since, turn.c.arrived_at >= since)
        .order_by(turn.c.replied_at.desc())
        .limit(MOST)
    )
    here = (
        sa.select(ticket.c.contributions, ticket.c.model)
        .where(ticket.c.waiting, ticket.c.arrived_at >= since)
        .order_by(ticket.c.arrived_at.desc())
        .limit(MOST)
    )
    counts = Counter(
        makings(contributions(row), versions.get(row.model, versions[0]))
        for query in (ended, here)
        for row in connection.execute(query)
    )
    return Mix(counts, since)
