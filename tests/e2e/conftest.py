"""The faces in a real server, looked at by a real browser."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright
from werkzeug.serving import make_server

from deskside import settings as configuration
from deskside.store import people
from tests.databases import migrated_sqlite, open_careless
from tests.doubles.autopush import Autopush, autopush
from tests.doubles.fcm import Fcm, fcm
from tests.doubles.notifications import Desktop, desktop, desktop_missing
from tests.doubles.push_requests import PushRequests
from tests.e2e.browsers.chromium import Chromium, chromium_missing, chromium_path, chromium_with_push
from tests.e2e.browsers.driver import Driver
from tests.e2e.browsers.firefox import Firefox, firefox, firefox_missing
from tests.serving import POLL_SECONDS
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


@contextmanager
def deskside(tmp_path: Path, **variables: str) -> Iterator[Server]:
    """A Deskside of this configuration that Ann can sign in to."""
    database: sa.Engine = open_careless(migrated_sqlite(tmp_path / "deskside.db"))
    with database.begin() as connection:
        people.add_person(connection, "ann", PASSWORD, "admin")
    (tmp_path / "deskside.toml").write_text("")
    # The address must be known before the application is made.
    running = make_server("127.0.0.1", 0, Flask("not yet"), threaded=True)
    url = f"http://127.0.0.1:{running.server_port}"
    own = {"WEB__SECRET_KEY": "only for tests", "WEB__BASE_URL": url}
    environment = {f"DESKSIDE_{name}": value for name, value in {**own, **variables}.items()}
    settings = configuration.load(tmp_path / "deskside.toml", environment)
    asked = Asked()
    running.app = make_app(database, settings, asked)
    thread = threading.Thread(target=running.serve_forever, args=(POLL_SECONDS,))
    thread.start()
    yield Server(url, Shelf(database, datetime.now(UTC) - timedelta(hours=6)), asked)
    running.shutdown()
    thread.join()
    running.server_close()
    database.dispose()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with deskside(tmp_path) as found:
        yield found


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    if chromium_missing():
        pytest.skip(chromium_missing())
    browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def push_desktop() -> Iterator[Desktop]:
    """The desktop of all browsers that take pushes."""
    if desktop_missing():
        pytest.skip(desktop_missing())
    with desktop() as opened:
        yield opened


@pytest.fixture(scope="session")
def mozilla() -> Iterator[tuple[Autopush, str]]:
    """The push service of Firefox, and the address Firefox finds it at."""
    with autopush() as service:
        yield service


@pytest.fixture(scope="session")
def push_firefox(mozilla: tuple[Autopush, str], push_desktop: Desktop) -> Iterator[Firefox]:
    """A Firefox that takes pushes."""
    if firefox_missing():
        pytest.skip(firefox_missing())
    service, socket_url = mozilla
    with firefox(socket_url, push_desktop.bus_address) as driver:
        # Asked to subscribe before it is connected, Firefox never answers.
        service.hellos.wait()
        yield driver


@pytest.fixture(scope="session")
def google() -> Iterator[tuple[Fcm, list[str]]]:
    """The push service of Chromium, and the flags that lead there."""
    with fcm() as service:
        yield service


@pytest.fixture(scope="session")
def push_chromium(playwright: Playwright, google: tuple[Fcm, list[str]], push_desktop: Desktop) -> Iterator[Chromium]:
    """A Chromium that takes pushes."""
    if chromium_missing():
        pytest.skip(chromium_missing())
    service, flags = google
    with chromium_with_push(playwright, flags, service.origin, push_desktop.bus_address) as driver:
        yield driver


@dataclass(frozen=True)
class Engine:
    """A browser that takes pushes, and the service side of where it takes them from."""

    name: str
    driver: Driver
    requests: PushRequests


@pytest.fixture(params=["firefox", "chromium"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Once in each browser."""
    service, _ = request.getfixturevalue({"firefox": "mozilla", "chromium": "google"}[request.param])
    return Engine(request.param, request.getfixturevalue(f"push_{request.param}"), service.requests)


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
