"""The copies of a send: a row of `push` for each living browser, written as `sending` before anything leaves."""

import base64
import hashlib
import secrets
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from deskside.store.database import Row
from deskside.store.push_tables import push, push_origin, subscriber, subscription
from push.model import Notification
from push.sending.contents import Words
from push.sending.decide import Approved
from push.wire import encrypt, payload
from push.wire.fanout import Parcel

_TOPIC_LENGTH = 32


@dataclass(frozen=True, slots=True)
class Ready:
    """A send with its words."""

    approved: Approved
    words: Words


@dataclass(frozen=True, slots=True)
class Copy:
    """A row of `push` that is `sending`, and the browser it is for. `attempts` counts the one that now begins."""

    id: int
    token: str
    browser: Row
    ready: Ready
    attempts: int
    shrunk: bool


@dataclass(frozen=True, slots=True)
class Written:
    """The copies of a batch: those that go out, and by send the states of those that do not."""

    copies: Sequence[Copy]
    standing: Mapping[int, Sequence[str]]


def write(connection: sa.Connection, batch: Sequence[Ready], now: datetime) -> Written:
    """Write the copies of these sends; of one that was tried before, only what is to be tried again."""
    browsers = _living(connection, {ready.approved.row.subscriber for ready in batch})
    before = _before(connection, [ready.approved.row.id for ready in batch if ready.approved.row.attempts])
    closed = closed_origins(connection, now)
    standing: dict[int, list[str]] = defaultdict(list)
    again: list[Copy] = []
    fresh: list[tuple[Ready, Row, str]] = []
    changed: list[dict[str, object]] = []
    for ready in batch:
        row = ready.approved.row
        alive = {browser.id: browser for browser in browsers.get(row.subscriber, ())}
        if row.id not in before:
            fresh += [(ready, browser, secrets.token_urlsafe(16)) for browser in alive.values()]
            continue
        for old in before[row.id]:
            browser = alive.get(old.subscription)
            if old.state != "again":
                standing[row.id].append(old.state)
            elif browser is None:
                standing[row.id].append("gone")
                changed.append({"row": old.id, "to": "gone", "tries": old.attempts})
            elif browser.origin in closed:
                standing[row.id].append("again")
            else:
                again.append(Copy(old.id, old.token, browser, ready, old.attempts + 1, old.status == 413))
                changed.append({"row": old.id, "to": "sending", "tries": old.attempts + 1})
    if changed:
        update = sa.update(push).where(push.c.id == sa.bindparam("row"))
        values = {"state": sa.bindparam("to"), "attempts": sa.bindparam("tries"), "tried_at": now}
        connection.execute(update.values(values), changed)
    for ready, browser, _ in fresh:
        if browser.origin in closed:
            standing[ready.approved.row.id].append("again")
    return Written([*again, *_insert(connection, fresh, closed, now)], standing)


def parcel(copy: Copy, now: datetime, icon: str) -> Parcel:
    """What is posted. Raises Permanent when it is too large however it is shortened."""
    approved, content, browser = copy.ready.approved, copy.ready.words.content, copy.browser
    notification = Notification(
        token=copy.token,
        tag=approved.message.tag,
        title=content.title,
        body=content.body,
        url=content.url,
        language=copy.ready.words.language,
        icon=content.icon or icon,
        image=content.image,
        badge=content.badge,
        buttons=content.buttons,
    )
    small = copy.shrunk or (browser.browser == "firefox" and browser.platform == "android")
    return Parcel(
        id=copy.id,
        endpoint=browser.endpoint,
        p256dh=browser.p256dh,
        auth=browser.auth,
        key_id=browser.vapid_key,
        body=payload.build(notification, encrypt.MOST_ANDROID_FIREFOX if small else encrypt.MOST),
        ttl=max(1, int((approved.expires - now).total_seconds())),
        urgency=approved.message.urgency,
        topic=topic(approved.message.tag),
    )


def topic(tag: str) -> str:
    """The Topic header (RFC 8030, 5.4) of messages that replace one another: 32 characters of base64url."""
    return base64.urlsafe_b64encode(hashlib.sha256(tag.encode()).digest()).decode()[:_TOPIC_LENGTH]


def closed_origins(connection: sa.Connection, now: datetime) -> set[str]:
    """The push services that refuse our key, or asked us to wait."""
    closed = sa.or_(push_origin.c.stopped_at.is_not(None), push_origin.c.blocked_until > now)
    return set(connection.scalars(sa.select(push_origin.c.origin).where(closed)))


def _living(connection: sa.Connection, people: Collection[int]) -> Mapping[int, Sequence[Row]]:
    # Asked right before the sending, and of the person too: they may have left since the gates looked.
    query = (
        sa.select(subscription)
        .join(subscriber, subscriber.c.id == subscription.c.subscriber)
        .where(subscription.c.subscriber.in_(people), subscription.c.state == "alive", subscriber.c.left_at.is_(None))
        .order_by(subscription.c.id)
    )
    return _grouped(connection.execute(query), "subscriber")


def _before(connection: sa.Connection, sends: Collection[int]) -> Mapping[int, Sequence[Row]]:
    query = sa.select(push).where(push.c.send.in_(sends)).order_by(push.c.id)
    return _grouped(connection.execute(query), "send") if sends else {}


def _grouped(rows: sa.CursorResult[*tuple[object, ...]], name: str) -> Mapping[int, Sequence[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[getattr(row, name)].append(row)
    return found


def _insert(
    connection: sa.Connection, fresh: Sequence[tuple[Ready, Row, str]], closed: Collection[str], now: datetime
) -> Iterator[Copy]:
    if not fresh:
        return
    rows = [
        {
            "send": ready.approved.row.id,
            "subscription": browser.id,
            "origin": browser.origin,
            "token": token,
            "state": "again" if browser.origin in closed else "sending",
            "error": "the push service is not asked now" if browser.origin in closed else "",
            "attempts": 0 if browser.origin in closed else 1,
            "tried_at": now,
        }
        for ready, browser, token in fresh
    ]
    written = connection.execute(sa.insert(push).returning(push.c.id, push.c.token), rows)
    ids = {token: number for number, token in written}
    for ready, browser, token in fresh:
        if browser.origin not in closed:
            yield Copy(ids[token], token, browser, ready, 1, False)
