"""Subscribers and their browsers: they come, visit, change, and go."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import sqlalchemy as sa

from deskside.errors import Malformed
from deskside.store.database import Row, insert_new
from deskside.store.push_tables import subscriber, subscription
from push.model import Person
from push.subscribers import binding, consent, topics
from push.subscribers.binding import State
from push.subscribers.identity import Identity

LONGEST_LANGUAGE = 16
_KEPT = (State.ALIVE, State.MISMATCH, State.OUT)
_WIPED: dict[str, Any] = {"state": State.LEFT.value, "endpoint": "", "p256dh": b"", "auth": b""}


@dataclass(frozen=True, slots=True)
class Device:
    """A browser's subscription, checked: where to post, its keys, and the VAPID key it was made with."""

    endpoint: str
    origin: str
    p256dh: bytes
    auth: bytes
    key_id: str
    browser: str = "other"
    platform: str = "other"

    def __repr__(self) -> str:
        return f"Device(origin={self.origin!r}, hash={self.hash[:12]!r})"

    @property
    def hash(self) -> str:
        """What may be shown and compared instead of the endpoint."""
        return endpoint_hash(self.endpoint)


@dataclass(frozen=True, slots=True)
class Registration:
    """Somebody agreed in this browser: to which words, to hear about what, in which language.

    `replaces` is the hash of the endpoint this browser had before; `source` says where they were asked.
    """

    device: Device
    words: str
    identity: Identity | None = None
    topics: tuple[str, ...] = ()
    language: str = ""
    zone: str = ""
    source: str = ""
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class Registered:
    """Whose a browser is now.

    `created`: they were no subscriber before. `renew`: the browser must subscribe anew. `chose` are the topics they
    had not chosen before.
    """

    subscriber_id: int
    subscription_id: int
    created: bool = False
    renew: bool = False
    chose: tuple[str, ...] = ()


def endpoint_hash(endpoint: str) -> str:
    """The SHA-256 of an endpoint, in hex."""
    return hashlib.sha256(endpoint.encode()).hexdigest()


def register(
    connection: sa.Connection,
    wanted: Registration,
    now: datetime,
    *,
    most_devices: int,
) -> Registered:
    """Keep a browser whose user agreed, and what they agreed to.

    Of more than `most_devices` browsers of a person the one not seen for longest is let go. Raises Malformed when the
    endpoint is known with other keys: then somebody knows it who is not that browser.
    """
    device = wanted.device
    if wanted.replaces:
        resubscribe(connection, wanted.replaces, device, now)
    browser = by_hash(connection, device.hash)
    _same_keys(browser, device)
    owner = binding.by_consent(connection, browser, wanted.identity, now, wanted.source)
    if browser is None and not insert_new(connection, subscription, **_values(device, now), subscriber=owner.id):
        # The same browser asked twice at once, and the other request was first.
        browser = by_hash(connection, device.hash)
        assert browser is not None
        _same_keys(browser, device)
        if wanted.identity is None:
            connection.execute(sa.delete(subscriber).where(subscriber.c.id == owner.id))
            owner = binding.Owner(browser.subscriber)
    connection.execute(
        sa.update(subscription)
        .where(subscription.c.endpoint_hash == device.hash)
        .values(**_values(device, now), subscriber=owner.id)
    )
    if browser is not None and browser.subscriber != owner.id:
        binding.close_if_empty(connection, browser.subscriber, now)
    _know(connection, owner.id, wanted.identity, wanted.zone, now, language=wanted.language, left_at=None)
    before = topics.of(connection, owner.id)
    chosen = topics.choose(connection, owner.id, wanted.topics, now)
    consent.record(
        connection,
        owner.id,
        consent.Action.GIVEN,
        now,
        text=wanted.words,
        topics=chosen,
        language=wanted.language,
        source=wanted.source,
    )
    kept = by_hash(connection, device.hash)
    assert kept is not None
    _let_go(connection, owner.id, kept.id, most_devices)
    return Registered(owner.id, kept.id, created=owner.new, chose=tuple(name for name in chosen if name not in before))


