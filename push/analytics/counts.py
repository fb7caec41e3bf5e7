"""How many people a message was for, and what became of it with them.

The unit is the person: somebody with two browsers who clicks on one of them is one click of one. Tests count nowhere.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from deskside.store.push_tables import push, send, subscription
from push.analytics import departures
from push.model import Kind

# With fewer people a share says nothing.
LEAST_SHOWN = 30
_WAITING = ("due", "claimed", "sending", "held")


@dataclass(frozen=True, slots=True)
class Counts:
    """People, by what became of their message.

    `accepted`: a push service took it for at least one browser; the four after it are among these. `silent` are those
    of whom no browser tells what it shows (Safari shows a declarative push without waking our worker): they may have
    seen it, and are not in `shown`. `left` unsubscribed within a day of it.
    """

    planned: int = 0
    waiting: int = 0
    skipped: int = 0
    failed: int = 0
    unknown: int = 0
    accepted: int = 0
    silent: int = 0
    shown: int = 0
    clicked: int = 0
    closed: int = 0
    left: int = 0

    def of_accepted(self, number: int) -> float | None:
        """So many as a share of those it was accepted for."""
        return number / self.accepted if self.accepted else None

    def of_shown(self, number: int) -> float | None:
        """So many as a share of those who certainly saw it."""
        return number / self.shown if self.shown else None

    @property
    def rate(self) -> float | None:
        """Clicks of those who saw it; None where too few did to say."""
        return self.clicked / self.shown if self.shown >= LEAST_SHOWN else None


NAMES = tuple(field.name for field in fields(Counts))


def add(parts: Iterable[Counts]) -> Counts:
    """Their sum."""
    found = dict.fromkeys(NAMES, 0)
    for part in parts:
        for name in NAMES:
            found[name] += getattr(part, name)
    return Counts(**found)


def heard(which: sa.ColumnElement[bool]) -> sa.Subquery:
    """A row for each of these sends, tests left out, with what any of its copies came to (1 or 0)."""
    tells = sa.or_(
        subscription.c.id.is_(None), sa.and_(subscription.c.browser != "safari", subscription.c.platform != "ios")
    )
    columns = ("id", "campaign", "enrollment", "step_key", "variant", "subscriber", "kind", "state", "sent_at")
    return (
        sa.select(
            *(send.c[name] for name in columns),
            _any(push.c.shown_at.is_not(None)).label("shown"),
            _any(push.c.clicked_at.is_not(None)).label("clicked"),
            _any(push.c.closed_at.is_not(None)).label("closed"),
            _any(sa.and_(push.c.state == "accepted", tells)).label("tells"),
        )
        .select_from(
            send.outerjoin(push, push.c.send == send.c.id).outerjoin(
                subscription, subscription.c.id == push.c.subscription
            )
        )
        .where(send.c.kind != Kind.TEST.value, which)
        .group_by(send.c.id)
        .subquery("heard")
    )


def sums(told: sa.Subquery) -> list[sa.ColumnElement[int]]:
    """The columns of `Counts` over rows of `heard`, but for `left`."""
    sent = told.c.state == "sent"
    return [
        sa.func.count().label("planned"),
        _sum(told.c.state.in_(_WAITING)).label("waiting"),
        *(_sum(told.c.state == name).label(name) for name in ("skipped", "failed", "unknown")),
        _sum(sent).label("accepted"),
        _sum(sa.and_(sent, told.c.tells == 0, told.c.shown == 0)).label("silent"),
        *(_sum(sa.and_(sent, told.c[name] == 1)).label(name) for name in ("shown", "clicked", "closed")),
    ]


def read(row: Any, left: int = 0) -> Counts:
    """The counts of a row with the columns of `sums`."""
    return Counts(**{name: int(getattr(row, name) or 0) for name in NAMES if name != "left"}, left=left)


def of_campaigns(connection: sa.Connection, numbers: Collection[int]) -> Mapping[int, Counts]:
    """What became of these campaigns."""
    if not numbers:
        return {}
    told = heard(send.c.campaign.in_(numbers))
    rows = connection.execute(sa.select(told.c.campaign, *sums(told)).group_by(told.c.campaign)).all()
    left = departures.by_campaign(connection, numbers)
    found = {row.campaign: read(row, left.get(row.campaign, 0)) for row in rows}
    return {number: found.get(number, Counts()) for number in numbers}


def of_variants(connection: sa.Connection, number: int, many: int) -> Sequence[Counts]:
    """What became of each of the `many` variants of a campaign."""
    told = heard(send.c.campaign == number)
    rows = connection.execute(sa.select(told.c.variant, *sums(told)).group_by(told.c.variant)).all()
    found = {row.variant: read(row) for row in rows}
    return [found.get(index, Counts()) for index in range(many)]


def by_kind(connection: sa.Connection, since: datetime, until: datetime) -> Mapping[str, Counts]:
    """What became of the messages that were accepted in this time, by what they were for."""
    told = heard(sa.and_(send.c.sent_at >= since, send.c.sent_at < until))
    rows = connection.execute(sa.select(told.c.kind, *sums(told)).group_by(told.c.kind).order_by(told.c.kind)).all()
    left = departures.by_kind(connection, since, until)
    return {row.kind: read(row, left.get(row.kind, 0)) for row in rows}


def _any(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.max(sa.case((condition, 1), else_=0))


def _sum(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((condition, 1), else_=0))
