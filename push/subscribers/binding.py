"""Whose a browser is: the rules for people who sign in and out, and for browsers that several people share."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from deskside.store.database import Row, insert_new
from deskside.store.push_tables import subscriber, subscription
from push.subscribers import consent, topics
from push.subscribers.identity import Identity


class State(StrEnum):
    """What a browser is to us; see the table `subscription`."""

    ALIVE = "alive"
    MISMATCH = "mismatch"
    GONE = "gone"
    OUT = "out"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Owner:
    """A subscriber; `new` when they were none until now, or had left."""

    id: int
    new: bool = False


def by_consent(
    connection: sa.Connection, browser: Row | None, identity: Identity | None, now: datetime, source: str
) -> Owner:
    """The subscriber for a browser in which somebody has just agreed; made where there is none.

    Somebody who is not signed in is who the browser belonged to, unless that person signed out of it or said no. Who
    signs in is known from their other browsers, or takes over what they chose before they signed in.
    """
    before = find(connection, browser.subscriber) if browser is not None else None
    left = browser is not None and browser.state in {State.OUT, State.LEFT}
    if identity is None:
        if before is not None and (before.person is None or not left):
            return Owner(before.id, new=before.left_at is not None)
        return Owner(_add(connection, now, source), new=True)
    known = of_identity(connection, identity)
    if known is not None:
        return Owner(known.id, new=known.left_at is not None)
    if before is not None and before.person is None and before.left_at is None:
        _name(connection, before.id, identity)
        return Owner(before.id)
    made = insert_new(
        connection,
        subscriber,
        desk=identity.desk,
        person=identity.person,
        client_id=identity.client_id,
        source=source[:64],
        created_at=now,
        seen_at=now,
    )
    # Where another browser of theirs was a moment faster, the row is there.
    return Owner(connection.execute(_of(identity)).one().id, new=made)


def by_visit(connection: sa.Connection, browser: Row, identity: Identity | None, now: datetime) -> Owner | None:
    """The subscriber for a known browser whose user said nothing new; None when nobody who agreed is there.

    Whoever signs in on a browser that another person subscribed gets it if they have agreed elsewhere; else it is
    silent, and the other person's again when they are back.
    """
    before = find(connection, browser.subscriber)
    if before is None or before.left_at is not None or browser.state == State.LEFT:
        return None
    if identity is None:
        return None if browser.state == State.OUT else Owner(before.id)
    if (before.desk, before.person) == (identity.desk, identity.person):
        return Owner(before.id)
    known = of_identity(connection, identity)
    if before.person is None:
        if known is None:
            _name(connection, before.id, identity)
            return Owner(before.id)
        if known.left_at is not None:
            return Owner(before.id)
        _add_topics(connection, known.id, topics.of(connection, before.id), now)
    return Owner(known.id) if known is not None and known.left_at is None else None


def close_if_empty(connection: sa.Connection, subscriber_id: int, now: datetime) -> None:
    """End an anonymous subscriber whose last browser went to the person they turned out to be."""
    found = find(connection, subscriber_id)
    if found is None or found.person is not None or found.left_at is not None:
        return
    others = sa.select(subscription.c.id).where(
        subscription.c.subscriber == subscriber_id, subscription.c.state != State.LEFT
    )
    if connection.execute(others.limit(1)).first() is None:
        connection.execute(sa.update(subscriber).where(subscriber.c.id == subscriber_id).values(left_at=now))
        consent.record(connection, subscriber_id, consent.Action.WITHDRAWN, now, source="signed in")


def find(connection: sa.Connection, subscriber_id: int) -> Row | None:
    """A subscriber's row."""
    return connection.execute(sa.select(subscriber).where(subscriber.c.id == subscriber_id)).first()


def of_identity(connection: sa.Connection, identity: Identity) -> Row | None:
    """The row of a portal's user."""
    return connection.execute(_of(identity)).first()


def _of(identity: Identity) -> sa.Select[tuple[object, ...]]:
    return sa.select(subscriber).where(subscriber.c.desk == identity.desk, subscriber.c.person == identity.person)


def _add(connection: sa.Connection, now: datetime, source: str) -> int:
    added = sa.insert(subscriber).values(source=source[:64], created_at=now, seen_at=now).returning(subscriber.c.id)
    found: int = connection.execute(added).scalar_one()
    return found


def _name(connection: sa.Connection, subscriber_id: int, identity: Identity) -> None:
    values = {"desk": identity.desk, "person": identity.person, "client_id": identity.client_id}
    connection.execute(sa.update(subscriber).where(subscriber.c.id == subscriber_id).values(values))


def _add_topics(connection: sa.Connection, subscriber_id: int, more: tuple[str, ...], now: datetime) -> None:
    had = topics.of(connection, subscriber_id)
    if set(more) <= set(had):
        return
    chosen = topics.choose(connection, subscriber_id, {*had, *more}, now)
    consent.record(connection, subscriber_id, consent.Action.CHANGED, now, topics=chosen, source="signed in")
