"""Promises of `deskside push test`: testers get every variant, and one sees what came of it."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from deskside.commandline import push_test
from deskside.store.database import Row, open_database, utc_now
from deskside.store.push_tables import send
from push.campaigns import drafts
from push.wire import vapid
from tests.commandline.desk import Run
from tests.push.sending.world import Hand, World, draft, variant


@pytest.fixture
def world(ready: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """After `deskside init`, with a key."""
    monkeypatch.setenv("DESKSIDE_PUSH__VAPID_PRIVATE_KEY", vapid.private_text(vapid.generate()))
    monkeypatch.setenv("DESKSIDE_PUSH__SUBJECT", "mailto:ops@example.com")
    return World(open_database(f"sqlite:///{ready / 'deskside.db'}"), Hand(utc_now()))


def campaign(world: World, **values: Any) -> int:
    with world.database.begin() as connection:
        return drafts.create(connection, draft(**values), "ops", utc_now())


def test_testers_get_every_variant_and_what_came_of_it_is_told(world: World, data: Callable[..., Any]) -> None:
    world.person()
    tester = world.person(tester=True)
    number = campaign(world, variants=(variant("A"), variant("B", "Other")))
    planned = threading.Event()

    def work() -> None:
        # What a worker does, once the tests are there.
        while not world.sends() and not planned.wait(0.05):
            pass
        world.hand.now = utc_now()
        world.run()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        found = data("push", "test", str(number))
    finally:
        planned.set()
        worker.join()
    assert [(row["subscriber"], row["variant"], row["state"]) for row in found] == [
        (tester, 0, "sent"),
        (tester, 1, "sent"),
    ]


def test_without_a_worker_it_says_so(world: World, run: Run) -> None:
    world.person(tester=True)
    result = run("push", "test", str(campaign(world)), "--wait", "0", status=1)
    assert "No worker has said that it lives" in result.stdout


def test_without_testers_a_campaign_or_a_key_it_says_what_is_missing(
    world: World, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = campaign(world)
    assert "nobody is a tester" in run("push", "test", str(number), status=1).stderr
    assert "there is no campaign 77" in run("push", "test", "77", status=1).stderr
    monkeypatch.setenv("DESKSIDE_PUSH__VAPID_PRIVATE_KEY", "")
    assert "web push is switched off" in run("push", "test", str(number), status=1).stderr


def test_a_text_of_a_reason_is_no_markup(world: World, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    world.person(tester=True)
    number = campaign(world)
    told = push_test._tests

    def hostile(database: sa.Engine, campaign: int, after: int) -> list[Row]:
        with database.begin() as connection:
            connection.execute(sa.update(send).values(state="failed", reason="[red]x[/red]\x1b[31m"))
        return list(told(database, campaign, after))

    monkeypatch.setattr(push_test, "_tests", hostile)
    shown = run("push", "test", str(number), "--wait", "0", status=1).stdout
    assert "[red]x[/red]" in shown and "\x1b" not in shown
