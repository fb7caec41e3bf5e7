"""The service worker in a real Chromium: pushes are handed to it by the browser's own tools, without a push service."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, CDPSession, Page, Worker

from deskside.store.database import reading
from deskside.store.push_tables import push, send, subscriber
from push.model import Button, Notification
from push.wire.payload import build
from tests.e2e.conftest import Server, deskside
from tests.e2e.test_push_page import KEYS

SHOWN = """async () => (await self.registration.getNotifications()).map((n) => ({
  title: n.title, body: n.body, tag: n.tag, silent: n.silent, data: n.data,
  actions: n.actions.map((action) => action.title) }))"""
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Shown:
    """A browser with our worker, and what is in its store on the server."""

    server: Server
    page: Page
    worker: Worker
    session: CDPSession
    registration: str

    def deliver(self, data: str | bytes) -> None:
        """A push arrives; returns once the worker has dealt with it."""
        before: int = self.worker.evaluate("() => self.handled")
        text = data.decode() if isinstance(data, bytes) else data
        self.session.send(
            "ServiceWorker.deliverPushMessage",
            {"origin": self.server.url, "registrationId": self.registration, "data": text},
        )
        self.worker.evaluate(
            """(before) => new Promise((done) => {
                 if (self.handled > before) done();
                 else self.addEventListener("handled", () => done(), { once: true }); })""",
            before,
        )

    def notifications(self) -> list[dict[str, Any]]:
        """What the browser shows now."""
        found: list[dict[str, Any]] = self.worker.evaluate(SHOWN)
        return found

    def happens(self, kind: str, action: str = "") -> list[str]:
        """A click or a close on the one notification; the addresses that were opened."""
        opened: list[str] = self.worker.evaluate(
            """async ([kind, action]) => {
                 const [notification] = await self.registration.getNotifications();
                 const opened = [];
                 Clients.prototype.openWindow = async (url) => void opened.push(url);
                 const waits = [];
                 const event = new NotificationEvent(kind, { notification, action });
                 event.waitUntil = (promise) => waits.push(promise);
                 self.dispatchEvent(event);
                 await Promise.all(waits);
                 return opened;
               }""",
            [kind, action],
        )
        return opened

    def row(self, token: str) -> Any:
        """The push of this token."""
        with reading(self.server.shelf.database) as connection:
            return connection.execute(sa.select(push).where(push.c.token == token)).one()

    def expect(self, token: str) -> None:
        """A push of this token left us."""
        with self.server.shelf.database.begin() as connection:
            person = connection.execute(sa.insert(subscriber).returning(subscriber.c.id)).scalar_one()
            sent = connection.execute(
                sa.insert(send)
                .values(dedupe_key=token, kind="test", subscriber=person, due_at=NOON)
                .returning(send.c.id)
            ).scalar_one()
            values = {"send": sent, "subscription": 1, "origin": "https://fcm.googleapis.com", "tried_at": NOON}
            connection.execute(sa.insert(push).values(token=token, **values))


@pytest.fixture
def shown(chromium: Browser, tmp_path: Path) -> Iterator[Shown]:
    with deskside(tmp_path, **KEYS) as server:
        context = chromium.new_context(base_url=server.url, permissions=["notifications"])
        page = context.new_page()
        session = context.new_cdp_session(page)
        registrations: list[str] = []
        session.on(
            "ServiceWorker.workerRegistrationUpdated",
            lambda event: registrations.extend(found["registrationId"] for found in event["registrations"]),
        )
        session.send("ServiceWorker.enable")
        page.goto("/push/")
        page.evaluate("navigator.serviceWorker.register('/push/sw.js', {scope: '/push/'})")
        page.evaluate("navigator.serviceWorker.ready.then(() => null)")
        worker = context.service_workers[0]
        # That it is done with an event shows nowhere else.
        worker.evaluate(
            """() => {
                 self.handled = 0;
                 const own = ExtendableEvent.prototype.waitUntil;
                 ExtendableEvent.prototype.waitUntil = function (promise) {
                   const settled = () => { self.handled += 1; self.dispatchEvent(new Event("handled")); };
                   own.call(this, promise.finally(settled));
                 };
               }"""
        )
        yield Shown(server, page, worker, session, registrations[-1])
        context.close()


def message(token: str, **more: Any) -> bytes:
    """As the sending makes it."""
    values: dict[str, Any] = {
        "tag": "tag-" + token,
        "title": "Answered",
        "body": "Read it",
        "url": "https://help.example/1",
    }
    return build(Notification(token=token, **{**values, **more}), 3993)


def test_a_push_is_shown_and_reported(shown: Shown) -> None:
    shown.expect("one")
    shown.deliver(
        message("one", buttons=(Button("Open", "https://help.example/1"), Button("Later", "https://b.example/")))
    )
    (found,) = shown.notifications()
    assert (found["title"], found["body"], found["tag"]) == ("Answered", "Read it", "tag-one")
    assert found["actions"] == ["Open", "Later"]
    assert shown.row("one").shown_at is not None
    assert shown.row("one").clicked_at is None


def test_a_second_copy_takes_the_place_of_the_first_in_silence(shown: Shown) -> None:
    shown.expect("one")
    shown.deliver(message("one"))
    first = shown.row("one").shown_at
    shown.deliver(message("one"))
    (found,) = shown.notifications()
    assert found["silent"] is True
    assert shown.row("one").shown_at == first


def test_a_second_copy_is_known_after_the_worker_was_started_again(shown: Shown) -> None:
    shown.expect("one")
    shown.deliver(message("one"))
    kept: list[list[Any]] = shown.worker.evaluate(
        """() => new Promise((done) => { const open = indexedDB.open("deskside"); open.onsuccess = () => {
             const all = open.result.transaction("seen").objectStore("seen").getAllKeys();
             all.onsuccess = () => done(all.result); }; })"""
    )
    assert kept == ["one"]


@pytest.mark.parametrize(
    "data", ["", "null", "42", "[]", "rubbish", '{"notification": 7}', '{"title": 7}', '{"notification":{}}']
)
def test_something_is_shown_whatever_a_push_holds(shown: Shown, data: str) -> None:
    shown.deliver(data)
    (found,) = shown.notifications()
    assert found["title"] == "There is news"
    assert found["data"]["url"] == shown.server.url + "/push/"


def test_what_a_browser_refuses_is_shown_without_it(shown: Shown) -> None:
    shown.deliver(json.dumps({"notification": {"title": "Hello", "lang": "\u0000", "actions": [{"title": "x"}] * 9}}))
    assert [found["title"] for found in shown.notifications()] == ["Hello"]


@pytest.mark.parametrize(
    ("link", "safe"),
    [
        ("https://help.example/a?b#c", "https://help.example/a?b#c"),
        ("http://localhost:3000/", "http://localhost:3000/"),
        ("javascript:alert(1)", None),
        ("http://help.example/", None),
        ("data:text/html,x", None),
        ("file:///etc/passwd", None),
        ("https://", None),
        (7, None),
    ],
)
def test_a_click_opens_safe_links_only(shown: Shown, link: object, safe: str | None) -> None:
    shown.deliver(json.dumps({"notification": {"title": "Hello", "navigate": link}}))
    assert shown.happens("notificationclick") == [safe or shown.server.url + "/push/"]
    assert shown.notifications() == []


def test_a_click_and_its_button_are_reported_once(shown: Shown) -> None:
    shown.expect("one")
    shown.deliver(
        message("one", buttons=(Button("Yes", "https://help.example/yes"), Button("No", "https://help.example/no")))
    )
    assert shown.happens("notificationclick", "button-2") == ["https://help.example/no"]
    row = shown.row("one")
    assert (row.button, row.clicked_at is None) == (1, False)


def test_a_close_is_reported(shown: Shown) -> None:
    shown.expect("one")
    shown.deliver(message("one"))
    shown.happens("notificationclose")
    row = shown.row("one")
    assert row.closed_at is not None and row.clicked_at is None


def test_an_open_window_is_shown_instead_of_a_new_one(shown: Shown) -> None:
    shown.worker.evaluate(
        """() => { self.focused = 0;
                   WindowClient.prototype.focus = async function () { self.focused += 1; return this; }; }"""
    )
    shown.deliver(json.dumps({"notification": {"title": "Hello", "navigate": shown.server.url + "/push/#part"}}))
    assert shown.happens("notificationclick") == []
    assert shown.worker.evaluate("() => self.focused") == 1


def test_what_could_not_be_reported_is_told_with_the_next_push(shown: Shown) -> None:
    for token in ("one", "two"):
        shown.expect(token)
    shown.worker.evaluate(
        "() => { self.real = self.fetch; self.fetch = async () => { throw new TypeError('offline'); }; }"
    )
    shown.deliver(message("one"))
    assert shown.row("one").shown_at is None
    shown.worker.evaluate(
        """() => { self.posts = 0; self.fetch = (address, options) => {
             if (String(address).endsWith("/push/events")) self.posts += 1; return self.real(address, options); }; }"""
    )
    shown.deliver(message("two"))
    assert shown.row("one").shown_at <= shown.row("two").shown_at
    assert shown.worker.evaluate("() => self.posts") == 1
