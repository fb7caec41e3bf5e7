"""The faces in a real server, looked at by a real browser."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from deskside import settings as configuration
from deskside.store import people
from tests.databases import migrated_sqlite, open_careless
from tests.serving import serving
from tests.webhooks.desk import PASSWORD, Asked, Shelf, make_app

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True)
class Server:
    """Where it answers, its store, and what was asked of the wiring."""

    url: str
    shelf: Shelf
    asked: Asked


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    database: sa.Engine = open_careless(migrated_sqlite(tmp_path / "deskside.db"))
    with database.begin() as connection:
        people.add_person(connection, "ann", PASSWORD, "admin")
    (tmp_path / "deskside.toml").write_text("")
    settings = configuration.load(tmp_path / "deskside.toml", {"DESKSIDE_WEB__SECRET_KEY": "only for tests"})
    asked = Asked()
    with serving(make_app(database, settings, asked)) as url:
        yield Server(url, Shelf(database, datetime.now(UTC) - timedelta(hours=6)), asked)
    database.dispose()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@dataclass(frozen=True)
class Window:
    """A page, and everything its console complained of: errors, and what the content security policy stopped."""

    page: Page
    complaints: list[str]


def open_window(browser: Browser, server: Server, **options: object) -> tuple[BrowserContext, Window]:
    """A fresh browser profile on this server."""
    context = browser.new_context(base_url=server.url, **options)  # type: ignore[arg-type]
    page = context.new_page()
    complaints: list[str] = []
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return context, Window(page, complaints)


def sign_in(page: Page) -> None:
    """Sign in as Ann and wait for the queue."""
    page.goto("/sign-in")
    page.get_by_label("Name").fill("ann")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/queue")


@pytest.fixture
def window(chromium: Browser, server: Server) -> Iterator[Window]:
    """A signed-in desktop window, which must have had nothing to complain of in the end."""
    context, found = open_window(chromium, server, viewport={"width": 1280, "height": 800})
    sign_in(found.page)
    yield found
    context.close()
    assert found.complaints == []
