"""The screens of the knowledge base in a real browser: what changed by hand is seen and decided."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from deskside.knowledge import plans
from tests.e2e.conftest import Server, Window, deskside, open_window, sign_in
from tests.knowledge.library import Library, action, drift
from tests.webhooks.desk import HOSTILE

LONG = "w" * 140
CONFIGURED = {
    "KNOWLEDGE__SOURCES__HANDBOOK__KIND": "markdown",
    "KNOWLEDGE__TARGETS__GUIDE__KIND": "zendesk",
    "KNOWLEDGE__TARGETS__WHMCS__KIND": "whmcs",
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with deskside(tmp_path, **CONFIGURED) as found:
        yield found


@pytest.fixture
def library(server: Server) -> Library:
    """Plans were made a few minutes ago."""
    found = Library(server.shelf.database)
    found.now -= timedelta(minutes=5)
    return found


def test_a_hand_edit_is_found_seen_and_put_back(window: Window, library: Library, server: Server) -> None:
    library.document("Pay")
    number = library.article("pay")
    library.plan(drift(number))
    page = window.page
    page.get_by_role("link", name="Knowledge").click()
    page.get_by_role("link", name="Decide what becomes of it").click()
    page.get_by_role("link", name="Look and decide").click()
    expect(page.locator("#theirs ins").last).to_have_text("up to three")
    assert page.locator("#theirs ins").last.evaluate("one => getComputedStyle(one).textDecorationLine") == "underline"
    assert (
        page.locator("#theirs del").last.evaluate("one => getComputedStyle(one).textDecorationLine") == "line-through"
    )
    yes = page.get_by_role("button", name="Yes, overwrite theirs")
    expect(yes).to_be_hidden()
    page.locator("#sure-restore summary").click()
    yes.click()
    expect(page.get_by_role("status")).to_contain_text("Our text is put back")
    assert server.asked.knowledge_decided == [(number, "restore", "seen-1", "ann")]


def test_a_decision_about_a_text_that_is_no_longer_there_is_not_taken(
    window: Window, library: Library, server: Server
) -> None:
    number = library.article("pay")
    library.plan(drift(number))
    page = window.page
    page.goto(f"/kb/decisions/{number}")
    library.plan(drift(number, seen="seen-2"))
    page.get_by_role("button", name="Keep theirs").click()
    expect(page.get_by_role("status")).to_contain_text("It has changed since you looked")
    page.get_by_role("button", name="Keep theirs").click()
    expect(page.get_by_role("status")).to_contain_text("Their text stays")
    assert server.asked.knowledge_decided == [(number, "keep", "seen-2", "ann")]


def test_many_articles_leave_only_by_their_number(window: Window, library: Library, server: Server) -> None:
    held = [action("held", f"d{n}", would="archive", numbered=True) for n in range(4)]
    library.plan(*held)
    page = window.page
    page.goto("/kb")
    page.get_by_label("The number: 4").fill("5")
    page.get_by_role("button", name="Archive them").click()
    expect(page.get_by_role("status")).to_contain_text("the number must be exactly 4")
    page.get_by_label("The number: 4").fill("4")
    page.get_by_role("button", name="Archive them").click()
    expect(page.get_by_role("status")).to_contain_text("It is being applied")
    ((_, ids, by, allowed),) = server.asked.knowledge_applied
    assert (len(ids or ()), by, allowed) == (4, "ann", 4)


def test_a_newer_plan_announces_itself(window: Window, library: Library) -> None:
    library.plan(action("update"))
    page = window.page
    page.goto("/kb")
    library.plan()
    page.evaluate("htmx.trigger('#knowledge', 'refresh')")
    page.get_by_role("link", name="Show it").click()
    expect(page.locator("#plan")).to_contain_text("every article is as its source has it")


def test_an_article_is_searched_from_any_screen(window: Window, library: Library) -> None:
    library.article("pay")
    page = window.page
    page.goto("/kb/documents")
    page.get_by_label("Search the articles").fill("invoices")
    page.get_by_label("Search the articles").press("Enter")
    expect(page.locator("mark").first).to_have_text("invoice")


@pytest.fixture
def filled(library: Library) -> Library:
    """Something in each room, with names as long and as hostile as they may be."""
    library.source(state="failed", error=f"{HOSTILE} answered 401 {LONG}", full_count=5_000)
    library.document("Pay", warnings=[HOSTILE, LONG], path=[LONG, HOSTILE], labels=[LONG], url="https://wiki.example/x")
    library.document(LONG, "long", path=["A", "B"], missing_since=library.now, missing_listings=2, missing_proof="gone")
    pay = library.article("pay", error=f"the text has 71,204 bytes, and 65,535 fit {LONG}")
    library.article("pay", "whmcs", state="detached")
    library.article("long", state="gone")
    library.step("pay", result=LONG)
    held = [action("held", f"d{n}", would="archive", numbered=True, reason=f"{LONG} {HOSTILE}") for n in range(4)]
    library.plan(
        drift(pay, "conflict", target_diff=f"~ [-{LONG}-]{{+{HOSTILE}+}}\n+ {LONG}", diff=f"- {LONG}\n+ {HOSTILE}"),
        *held,
        action("update", "long", title=LONG, section=[LONG, "x"], diff=f"  … 12 …\n+ {LONG}", warnings=[HOSTILE]),
        action("refused", "big", size=71_204, size_limit=65_535, would="update"),
        targets={"whmcs": {"error": f"it does not answer {LONG}", "requests": 12_345}},
    )
    with library.database.begin() as connection:
        problems = {"x": {"state": "failed", "reason": LONG}}
        plans.finish(connection, 1, {"done": 0, "failed": 1, "problems": problems}, f"stopped {LONG}", library.now)
    return library


PATHS = (
    "/kb",
    "/kb/plans/1",
    "/kb/plans/1?kind=held",
    "/kb/decisions",
    "/kb/decisions/1",
    "/kb/documents",
    "/kb/documents/handbook/pay",
    "/kb/documents/handbook/long",
    "/kb/coverage",
    "/kb/search?q=invoice",
    "/kb/search?q=nothing",
)


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_page_scrolls_sideways_and_none_complains(
    chromium: Browser, server: Server, filled: Library, width: int
) -> None:
    context, window = open_window(chromium, server, viewport={"width": width, "height": 800})
    page = window.page
    sign_in(page)
    for path in PATHS:
        page.goto(path)
        page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    context.close()
    assert window.complaints == []


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Server]:
    """A Deskside without a knowledge base."""
    (tmp_path / "bare").mkdir()
    with deskside(tmp_path / "bare") as found:
        yield found


@pytest.mark.parametrize("width", [320, 1280])
def test_the_empty_screen_shows_how_to_begin(chromium: Browser, bare: Server, width: int) -> None:
    context, window = open_window(chromium, bare, viewport={"width": width, "height": 800})
    sign_in(window.page)
    window.page.goto("/kb")
    expect(window.page.locator(".connect")).to_contain_text("[knowledge.sources.handbook]")
    assert window.page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
    assert window.complaints == []
