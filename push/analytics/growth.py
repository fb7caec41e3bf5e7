"""How the list grows: who came, who left, and browsers that went away without a word."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from deskside.store.push_tables import consent, subscription
from push.analytics import quarters
from push.sending import windows

# How many periods of each length are shown.
PERIODS = {"day": 30, "week": 26, "month": 24}
_COMES = ("given", "imported")


@dataclass(frozen=True, slots=True)
class Period:
    """Who came and left in the local days from `start` until before `after`.

    `gone` counts browsers of which a push service said that they are no more: who forbade us to send, or removed it.
    """

    start: date
    after: date
    new: int
    lost: int
    gone: int

    @property
    def net(self) -> int:
        """By how many people the list grew."""
        return self.new - self.lost


def growth(connection: sa.Connection, step: str, last: date, where: ZoneInfo) -> Sequence[Period]:
    """The periods (`day`, `week` or `month`) that end with the one of the local day `last`, the oldest first.

    Who agrees on a second browser is not new; who comes back after leaving is.
    """
    spans = list(periods(step, last))
    since, until = (windows.instant(day, time(), where) for day in (spans[0][0], spans[-1][1]))
    new, lost = Counter[date](), Counter[date]()
    for change, number, people in connection.execute(_turns(connection, since, until)):
        (new if change == "new" else lost)[quarters.local_day(number, where)] += people
    gone = Counter[date]()
    for number, browsers in connection.execute(_gone(connection, since, until)):
        gone[quarters.local_day(number, where)] += browsers
    return [
        Period(start, after, *(sum(counted[day] for day in _days(start, after)) for counted in (new, lost, gone)))
        for start, after in spans
    ]


def periods(step: str, last: date) -> Iterator[tuple[date, date]]:
    """The first day of each period and of the one after it."""
    for back in range(PERIODS[step] - 1, -1, -1):
        yield _start(step, last, back), _start(step, last, back - 1)


def _start(step: str, last: date, back: int) -> date:
    if step == "day":
        return last - timedelta(days=back)
    if step == "week":
        return last - timedelta(days=last.weekday() + 7 * back)
    year, month = divmod(last.year * 12 + last.month - 1 - back, 12)
    return date(year, month + 1, 1)


def _days(start: date, after: date) -> Iterator[date]:
    return (start + timedelta(days=number) for number in range((after - start).days))


def _turns(connection: sa.Connection, since: datetime, until: datetime) -> sa.Select[*tuple[Any, ...]]:
    """What each change of mind was, from the ledger of consents: the one before it tells whether anything changed."""
    before = sa.func.lag(consent.c.action).over(
        partition_by=consent.c.subscriber, order_by=(consent.c.at, consent.c.id)
    )
    events = (
        sa.select(consent.c.at, consent.c.action, before.label("before"))
        .where(consent.c.action.in_([*_COMES, "withdrawn"]))
        .subquery()
    )
    comes = sa.and_(events.c.action.in_(_COMES), sa.func.coalesce(events.c.before, "withdrawn") == "withdrawn")
    goes = sa.and_(events.c.action == "withdrawn", events.c.before.in_(_COMES))
    change = sa.case((comes, "new"), (goes, "lost"), else_="").label("change")
    quarter = quarters.quarter(connection, events.c.at).label("quarter")
    turned = (
        sa.select(change, quarter)
        .where(events.c.at >= since, events.c.at < until, sa.or_(comes, goes))
        .subquery("turned")
    )
    return sa.select(turned.c.change, turned.c.quarter, sa.func.count()).group_by(turned.c.change, turned.c.quarter)


def _gone(connection: sa.Connection, since: datetime, until: datetime) -> sa.Select[*tuple[Any, ...]]:
    quarter = quarters.quarter(connection, subscription.c.state_at).label("quarter")
    there = (subscription.c.state == "gone", subscription.c.state_at >= since, subscription.c.state_at < until)
    return sa.select(quarter, sa.func.count()).where(*there).group_by(quarter)
