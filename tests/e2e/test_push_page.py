"""The page that asks, the page of preferences and the script of a portal in a real browser, over a stand-in for the
push service: see `push_stub.js`."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Browser, BrowserContext, Page, expect

from deskside.store.database import reading
from deskside.store.push_tables import consent, subscriber, subscription
from push.subscribers import topics
from push.subscribers.topics import Topic
from tests.e2e.conftest import Server, deskside
from tests.webhooks.push.browser import PORTAL_SECRET, base64url, signed

STUB = (Path(__file__).parent / "push_stub.js").read_text("utf-8")
POINT = base64url(
    ec.derive_private_key(7, ec.SECP256R1()).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
)
KEYS = {"PUSH__VAPID_PRIVATE_KEY": "AQ" + "A" * 40 + "E", "PUSH__NAME": "Acme Hosting"}


@dataclass
class Portal:
    """A help centre of another origin; `body` is what its page holds, `home` where its own worker finds Deskside."""

    url: str
    body: str = ""
    home: str = ""


@pytest.fixture
def portal() -> Iterator[Portal]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            worker = f'self.DESKSIDE = "{found.home}"; importScripts(self.DESKSIDE + "/push/sw.js");'
            script = self.path == "/deskside-sw.js"
            self.send_response(200)
            self.send_header("Content-Type", "text/javascript" if script else "text/html")
            self.end_headers()
            self.wfile.write((worker if script else f"<!doctype html><html lang=en><body>{found.body}").encode())

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    # Another origin than Deskside's 127.0.0.1, and as secure a context.
    found = Portal(f"http://localhost:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def push_server(tmp_path: Path, portal: Portal) -> Iterator[Server]:
    variables = {**KEYS, "PUSH__ORIGINS": portal.url, "PUSH__PORTAL_SECRET": PORTAL_SECRET}
    with deskside(tmp_path, **variables) as server:
        portal.home = server.url
        with server.shelf.database.begin() as connection:
            topics.put(connection, Topic("answers", {"en": "Answers", "ru": "Ответы"}, 1))
            topics.put(connection, Topic("news", {"en": "News", "ru": "Новости"}, 2, proposed=False))
        yield server


def profile(chromium: Browser, server: Server, *, allowed: bool = True, **options: Any) -> BrowserContext:
    """A fresh browser, with the stand-in for the push service in every page."""
    permissions = ["notifications"] if allowed else []
    context = chromium.new_context(base_url=server.url, permissions=permissions, **options)
    context.add_init_script(f"window.STUB_POINT = {POINT!r};{STUB}")
    return context


def rows(server: Server, table: sa.Table) -> list[Any]:
    with reading(server.shelf.database) as connection:
        return list(connection.execute(sa.select(table).order_by(table.c.id)))


def turn_on(page: Page) -> None:
    page.get_by_role("button", name="Turn on notifications").click()
    expect(page.get_by_role("heading", name="Notifications are on")).to_be_visible()


def test_topics_first_then_the_browser_s_question_then_it_is_on(chromium: Browser, push_server: Server) -> None:
    context = profile(chromium, push_server, timezone_id="Asia/Kolkata")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.goto("/push/")
    expect(page.get_by_label("Answers")).to_be_checked()
    expect(page.get_by_label("News")).not_to_be_checked()
    page.get_by_label("News").check()
    turn_on(page)
    (person,) = rows(push_server, subscriber)
    assert person.zone in {"Asia/Kolkata", "Asia/Calcutta"}
    (given,) = rows(push_server, consent)
    assert given.topics == ["answers", "news"]
    (kept,) = rows(push_server, subscription)
    assert (kept.browser, kept.platform) == ("chrome", "linux")
    page.reload()
    expect(page.get_by_role("heading", name="Notifications are on")).to_be_visible()
    page.get_by_role("link", name="Choose topics and times").click()
    expect(page.get_by_role("heading", name="Your notifications")).to_be_visible()
    assert complaints == []
    context.close()


def test_the_browser_is_asked_on_the_click_and_never_before(chromium: Browser, push_server: Server) -> None:
    context = profile(chromium, push_server, allowed=False)
    page = context.new_page()
    page.add_init_script(
        """window.asked = []; Notification.requestPermission = async () => {
             window.asked.push(navigator.userActivation.isActive); return "default"; };
           Object.defineProperty(Notification, "permission", { get: () => "default" });"""
    )
    page.goto("/push/")
    button = page.get_by_role("button", name="Turn on notifications")
    expect(button).to_be_visible()
    assert page.evaluate("window.asked") == []
    button.click()
    expect(page.get_by_role("alert")).to_contain_text("choose Allow")
    assert page.evaluate("window.asked") == [True]
    assert rows(push_server, subscription) == []
    context.close()


def test_a_browser_that_blocks_is_told_how_to_allow(chromium: Browser, push_server: Server) -> None:
    context = profile(chromium, push_server, allowed=False)
    page = context.new_page()
    page.add_init_script('Object.defineProperty(Notification, "permission", { get: () => "denied" });')
    page.goto("/push/")
    expect(page.get_by_role("heading", name="This browser blocks our notifications")).to_be_visible()
    expect(page.get_by_text("Set Notifications to Allow.")).to_be_visible()
    context.close()


def test_an_iphone_is_told_of_its_home_screen(chromium: Browser, push_server: Server) -> None:
    agent = (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 Version/18.4 Mobile Safari/604.1"
    )
    context = profile(chromium, push_server, user_agent=agent, viewport={"width": 390, "height": 780})
    page = context.new_page()
    page.goto("/push/")
    expect(page.get_by_text("Choose Add to Home Screen.")).to_be_visible()
    page.add_init_script('Object.defineProperty(navigator, "standalone", { get: () => true });')
    page.reload()
    expect(page.get_by_role("button", name="Turn on notifications")).to_be_visible()
    context.close()


def test_a_key_that_was_replaced_is_replaced_in_the_browser_too(chromium: Browser, push_server: Server) -> None:
    context = profile(chromium, push_server)
    page = context.new_page()
    page.goto("/push/")
    turn_on(page)
    (before,) = rows(push_server, subscription)
    # As it was made with the key of last year.
    page.evaluate(
        """() => { const kept = JSON.parse(localStorage.stub); kept.key[1] ^= 1;
                   localStorage.stub = JSON.stringify(kept); }"""
    )
    page.reload()
    expect(page.get_by_role("heading", name="Notifications are on")).to_be_visible()
    (after,) = rows(push_server, subscription)
    assert (after.id, after.subscriber) == (before.id, before.subscriber)
    assert after.endpoint != before.endpoint
    context.close()


def test_off_is_as_easy_as_on(chromium: Browser, push_server: Server) -> None:
    context = profile(chromium, push_server)
    page = context.new_page()
    page.goto("/push/")
    turn_on(page)
    page.get_by_role("button", name="Turn off in this browser").click()
    expect(page.get_by_role("heading", name="Notifications are off")).to_be_visible()
    assert [row.action for row in rows(push_server, consent)] == ["given", "withdrawn"]
    assert page.evaluate("localStorage.getItem('stub')") is None
    context.close()


def test_another_language_keeps_what_was_ticked(chromium: Browser, push_server: Server) -> None:
    context = profile(chromium, push_server)
    page = context.new_page()
    page.goto("/push/")
    page.get_by_label("Answers").uncheck()
    page.get_by_label("News").check()
    page.get_by_label("Language").select_option("ru")
    expect(page.get_by_label("Новости")).to_be_checked()
    expect(page.get_by_label("Ответы")).not_to_be_checked()
    context.close()


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("width", [320, 390])
def test_a_phone_never_scrolls_sideways(chromium: Browser, push_server: Server, width: int, language: str) -> None:
    context = profile(chromium, push_server, viewport={"width": width, "height": 740}, locale=language)
    page = context.new_page()
    page.goto("/push/")
    page.locator("form button.main").click()
    link = page.locator("[data-preferences]")
    expect(link).to_be_visible()
    for state in page.locator("[data-state]").evaluate_all("all => all.map((part) => part.dataset.state)"):
        page.evaluate(
            """(state) => { for (const part of document.querySelectorAll("[data-state]"))
                              part.hidden = part.dataset.state !== state; }""",
            state,
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= width, state
    page.goto(link.get_attribute("href") or "")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_preferences_work_without_a_script(chromium: Browser, push_server: Server) -> None:
    context = profile(chromium, push_server)
    page = context.new_page()
    page.goto("/push/")
    turn_on(page)
    link = page.locator("[data-preferences]").get_attribute("href") or ""
    plain = chromium.new_context(java_script_enabled=False).new_page()
    plain.goto(link)
    plain.get_by_label("News").check()
    plain.get_by_label("At most in a week").select_option("1")
    plain.get_by_label("from", exact=True).fill("21:30")
    plain.get_by_label("to", exact=True).fill("07:15")
    plain.get_by_role("button", name="Save").click()
    expect(plain.get_by_role("status")).to_have_text("Saved.")
    (person,) = rows(push_server, subscriber)
    assert (person.per_week, person.quiet_from, person.quiet_to) == (1, 21 * 60 + 30, 7 * 60 + 15)
    plain.get_by_role("button", name="4 weeks").click()
    expect(plain.get_by_text("Paused until")).to_be_visible()
    plain.get_by_role("button", name="Stop all notifications").click()
    expect(plain.get_by_role("status")).to_contain_text("no more notifications")
    plain.get_by_text("Delete everything").click()
    plain.get_by_role("button", name="Delete it for good").click()
    expect(plain.get_by_role("heading", name="Everything is deleted")).to_be_visible()
    assert rows(push_server, subscriber) == rows(push_server, consent) == []
    plain.context.close()
    context.close()


def script(server: Server, **attributes: str) -> str:
    given = " ".join(f'data-{name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f'<script src="{server.url}/push/deskside.js" {given}></script>'


def test_a_portal_asks_after_its_moment_and_the_yes_opens_our_page(
    chromium: Browser, push_server: Server, portal: Portal
) -> None:
    portal.body = "<button onclick='this.className = \"sent\"'>Send my request</button>" + script(
        push_server, moment=".sent", identity=signed("ann")
    )
    context = profile(chromium, push_server)
    page = context.new_page()
    page.goto(portal.url)
    card = page.locator("deskside-prompt section")
    expect(card).to_have_count(0)
    page.locator("body").evaluate("body => body.insertAdjacentHTML('beforeend', '<p class=sent>Thank you</p>')")
    expect(card).to_be_visible()
    card.get_by_label("News").check()
    with page.expect_popup() as opened:
        card.get_by_role("button", name="Yes, notify me").click()
    ours = opened.value
    expect(ours.get_by_label("News")).to_be_checked()
    assert "identity" not in ours.evaluate("location.href")
    turn_on(ours)
    (person,) = rows(push_server, subscriber)
    assert (person.desk, person.person, person.source) == ("zendesk", "ann", "portal")
    page.wait_for_function("localStorage.getItem('deskside.device')")
    page.evaluate("DesksidePush.logout()")
    assert rows(push_server, subscription)[0].state == "out"
    assert page.evaluate(f"DesksidePush.identify({signed('ann')!r})") == {"subscribed": True}
    assert rows(push_server, subscription)[0].state == "alive"
    context.close()


def test_a_not_now_sleeps_until_it_is_asked_for(chromium: Browser, push_server: Server, portal: Portal) -> None:
    portal.body = '<p class="sent"></p><a href="#" data-deskside-ask>Notify me</a>' + script(
        push_server, moment=".sent"
    )
    context = profile(chromium, push_server)
    page = context.new_page()
    page.goto(portal.url)
    card = page.locator("deskside-prompt section")
    card.get_by_role("button", name="Not now").click()
    expect(card).to_have_count(0)
    page.reload()
    assert (
        page.evaluate(
            "DesksidePush.state().then(() => DesksidePush.ask()).then(() => document.querySelector('deskside-prompt'))"
        )
        is None
    )
    page.evaluate("localStorage.setItem('deskside.later', Date.now() - 31 * 24 * 3600 * 1000)")
    page.reload()
    expect(card).to_be_visible()
    card.get_by_role("button", name="Not now").click()
    page.get_by_role("link", name="Notify me").click()
    expect(card).to_be_visible()
    context.close()


def test_a_portal_with_a_worker_of_its_own_subscribes_right_there(
    chromium: Browser, push_server: Server, portal: Portal
) -> None:
    portal.body = script(push_server, worker="/deskside-sw.js")
    context = profile(chromium, push_server)
    page = context.new_page()
    page.goto(portal.url)
    page.evaluate("DesksidePush.ask()")
    card = page.locator("deskside-prompt section")
    card.get_by_role("button", name="Yes, notify me").click()
    expect(card).to_contain_text("Notifications are on.")
    (kept,) = rows(push_server, subscription)
    assert kept.state == "alive"
    page.evaluate("DesksidePush.logout()")
    assert page.evaluate(f"DesksidePush.identify({signed('ann')!r})") == {"subscribed": True}
    assert rows(push_server, subscriber)[0].person == "ann"
    context.close()


def test_a_portal_that_has_the_script_from_elsewhere_says_its_wishes_before(
    chromium: Browser, push_server: Server, portal: Portal
) -> None:
    # As the addon of WHMCS puts it on the page, which has a Deskside of its own there.
    portal.body = f"""<p class="sent"></p><script>
      window.Deskside = {{ ask: "the addon's" }};
      window.DesksidePushOptions = {{ moment: ".sent", language: "ru" }};
      for (let count = 0; count < 2; count += 1) {{
        const script = document.createElement("script");
        script.src = "{push_server.url}/push/deskside.js";
        document.body.append(script);
      }}</script>"""
    context = profile(chromium, push_server)
    page = context.new_page()
    page.goto(portal.url)
    card = page.locator("deskside-prompt section")
    expect(card.get_by_label("Ответы")).to_be_visible()
    expect(card).to_have_count(1)
    assert page.evaluate("window.Deskside.ask") == "the addon's"
    context.close()
