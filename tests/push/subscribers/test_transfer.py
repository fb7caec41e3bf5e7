"""Subscribers move to another server whole, and moving them again changes nothing."""

import json
import secrets
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from deskside.errors import Malformed
from deskside.settings import load
from deskside.store import migrate
from deskside.store.database import open_database, reading
from deskside.store.push_tables import campaign, consent, push, send, subscriber, subscription
from push.settings import PushSchema, PushSettings
from push.subscribers import preferences, registry, topics, transfer
from push.subscribers.own_data import own_data
from push.subscribers.preferences import Preferences
from push.subscribers.transfer import Imported
from tests.push.subscribers.people import KEY_ID, NOON, agree, ann, device

KEYS = {KEY_ID: "BPublic"}
LATER = NOON + timedelta(days=1)


@pytest.fixture
def settings(tmp_path: Path) -> PushSettings:
    empty = tmp_path / "empty.toml"
    empty.write_text("")
    found: PushSettings = load(empty, {}).section("push", PushSchema)
    return found


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[sa.Engine]:
    """The store of another server."""
    opened = open_database(f"sqlite:///{tmp_path}/elsewhere.db")
    migrate.upgrade(opened)
    # It has had other subscribers before, so that no id is the same on both.
    with opened.begin() as connection:
        for number in range(3):
            agree(connection, device(), now=NOON - timedelta(days=1 + number))
    yield opened
    opened.dispose()


@pytest.fixture
def filled(database: sa.Engine, offered: None) -> sa.Engine:
    """Ann with two browsers, wishes and a history; somebody without a name; somebody who left."""
    with database.begin() as connection:
        one = agree(connection, device("a"), ann(client_id="acme", attributes={"plan": "pro"}), zone="Asia/Kolkata")
        agree(connection, device("b"), ann(), now=NOON + timedelta(hours=1))
        wishes = Preferences(topics=("outages",), language="ru", per_week=2, quiet=(1290, 435))
        preferences.change(connection, one.subscriber_id, wishes, LATER, "preferences")
        nameless = agree(connection, device("c"), now=NOON + timedelta(hours=2))
        gone = agree(connection, device("d"), now=NOON + timedelta(hours=3))
        registry.leave(connection, gone.subscriber_id, LATER, "preferences")
        number = connection.execute(
            sa.insert(campaign)
            .values(name="Spring", kind="promo", variants=[], audience={}, schedule={}, seed="x")
            .returning(campaign.c.id)
        ).scalar_one()
        _send(connection, one, "campaign:1:ann", campaign=number, state="sent", sent_at=NOON, clicked_at=LATER)
        _send(connection, one, "campaign:2:ann", state="due")
        _send(connection, nameless, "campaign:1:3", campaign=number, state="skipped", reason="cap")
    return database


def _send(connection: sa.Connection, to: Any, key: str, **values: Any) -> None:
    clicked = values.pop("clicked_at", None)
    values = {"kind": "promo", "due_at": NOON, "subscriber": to.subscriber_id, "dedupe_key": key, **values}
    number = connection.execute(sa.insert(send).values(values).returning(send.c.id)).scalar_one()
    if values["state"] == "sent":
        copy = {"send": number, "subscription": to.subscription_id, "origin": "https://fcm.googleapis.com"}
        times = {"tried_at": NOON, "settled_at": NOON, "shown_at": NOON, "clicked_at": clicked}
        connection.execute(
            sa.insert(push).values(**copy, **times, token=secrets.token_hex(8), state="accepted", status=201, button=1)
        )


def write(database: sa.Engine, path: Path) -> Path:
    with path.open("wb") as out, reading(database) as connection:
        transfer.export(connection, KEYS, out, LATER)
    return path


def read(database: sa.Engine, path: Path, settings: PushSettings, keys: Any = KEYS) -> Imported:
    return transfer.bring_in(database, path, settings, set(keys), LATER)


