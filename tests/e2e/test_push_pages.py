"""The screens of web push in a real browser: written, looked at, confirmed, sent, and what came of it."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from deskside import settings as configuration
from deskside.store import people, tables
from deskside.store.database import open_database, utc_now
from deskside.store.push_tables import push
from push.campaigns import control, drafts
from tests.e2e.conftest import Server, Window, open_window, sign_in
from tests.push.analytics import stream
from tests.push.sending.world import Hand, World, draft, variant
from tests.webhooks.desk import HOSTILE, PASSWORD, Asked, Shelf, make_app

KEY = "AQ" + "A" * 40 + "E"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    database = open_database(f"sqlite:///{tmp_path / 'deskside.db'}")
    tables.metadata.create_all(database)
    with database.begin() as connection:
        people.add_person(connection, "ann", PASSWORD, "ops")
    found = World(database, Hand(utc_now()))
    found.manners = type(found.manners)(found.manners.zone)
    yield found
    database.dispose()


@pytest.fixture
def server(world: World, tmp_path: Path) -> Iterator[Server]:
    """Ann is of ops."""
    (tmp_path / "deskside.toml").write_text("")
    variables = {
        "WEB__SECRET_KEY": "only for tests",
        "PUSH__VAPID_PRIVATE_KEY": "AQ" + "A" * 40 + "E",
        "PUSH__QUIET": "",
    }
    settings = configuration.load(
        tmp_path / "deskside.toml", {f"DESKSIDE_{name}": value for name, value in variables.items()}
    )
    asked = Asked()
    running = make_server("127.0.0.1", 0, make_app(world.database, settings, asked), threaded=True)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield Server(f"http://127.0.0.1:{running.server_port}", Shelf(world.database, world.hand.now), asked)
    running.shutdown()
    thread.join()
    running.server_close()


def write(page: Page) -> None:
    """Fill in what a campaign needs."""
    page.get_by_label("Name", exact=False).first.fill("Launch")
    page.locator('[name="0-en-title"]').fill("New servers")
    page.locator('[name="0-en-body"]').fill("Twice as fast")
    page.locator('[name="0-en-url"]').fill("https://portal.example/new")


def test_a_campaign_is_written_looked_at_confirmed_and_watched(window: Window, world: World) -> None:
    world.crowd(5)
    page = window.page
    page.get_by_role("link", name="Push").click()
    page.get_by_role("link", name="New campaign").first.click()
    expect(page.locator("#audience")).to_contain_text("5 people")

    write(page)
    expect(page.locator(".on-chrome-windows")).to_contain_text("New servers", timeout=15_000)
    page.locator('[name="0-en-title"]').focus()
    page.locator('[name="0-en-title"]').press("End")
    page.get_by_role("button", name="🎉").click()
    expect(page.locator('[name="0-en-title"]')).to_have_value("New servers🎉")
    expect(page.locator("#count-0-en-title")).to_contain_text("12 / 40", timeout=15_000)
    page.get_by_text("iPhone").click()
    page.locator('[name="0-en-title"]').fill("N" * 60)
    expect(page.locator("#count-0-en-title")).to_contain_text("cut on Chrome, Android", timeout=15_000)
    # What was chosen to be looked at stays so while one types.
    expect(page.locator(".on-ios")).to_be_visible()
    page.locator('[name="0-en-title"]').fill("New servers")

    page.get_by_role("button", name="Keep and go on to send").click()
    expect(page.locator("#start")).to_contain_text("5 people would get it")
    page.locator("#sure-start summary").click()
    page.get_by_role("button", name="Yes, to these people").click()
    expect(page.locator("#campaign")).to_contain_text("scheduled")

    world.hand.now = utc_now()
    world.go()
    with world.database.begin() as connection:
        connection.execute(sa.update(push).values(shown_at=world.hand.now))
        control.finish(connection, world.hand.now)
    # Without a reload.
    expect(page.locator("#funnel")).to_contain_text("accepted", timeout=20_000)
    expect(page.locator("#funnel")).to_contain_text("100 %", timeout=20_000)
    expect(page.locator("#campaign")).to_contain_text("done")


def test_everything_is_stopped_with_two_clicks(window: Window, world: World) -> None:
    page = window.page
    page.goto("/subscribers")
    page.get_by_text("Stop all pushes").click()
    page.get_by_role("button", name="Yes, stop everything now").click()
    expect(page.locator(".stopped")).to_contain_text("All sending is stopped by ann")
    page.get_by_role("button", name="Let everything go on").click()
    expect(page.locator(".stopped")).to_have_count(0)


def test_it_all_works_with_javascript_off(chromium: Browser, server: Server, world: World) -> None:
    world.crowd(3)
    context, window = open_window(chromium, server, java_script_enabled=False)
    page = window.page
    sign_in(page)
    page.goto("/campaigns/new")
    write(page)
    page.locator('[name="0-en-title"]').press("Enter")
    expect(page.locator(".on-chrome-windows")).to_contain_text("New servers")
    page.get_by_text("iPhone").click()
    expect(page.locator(".on-ios")).to_be_visible()
    page.get_by_role("button", name="Add a variant (A/B)").click()
    expect(page.locator('[name="1-en-title"]')).to_have_value("New servers")
    page.get_by_role("button", name="Keep and go on to send").click()
    page.locator("#sure-start summary").click()
    page.get_by_role("button", name="Yes, to these people").click()
    expect(page.locator("#campaign")).to_contain_text("scheduled")
    page.get_by_role("button", name="Back to draft").click()
    expect(page.locator("#campaign")).to_contain_text("draft")
    context.close()


@pytest.mark.parametrize("width", [320, 1280])
def test_no_page_scrolls_sideways_and_none_complains(
    chromium: Browser, server: Server, world: World, width: int
) -> None:
    past = stream.fill(world.database, people=40, now=world.hand.now)
    with world.database.begin() as connection:
        long = draft(name="w" * 110, variants=(variant("A", HOSTILE), variant("B", "v" * 190)))
        number = drafts.create(connection, long, "x" * 100, world.hand.now)
    context, window = open_window(chromium, server, viewport={"width": width, "height": 740})
    page = window.page
    sign_in(page)
    for path in (
        "/campaigns",
        "/campaigns/new",
        f"/campaigns/{number}",
        f"/campaigns/{number}/edit",
        f"/campaigns/{past.campaigns[1]}",
        "/campaigns/unknown",
        "/campaigns/figures?days=365",
        "/subscribers",
        f"/subscribers/{past.people[0]}?campaign={number}",
    ):
        page.goto(path)
        page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true; })")
        found = page.evaluate("document.documentElement.scrollWidth")
        assert found <= width, path
    context.close()
    assert window.complaints == []
