"""A seeded past: people who came and left, campaigns and a chain that reached them, and what their browsers told."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from deskside.store.push_tables import (
    chain,
    consent,
    enrollment,
    push,
    send,
    subscriber,
    subscriber_topic,
    subscription,
    topic,
)
from push.campaigns import drafts
from push.campaigns.definition import Draft
from push.model import Content, Kind, Variant
from tests.push.sending.world import browser

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ZONES = ("Europe/Berlin", "Europe/Moscow", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "", "Mars/Olympus")
KINDS = (("chrome", "windows"), ("chrome", "android"), ("firefox", "windows"), ("safari", "macos"), ("safari", "ios"))
TITLES = (
    "Faster disks are here",
    "Is your backup running? ✅",
    "Maintenance on Sunday night: what you should know before it begins",
    "🎉 New control panel",
    "Price of domains changes next month",
    "Ten minutes that save your server",
)
REASONS = (
    ("skipped", "too late: it was of use until Mon 23 Nov 14:00"),
    ("skipped", "quiet hours until Tue 24 Nov 08:00; by then it is of no use (Mon 23 Nov 23:00)"),
    ("skipped", "has had 3 this week, at most 3 are wanted; by then it is of no use (Mon 23 Nov 23:00)"),
    ("skipped", "has an urgent ticket open: zendesk 7, its server is down; by then it is of no use (Mon)"),
    ("failed", "the push service refuses it"),
    ("unknown", "not known whether it arrived: 1 of 1 browser"),
    ("due", "got another message at Mon 23 Nov 10:00; the next may come Mon 23 Nov 14:00"),
    ("due", ""),
)


@dataclass
class Past:
    """What was written: ids of people and campaigns."""

    people: list[int]
    campaigns: list[int]


def fill(database: sa.Engine, seed: int = 1, people: int = 60, campaigns: int = 4, now: datetime = NOW) -> Past:
    """Write a past of three months."""
    chance = random.Random(seed)
    with database.begin() as connection:
        have = set(connection.scalars(sa.select(topic.c.name)))
        titles = {"news": {"en": "News", "ru": "Новости"}, "status": {"en": "Status"}, "tips": {"en": "Tips"}}
        rows = [{"name": name, "titles": found} for name, found in titles.items() if name not in have]
        if rows:
            connection.execute(sa.insert(topic), rows)
        ids = [_person(connection, chance, number, now) for number in range(people)]
        made = [_campaign(connection, chance, number, ids, now) for number in range(campaigns)]
        _chain(connection, chance, ids, now)
    return Past(ids, made)


def _add(connection: sa.Connection, table: sa.Table, **values: Any) -> int:
    return int(connection.execute(sa.insert(table).values(values).returning(table.c.id)).scalar_one())


def _person(connection: sa.Connection, chance: random.Random, number: int, now: datetime) -> int:
    came = now - timedelta(days=89 * chance.random() ** 0.7, minutes=chance.randrange(1440))
    known = chance.random() < 0.6
    person = _add(
        connection,
        subscriber,
        desk="zendesk" if known else None,
        person=f"u{number}" if known else None,
        client_id=f"c{number}" if known else None,
        language=chance.choice(["en", "en", "ru", ""]),
        zone=chance.choice(ZONES),
        attributes={"plan": chance.choice(["vps", "dedicated", "shared"]), "name": chance.choice(["Ann", "Борис"])},
        source="portal",
        created_at=came,
        seen_at=came,
    )
    chosen = [name for name in ("news", "status", "tips") if chance.random() < 0.8]
    if chosen:
        connection.execute(sa.insert(subscriber_topic), [{"subscriber": person, "topic": name} for name in chosen])
    for n in range(chance.choice([1, 1, 1, 2])):
        kind, platform = chance.choice(KINDS)
        gone = chance.random() < 0.1
        row = browser(person, f"s{person}-{n}", browser=kind, platform=platform, created_at=came, seen_at=came)
        at = came + (now - came) * chance.random() if gone else came
        connection.execute(
            sa.insert(subscription).values({**row, "state": "gone" if gone else "alive", "state_at": at})
        )
    at, inside = came, True
    _consent(connection, person, "given", at)
    while chance.random() < 0.45:
        at += timedelta(days=12 * chance.random())
        if at > now:
            break
        action = chance.choice(["withdrawn", "withdrawn", "given", "changed"])
        _consent(connection, person, action, at)
        inside = {"withdrawn": False, "given": True}.get(action, inside)
    if not inside:
        connection.execute(sa.update(subscriber).where(subscriber.c.id == person).values(left_at=at))
    return person


def _consent(connection: sa.Connection, person: int, action: str, at: datetime) -> None:
    words = "Yes, send me notifications" if action == "given" else ""
    _add(connection, consent, subscriber=person, action=action, at=at, text=words, topics=["news"], source="portal")


def _campaign(connection: sa.Connection, chance: random.Random, number: int, people: list[int], now: datetime) -> int:
    title = TITLES[number % len(TITLES)]
    image = "https://portal.example/big.png" if number % 3 == 0 else ""
    text = Content(title, "Read what is new for {{ name|default('you') }}", "https://portal.example/n", image=image)
    variants = [Variant("A", {"en": text, "ru": Content("Новости", "Читайте", "https://portal.example/ru")})]
    if number % 2:
        other = Content(f"{title}, today?", text.body, text.url)
        variants.append(Variant("B", {"en": other}))
    kind = Kind.SERVICE if number % 4 == 2 else Kind.PROMO
    made = drafts.create(connection, Draft(title, kind, tuple(variants), topic="news"), f"ops{number % 2}", now)
    begun = now - timedelta(days=80 * (1 - number / 7) + 1 if number < 7 else 1, hours=chance.randrange(4))
    chosen = [person for person in people if chance.random() < 0.85]
    steps = [["total", len(people)], ["topic", len(chosen) + 2], ["language", len(chosen) + 2]]
    steps += [["attributes", len(chosen) + 1], ["alive", len(chosen)], ["uncapped", len(chosen)]]
    values = {"state": "done" if number else "running", "started_at": begun, "start_at": begun}
    values |= {"waterfall": [*steps, ["in_time", len(chosen)]]}
    connection.execute(sa.update(drafts.campaign).where(drafts.campaign.c.id == made).values(values))
    for person in chosen:
        at = begun + timedelta(minutes=chance.randrange(60 * 30 if chance.random() < 0.3 else 100))
        _send(connection, chance, person, at, kind.value, campaign=made, variant=chance.randrange(len(variants)))
    for person in people[:2]:
        _send(connection, chance, person, begun, "test", campaign=made)
    return made


def _chain(connection: sa.Connection, chance: random.Random, people: list[int], now: datetime) -> None:
    made = _add(connection, chain, name="Welcome", state="active", version=1, entry="subscribed")
    for person in people:
        if chance.random() < 0.4:
            continue
        begun = now - timedelta(days=60 * chance.random())
        state = chance.choice(["active", "finished", "exited"])
        entered = _add(connection, enrollment, chain=made, subscriber=person, version=1, state=state, entered_at=begun)
        for place, key in enumerate(("hello", "tips", "review")[: chance.randrange(1, 4)]):
            _send(connection, chance, person, begun + timedelta(days=place), "step", enrollment=entered, step_key=key)


def _send(connection: sa.Connection, chance: random.Random, person: int, at: datetime, kind: str, **more: Any) -> None:
    state, reason = ("sent", "accepted for 1 of 1 browser")
    if chance.random() < 0.2:
        state, reason = chance.choice(REASONS)
    key = f"{kind}:{person}:{chance.random()}"
    values = {"state": state, "reason": reason, "sent_at": at if state == "sent" else None, "decided_at": at}
    number = _add(connection, send, dedupe_key=key, kind=kind, subscriber=person, due_at=at, **values, **more)
    if state not in ("sent", "unknown"):
        return
    if chance.random() < 0.06:
        _consent(connection, person, "withdrawn", at + timedelta(hours=30 * chance.random()))
    owned = connection.scalars(sa.select(subscription.c.id).where(subscription.c.subscriber == person)).all()
    for place, found in enumerate(owned):
        copy = "accepted" if state == "sent" and (not place or chance.random() < 0.7) else "unknown"
        told: dict[str, datetime] = {}
        if copy == "accepted" and chance.random() < 0.7:
            told["shown_at"] = at + timedelta(seconds=5)
            if chance.random() < 0.12 + 0.1 * (9 <= at.hour < 14):
                told["clicked_at"] = at + timedelta(minutes=3)
            elif chance.random() < 0.3:
                told["closed_at"] = at + timedelta(minutes=1)
        _add(
            connection,
            push,
            send=number,
            subscription=found,
            origin="https://push.example",
            token=f"{number}-{found}",
            state=copy,
            tried_at=at,
            error="" if copy == "accepted" else "it left, and no answer came",
            **told,
        )
