"""People at work in WHMCS: browsers on the double, with the real addon and a real Deskside behind it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.adapters.whmcs.addon.conftest import behind, packed, patient
from tests.adapters.whmcs.addon.receiving import Deskside
from tests.doubles.whmcs_server import Visitor, Whmcs, missing, running_whmcs

__all__ = ["behind"]


@pytest.fixture
def whmcs(tmp_path: Path, behind: Deskside) -> Iterator[Whmcs]:
    """WHMCS with the addon activated, and with more patience: four browsers at once may keep Deskside for a second."""
    if lacking := missing():
        pytest.skip(lacking)
    with running_whmcs([patient(packed(tmp_path, behind.url))]) as running:
        running.activate("deskside", {"settings_roles": "1"})
        yield running
        assert running.errors() == []


@dataclass
class Desk:
    """A ticket page as an agent has it open."""

    page: Page
    visitor: Visitor
    complaints: list[str] = field(default_factory=list)

    @property
    def field(self) -> Locator:
        return self.page.locator("#replymessage")

    @property
    def button(self) -> Locator:
        return self.page.locator("#btnPostReply")

    @property
    def notice(self) -> Locator:
        return self.page.locator(".deskside-ticket .deskside-notice")

    @property
    def panel(self) -> Locator:
        return self.page.locator(".deskside-ticket .deskside-body")

    def look(self) -> None:
        """Let the page look at Deskside now, as it does when it comes to the front."""
        with self.page.expect_response("**action=panel"):
            self.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


@contextmanager
def window(browser: Browser, visitor: Visitor, url: str, **options: object) -> Iterator[Desk]:
    """A browser of its own in this session, on this page."""
    context = browser.new_context(base_url=visitor.url, **options)  # type: ignore[arg-type]
    context.add_cookies(visitor.browser_cookies)  # type: ignore[arg-type]
    context.route("**/favicon.ico", lambda route: route.fulfill(status=204))
    page = context.new_page()
    desk = Desk(page, visitor)
    page.on(
        "console",
        lambda message: desk.complaints.append(message.text) if message.type in {"error", "warning"} else None,
    )
    page.on("pageerror", lambda error: desk.complaints.append(str(error)))
    page.goto(url)
    yield desk
    context.close()


Sit = Callable[..., Desk]


@pytest.fixture
def sit(chromium: Browser, whmcs: Whmcs) -> Iterator[Sit]:
    """Let an agent open a ticket; nobody's console may have complained in the end."""
    with ExitStack() as stack:
        desks: list[Desk] = []

        def open_ticket(admin: int, ticket: int = 1, **options: object) -> Desk:
            path = whmcs.admin_path(f"supporttickets.php?action=view&id={ticket}")
            desk = stack.enter_context(window(chromium, whmcs.admin(admin), path, **options))
            desks.append(desk)
            return desk

        yield open_ticket
        assert [complaint for desk in desks for complaint in desk.complaints] == []
