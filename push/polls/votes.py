"""Votes and what they add up to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from deskside.errors import Malformed, Permanent
from deskside.store.database import Row, upsert
from deskside.store.push_tables import campaign, poll, poll_vote, push, send, subscriber
from deskside.text import clean
from push.polls import polls

LONGEST_REMARK = 1000
# As many options as a notification has buttons; the first ones.
BUTTONS = 2


@dataclass(frozen=True, slots=True)
class Bar:
    """One option of a result: its texts by language, how many chose it, and their share of all (0 to 1)."""

    key: str
    titles: Mapping[str, str]
    votes: int
    share: float


@dataclass(frozen=True, slots=True)
class Result:
    """What a poll came to: bars in the order of the options, as a chart has them."""

    total: int
    bars: Sequence[Bar]


def vote(
    connection: sa.Connection, row: Row, subscriber_id: int, option: str, now: datetime, remark: str | None = None
) -> None:
    """A person's vote, which takes the place of an earlier one; `remark` None leaves theirs as it is.

    Raises `Permanent` when the poll is closed or the person is gone, `Malformed` for an option there is not.
    """
    if not polls.is_open(row, now):
        raise Permanent("this poll is closed")
    if option not in {one["key"] for one in row.options}:
        raise Malformed("there is no such option")
    if connection.scalar(sa.select(subscriber.c.id).where(subscriber.c.id == subscriber_id)) is None:
        raise Permanent("there is no such subscriber")
    words = {} if remark is None or not row.remarks else {"remark": clean(remark).strip()[:LONGEST_REMARK]}
    upsert(connection, poll_vote, poll=row.id, subscriber=subscriber_id, option=option, at=now, **words)


def vote_by_button(connection: sa.Connection, token: str, button: int, now: datetime) -> bool:
    """The vote of whoever pressed button `button` of the push with this token; false when it was no poll's.

    For the reports of browsers: the token is secret to one browser, and a report is a POST.
    """
    query = (
        sa.select(send.c.subscriber, campaign.c.made_from)
        .join(send, send.c.id == push.c.send)
        .join(campaign, campaign.c.id == send.c.campaign)
        .where(push.c.token == token)
    )
    found = connection.execute(query).one_or_none()
    purpose, _, number = found.made_from.partition(":") if found else ("", "", "")
    row = polls.get(connection, int(number)) if purpose == "poll" and number.isdecimal() else None
    if found is None or row is None or not polls.is_open(row, now) or not 0 <= button < len(row.options[:BUTTONS]):
        return False
    vote(connection, row, found.subscriber, row.options[button]["key"], now)
    return True


def of(connection: sa.Connection, poll_id: int, subscriber_id: int) -> Row | None:
    """A person's vote."""
    query = poll_vote.select().where(poll_vote.c.poll == poll_id, poll_vote.c.subscriber == subscriber_id)
    return connection.execute(query).one_or_none()


def result(connection: sa.Connection, row: Row) -> Result:
    """How it stands."""
    query = (
        sa.select(poll_vote.c.option, sa.func.count()).where(poll_vote.c.poll == row.id).group_by(poll_vote.c.option)
    )
    counts: dict[str, int] = {option: count for option, count in connection.execute(query)}  # noqa: C416
    total = sum(counts.values())
    bars = [
        Bar(one["key"], one["titles"], counts.get(one["key"], 0), counts.get(one["key"], 0) / total if total else 0.0)
        for one in row.options
    ]
    return Result(total, tuple(bars))


def remarks(connection: sa.Connection, poll_id: int, limit: int = 500) -> Sequence[Row]:
    """What people said besides, the newest first."""
    query = poll_vote.select().where(poll_vote.c.poll == poll_id, poll_vote.c.remark != "")
    return connection.execute(query.order_by(poll_vote.c.at.desc()).limit(limit)).all()


def close_late(connection: sa.Connection, now: datetime) -> int:
    """Close the polls whose time is over; how many."""
    late = poll.update().where(poll.c.state == polls.OPEN, poll.c.closes_at <= now)
    return connection.execute(late.values(state=polls.CLOSED)).rowcount