def everything(database: sa.Engine, person: str) -> dict[str, Any]:
    """All that is kept of a named person, but for what the move itself added."""
    with reading(database) as connection:
        number = connection.scalar(sa.select(subscriber.c.id).where(subscriber.c.person == person))
        found = own_data(connection, number or 0)
    assert found is not None
    found["consent"] = [item for item in found["consent"] if item["action"] != "imported"]
    for message in found["messages"]:
        # A campaign stays where it was made.
        del message["name"]
    found["messages"] = [message for message in found["messages"] if message["state"] != "due"]
    return found


def count(database: sa.Engine, table: sa.Table) -> int:
    with reading(database) as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_a_person_is_the_same_on_the_other_server(
    filled: sa.Engine, elsewhere: sa.Engine, settings: PushSettings, tmp_path: Path
) -> None:
    done = read(elsewhere, write(filled, tmp_path / "out"), settings)
    assert (done.added, done.browsers, done.skipped) == (3, 3, [])
    assert everything(elsewhere, "ann") == everything(filled, "ann")
    with reading(elsewhere) as connection:
        kept = registry.by_hash(connection, device("a").hash)
        assert kept is not None
        assert (kept.endpoint, kept.p256dh, kept.auth, kept.vapid_key) == (
            device("a").endpoint, device("a").p256dh, device("a").auth, KEY_ID,
        )  # fmt: skip
        copy = connection.execute(sa.select(push)).one()
        assert (copy.subscription, copy.button, copy.clicked_at) == (kept.id, 1, LATER)
        assert [topic.name for topic in topics.every(connection)] == ["news", "outages", "old"]


def test_the_same_file_again_changes_nothing(
    filled: sa.Engine, elsewhere: sa.Engine, settings: PushSettings, tmp_path: Path
) -> None:
    file = write(filled, tmp_path / "out")
    read(elsewhere, file, settings)
    tables = (subscriber, subscription, consent, send, push)
    before = [count(elsewhere, table) for table in tables]
    again = read(elsewhere, file, settings)
    # Whose browsers are here belong to the one they belonged to: that is nothing to report.
    assert (again.added, again.completed, again.unchanged, again.browsers) == (0, 0, 3, 0)
    assert again.skipped == []
    assert [count(elsewhere, table) for table in tables] == before


def test_there_and_back_again_is_where_it_was(
    filled: sa.Engine, elsewhere: sa.Engine, settings: PushSettings, tmp_path: Path
) -> None:
    read(elsewhere, write(filled, tmp_path / "there"), settings)
    before = everything(filled, "ann")
    done = read(filled, write(elsewhere, tmp_path / "back"), settings)
    # The three who were there before are new here; of Ann it is known that she was moved.
    assert (done.added, done.skipped) == (3, [])
    assert everything(filled, "ann") == before
    assert count(filled, send) == 3


def test_what_is_new_in_a_later_file_is_added(
    filled: sa.Engine, elsewhere: sa.Engine, settings: PushSettings, tmp_path: Path
) -> None:
    read(elsewhere, write(filled, tmp_path / "first"), settings)
    with filled.begin() as connection:
        agree(connection, device("e"), ann(), now=LATER)
    done = read(elsewhere, write(filled, tmp_path / "second"), settings)
    assert (done.added, done.completed, done.unchanged, done.browsers) == (0, 1, 2, 1)


def test_nothing_is_sent_by_a_move(
    filled: sa.Engine, elsewhere: sa.Engine, settings: PushSettings, tmp_path: Path
) -> None:
    read(elsewhere, write(filled, tmp_path / "out"), settings)
    with reading(elsewhere) as connection:
        assert set(connection.scalars(sa.select(send.c.state))) == {"sent", "skipped"}


