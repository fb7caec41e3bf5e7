"""What browsers report of a push they got: shown, clicked, closed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from deskside.store.database import Utc
from deskside.store.push_tables import push


class What(StrEnum):
    """What happened to a notification."""

    SHOWN = "shown"
    CLICKED = "clicked"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Report:
    """One thing that happened to the push with this token; `button` counts from 0, None is the message itself."""

    token: str
    what: What
    at: datetime
    button: int | None = None


@dataclass(frozen=True, slots=True)
class Click:
    """Somebody clicked the push of this send, for the first time: its button, or (None) itself."""

    send: int
    token: str
    button: int | None


def note(connection: sa.Connection, reports: Iterable[Report]) -> list[Click]:
    """Keep what happened, each thing the first time it is told; what was clicked or closed has been shown.

    A token that nobody knows is passed over. The clicks that were told for the first time.
    """
    clicks: list[Click] = []
    for report in reports:
        at = sa.literal(report.at, Utc)
        values: dict[str, sa.ColumnElement[object]] = {
            name: sa.func.coalesce(push.c[name], at) for name in ("shown_at", f"{report.what}_at")
        }
        if report.what is What.CLICKED:
            values["button"] = sa.case((push.c.clicked_at.is_(None), sa.literal(report.button)), else_=push.c.button)
        # Whoever else reports the same waits here, and then sees that it was told.
        known = sa.select(push.c.send, push.c.clicked_at).where(push.c.token == report.token).with_for_update()
        before = connection.execute(known).first()
        if before is None:
            continue
        connection.execute(sa.update(push).where(push.c.token == report.token).values(values))
        if report.what is What.CLICKED and before.clicked_at is None:
            clicks.append(Click(before.send, report.token, report.button))
    return clicks
