"""Subscribers, out of the store and into a file."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

import sqlalchemy as sa

from deskside.store.database import Row
from deskside.store.push_tables import campaign, consent, push, send, subscriber, subscriber_topic, subscription
from push.subscribers import topics
from push.subscribers.binding import State
from push.subscribers.transfer import form

PAGE = 200


@dataclass(frozen=True, slots=True)
class Exported:
    """How many there are in a file."""

    subscribers: int
    browsers: int


def export(connection: sa.Connection, keys: Mapping[str, str], out: BinaryIO, now: datetime) -> Exported:
    """Write all subscribers; `keys` are the public VAPID keys by id.

    Memory stays flat whatever their number. Read in one transaction, the file is one instant.
    """
    writer = _Writer(out)
    head = {"file": form.KIND, "version": form.VERSION, "made_at": now}
    writer.write({**head, "keys": [{"id": name, "public": public} for name, public in keys.items()]})
    for found in topics.every(connection):
        writer.write({"line": "topic", **form.TopicLine().dump(found)})
    people = browsers = 0
    for rows in _pages(connection):
        for line in _lines(connection, rows):
            people += 1
            browsers += len(line["browsers"])
            writer.write(line)
    writer.finish()
    return Exported(people, browsers)


class _Writer:
    """Writes lines, and knows the sum of what it wrote."""

    def __init__(self, out: BinaryIO) -> None:
        self._out, self._sum, self._lines = out, hashlib.sha256(), 0

    def write(self, line: Mapping[str, Any]) -> None:
        data = json.dumps(line, ensure_ascii=False, separators=(",", ":"), default=datetime.isoformat).encode() + b"\n"
        self._sum.update(data)
        self._lines += 1
        self._out.write(data)

    def finish(self) -> None:
        self.write({"line": "end", "lines": self._lines, "sha256": self._sum.hexdigest()})


def _pages(connection: sa.Connection) -> Iterator[Sequence[Row]]:
    last = 0
    while True:
        page = sa.select(subscriber).where(subscriber.c.id > last).order_by(subscriber.c.id).limit(PAGE)
        rows = connection.execute(page).all()
        if not rows:
            return
        yield rows
        last = rows[-1].id


def _lines(connection: sa.Connection, rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    ids = [row.id for row in rows]
    chosen = _by(connection, subscriber_topic, subscriber_topic.c.topic, ids)
    agreed = _by(connection, consent, consent.c.id, ids)
    browsers = _by(connection, subscription, subscription.c.id, ids)
    messages = _messages(connection, rows)
    for row in rows:
        line: dict[str, Any] = form.SubscriberLine(exclude=("topics", "consent", "browsers", "messages")).dump(row)
        theirs = [found for found in browsers.get(row.id, []) if found.state != State.LEFT]
        yield {
            "line": "subscriber",
            **line,
            "topics": form.ChosenPart(many=True).dump(chosen.get(row.id, [])),
            "consent": form.ConsentPart(many=True).dump(agreed.get(row.id, [])),
            "browsers": form.BrowserPart(many=True).dump(
                [{**found._mapping, "key": found.vapid_key} for found in theirs]
            ),
            "messages": messages.get(row.id, []),
        }


def _by(connection: sa.Connection, table: sa.Table, order: sa.Column[Any], ids: Sequence[int]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    mine = sa.select(table).where(table.c.subscriber.in_(ids)).order_by(table.c.subscriber, order)
    for row in connection.execute(mine):
        found.setdefault(row.subscriber, []).append(row)
    return found


def _messages(connection: sa.Connection, rows: Sequence[Row]) -> dict[int, list[dict[str, Any]]]:
    born = {row.id: row.created_at for row in rows}
    sends = connection.execute(
        sa.select(send, sa.func.coalesce(campaign.c.name, "").label("name"))
        .select_from(send.outerjoin(campaign, campaign.c.id == send.c.campaign))
        .where(send.c.subscriber.in_(list(born)), send.c.state.in_(form.SETTLED))
        .order_by(send.c.subscriber, send.c.due_at, send.c.id)
    ).all()
    copies: dict[int, list[Mapping[str, Any]]] = {}
    one_of_them = sa.select(send.c.id).where(send.c.subscriber.in_(list(born)), send.c.state.in_(form.SETTLED))
    for row in connection.execute(
        sa.select(push, subscription.c.endpoint_hash)
        .select_from(push.outerjoin(subscription, subscription.c.id == push.c.subscription))
        .where(push.c.send.in_(one_of_them))
        .order_by(push.c.id)
    ):
        copies.setdefault(row.send, []).append({**row._mapping, "browser": row.endpoint_hash or ""})
    found: dict[int, list[dict[str, Any]]] = {}
    for row in sends:
        message = {
            **row._mapping,
            "key": form.message_key(born[row.subscriber], row.dedupe_key),
            "pushes": copies.get(row.id, []),
        }
        found.setdefault(row.subscriber, []).append(form.MessagePart().dump(message))
    return found
