"""People with a browser, and chains for them."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from deskside.store.database import Row
from deskside.store.push_tables import push, send, subscriber, subscriber_topic, subscription
from push.chains import control, flow, store
from push.model import Kind
from push.sending.gates import Manners
from push.sending.messages import Settled

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
PLAIN = Manners(zone=ZoneInfo("UTC"))
_numbers = count(1)


def person(connection: sa.Connection, zone: str = "UTC", topics: tuple[str, ...] = (), **more: Any) -> int:
    """A subscriber with one living browser."""
    values = {"zone": zone, "created_at": NOON, "seen_at": NOON, **more}
    made: int = connection.execute(sa.insert(subscriber).values(values).returning(subscriber.c.id)).scalar_one()
    connection.execute(
        sa.insert(subscription).values(
            subscriber=made,
            endpoint=f"https://push.example/{next(_numbers)}",
            endpoint_hash=f"{next(_numbers):064}",
            origin="https://push.example",
            p256dh=b"p" * 65,
            auth=b"a" * 16,
            vapid_key="k",
        )
    )
    for topic in topics:
        connection.execute(sa.insert(subscriber_topic).values(subscriber=made, topic=topic))
    return made


def step(key: str, **more: Any) -> dict[str, Any]:
    """A step as JSON: an hour after the one before, unless said otherwise."""
    contents = {"en": {"title": f"About {key}", "url": f"https://portal.example/{key}"}}
    return {"key": key, "after": {"hours": 1}, "contents": contents, **more}


WELCOME = {
    "steps": [
        step("hello", after={"minutes": 5}),
        step("tour", after={"hours": 14}, late_minutes=720),
        step("tips", after={"days": 2}, late_minutes=4320),
    ]
}


def chain(connection: sa.Connection, definition: dict[str, Any] | None = None, **more: Any) -> Row:
    """An active chain, for newcomers unless said otherwise."""
    values = {"name": f"chain {next(_numbers)}", "entry": "subscribed", "by": "ann", "now": NOON, **more}
    made = store.create(connection, definition=definition or WELCOME, **values)
    control.activate(connection, made.id)
    found = store.get(connection, made.id)
    assert found is not None
    return found


def sends(connection: sa.Connection, people: int | None = None) -> list[Row]:
    """All sends of steps, or those of one person, in the order they were planned."""
    query = sa.select(send).order_by(send.c.id)
    return list(connection.execute(query if people is None else query.where(send.c.subscriber == people)))


def planned(connection: sa.Connection, people: int) -> dict[str, datetime]:
    """What is due for one person, and when."""
    return {row.step_key: row.due_at for row in sends(connection, people) if row.state in ("due", "held")}


def settle(connection: sa.Connection, row: Row, at: datetime, state: str = "sent", reason: str = "") -> None:
    """Bring a send to its end, as the worker does, and tell the chains."""
    connection.execute(
        sa.update(send)
        .where(send.c.id == row.id)
        .values(state=state, reason=reason, decided_at=at, sent_at=at if state == "sent" else None)
    )
    told = Settled(row.id, Kind(row.kind), None, row.enrollment, row.step_key, row.subscriber, state, reason, at)
    flow.after(connection, [told], PLAIN)


def settle_next(connection: sa.Connection, people: int, state: str = "sent") -> Row:
    """Settle the one send that waits for this person, at the time it is due."""
    (row,) = [row for row in sends(connection, people) if row.state == "due"]
    settle(connection, row, row.due_at, state)
    return row


def click(connection: sa.Connection, row: Row, at: datetime) -> None:
    """The person clicks the message of this send."""
    connection.execute(
        sa.insert(push).values(
            send=row.id,
            subscription=1,
            origin="https://push.example",
            token=f"token-{row.id}",
            state="accepted",
            tried_at=at,
            clicked_at=at,
        )
    )
    flow.clicked(connection, row.id, PLAIN, at)


def hours(number: float) -> timedelta:
    """So many hours."""
    return timedelta(hours=number)
