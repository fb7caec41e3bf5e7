"""Subscribers, out of a file and into the store. Nothing is sent and no chain begins by it."""

import hashlib
import json
import secrets
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from marshmallow import Schema, ValidationError

from deskside.errors import Malformed, Permanent
from deskside.store.database import Row, insert_new
from deskside.store.push_tables import consent, push, send, subscriber, subscriber_topic, subscription
from push.settings import PushSettings
from push.subscribers import registry, topics
from push.subscribers.binding import State
from push.subscribers.consent import Action
from push.subscribers.consent import record as record_consent
from push.subscribers.topics import Topic
from push.subscribers.transfer import form
from push.wire import endpoints
from push.wire.encrypt import check_keys

AT_ONCE = 200
SOURCE = "import"


@dataclass
class Imported:
    """What an import did: people added, completed, found as they were; and what it left out, by line number."""

    added: int = 0
    completed: int = 0
    unchanged: int = 0
    browsers: int = 0
    skipped: list[tuple[int, str]] = field(default_factory=list)


def bring_in(database: sa.Engine, path: Path, settings: PushSettings, keys: Collection[str], now: datetime) -> Imported:
    """Add what is in a file of `export` and not yet here; the same file again changes nothing.

    What people chose here is kept where both know them. A browser that was made with a key that is none of `keys`
    (ids) is left out: without its private key nobody can send to it. Raises Malformed, before anything is stored, when
    the file is not whole or is none of ours.
    """
    _verify(path)
    done = Imported()
    with path.open("rb") as file:
        lines = enumerate(file, 1)
        _load(form.HeadLine(), json.loads(next(lines)[1]))
        for some in _batches(lines):
            with database.begin() as connection:
                for number, line in some:
                    _take(connection, _Here(settings, keys, now, done, number), json.loads(line))
    return done


@dataclass(frozen=True, slots=True)
class _Here:
    """What every line is read with."""

    settings: PushSettings
    keys: Collection[str]
    now: datetime
    done: Imported
    number: int

    def skip(self, reason: str) -> None:
        self.done.skipped.append((self.number, reason))


def _verify(path: Path) -> None:
    """Read it whole once: the head, the number of lines and the sum must be right."""
    total, count, last = hashlib.sha256(), 0, b""
    with path.open("rb") as file:
        for line in file:
            if count == 0:
                _load(form.HeadLine(), _json(line))
            total.update(last)
            last = line
            count += 1
    end = _load(form.EndLine(), _json(last))
    if (end["lines"], end["sha256"]) != (count - 1, total.hexdigest()):
        raise Malformed("the file was changed or is not whole: its sum is another one")


def _batches(lines: Iterator[tuple[int, bytes]]) -> Iterator[list[tuple[int, bytes]]]:
    some: list[tuple[int, bytes]] = []
    for line in lines:
        some.append(line)
        if len(some) == AT_ONCE:
            yield some
            some = []
    yield some


