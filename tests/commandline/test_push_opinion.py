"""Promises of `deskside push second-opinion`: every tester's browser gets one message, and no other browser does."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from deskside.demo.browsers import Browser, Browsers
from deskside.store.database import utc_now
from deskside.store.push_tables import subscriber, subscription
from push.subscribers.registry import endpoint_hash
from push.wire import vapid
from push.wire.vapid import Key
from tests.commandline.desk import Run, store


@pytest.fixture
def key() -> Key:
    return vapid.generate()


@pytest.fixture
def browsers(ready: Path, key: Key, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browsers]:
    with Browsers(tmp_path, "http://127.0.0.1:9/push/events", many=2) as opened:
        monkeypatch.setenv("DESKSIDE_PUSH__VAPID_PRIVATE_KEY", vapid.private_text(key))
        monkeypatch.setenv("DESKSIDE_PUSH__SUBJECT", "mailto:ops@example.com")
        monkeypatch.setenv("DESKSIDE_PUSH__ENDPOINTS", opened.address)
        monkeypatch.setenv("DESKSIDE_PUSH__CA_FILE", str(opened.ca_file))
        yield opened


def subscribe(ready: Path, key: Key, browser: Browser, *, tester: bool, auth: bytes | None = None) -> None:
    database = store(ready)
    now = utc_now()
    with database.begin() as connection:
        values = {"tester": tester, "created_at": now, "seen_at": now}
        person = connection.execute(sa.insert(subscriber).values(values).returning(subscriber.c.id)).scalar_one()
        connection.execute(
            sa.insert(subscription).values(
                subscriber=person,
                endpoint=browser.endpoint,
                endpoint_hash=endpoint_hash(browser.endpoint),
                origin=browser.endpoint.partition("/push/")[0],
                p256dh=browser.p256dh,
                auth=auth or browser.auth,
                vapid_key=key.id,
                browser=browser.browser,
            )
        )
    database.dispose()


def test_only_testers_get_it_and_what_the_service_said_is_told(
    ready: Path, key: Key, browsers: Browsers, data: Callable[..., Any]
) -> None:
    mine, other = browsers.browsers
    subscribe(ready, key, mine, tester=True)
    subscribe(ready, key, other, tester=False)
    [row] = data("push", "second-opinion")
    assert (row["browser"], row["verdict"], row["status"]) == (mine.browser, "accepted", 201)
    assert mine.endpoint not in row["service"]


def test_a_browser_that_cannot_read_it_is_told_of(ready: Path, key: Key, browsers: Browsers, run: Run) -> None:
    subscribe(ready, key, browsers.browsers[0], tester=True, auth=b"another secret..")
    assert "invalid" in run("push", "second-opinion", status=1).output


def test_without_a_tester_it_says_how_to_become_one(browsers: Browsers, run: Run) -> None:
    assert "no tester has a living browser" in run("push", "second-opinion", status=1).output
