"""Who types the subject of a ticket sees articles that may help, by mouse and by keyboard."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.adapters.whmcs.addon.test_suggestions import Finder, finder, helped
from tests.doubles.whmcs_server import Whmcs
from tests.e2e.whmcs.conftest import window

__all__ = ["finder", "helped"]

PAGE = "/submitticket.php?step=2&deptid=1"


@contextmanager
def writing(browser: Browser, whmcs: Whmcs) -> Iterator[Page]:
    """A visitor who is about to write a ticket."""
    with window(browser, whmcs.stranger(), PAGE) as desk:
        yield desk.page


def test_articles_appear_as_text_below_the_subject(chromium: Browser, helped: Whmcs, finder: Finder) -> None:
    with writing(chromium, helped) as page:
        box = page.locator(".deskside-suggest")
        expect(box).to_be_hidden()
        subject = page.locator("#inputSubject")
        with page.expect_response("**action=suggest"):
            subject.press_sequentially("mail does not arrive", delay=5)
        expect(box).to_contain_text("Does one of these help?")
        link = box.get_by_role("link", name="Mail & <spam>")
        expect(link).to_have_attribute("href", "https://help.example/1")
        expect(link).to_have_attribute("target", "_blank")
        expect(box).to_contain_text("Check the filter")
        # One question for all that was typed at once.
        assert [asked["query"] for asked in finder.asked] == ["mail does not arrive"]
        subject.press("Tab")
        expect(link).to_be_focused()
        page.keyboard.press("Escape")
        expect(box).to_be_hidden()
        expect(subject).to_be_focused()


def test_what_is_too_short_asks_nobody_and_hides_them(chromium: Browser, helped: Whmcs, finder: Finder) -> None:
    with writing(chromium, helped) as page:
        box, subject = page.locator(".deskside-suggest"), page.locator("#inputSubject")
        with page.expect_response("**action=suggest"):
            subject.fill("mail does not arrive")
        expect(box).to_be_visible()
        subject.fill("mail")
        expect(box).to_be_hidden()
        assert len(finder.asked) == 1


@pytest.mark.parametrize(
    "articles", [[], [{"title": "x", "url": "javascript:alert(1)"}, {"url": "https://a.example"}, 7]]
)
def test_nothing_to_show_shows_nothing(
    chromium: Browser, helped: Whmcs, finder: Finder, articles: list[object]
) -> None:
    finder.articles = articles
    with writing(chromium, helped) as page:
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        with page.expect_response("**action=suggest"):
            page.locator("#inputSubject").fill("mail does not arrive")
        expect(page.locator(".deskside-suggest")).to_be_hidden()
        assert errors == []


def test_the_ticket_is_sent_as_ever_without_deskside(chromium: Browser, helped: Whmcs, finder: Finder) -> None:
    finder.server.shutdown()
    finder.server.server_close()
    with writing(chromium, helped) as page:
        page.locator("input[name=name]").fill("Vera Visitor")
        page.locator("input[name=email]").fill("vera@client.example")
        with page.expect_response("**action=suggest"):
            page.locator("#inputSubject").fill("mail does not arrive")
        page.locator("#inputMessage").fill("Since this morning.")
        page.get_by_role("button", name="Submit").click()
        expect(page.locator("#ticket-created")).to_be_visible()