def test_browsers_of_another_key_are_left_out_and_named(
    filled: sa.Engine, elsewhere: sa.Engine, settings: PushSettings, tmp_path: Path
) -> None:
    done = read(elsewhere, write(filled, tmp_path / "out"), settings, keys=["another"])
    reasons = [reason for _, reason in done.skipped]
    assert f"a browser was made with the key {KEY_ID}, which is not configured here" in reasons
    assert "has no browser that can be used here, and no name" in reasons
    assert done.browsers == 0


def test_whoever_said_no_here_is_not_brought_back(
    filled: sa.Engine, elsewhere: sa.Engine, settings: PushSettings, tmp_path: Path
) -> None:
    file = write(filled, tmp_path / "out")
    read(elsewhere, file, settings)
    with elsewhere.begin() as connection:
        number = connection.scalar(sa.select(subscriber.c.id).where(subscriber.c.person == "ann")) or 0
        registry.leave(connection, number, LATER, "preferences")
    done = read(elsewhere, file, settings)
    assert "has said no here since" in [reason for _, reason in done.skipped]
    with reading(elsewhere) as connection:
        assert registry.devices(connection, [number]) == []


def test_a_browser_that_is_somebody_else_s_here_stays_theirs(
    filled: sa.Engine, elsewhere: sa.Engine, settings: PushSettings, tmp_path: Path
) -> None:
    with elsewhere.begin() as connection:
        bob = agree(connection, device("a"), ann(person="bob"))
    done = read(elsewhere, write(filled, tmp_path / "out"), settings)
    assert "a browser belongs to somebody else here" in [reason for _, reason in done.skipped]
    with reading(elsewhere) as connection:
        kept = registry.by_hash(connection, device("a").hash)
        assert kept is not None and kept.subscriber == bob.subscriber_id


def test_an_endpoint_inside_our_network_is_not_taken_from_a_file(
    database: sa.Engine, elsewhere: sa.Engine, settings: PushSettings, tmp_path: Path, offered: None
) -> None:
    with database.begin() as connection:
        agree(
            connection, device("x", endpoint="https://169.254.169.254/latest", origin="https://169.254.169.254"), ann()
        )
    done = read(elsewhere, write(database, tmp_path / "out"), settings)
    assert done.browsers == 0
    assert len(done.skipped) == 1


@pytest.mark.parametrize("damage", ["cut", "changed", "lengthened", "emptied", "foreign"])
def test_a_file_that_is_not_whole_is_refused_before_anything_is_stored(
    filled: sa.Engine, elsewhere: sa.Engine, settings: PushSettings, tmp_path: Path, damage: str
) -> None:
    file = write(filled, tmp_path / "out")
    lines = file.read_bytes().splitlines(keepends=True)
    damaged = {
        "cut": b"".join(lines[:-1]),
        "changed": b"".join(lines).replace(b"acme", b"Acme"),
        "lengthened": b"".join([*lines[:-1], lines[-2], lines[-1]]),
        "emptied": b"",
        "foreign": b'{"endpoint": "https://example.com"}\n',
    }[damage]
    file.write_bytes(damaged)
    before = count(elsewhere, subscriber)
    with pytest.raises(Malformed):
        read(elsewhere, file, settings)
    assert count(elsewhere, subscriber) == before


def test_the_file_is_lines_with_a_head_and_an_end(filled: sa.Engine, tmp_path: Path) -> None:
    lines = [json.loads(line) for line in write(filled, tmp_path / "out").read_text("utf-8").splitlines()]
    assert lines[0]["file"] == "deskside push subscribers"
    assert lines[0]["keys"] == [{"id": KEY_ID, "public": "BPublic"}]
    assert [line["line"] for line in lines[1:]] == ["topic"] * 3 + ["subscriber"] * 3 + ["end"]
    # Of whoever left a browser, nothing that could be sent to.
    assert [len(line["browsers"]) for line in lines[4:-1]] == [2, 1, 0]
    assert lines[-1]["lines"] == len(lines) - 1
