"""The minutes of the factors as ops set them: one version in force, at most one that is only tried."""

from collections.abc import Mapping

import sqlalchemy as sa

from deskside.store.database import Row
from deskside.store.tables import weights

ACTIVE, SHADOW, PAST = "active", "shadow", "past"


def active(connection: sa.Connection) -> Row | None:
    """The version in force; None while the configuration's own minutes are."""
    return connection.execute(sa.select(weights).where(weights.c.state == ACTIVE)).first()


def shadow(connection: sa.Connection) -> Row | None:
    """The version that is only tried, if any."""
    return connection.execute(sa.select(weights).where(weights.c.state == SHADOW)).first()


def minutes(connection: sa.Connection, version: int) -> Mapping[str, int] | None:
    """The minutes of a version, whatever became of it; None for the configuration's own (version 0)."""
    found: Mapping[str, int] | None = connection.scalar(
        sa.select(weights.c.minutes).where(weights.c.version == version)
    )
    return found