def visit(
    connection: sa.Connection, browser: Row | None, identity: Identity | None, zone: str, now: datetime
) -> Registered | None:
    """A browser of ours is there again, perhaps with another person; None when it should get nothing."""
    owner = binding.by_visit(connection, browser, identity, now) if browser is not None else None
    if browser is None or owner is None:
        if browser is not None and identity is not None and browser.state == State.ALIVE:
            _set_state(connection, browser.id, State.OUT, now)
        return None
    back = {"state": State.ALIVE.value, "state_at": now} if browser.state == State.OUT else {}
    connection.execute(
        sa.update(subscription).where(subscription.c.id == browser.id).values(subscriber=owner.id, seen_at=now, **back)
    )
    if browser.subscriber != owner.id:
        binding.close_if_empty(connection, browser.subscriber, now)
    _know(connection, owner.id, identity, zone, now)
    return Registered(owner.id, browser.id, renew=browser.state in {State.GONE, State.MISMATCH})


def resubscribe(connection: sa.Connection, replaced: str, device: Device, now: datetime) -> bool:
    """Put a browser's new subscription in the place of its old one, known by the hash of its endpoint.

    False when the old one is not known, or its person said no there.
    """
    before = by_hash(connection, replaced)
    if before is None or before.state == State.LEFT:
        return False
    there = by_hash(connection, device.hash)
    if there is not None and there.id != before.id:
        return False
    state = State.OUT if before.state == State.OUT else State.ALIVE
    values = {**_values(device, now), "state": state.value, "created_at": before.created_at}
    connection.execute(sa.update(subscription).where(subscription.c.id == before.id).values(values))
    return True


def sign_out(connection: sa.Connection, browser: Row, now: datetime) -> None:
    """Its signed-in person left this browser to others: it is silent until they are back. Nothing is withdrawn."""
    owner = binding.find(connection, browser.subscriber)
    if owner is not None and owner.person is not None and browser.state in _KEPT:
        _set_state(connection, browser.id, State.OUT, now)


def unsubscribe_device(connection: sa.Connection, subscription_id: int, now: datetime, source: str) -> None:
    """No more messages to this browser. With their last one a person has left."""
    owner = connection.execute(
        sa.update(subscription)
        .where(subscription.c.id == subscription_id, subscription.c.state != State.LEFT)
        .values(state_at=now, **_WIPED)
        .returning(subscription.c.subscriber)
    ).scalar()
    if owner is None:
        return
    if all_devices(connection, owner):
        kept = topics.of(connection, owner)
        consent.record(connection, owner, consent.Action.CHANGED, now, topics=kept, source=source)
    else:
        leave(connection, owner, now, source)


def leave(connection: sa.Connection, subscriber_id: int, now: datetime, source: str) -> None:
    """No more messages to this person, on any browser."""
    connection.execute(
        sa.update(subscription)
        .where(subscription.c.subscriber == subscriber_id, subscription.c.state != State.LEFT)
        .values(state_at=now, **_WIPED)
    )
    left = connection.execute(
        sa.update(subscriber)
        .where(subscriber.c.id == subscriber_id, subscriber.c.left_at.is_(None))
        .values(left_at=now)
        .returning(subscriber.c.id)
    ).first()
    if left is not None:
        consent.record(connection, subscriber_id, consent.Action.WITHDRAWN, now, source=source)


def forget(connection: sa.Connection, subscriber_id: int) -> bool:
    """Erase a person and everything that hangs on them, what they were sent included; false when nobody is there."""
    gone = sa.delete(subscriber).where(subscriber.c.id == subscriber_id).returning(subscriber.c.id)
    return connection.execute(gone).first() is not None


