"""Which VAPID keys the living subscriptions were made with, and with which push services."""

import sqlalchemy as sa

from deskside.store.push_tables import subscription

_ALIVE = subscription.c.state == "alive"


def alive_by_key(connection: sa.Connection) -> dict[str, int]:
    """How many subscriptions of each key are alive."""
    counted = sa.select(subscription.c.vapid_key, sa.func.count().label("alive"))
    found = connection.execute(counted.where(_ALIVE).group_by(subscription.c.vapid_key))
    return {row.vapid_key: row.alive for row in found}


def alive_origins(connection: sa.Connection, most: int) -> list[str]:
    """The push services of the living subscriptions, those with the most first."""
    counted = (
        sa.select(subscription.c.origin)
        .where(_ALIVE)
        .group_by(subscription.c.origin)
        .order_by(sa.func.count().desc(), subscription.c.origin)
        .limit(most)
    )
    return list(connection.scalars(counted))
