"""The client's page and the page of the times in a real browser."""

import re

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.e2e.conftest import Server, Window, open_window, sign_in
from tests.webhooks.desk import Shelf
from tests.webhooks.pages.test_times import outcomes
from webhooks import place_tokens

PLACE = "/place/" + place_tokens.make("only for tests", "zendesk", "7")


@pytest.fixture(autouse=True)
def waiting(server: Server) -> Shelf:
    """The ticket 7 waits behind fourteen others, in a pool that takes one in four minutes."""
    shelf = server.shelf
    shelf.pace(4)
    for number in range(14):
        shelf.ticket(f"1{number}", minute=number)
    shelf.ticket("7", minute=60)
    outcomes(shelf, 0.8, count=200)
    return shelf


def test_a_client_reads_place_and_time_in_the_browser_s_own_time(chromium: Browser, server: Server) -> None:
    context, window = open_window(chromium, server, timezone_id="Asia/Kolkata", locale="ru-RU")
    page = window.page
    page.goto(PLACE)
    expect(page.get_by_role("heading", level=1)).to_have_text("Вы 15-й в очереди")
    times = page.locator(".range time")
    expect(times).to_have_count(2)
    for time in times.all():
        assert "UTC" not in time.inner_text()
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Number 15 in line")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    context.close()
    assert window.complaints == []


def test_it_moves_on_by_itself_without_a_script(chromium: Browser, server: Server) -> None:
    context, window = open_window(chromium, server, java_script_enabled=False)
    page = window.page
    # A second instead of the minutes that the page asks for.
    page.route("**/place/*", _sooner)
    page.goto(PLACE)
    expect(page.get_by_role("heading", level=1)).to_have_text("Number 15 in line")
    expect(page.locator(".range time").first).to_contain_text("UTC")
    for number in range(14):
        server.shelf.take(f"1{number}")
    expect(page.get_by_role("heading", level=1)).to_have_text("You are next", timeout=20_000)
    server.shelf.take("7")
    expect(page.get_by_role("heading", level=1)).to_have_text("We have answered", timeout=20_000)
    context.close()
    assert window.complaints == []


def _sooner(route: Route) -> None:
    answer = route.fetch()
    body = re.sub(r'(http-equiv="refresh" content=)"\d+"', r'\1"1"', answer.text())
    route.fulfill(response=answer, body=body)


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_phone_never_scrolls_sideways(chromium: Browser, server: Server, width: int, language: str) -> None:
    context, window = open_window(chromium, server, viewport={"width": width, "height": 740}, locale=language)
    page = window.page
    for ticket_id in ("7", "10"):
        page.goto("/place/" + place_tokens.make("only for tests", "zendesk", ticket_id))
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
    assert window.complaints == []


@pytest.mark.parametrize("language", ["English", "Русский"])
def test_the_page_of_the_times_fits_a_phone(chromium: Browser, server: Server, language: str) -> None:
    context, window = open_window(chromium, server, viewport={"width": 320, "height": 740})
    page = window.page
    sign_in(page)
    page.locator(".menu summary").click()
    page.get_by_role("button", name=language).click()
    page.goto("/queue/times")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    context.close()
    assert window.complaints == []


def test_from_the_queue_to_the_page_of_the_times(window: Window) -> None:
    page = window.page
    page.get_by_role("link", name="How good the times were").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("How good the times were")
    expect(page.get_by_role("img", name="What each day held, by promise")).to_be_visible()
