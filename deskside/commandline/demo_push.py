"""Web push in the demonstration: people of the portal, a chain they go through, and a month of campaigns behind it."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from deskside.demo import cast
from deskside.demo.browsers import CLICKS, CLOSES, SEES, Browser
from deskside.store.push_tables import (
    campaign,
    consent,
    push,
    send,
    subscriber,
    subscriber_topic,
    subscription,
    topic,
)
from push.campaigns.audience import STEPS
from push.chains import control, flow, store
from push.sending.gates import Manners
from push.subscribers.registry import endpoint_hash

DAYS = 28
# Of the newest people, who are in the chain for newcomers.
NEWCOMERS = 12
TOPICS = (
    ("maintenance", {"en": "Maintenance and incidents", "ru": "Работы и сбои"}),
    ("news", {"en": "Product news", "ru": "Новости"}),
    ("tips", {"en": "Tips and articles", "ru": "Советы и статьи"}),
)
WORDS = "May we send you notifications about the chosen topics?"


@dataclass(frozen=True, slots=True)
class _Past:
    """A campaign of the past; `days` ago at `hour` UTC."""

    name: str
    days: int
    hour: int
    topic: str
    title: str
    body: str
    lift: float = 1.0


PAST = (
    _Past("Weekend maintenance", 27, 11, "maintenance", "Maintenance on Saturday night", "Frankfurt, 01:00 to 03:00."),
    _Past("Backups explained", 24, 12, "tips", "Is your backup worth anything?", "Three minutes to find out.", 0.6),
    _Past("PHP 8.4", 20, 13, "news", "PHP 8.4 is here", "Switch in the panel, one click.", 1.5),
    _Past("Two-factor", 17, 11, "tips", "Lock your panel with two factors 🔐", "Set it up in a minute.", 1.4),
    _Past("New control panel", 13, 12, "news", "The new panel is faster", "See what has changed."),
    _Past("Certificates", 10, 13, "tips", "Certificates renew themselves now", "Nothing left to do.", 1.2),
    _Past("Network upgrade", 6, 11, "maintenance", "More bandwidth in Frankfurt", "Done without a pause."),
    _Past("Autumn offers", 3, 12, "news", "Double storage until Sunday 🎁", "For every plan.", 0.8),
)
WELCOME: dict[str, Any] = {
    "steps": [
        {
            "key": "hello",
            "after": {"minutes": 5},
            "late_minutes": 360,
            "contents": {
                "en": {"title": "Good to have you here", "body": "This is where to find us.", "url": "{home}"},
                "ru": {"title": "Рады знакомству", "body": "Здесь нас можно найти.", "url": "{home}"},
            },
        },
        {
            "key": "tour",
            "after": {"hours": 14},
            "late_minutes": 720,
            "contents": {
                "en": {"title": "Three things to set up", "body": "Backups, alarms, two factors.", "url": "{home}"},
                "ru": {"title": "Три вещи для начала", "body": "Копии, оповещения, вход.", "url": "{home}"},
            },
        },
        {
            "key": "tips",
            "after": {"days": 2},
            "window": "11:00-14:00",
            "late_minutes": 4320,
            "contents": {
                "en": {"title": "How is it going?", "body": "Ask us anything.", "url": "{home}"},
                "ru": {"title": "Как дела?", "body": "Спрашивайте о чём угодно.", "url": "{home}"},
            },
        },
    ]
}


def fill(
    connection: sa.Connection,
    desk: str,
    home: str,
    key_id: str,
    browsers: Sequence[Browser],
    manners: Manners,
    now: datetime,
) -> None:
    """People it all into an empty store; `home` is where links lead, `key_id` the VAPID key the browsers know."""
    chance = random.Random(11)  # noqa: S311 - a show, always the same
    for position, (name, titles) in enumerate(TOPICS):
        connection.execute(sa.insert(topic).values(name=name, titles=titles, position=position))
    people = [_person(connection, chance, desk, key_id, browser, now) for browser in browsers]
    for item in PAST:
        _campaign(connection, chance, item, home, people, now)
    made = store.create(
        connection, name="Welcome", entry=flow.SUBSCRIBED, definition=_with(WELCOME, home), by="mira", now=now
    )
    control.activate(connection, made.id)
    newest = [number for number, _ in sorted(people, key=lambda person: person[1])[-NEWCOMERS:]]
    row = store.get(connection, made.id)
    assert row is not None
    flow.enter(connection, row, newest, manners, now)


def _with(definition: dict[str, Any], home: str) -> dict[str, Any]:
    steps = [
        {
            **step,
            "contents": {name: {**words, "url": home} for name, words in step["contents"].items()},
        }
        for step in definition["steps"]
    ]
    return {**definition, "steps": steps}


def _person(
    connection: sa.Connection, chance: random.Random, desk: str, key_id: str, browser: Browser, now: datetime
) -> tuple[int, datetime]:
    """One subscriber with this browser; their id and since when."""
    since = now - timedelta(days=DAYS) * chance.random() ** 0.7
    client = cast.ORGANIZATIONS[browser.number % len(cast.ORGANIZATIONS)]
    values = {
        "desk": desk,
        "person": f"portal-{browser.number}",
        "client_id": client.key,
        "language": browser.language,
        "zone": browser.zone,
        "attributes": {"plan": client.plan, "first_name": client.people[0][0].split()[0]},
        "source": "after a ticket" if browser.number % 3 else "home page",
        "created_at": since,
        "seen_at": since,
    }
    number: int = connection.execute(sa.insert(subscriber).values(values).returning(subscriber.c.id)).scalar_one()
    topics = [name for name, _ in TOPICS if name == "maintenance" or chance.random() < 0.8]
    connection.execute(
        sa.insert(subscriber_topic), [{"subscriber": number, "topic": name, "since": since} for name in topics]
    )
    connection.execute(
        sa.insert(consent).values(
            subscriber=number, at=since, action="given", text=WORDS, topics=topics, language=browser.language
        )
    )
    connection.execute(sa.insert(subscription).values(_device(number, key_id, browser, since)))
    return number, since


def _device(number: int, key_id: str, browser: Browser, since: datetime) -> dict[str, Any]:
    return {
        "subscriber": number,
        "endpoint": browser.endpoint,
        "endpoint_hash": endpoint_hash(browser.endpoint),
        "origin": browser.endpoint.partition("/push/")[0],
        "p256dh": browser.p256dh,
        "auth": browser.auth,
        "vapid_key": key_id,
        "browser": browser.browser,
        "platform": browser.platform,
        "created_at": since,
        "seen_at": since,
        "state_at": since,
    }


def _campaign(
    connection: sa.Connection,
    chance: random.Random,
    item: _Past,
    home: str,
    people: Sequence[tuple[int, datetime]],
    now: datetime,
) -> None:
    start = (now - timedelta(days=item.days)).astimezone(UTC).replace(hour=item.hour, minute=0, second=0, microsecond=0)
    content = {"title": item.title, "body": item.body, "url": home, "icon": "", "image": "", "badge": "", "buttons": []}
    values = {
        "name": item.name,
        "kind": "promo",
        "state": "done",
        "topic": item.topic,
        "variants": [{"name": "A", "contents": {"en": content}}],
        "audience": {"languages": [], "rules": []},
        "schedule": {"when": "at", "at": start.isoformat(), "hours": 24},
        "start_at": start,
        "end_at": start + timedelta(hours=24),
        "seed": f"past-{item.days}",
        "created_by": "mira",
        "created_at": start - timedelta(hours=3),
        "updated_at": start - timedelta(hours=3),
        "started_at": start,
        "finished_at": start + timedelta(hours=1),
    }
    number: int = connection.execute(sa.insert(campaign).values(values).returning(campaign.c.id)).scalar_one()
    chosen = set(
        connection.scalars(sa.select(subscriber_topic.c.subscriber).where(subscriber_topic.c.topic == item.topic))
    )
    there = [person for person, since in people if since < start]
    reached = [person for person in there if person in chosen]
    steps = [[word, len(there) if word == "total" else len(reached)] for word in (*STEPS, "reached")]
    connection.execute(sa.update(campaign).where(campaign.c.id == number).values(waterfall=steps))
    if not reached:
        return
    sends = [
        {
            "dedupe_key": f"campaign:{number}:{person}",
            "kind": "promo",
            "campaign": number,
            "subscriber": person,
            "due_at": start,
            "state": "sent",
            "created_at": start,
            "decided_at": start,
            "sent_at": start + timedelta(seconds=chance.uniform(0, 90)),
        }
        for person in reached
    ]
    connection.execute(sa.insert(send), sends)
    written = connection.execute(sa.select(send.c.id, send.c.subscriber).where(send.c.campaign == number)).all()
    connection.execute(sa.insert(push), [_push(chance, row.id, row.subscriber, item, start) for row in written])


def _push(chance: random.Random, sent: int, person: int, item: _Past, start: datetime) -> dict[str, Any]:
    at = start + timedelta(seconds=chance.uniform(1, 90))
    shown = at + timedelta(minutes=chance.expovariate(1 / 20)) if chance.randrange(100) < SEES else None
    fate = chance.uniform(0, 100)
    clicks = CLICKS * item.lift
    later = shown + timedelta(minutes=chance.expovariate(1 / 30)) if shown else None
    return {
        "send": sent,
        "subscription": person,
        "origin": "https://localhost",
        "token": f"{chance.getrandbits(120):030x}",
        "state": "accepted",
        "status": 201,
        "attempts": 1,
        "tried_at": at,
        "settled_at": at,
        "shown_at": shown,
        "clicked_at": later if fate < clicks else None,
        "closed_at": later if clicks <= fate < clicks + CLOSES else None,
    }
