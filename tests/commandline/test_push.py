"""The keys of web push: made once, never lost by accident, never shown again."""

import json
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deskside import settings
from deskside.store.push_tables import subscriber, subscription
from push.settings import PushSchema
from push.wire import vapid
from tests.commandline.desk import Run, store

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PRIVATE = vapid.private_text(vapid.generate())
KEY = vapid.read_key(PRIVATE)


@pytest.fixture
def keyed(ready: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Deskside with the key above."""
    monkeypatch.setenv("DESKSIDE_PUSH__VAPID_PRIVATE_KEY", PRIVATE)
    return ready


def subscribed(folder: Path, key_id: str, number: int, origin: str = "https://push.invalid") -> None:
    """So many browsers that subscribed with this key."""
    with store(folder).begin() as connection:
        person = connection.execute(subscriber.insert().values(created_at=NOW)).inserted_primary_key[0]
        for one in range(number):
            connection.execute(
                subscription.insert().values(
                    subscriber=person,
                    endpoint=f"{origin}/{key_id}/{one}",
                    endpoint_hash=f"{key_id}{one}",
                    origin=origin,
                    p256dh=b"p",
                    auth=b"a",
                    vapid_key=key_id,
                    state="gone" if one == 0 else "alive",
                )
            )


def checked(data: Callable[..., Any]) -> dict[str, dict[str, Any]]:
    """The lines of `deskside check` about push."""
    return {item["name"]: item for item in data("check", status=1) if item["name"].startswith("push")}


def test_init_writes_a_key_of_its_own_for_each_installation(run: Run, folder: Path) -> None:
    run("--config", "one.toml", "init")
    run("--config", "two.toml", "init")
    keys = {settings.load(folder / name, {}).section("push", PushSchema).keys for name in ("one.toml", "two.toml")}
    assert len(keys) == 2
    assert all(vapid.read_key(key) for (key,) in keys)


def test_without_a_key_one_is_made_and_said_how_to_set_it(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = run("push", "keys").stdout
    private = said.split("DESKSIDE_PUSH__VAPID_PRIVATE_KEY=")[1].split()[0]
    key = vapid.read_key(private)
    assert key.id in said and key.public in said
    assert not (folder / "deskside.db").exists()
    monkeypatch.setenv("DESKSIDE_PUSH__VAPID_PRIVATE_KEY", private)
    assert key.id in run("push", "keys").stdout


def test_a_written_key_is_for_its_owner_only_is_not_shown_and_can_be_used(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = run("push", "keys", "--write", "push.key").stdout
    file = folder / "push.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    key = vapid.read_key(f"file:{file}")
    assert vapid.private_text(key) not in said
    assert f"file:{file}" in said
    monkeypatch.setenv("DESKSIDE_PUSH__VAPID_PRIVATE_KEY", f"file:{file}")
    assert key.id in run("push", "keys").stdout


def test_a_file_that_is_there_is_never_overwritten(run: Run, folder: Path) -> None:
    (folder / "push.key").write_text("precious")
    assert "not overwritten" in run("push", "keys", "--write", "push.key", status=1).stderr
    assert (folder / "push.key").read_text() == "precious"


def test_a_key_that_is_there_is_shown_with_who_relies_on_it_and_never_its_secret(run: Run, keyed: Path) -> None:
    subscribed(keyed, KEY.id, 4)
    said = run("push", "keys").stdout
    assert f"{KEY.id}  3 alive, signs for new subscriptions" in said
    assert KEY.public in said
    assert PRIVATE not in said


def test_keys_as_data(run: Run, data: Callable[..., Any], keyed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = vapid.generate()
    monkeypatch.setenv("DESKSIDE_PUSH__VAPID_PREVIOUS_KEYS", vapid.private_text(old))
    subscribed(keyed, old.id, 3)
    subscribed(keyed, "0123456789abcdef", 2)
    assert data("push", "keys") == [
        {"id": KEY.id, "public": KEY.public, "current": True, "configured": True, "alive": 0},
        {"id": old.id, "public": old.public, "current": False, "configured": True, "alive": 2},
        {"id": "0123456789abcdef", "public": None, "current": False, "configured": False, "alive": 1},
    ]


def test_a_change_of_keys_is_explained_and_keeps_the_old_one_secret(run: Run, keyed: Path) -> None:
    said = run("push", "keys", "--new").stdout
    assert "vapid_previous_keys" in said
    assert PRIVATE not in said
    assert KEY.id not in said


def test_a_new_key_is_not_offered_in_place_of_a_lost_one_without_a_warning(
    run: Run, ready: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribed(ready, KEY.id, 3)
    monkeypatch.setenv("DESKSIDE_PUSH__VAPID_PRIVATE_KEY", "")
    assert f"2 living subscriptions belong to the key {KEY.id}" in run("push", "keys").stderr


def test_a_key_that_is_none_is_one_line_without_it(run: Run, ready: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESKSIDE_PUSH__VAPID_PRIVATE_KEY", "canary")
    said = run("push", "keys", status=1).stderr
    assert "P-256" in said and said.count("\n") == 1
    assert "canary" not in said
    assert "canary" not in run("check", status=1).output


def test_check_alarms_about_subscriptions_whose_key_is_lost(
    data: Callable[..., Any], keyed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribed(keyed, "0123456789abcdef", 3)
    line = checked(data)["push keys lost"]
    assert not line["ok"]
    assert "2 of the key 0123456789abcdef" in line["message"]
    monkeypatch.setenv("DESKSIDE_PUSH__VAPID_PRIVATE_KEY", "")
    assert not checked(data)["push keys lost"]["ok"]
    assert PRIVATE not in json.dumps(checked(data))


def test_check_wants_a_subject_once_somebody_can_subscribe(
    data: Callable[..., Any], keyed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert checked(data)["push subject"]["ok"]
    monkeypatch.setenv("DESKSIDE_PUSH__ORIGINS", "https://help.example.com")
    line = checked(data)["push subject"]
    assert not line["ok"] and "mailto:" in line["cure"]
    monkeypatch.setenv("DESKSIDE_PUSH__SUBJECT", "mailto:push@example.com")
    assert checked(data)["push subject"]["ok"]


def test_check_of_a_deskside_without_push_is_content(
    data: Callable[..., Any], ready: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESKSIDE_PUSH__VAPID_PRIVATE_KEY", "")
    assert [item["ok"] for item in checked(data).values()] == [True]


def test_check_asks_the_services_people_subscribed_with(data: Callable[..., Any], keyed: Path) -> None:
    subscribed(keyed, KEY.id, 2)
    line = checked(data)["push to https://push.invalid"]
    assert not line["ok"]
    assert "no push service we know" in line["message"]
