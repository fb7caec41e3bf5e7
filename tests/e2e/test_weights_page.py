"""The weights page in a real browser: ops change who goes first, having seen what it does."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from deskside import settings as configuration
from deskside.model.place import Contribution, Scale
from deskside.store import people
from jobs import weights
from tests.databases import migrated_sqlite, open_careless
from tests.e2e.conftest import Server, Window, open_window, sign_in
from tests.jobs.desk import make_bench
from tests.serving import serving
from tests.webhooks.desk import DOWN, HOSTILE, PASSWORD, Asked, Shelf, make_app

PATH = "/settings/weights"
VIP = Contribution("vip_tag", 60, Scale.COMMERCIAL, "has the tag vip", 1.0)


class Real(Asked):
    """With the real change of the weights behind the page."""

    change: Any = None

    def actions(self) -> Any:
        return replace(super().actions(), change_weights=self.change)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Ann is of ops; 40 minutes are the limit of unfairness, and every other ticket is a VIP's."""
    database = open_careless(migrated_sqlite(tmp_path / "deskside.db"))
    with database.begin() as connection:
        people.add_person(connection, "ann", PASSWORD, "ops")
        people.add_person(connection, "olga", PASSWORD, "ops")
    limit = {"DESKSIDE_QUEUE__UNFAIRNESS_MINUTES": "40", "DESKSIDE_WEB__SECRET_KEY": "only for tests"}
    (tmp_path / "deskside.toml").write_text("")
    settings = configuration.load(tmp_path / "deskside.toml", limit)
    asked = Real()
    asked.change = partial(weights.change, make_bench(database, limit).context)
    shelf = Shelf(database, datetime.now(UTC) - timedelta(hours=6))
    fill(shelf)
    with serving(make_app(database, settings, asked)) as url:
        yield Server(url, shelf, asked)
    database.dispose()


def fill(shelf: Shelf) -> None:
    shelf.ticket("101", minute=0)
    shelf.ticket("102", minute=10, subject=HOSTILE)
    shelf.ticket("103", minute=65, contributions=[VIP], subject="My shop is slow")
    shelf.ticket("104", minute=75, contributions=[VIP])


def first(page: Page) -> list[str]:
    """The new order, as the page shows it."""
    return page.locator(".slope-then .number").all_inner_texts()


def test_ops_raise_a_weight_see_who_moves_are_refused_above_the_limit_and_switch(window: Window) -> None:
    page = window.page
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("link", name="Who gets how many minutes of head start").click()
    vip = page.get_by_label("VIP", exact=False).first
    expect(vip).to_have_value("60")
    expect(page.locator("#decide")).to_contain_text("no place would change")

    vip.fill("75")
    expect(page.locator("#decide")).to_contain_text("4 places would change", timeout=15_000)
    assert first(page) == ["#103", "#101", "#104", "#102"]
    expect(page.locator(".slope-then li").first).to_contain_text("VIP 60 → 75")

    vip.fill("100")
    expect(page.get_by_role("alert")).to_contain_text(
        "Too unfair to save: 50 min, and the limit is 40.", timeout=15_000
    )
    expect(page.get_by_role("alert")).to_contain_text("Lower “VIP” to 80 min or less.")
    expect(page.get_by_role("button", name="Switch now for new tickets")).to_be_disabled()

    vip.fill("75")
    expect(page.get_by_role("button", name="Switch now for new tickets")).to_be_enabled(timeout=15_000)
    page.get_by_label("Why").fill("VIPs wait too long")
    page.get_by_text("Switch now for all waiting").click()
    page.get_by_role("button", name="Yes, put everybody in the new order").click()
    expect(page.get_by_role("status")).to_contain_text("In force, and everybody who waits was put in the new order.")
    expect(page.locator("#history")).to_contain_text("4 waiting tickets changed places")
    expect(page.locator("#history")).to_contain_text("VIPs wait too long")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Queue").click()
    assert page.locator(".entry .number").all_inner_texts() == ["#103", "#101", "#104", "#102"]


