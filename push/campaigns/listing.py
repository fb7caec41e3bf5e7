"""Campaigns as a list, and small numbers about them."""

from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from deskside.store.database import Row
from deskside.store.push_tables import campaign, push, send, subscriber, topic
from push.model import Kind


def listed(
    connection: sa.Connection,
    *,
    states: Collection[str] = (),
    kind: str = "",
    search: str = "",
    owner: str = "",
    before: int | None = None,
    limit: int = 30,
) -> Sequence[Row]:
    """Campaigns, the newest first, in these states (none: all), whose name holds `search`; `before` continues there."""
    narrowed: list[sa.ColumnElement[bool]] = []
    if states:
        narrowed.append(campaign.c.state.in_(states))
    if kind:
        narrowed.append(campaign.c.kind == kind)
    if search:
        narrowed.append(campaign.c.name.icontains(search, autoescape=True))
    if owner:
        narrowed.append(campaign.c.created_by == owner)
    if before is not None:
        narrowed.append(campaign.c.id < before)
    return connection.execute(sa.select(campaign).where(*narrowed).order_by(campaign.c.id.desc()).limit(limit)).all()


def begun(connection: sa.Connection) -> Sequence[Row]:
    """Every campaign that has begun, the oldest first."""
    query = sa.select(campaign).where(campaign.c.started_at.is_not(None)).order_by(campaign.c.id)
    return connection.execute(query).all()


def by_state(connection: sa.Connection) -> Mapping[str, int]:
    """How many campaigns are in each state."""
    rows = connection.execute(sa.select(campaign.c.state, sa.func.count()).group_by(campaign.c.state))
    return {state: number for state, number in rows}  # noqa: C416 - rows are no pairs to mypy


def owners(connection: sa.Connection) -> Sequence[str]:
    """Who made campaigns."""
    return connection.scalars(sa.select(campaign.c.created_by).distinct().order_by(campaign.c.created_by)).all()


def waiting(connection: sa.Connection, number: int) -> int:
    """How many people still wait for a campaign."""
    query = sa.select(sa.func.count()).where(
        send.c.campaign == number, send.c.state.in_(["due", "claimed", "held"]), send.c.kind != Kind.TEST.value
    )
    return int(connection.scalar(query) or 0)


def testers(connection: sa.Connection) -> int:
    """How many people get tests."""
    return int(connection.scalar(sa.select(sa.func.count()).where(subscriber.c.tester)) or 0)


def made_from(connection: sa.Connection, source: str) -> Sequence[Row]:
    """The campaigns that carry a digest or a poll (`poll:<id>`), the newest first."""
    return connection.execute(
        sa.select(campaign).where(campaign.c.made_from == source).order_by(campaign.c.id.desc())
    ).all()


def topics(connection: sa.Connection) -> Sequence[Row]:
    """The topics a campaign can be about, in their order."""
    query = sa.select(topic).where(topic.c.active).order_by(topic.c.position, topic.c.name)
    return connection.execute(query).all()


def unknown(connection: sa.Connection) -> int:
    """Of how many pushes, of all messages, nobody knows whether they arrived."""
    return int(
        connection.scalar(sa.select(sa.func.count()).where(sa.text("push.state = 'unknown'")).select_from(push)) or 0
    )
