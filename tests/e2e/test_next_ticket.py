"""Two agents at one queue, each in a browser of their own."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from deskside.store import people
from tests.e2e.conftest import Server, Window, open_window
from tests.e2e.conftest import sign_in as sign_in_as_ann
from tests.webhooks.desk import PASSWORD


@pytest.fixture
def other(chromium: Browser, server: Server) -> Iterator[Window]:
    """Bob's window."""
    with server.shelf.database.begin() as connection:
        people.add_person(connection, "bob", PASSWORD, "agent")
    context, found = open_window(chromium, server, viewport={"width": 390, "height": 844})
    page = found.page
    page.goto("/sign-in")
    page.get_by_label("Name").fill("bob")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/queue")
    yield found
    context.close()
    assert found.complaints == []


def press_next(page: Page) -> None:
    page.get_by_role("button", name="Next ticket").click()
    page.wait_for_url("**/tickets/zendesk/*")


def test_two_agents_take_two_tickets_and_see_each_other(window: Window, other: Window, server: Server) -> None:
    for number in range(3):
        server.shelf.ticket(str(101 + number), minute=number)
    ann, bob = window.page, other.page
    ann.goto("/queue")
    press_next(ann)
    expect(ann.get_by_role("heading", level=1)).to_contain_text("#101")
    expect(ann.locator("#claim")).to_contain_text("I have it until")
    expect(ann.get_by_role("link", name="Open in Zendesk")).to_be_visible()
    # Bob's list says so by itself, and his button gives him another.
    expect(bob.locator(".held")).to_contain_text("ann has it until", timeout=15_000)
    press_next(bob)
    expect(bob.get_by_role("heading", level=1)).to_contain_text("#102")
    ann.goto("/queue")
    expect(ann.locator(".held")).to_have_count(2)
    press_next(ann)
    expect(ann.get_by_role("heading", level=1)).to_contain_text("#101")

    ann.get_by_role("textbox", name="Why you pass it over").fill("needs the network team")
    ann.get_by_role("button", name="Skip").click()
    ann.wait_for_url("**/queue")
    expect(ann.locator("#moves")).to_contain_text("passed over: needs the network team")
    press_next(ann)
    expect(ann.get_by_role("heading", level=1)).to_contain_text("#103")

    bob.get_by_role("button", name="Give back").click()
    bob.wait_for_url("**/queue")
    press_next(bob)
    expect(bob.get_by_role("heading", level=1)).to_contain_text("#101")
    expect(bob.locator("#moves")).to_contain_text("needs the network team")


def test_the_button_needs_no_javascript(chromium: Browser, server: Server) -> None:
    server.shelf.ticket("101")
    context, window = open_window(chromium, server, java_script_enabled=False)
    sign_in_as_ann(window.page)
    press_next(window.page)
    expect(window.page.locator("#claim")).to_contain_text("I have it until")
    context.close()


@pytest.mark.parametrize("path", ["/sla", "/tickets/zendesk/101", "/queue"])
def test_a_phone_never_scrolls_sideways_and_no_policy_is_offended(chromium: Browser, server: Server, path: str) -> None:
    server.shelf.ticket("101", subject="y" * 150)
    context, window = open_window(chromium, server, viewport={"width": 360, "height": 740})
    page = window.page
    sign_in_as_ann(page)
    press_next(page)
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    context.close()
    assert window.complaints == []