def _json(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        raise Malformed("the file holds a line that is no JSON; it may be cut off") from None


def _load(schema: Schema, value: Any) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema.load(value)
    except ValidationError as error:
        raise Malformed(f"this is no export of subscribers that can be read here: {error.messages}") from None
    return loaded


def _take(connection: sa.Connection, here: _Here, line: dict[str, Any]) -> None:
    kind = line.pop("line", "")
    try:
        if kind == "topic":
            _topic(connection, form.TopicLine().load(line))
        elif kind == "subscriber":
            _subscriber(connection, here, form.SubscriberLine().load(line))
    except ValidationError as error:
        # The names of what is wrong; what it holds may be somebody's.
        here.skip("cannot be read: " + ", ".join(sorted(str(name) for name in error.messages_dict)))


def _topic(connection: sa.Connection, line: Mapping[str, Any]) -> None:
    if line["name"] not in {found.name for found in topics.every(connection)}:
        topics.put(connection, Topic(**line))


def _subscriber(connection: sa.Connection, here: _Here, line: dict[str, Any]) -> None:
    known = _known(connection, line)
    if known is not None and known.left_at is not None and line["left_at"] is None:
        here.skip("has said no here since")
        return
    browsers = [found for found in line["browsers"] if _usable(connection, here, found, known)]
    anonymous = line["person"] is None
    if known is None and anonymous and not browsers and line["left_at"] is None:
        here.skip("has no browser that can be used here, and no name")
        return
    owner = known.id if known is not None else _add(connection, here, line)
    new = [_add_browser(connection, owner, found, here.settings) for found in browsers]
    new += [_add_consent(connection, owner, found) for found in line["consent"]] if known is not None else []
    new += _add_messages(connection, owner, line)
    here.done.browsers += len(browsers)
    if known is None:
        here.done.added += 1
    elif any(new):
        here.done.completed += 1
    else:
        here.done.unchanged += 1


def _known(connection: sa.Connection, line: Mapping[str, Any]) -> Row | None:
    """Who this is here: by name; without a name by a browser, else by the instant they were made."""
    if line["person"] is not None:
        same = (subscriber.c.desk == line["desk"]) & (subscriber.c.person == line["person"])
        return connection.execute(sa.select(subscriber).where(same)).first()
    hashes = [registry.endpoint_hash(found["endpoint"]) for found in line["browsers"]]
    theirs = sa.select(subscription.c.subscriber).where(subscription.c.endpoint_hash.in_(hashes))
    same = subscriber.c.id.in_(theirs) | (subscriber.c.created_at == line["created_at"])
    return connection.execute(
        sa.select(subscriber).where(subscriber.c.person.is_(None), same).order_by(subscriber.c.id)
    ).first()


def _usable(connection: sa.Connection, here: _Here, browser: dict[str, Any], known: Row | None) -> bool:
    there = registry.by_hash(connection, registry.endpoint_hash(browser["endpoint"]))
    if there is not None:
        if known is None or there.subscriber != known.id:
            here.skip("a browser belongs to somebody else here")
        elif there.state == State.LEFT:
            here.skip("a browser was switched off here since")
        return False
    if browser["key"] not in here.keys:
        here.skip(f"a browser was made with the key {browser['key']}, which is not configured here")
        return False
    try:
        endpoints.check(browser["endpoint"], here.settings)
        check_keys(browser["p256dh"], browser["auth"])
    except (Malformed, Permanent) as error:
        here.skip(f"a browser cannot be used: {error}")
        return False
    return True


def _add(connection: sa.Connection, here: _Here, line: Mapping[str, Any]) -> int:
    names = (
        "desk", "person", "client_id", "language", "per_week", "quiet_from", "quiet_to", "paused_until",
        "attributes", "source", "tester", "created_at", "seen_at", "left_at",
    )  # fmt: skip
    values = {name: line[name] for name in names} | {"zone": registry.known_zone(line["zone"])}
    owner: int = connection.execute(sa.insert(subscriber).values(values).returning(subscriber.c.id)).scalar_one()
    for chosen in line["topics"]:
        insert_new(connection, subscriber_topic, subscriber=owner, topic=chosen["topic"], since=chosen["since"])
    for agreed in line["consent"]:
        _add_consent(connection, owner, agreed)
    names_of = tuple(chosen["topic"] for chosen in line["topics"])
    record_consent(connection, owner, Action.IMPORTED, here.now, topics=names_of, source=SOURCE)
    return owner


def _add_browser(connection: sa.Connection, owner: int, browser: Mapping[str, Any], settings: PushSettings) -> bool:
    names = ("endpoint", "p256dh", "auth", "state", "created_at", "seen_at", "accepted_at")
    return insert_new(
        connection,
        subscription,
        subscriber=owner,
        endpoint_hash=registry.endpoint_hash(browser["endpoint"]),
        origin=endpoints.check(browser["endpoint"], settings).origin,
        vapid_key=browser["key"],
        browser=browser["browser"] or "other",
        platform=browser["platform"] or "other",
        state_at=browser["seen_at"],
        **{name: browser[name] for name in names},
    )


def _add_consent(connection: sa.Connection, owner: int, agreed: Mapping[str, Any]) -> bool:
    same = (consent.c.subscriber == owner) & (consent.c.at == agreed["at"]) & (consent.c.action == agreed["action"])
    if connection.execute(sa.select(consent.c.id).where(same)).first() is not None:
        return False
    connection.execute(sa.insert(consent).values(subscriber=owner, **agreed))
    return True


def _add_messages(connection: sa.Connection, owner: int, line: Mapping[str, Any]) -> list[bool]:
    mine = connection.execute(
        sa.select(send.c.dedupe_key, subscriber.c.created_at)
        .select_from(send.join(subscriber, subscriber.c.id == send.c.subscriber))
        .where(send.c.subscriber == owner)
    )
    known = {form.message_key(row.created_at, row.dedupe_key) for row in mine}
    return [_add_message(connection, owner, message) for message in line["messages"] if message["key"] not in known]


def _add_message(connection: sa.Connection, owner: int, message: Mapping[str, Any]) -> bool:
    """What was sent elsewhere, so that caps and pauses between messages know of it."""
    names = ("kind", "state", "reason", "due_at", "decided_at", "sent_at")
    if not insert_new(
        connection, send, dedupe_key=message["key"], subscriber=owner, **{name: message[name] for name in names}
    ):
        return False
    row = connection.execute(sa.select(send.c.id).where(send.c.dedupe_key == message["key"])).one()
    for number, copy in enumerate(message["pushes"], 1):
        browser = registry.by_hash(connection, copy["browser"])
        values = {name: value for name, value in copy.items() if name != "browser"}
        # A browser that is not known any more still counts as one.
        insert_new(
            connection,
            push,
            send=row.id,
            subscription=browser.id if browser is not None else -number,
            token=secrets.token_urlsafe(16),
            **values,
        )
    return True
