"""The fleet's pages in a real browser."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect

from deskside.store import hosts, sweeps
from tests.e2e.conftest import Server, Window, open_window, sign_in

NAME = "a-server-whose-name-is-as-long-as-names-sometimes-are.customer.example"


@pytest.fixture(autouse=True)
def fleet(server: Server) -> None:
    """Two hosts seen all day; the first has just died."""
    put(server, "192.0.2.1", "down")
    put(server, "192.0.2.2", "ok")
    with server.shelf.database.begin() as connection:
        for quarter in range(hosts.BLOCKS):
            at = datetime.now(UTC) - timedelta(minutes=15 * quarter + 1)
            sweeps.add(connection, at=at, took_ms=900, hosts=2, silent=1, doubt="", remark="")


def put(server: Server, address: str, word: str) -> None:
    """A host, and how it came to be so a minute ago."""
    at = datetime.now(UTC) - timedelta(minutes=1)
    row = {"address": address, "name": NAME, "ports": [22], "word": word, "since": at, "why": "because " * 20}
    row |= {"candidate": "", "seen": 0, "flapping": False, "checked_at": at, "alive_at": at}
    with server.shelf.database.begin() as connection:
        hosts.put(connection, [{**row, "rtt_ms": 1.0, "baseline_ms": 1.0}])
        hosts.add_changes(connection, [{"address": address, "before": "ok", "word": word, "why": row["why"], "at": at}])


def test_a_server_that_comes_back_moves_without_a_reload(window: Window, server: Server) -> None:
    page = window.page
    page.get_by_role("link", name="Fleet").click()
    expect(page.locator(".host code")).to_have_text(["192.0.2.1", "192.0.2.2"])
    put(server, "192.0.2.2", "down")
    put(server, "192.0.2.1", "ok")
    expect(page.locator(".host code")).to_have_text(["192.0.2.2", "192.0.2.1"], timeout=25_000)


def test_a_server_is_found_and_its_day_told(window: Window) -> None:
    page = window.page
    page.goto("/fleet")
    page.get_by_label("Address or name").fill("192.0.2.1")
    page.get_by_role("button", name="Search").click()
    page.locator(".host a").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("192.0.2.1")
    expect(page.get_by_role("img", name="The last 24 hours of 192.0.2.1")).to_be_visible()


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("language", ["English", "Русский"])
def test_a_phone_never_scrolls_sideways(chromium: Browser, server: Server, width: int, language: str) -> None:
    context, window = open_window(chromium, server, viewport={"width": width, "height": 740})
    page = window.page
    sign_in(page)
    page.locator(".menu summary").click()
    page.get_by_role("button", name=language).click()
    for path in ("/fleet", "/fleet?word=down", "/fleet/192.0.2.1"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    context.close()
    assert window.complaints == []
