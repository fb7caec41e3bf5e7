"""The queue page in a real browser: an agent's morning."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.conftest import Server, Window, open_window, sign_in
from tests.webhooks.desk import DOWN, VIP, Shelf


@pytest.fixture(autouse=True)
def tickets(server: Server) -> None:
    """Two pools: in Support the ticket of a dead server, then by arrival."""
    fill(server.shelf)


def fill(shelf: Shelf) -> None:
    shelf.ticket("101", minute=0, subject="How do I move a domain to another account of ours, and what does it cost?")
    shelf.ticket("102", minute=30, contributions=[VIP], health="ok", headline="all probes answered")
    shelf.ticket("103", minute=90, contributions=[DOWN], health="down", headline="web-3 answers nothing")
    shelf.ticket("104", minute=120, client="A client whose name is as long as names of clients sometimes are Ltd")
    shelf.ticket("201", minute=10, pool="Billing", subject="x" * 150)
    shelf.check("103")


def order(page: Page) -> list[str]:
    """The tickets of the page from top to bottom."""
    return [text.removeprefix("#") for text in page.locator(".entry .number").all_inner_texts()]


def entry(page: Page, ticket_id: str) -> Locator:
    """The line of a ticket."""
    return page.locator(f".entry:has(.number:text-is('#{ticket_id}'))")


def test_an_agent_signs_in_and_sees_the_order(window: Window) -> None:
    assert order(window.page) == ["103", "102", "101", "104", "201"]
    expect(entry(window.page, "103")).to_contain_text("down")


def test_opening_why_shows_the_reasons(window: Window) -> None:
    page = window.page
    line = entry(page, "102")
    expect(line.get_by_text("the ticket has the tag vip")).to_be_hidden()
    line.locator("summary").click()
    expect(line.get_by_text("the ticket has the tag vip")).to_be_visible()
    expect(line).to_contain_text("#103 came 1 h after #102, with 72 h of head start against 1 h")
    expect(line).to_contain_text("Cannot be overtaken after")


def test_a_change_in_the_store_moves_the_row_and_leaves_the_open_reason_open(window: Window, server: Server) -> None:
    page = window.page
    why = entry(page, "101").locator("details")
    why.locator("summary").click()
    expect(why.locator(".panel")).to_be_visible()
    server.shelf.take("103")
    server.shelf.ticket("105", minute=150, contributions=[DOWN], health="down")
    expect(page.locator(".entry .number")).to_have_text(["#105", "#102", "#101", "#104", "#201"], timeout=15_000)
    expect(why.locator(".panel")).to_be_visible()
    expect(why).to_have_attribute("open", "")


def test_a_poll_keeps_focus_and_scroll(window: Window, server: Server) -> None:
    page = window.page
    for number in range(300, 330):
        server.shelf.ticket(str(number), minute=number)
    page.goto("/queue?pool=Support")
    link = entry(page, "102").get_by_role("link").first
    link.focus()
    page.evaluate("window.scrollTo(0, 150)")
    before = page.evaluate("window.scrollY")
    server.shelf.ticket("106", minute=140, contributions=[DOWN])
    expect(entry(page, "106")).to_be_visible(timeout=15_000)
    assert page.evaluate("document.activeElement.textContent").split()[0] == "#102"
    assert page.evaluate("window.scrollY") == before


def test_times_are_local_and_stay_so(chromium: Browser, server: Server) -> None:
    context, window = open_window(chromium, server, timezone_id="Asia/Kolkata")
    page = window.page
    sign_in(page)
    page.locator("#queue details summary").first.click()
    time = page.locator(".panel time").last
    local = page.evaluate("element => element.textContent", time.element_handle())
    assert re.search(r"\d\d:\d\d", local)
    assert "UTC" not in local
    server.shelf.take("104")
    expect(page.locator(".entry")).to_have_count(4, timeout=15_000)
    assert "UTC" not in page.evaluate("element => element.textContent", time.element_handle())
    context.close()
    assert window.complaints == []


def test_a_hidden_tab_does_not_ask(window: Window, server: Server) -> None:
    page = window.page
    page.evaluate("""() => {
        Object.defineProperty(document, 'hidden', {configurable: true, get: () => true});
        document.dispatchEvent(new Event('visibilitychange'));
    }""")
    expect(page.locator("[data-live]")).to_have_text("Paused")
    polls: list[str] = []
    page.on("request", lambda request: polls.append(request.url) if "fragment" in request.url else None)
    page.evaluate("htmx.trigger('#queue', 'refresh')")
    assert polls == []
    server.shelf.take("103")
    with page.expect_request("**/queue?*fragment=1*"):
        page.evaluate("""() => {
            Object.defineProperty(document, 'hidden', {configurable: true, get: () => false});
            document.dispatchEvent(new Event('visibilitychange'));
        }""")
    expect(page.locator(".entry")).to_have_count(4)
    expect(page.locator("[data-live]")).to_have_text("Live")


def test_a_pool_filters_the_list(window: Window) -> None:
    page = window.page
    page.get_by_role("navigation", name="Pools").get_by_role("link", name="Billing").click()
    expect(page.locator(".entry .number")).to_have_text(["#201"])
    page.get_by_role("link", name="All pools").click()
    expect(page.locator(".entry")).to_have_count(5)


def test_the_ticket_is_one_click_away_and_can_be_checked_again(window: Window, server: Server) -> None:
    page = window.page
    entry(page, "103").get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("#103")
    page.get_by_text("no answer to 4 of 4 pings").click()
    expect(page.get_by_text("loss percent")).to_be_visible()
    page.get_by_role("button", name="Check again").click()
    expect(page.get_by_role("status")).to_contain_text("A new check was asked for")
    assert server.asked.checks == [("zendesk", "103", "ann")]
    server.shelf.check("103", "ok", headline="web-3 is back")
    expect(page.locator(".verdict")).to_contain_text("web-3 is back", timeout=15_000)


def test_everything_works_with_javascript_off(chromium: Browser, server: Server) -> None:
    context, window = open_window(chromium, server, java_script_enabled=False)
    page = window.page
    sign_in(page)
    assert order(page) == ["103", "102", "101", "104", "201"]
    line = entry(page, "102")
    line.locator("summary").click()
    expect(line.get_by_text("the ticket has the tag vip")).to_be_visible()
    expect(line.locator("time").last).to_contain_text("UTC")
    page.locator(".menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    context.close()


@pytest.mark.parametrize("width", [320, 360, 390])
def test_a_phone_never_scrolls_sideways(chromium: Browser, server: Server, width: int) -> None:
    inbox_id = server.shelf.delivery("a", "dead", outcome="y" * 200, type="z" * 120)
    server.shelf.effect("x", "103", "dead", error="w" * 200)
    context, window = open_window(chromium, server, viewport={"width": width, "height": 740})
    page = window.page
    sign_in(page)
    paths = ("/queue", "/queue?pool=Support", "/tickets/zendesk/103", "/events", f"/events/{inbox_id}", "/settings")
    for path in paths:
        page.goto(path)
        page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    context.close()
    assert window.complaints == []


@pytest.mark.parametrize("path", ["/queue?pool=Support", "/tickets/zendesk/103", "/events", "/events/1", "/settings"])
def test_no_page_offends_the_content_security_policy(window: Window, server: Server, path: str) -> None:
    server.shelf.delivery("a", "dead", body=b"<script>document.title = 'run'</script>")
    window.page.goto(path)
    expect(window.page.locator("h1")).to_be_visible()
    assert "run" not in window.page.title()


def test_a_lost_connection_is_said_and_mends_itself(chromium: Browser, server: Server) -> None:
    context, window = open_window(chromium, server)
    page = window.page
    sign_in(page)
    page.route("**/queue?*fragment=1*", lambda route: route.abort())
    expect(page.locator("[data-live]")).to_have_text("Connection lost, trying again", timeout=15_000)
    page.unroute("**/queue?*fragment=1*")
    expect(page.locator("[data-live]")).to_have_text("Live", timeout=15_000)
    context.close()


def test_an_ended_session_leads_to_the_sign_in_page(chromium: Browser, server: Server) -> None:
    context, window = open_window(chromium, server)
    page = window.page
    sign_in(page)
    context.clear_cookies()
    page.wait_for_url("**/sign-in?next=/queue", timeout=15_000)
    context.close()