def people(connection: sa.Connection, subscriber_ids: Iterable[int]) -> dict[int, Person]:
    """What the gates know of these subscribers (a batch: at most some thousands), by id."""
    wanted = list(subscriber_ids)
    chosen = topics.of_several(connection, wanted)
    rows = connection.execute(sa.select(subscriber).where(subscriber.c.id.in_(wanted)))
    return {
        row.id: Person(
            id=row.id,
            language=row.language,
            zone=row.zone,
            per_week=row.per_week,
            quiet_from=row.quiet_from,
            quiet_to=row.quiet_to,
            paused_until=row.paused_until,
            left_at=row.left_at,
            desk=row.desk,
            client_id=row.client_id,
            attributes=row.attributes,
            topics=chosen.get(row.id, ()),
        )
        for row in rows
    }


def devices(connection: sa.Connection, subscriber_ids: Iterable[int]) -> Sequence[Row]:
    """The browsers of these subscribers that can be sent to, in a fixed order."""
    return connection.execute(
        sa.select(subscription)
        .where(subscription.c.subscriber.in_(list(subscriber_ids)), subscription.c.state == State.ALIVE)
        .order_by(subscription.c.subscriber, subscription.c.id)
    ).all()


def all_devices(connection: sa.Connection, subscriber_id: int) -> Sequence[Row]:
    """A person's browsers, also those that are signed out of or must be renewed; the one seen last is first."""
    return connection.execute(
        sa.select(subscription)
        .where(subscription.c.subscriber == subscriber_id, subscription.c.state.in_(_KEPT))
        .order_by(subscription.c.seen_at.desc(), subscription.c.id.desc())
    ).all()


def by_hash(connection: sa.Connection, hashed: str) -> Row | None:
    """The browser with this endpoint."""
    return connection.execute(sa.select(subscription).where(subscription.c.endpoint_hash == hashed)).first()


def by_id(connection: sa.Connection, subscription_id: int) -> Row | None:
    """The browser of this id."""
    return connection.execute(sa.select(subscription).where(subscription.c.id == subscription_id)).first()


def known_zone(zone: str) -> str:
    """A time zone as the store keeps it; empty for one that no calendar of ours knows."""
    return zone if zone in _zones() else ""


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _values(device: Device, now: datetime) -> dict[str, Any]:
    return {
        "endpoint": device.endpoint,
        "endpoint_hash": device.hash,
        "origin": device.origin,
        "p256dh": device.p256dh,
        "auth": device.auth,
        "vapid_key": device.key_id,
        "browser": device.browser,
        "platform": device.platform,
        "seen_at": now,
        "state": State.ALIVE.value,
        "state_at": now,
        "strikes": 0,
    }


def _same_keys(browser: Row | None, device: Device) -> None:
    if browser is None or browser.state == State.LEFT:
        return
    if (browser.p256dh, browser.auth) != (device.p256dh, device.auth):
        raise Malformed("this endpoint is known with other keys")


def _know(
    connection: sa.Connection,
    subscriber_id: int,
    identity: Identity | None,
    zone: str,
    now: datetime,
    language: str = "",
    **more: object,
) -> None:
    """Note what a browser and a portal say of a person; a language they chose themselves is never overwritten."""
    values: dict[str, Any] = {"seen_at": now, **more}
    zone = known_zone(zone) or (known_zone(identity.zone) if identity else "")
    if zone:
        values["zone"] = zone
    if identity is not None:
        values["attributes"] = dict(identity.attributes)
        if identity.client_id is not None:
            values["client_id"] = identity.client_id
        if not language:
            told = identity.language[:LONGEST_LANGUAGE]
            values["language"] = sa.case((subscriber.c.language == "", told), else_=subscriber.c.language)
    if language:
        values["language"] = language[:LONGEST_LANGUAGE]
    connection.execute(sa.update(subscriber).where(subscriber.c.id == subscriber_id).values(values))


def _let_go(connection: sa.Connection, subscriber_id: int, newest: int, most: int) -> None:
    others = [row.id for row in all_devices(connection, subscriber_id) if row.id != newest]
    over = others[most - 1 :]
    if over:
        connection.execute(sa.delete(subscription).where(subscription.c.id.in_(over)))


def _set_state(connection: sa.Connection, subscription_id: int, state: State, now: datetime) -> None:
    connection.execute(
        sa.update(subscription).where(subscription.c.id == subscription_id).values(state=state.value, state_at=now)
    )
