"""What the tests of sending share: people with browsers, a push service that counts, and a hand that moves time."""

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from deskside.store.database import Row, reading
from deskside.store.push_tables import push, send, subscriber, subscriber_topic, subscription, topic
from push.campaigns import control, drafts, messages
from push.campaigns.definition import Draft, Schedule
from push.model import Content, Kind, Variant, Window
from push.sending.gates import Manners
from push.sending.messages import After, nothing
from push.sending.run import Sending, run_batch
from push.wire.answer import Verdict
from push.wire.fanout import Outcome, Parcel

# A Monday noon in winter.
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ORIGIN = "https://push.example"
MANNERS = Manners(ZoneInfo("UTC"), None, Window(time(22), time(8)), 3, timedelta(hours=4), "en", "")


class Hand:
    """The hand that moves time."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now


@dataclass
class CountingService:
    """Accepts everything and counts it; `answers` stand in for the next outcomes, by the endpoint."""

    now: Callable[[], datetime] = lambda: NOON
    answers: dict[str, list[Outcome]] = field(default_factory=dict)
    got: list[tuple[datetime, Parcel]] = field(default_factory=list)
    closed: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def deliver(self, parcels: Iterable[Parcel]) -> Iterator[Outcome]:
        for parcel in parcels:
            with self._lock:
                self.got.append((self.now(), parcel))
                waiting = self.answers.get(parcel.endpoint, [])
                told = waiting.pop(0) if waiting else Outcome(0, Verdict.ACCEPTED, 201)
            yield Outcome(parcel.id, told.verdict, told.status, told.reason, told.retry_after, told.strike)

    def close(self) -> None:
        self.closed = True

    def will(self, device: str, verdict: Verdict, status: int | None = None, **more: Any) -> None:
        """What the next parcel for this device meets."""
        self.answers.setdefault(f"{ORIGIN}/{device}", []).append(Outcome(0, verdict, status, **more))

    @property
    def endpoints(self) -> Counter[str]:
        """How many parcels each device got, whatever the answer."""
        return Counter(parcel.endpoint.rpartition("/")[2] for _, parcel in self.got)

    def bodies(self) -> list[dict[str, Any]]:
        """What was posted, as the notification it holds."""
        return [json.loads(parcel.body)["notification"] for _, parcel in self.got]


@dataclass
class World:
    """A store, a service, a clock, and what moves a message from one to the other."""

    database: sa.Engine
    hand: Hand = field(default_factory=Hand)
    service: CountingService = field(default_factory=CountingService)
    manners: Manners = MANNERS
    after: After = nothing
    people: int = 0

    def __post_init__(self) -> None:
        self.service.now = self.hand
        with self.database.begin() as connection:
            connection.execute(sa.insert(topic), [{"name": "news", "titles": {"en": "News"}}])

    @property
    def sending(self) -> Sending:
        return Sending(self.database, self.service, self.manners, messages.messages_of, self.after, self.hand, "test")

    def person(self, *, devices: int = 1, topics: Sequence[str] = ("news",), **values: Any) -> int:
        """Somebody with so many browsers, `d<person>-<number>`."""
        return self.crowd(1, devices=devices, topics=topics, **values)[0]

    def crowd(self, number: int, *, devices: int = 1, topics: Sequence[str] = ("news",), **values: Any) -> list[int]:
        with self.database.begin() as connection:
            rows = [{"attributes": {}, "created_at": self.hand.now, "seen_at": self.hand.now, **values}] * number
            ids = list(connection.scalars(sa.insert(subscriber).returning(subscriber.c.id), rows))
            if topics:
                chosen = [{"subscriber": person, "topic": name} for person in ids for name in topics]
                connection.execute(sa.insert(subscriber_topic), chosen)
            if devices:
                owned = [browser(person, f"d{person}-{n}") for person in ids for n in range(devices)]
                connection.execute(sa.insert(subscription), owned)
        self.people += number
        return ids

    def campaign(self, schedule: Schedule | None = None, **values: Any) -> int:
        """A campaign that is scheduled."""
        with self.database.begin() as connection:
            number = drafts.create(connection, draft(schedule, **values), "ops", self.hand.now)
            drafts.schedule_it(connection, number, self.manners, self.hand.now)
        return number

    def start(self) -> int:
        """Start what is due; how many campaigns were."""
        started = 0
        while True:
            with self.database.begin() as connection:
                if control.start_next(connection, self.manners, self.hand.now) is None:
                    return started
            started += 1

    def run(self) -> int:
        """Send until nothing is due; how many sends were claimed."""
        total = 0
        while claimed := run_batch(self.sending):
            total += claimed
        return total

    def go(self) -> int:
        """Start and send."""
        self.start()
        return self.run()

    def sends(self, **values: Any) -> list[Row]:
        query = sa.select(send).order_by(send.c.id)
        for name, value in values.items():
            query = query.where(send.c[name] == value)
        with reading(self.database) as connection:
            return list(connection.execute(query))

    def pushes(self) -> list[Row]:
        with reading(self.database) as connection:
            return list(connection.execute(sa.select(push).order_by(push.c.id)))

    def states(self) -> Counter[str]:
        return Counter(row.state for row in self.sends())


def browser(person: int, name: str, **values: Any) -> dict[str, Any]:
    """A row of `subscription`."""
    endpoint = f"{ORIGIN}/{name}"
    return {
        "subscriber": person,
        "endpoint": endpoint,
        "endpoint_hash": hashlib.sha256(endpoint.encode()).hexdigest(),
        "origin": ORIGIN,
        "p256dh": b"\x04" + bytes(64),
        "auth": bytes(16),
        "vapid_key": "0" * 16,
        "browser": "chrome",
        "platform": "windows",
        **values,
    }


def variant(name: str = "A", title: str = "News for you", **contents: Content) -> Variant:
    """A variant with an English text."""
    english = Content(title, "Something happened", "https://portal.example/news")
    return Variant(name, {"en": english, **contents})


def draft(schedule: Schedule | None = None, **values: Any) -> Draft:
    """A promo about the news, now."""
    defaults: dict[str, Any] = {
        "name": "News",
        "kind": Kind.PROMO,
        "variants": (variant(),),
        "topic": "news",
        "schedule": schedule or Schedule(),
    }
    return Draft(**{**defaults, **values})
