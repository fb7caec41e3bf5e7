"""Who agreed to what, when, to which words. Only ever added to; an erased person's goes with them (GDPR 7(1), 17)."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from deskside.store.database import Row
from deskside.store.push_tables import consent


class Action(StrEnum):
    """What a person did."""

    GIVEN = "given"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"
    IMPORTED = "imported"


def record(
    connection: sa.Connection,
    subscriber_id: int,
    action: Action,
    now: datetime,
    *,
    text: str = "",
    topics: Sequence[str] = (),
    language: str = "",
    source: str = "",
) -> None:
    """Add what a person did: the words they saw, and the topics that they have from then on."""
    connection.execute(
        sa.insert(consent).values(
            subscriber=subscriber_id,
            at=now,
            action=action.value,
            text=text,
            topics=list(topics),
            language=language[:16],
            source=source[:64],
        )
    )


def history(connection: sa.Connection, subscriber_id: int) -> Sequence[Row]:
    """All a person did, oldest first."""
    mine = sa.select(consent).where(consent.c.subscriber == subscriber_id).order_by(consent.c.at, consent.c.id)
    return connection.execute(mine).all()
