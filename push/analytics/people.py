"""The subscribers, for the screens: how many of which kind, a list, and all about one. Never an endpoint or a key."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from deskside.store.database import Row
from deskside.store.push_tables import campaign, chain, consent, enrollment, push, send, subscriber, subscription
from deskside.store.push_tables import subscriber_topic as chosen

# What may be shown of a browser: with its endpoint anybody could send to it.
_BROWSER = (
    "id", "subscriber", "origin", "browser", "platform", "vapid_key", "created_at", "seen_at", "accepted_at", "state",
    "state_at", "strikes",
)  # fmt: skip
_THERE = subscriber.c.left_at.is_(None)


@dataclass(frozen=True, slots=True)
class Overview:
    """How many people there are, and of which kind; each list is (word, number), the most first.

    `reachable` people have a living browser. `browsers` and `platforms` count browsers that live, `states` all of them.
    """

    people: int
    reachable: int
    known: int
    left: int
    testers: int
    browsers: Sequence[tuple[str, int]]
    platforms: Sequence[tuple[str, int]]
    languages: Sequence[tuple[str, int]]
    topics: Sequence[tuple[str, int]]
    states: Sequence[tuple[str, int]]


def overview(connection: sa.Connection) -> Overview:
    """The list as it is."""
    alive = sa.exists().where(subscription.c.subscriber == subscriber.c.id, subscription.c.state == "alive")
    counted = sa.select(
        _count(_THERE),
        _count(sa.and_(_THERE, alive)),
        _count(sa.and_(_THERE, subscriber.c.person.is_not(None))),
        _count(~_THERE),
        _count(subscriber.c.tester),
    ).select_from(subscriber)
    people, reachable, known, left, testers = (int(number or 0) for number in connection.execute(counted).one())
    living = subscription.c.state == "alive"
    topics = chosen.join(subscriber, subscriber.c.id == chosen.c.subscriber)
    return Overview(
        people=people,
        reachable=reachable,
        known=known,
        left=left,
        testers=testers,
        browsers=_by(connection, subscription.c.browser, subscription, living),
        platforms=_by(connection, subscription.c.platform, subscription, living),
        languages=_by(connection, subscriber.c.language, subscriber, _THERE),
        topics=_by(connection, chosen.c.topic, topics, _THERE),
        states=_by(connection, subscription.c.state, subscription, sa.true()),
    )


def listed(
    connection: sa.Connection,
    *,
    search: str = "",
    topic: str = "",
    only: str = "",
    before: int | None = None,
    limit: int = 50,
) -> Sequence[Row]:
    """People, the newest first: whose name, client or number on the desk is `search`, who chose `topic`.

    `only` is "testers", "left" or "unreachable"; `before` continues below this id.
    """
    alive = sa.exists().where(subscription.c.subscriber == subscriber.c.id, subscription.c.state == "alive")
    query = sa.select(subscriber, alive.label("alive")).order_by(subscriber.c.id.desc()).limit(limit)
    if search:
        number = int(search) if search.isascii() and search.isdecimal() and len(search) < 19 else -1
        query = query.where(
            sa.or_(subscriber.c.person == search, subscriber.c.client_id == search, subscriber.c.id == number)
        )
    if topic:
        query = query.where(sa.exists().where(chosen.c.subscriber == subscriber.c.id, chosen.c.topic == topic))
    conditions = {"testers": subscriber.c.tester, "left": ~_THERE, "unreachable": sa.and_(_THERE, ~alive)}
    if only in conditions:
        query = query.where(conditions[only])
    if before is not None:
        query = query.where(subscriber.c.id < before)
    return connection.execute(query).all()


def find(connection: sa.Connection, number: int) -> Row | None:
    """The row of a subscriber."""
    return connection.execute(sa.select(subscriber).where(subscriber.c.id == number)).first()


def browsers(connection: sa.Connection, people: Collection[int]) -> Mapping[int, Sequence[Row]]:
    """Their browsers, also those that are gone, without what it takes to send to them."""
    query = (
        sa.select(*(subscription.c[name] for name in _BROWSER))
        .where(subscription.c.subscriber.in_(people))
        .order_by(subscription.c.id)
    )
    found: dict[int, list[Row]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.subscriber].append(row)
    return found


def topics(connection: sa.Connection, people: Collection[int]) -> Mapping[int, Sequence[str]]:
    """The topics they chose, sorted."""
    query = sa.select(chosen.c.subscriber, chosen.c.topic).where(chosen.c.subscriber.in_(people))
    found: dict[int, list[str]] = defaultdict(list)
    for person, name in connection.execute(query.order_by(chosen.c.topic)):
        found[person].append(name)
    return found


def consents(connection: sa.Connection, number: int) -> Sequence[Row]:
    """What one person agreed to and withdrew, the newest first."""
    query = sa.select(consent).where(consent.c.subscriber == number)
    return connection.execute(query.order_by(consent.c.at.desc(), consent.c.id.desc())).all()


def messages(connection: sa.Connection, people: Collection[int], limit: int = 50) -> Sequence[Row]:
    """The latest messages for these people, each with what it was of, its reason, and what their browsers told."""
    columns = ("id", "subscriber", "kind", "campaign", "step_key", "state", "reason", "due_at", "sent_at")
    query = (
        sa.select(
            *(send.c[name] for name in columns),
            campaign.c.name.label("campaign_name"),
            chain.c.name.label("chain_name"),
            *(sa.func.min(push.c[name]).label(name) for name in ("shown_at", "clicked_at", "closed_at")),
        )
        .select_from(
            send.outerjoin(campaign, campaign.c.id == send.c.campaign)
            .outerjoin(enrollment, enrollment.c.id == send.c.enrollment)
            .outerjoin(chain, chain.c.id == enrollment.c.chain)
            .outerjoin(push, push.c.send == send.c.id)
        )
        .where(send.c.subscriber.in_(people))
        .group_by(send.c.id, campaign.c.id, chain.c.id)
        .order_by(send.c.due_at.desc(), send.c.id.desc())
        .limit(limit)
    )
    return connection.execute(query).all()


def of_client(connection: sa.Connection, desk: str, client_id: str) -> Sequence[Row]:
    """The subscribers who belong to a client of a desk."""
    if not client_id:
        return ()
    theirs = sa.and_(subscriber.c.desk == desk, subscriber.c.client_id == client_id)
    return connection.execute(sa.select(subscriber).where(theirs).order_by(subscriber.c.id)).all()


def mark_tester(connection: sa.Connection, number: int, tester: bool) -> bool:
    """Whether tests of messages go to this person; false when there is nobody."""
    changed = sa.update(subscriber).where(subscriber.c.id == number).values(tester=tester)
    return connection.execute(changed.returning(subscriber.c.id)).first() is not None


def _by(
    connection: sa.Connection, column: sa.ColumnElement[str], source: sa.FromClause, which: sa.ColumnElement[bool]
) -> Sequence[tuple[str, int]]:
    number = sa.func.count().label("number")
    query = sa.select(column, number).select_from(source).where(which).group_by(column)
    return [(word, many) for word, many in connection.execute(query.order_by(number.desc(), column))]


def _count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((condition, 1), else_=0))