def test_typing_and_pressing_at_once_saves_what_was_typed(window: Window) -> None:
    page = window.page
    page.goto(PATH)
    page.locator("#vip_minutes").fill("75")
    expect(page.get_by_role("button", name="Try it beside")).to_be_enabled(timeout=15_000)
    page.locator("#vip_minutes").fill("70")
    page.get_by_role("button", name="Try it beside").click()
    expect(page.get_by_role("status")).to_contain_text("tried beside those in force")
    expect(page.locator("#trial")).to_contain_text("VIP 60 → 70")
    page.get_by_role("button", name="End the trial").click()
    expect(page.get_by_role("status")).to_contain_text("The trial has ended.")
    expect(page.locator("#trial")).to_have_count(0)


def test_enter_shows_and_never_saves(window: Window) -> None:
    page = window.page
    page.goto(PATH)
    page.locator("#vip_minutes").fill("75")
    page.locator("#vip_minutes").press("Enter")
    expect(page.locator("#decide")).to_contain_text("4 places would change")
    page.goto(PATH)
    expect(page.locator("#vip_minutes")).to_have_value("60")


def test_of_two_people_the_later_one_is_told(window: Window, chromium: Browser, server: Server) -> None:
    window.page.goto(PATH)
    context, other = open_window(chromium, server)
    other.page.goto("/sign-in")
    other.page.get_by_label("Name").fill("olga")
    other.page.get_by_label("Password").fill(PASSWORD)
    other.page.get_by_role("button", name="Sign in").click()
    other.page.wait_for_url("**/queue")
    other.page.goto(PATH)
    other.page.locator("#vip_minutes").fill("70")
    other.page.get_by_role("button", name="Switch now for new tickets").click()
    expect(other.page.get_by_role("status")).to_contain_text("In force")
    context.close()
    window.page.locator("#vip_minutes").fill("75")
    window.page.get_by_role("button", name="Switch now for new tickets").click()
    expect(window.page.locator(".said")).to_contain_text("olga changed the weights meanwhile.")
    expect(window.page.locator("#vip_minutes")).to_have_value("75")
    expect(window.page.locator("#decide")).to_contain_text("VIP 70 → 75")
    # The browser says itself that the answer was a 409.
    window.complaints[:] = [line for line in window.complaints if "409" not in line]


def test_it_all_works_with_javascript_off(chromium: Browser, server: Server) -> None:
    context, window = open_window(chromium, server, java_script_enabled=False)
    page = window.page
    sign_in(page)
    page.goto(PATH)
    page.locator("#vip_minutes").fill("75")
    page.get_by_role("button", name="Show what it would do").click()
    assert first(page) == ["#103", "#101", "#104", "#102"]
    page.get_by_role("button", name="Try it beside").click()
    expect(page.locator("#trial")).to_contain_text("VIP 60 → 75")
    page.locator("#vip_minutes").fill("100")
    page.get_by_role("button", name="Show what it would do").click()
    expect(page.get_by_role("alert")).to_contain_text("Too unfair to save")
    context.close()


@pytest.mark.parametrize("width", [320, 390])
def test_a_phone_never_scrolls_sideways(chromium: Browser, server: Server, width: int) -> None:
    server.shelf.ticket("105", minute=80, pool="x" * 100, contributions=[VIP], subject="w" * 150)
    server.shelf.ticket("106", minute=10, pool="x" * 100)
    server.shelf.ticket("107", minute=90, contributions=[DOWN])
    context, window = open_window(chromium, server, viewport={"width": width, "height": 740})
    page = window.page
    sign_in(page)
    page.goto(PATH)
    page.locator("#vip_minutes").fill("70")
    page.locator("[name=note]").fill("n" * 300)
    page.get_by_role("button", name="Try it beside").click()
    expect(page.locator("#trial")).to_be_visible()
    page.locator("#vip_minutes").fill("75")
    expect(page.locator("#decide")).to_contain_text(re.compile("[1-9] places would change"), timeout=15_000)
    page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
    assert window.complaints == []
