"""Chromium by Playwright, with a profile on disk: a private window would have no web push."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Playwright, Route

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
# With it Chromium does not reach for its push service.
UNWANTED_FLAGS = ("--disable-background-networking",)
# Chromium mints endpoints of Google's whatever service it subscribed at: pages and their workers are shown those of the
# local one.
_LOCAL_ENDPOINTS = """
(origin => {
    const {get} = Object.getOwnPropertyDescriptor(PushSubscription.prototype, "endpoint");
    const toJSON = PushSubscription.prototype.toJSON;
    Object.defineProperty(PushSubscription.prototype, "endpoint", {
        configurable: true,
        get() { return origin + new URL(get.call(this)).pathname; },
    });
    PushSubscription.prototype.toJSON = function () {
        return {...toJSON.call(this), endpoint: this.endpoint};
    };
})("%s");
"""


WORKERS = "**/sw.js*"


class Chromium:
    """Speaks to one."""

    def __init__(self, context: BrowserContext) -> None:
        self._context = context
        self._page = context.pages[0]

    def allow_notifications(self, origin: str) -> None:
        self._context.grant_permissions(["notifications"], origin=origin)

    def open(self, url: str) -> None:
        self._page.goto(url)

    def evaluate(self, expression: str) -> Any:
        return self._page.evaluate(f"async () => (await ({expression})) ?? null")

    def click(self, selector: str) -> None:
        self._page.click(selector)

    def addresses(self) -> list[str]:
        # Playwright hears of new tabs only while it is asked something.
        self._page.title()
        return [page.url for page in self._context.pages]

    def close_others(self) -> None:
        for page in self._context.pages:
            if page is not self._page:
                page.close()


def chromium_path() -> str | None:
    """The program."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def chromium_missing() -> str:
    """What is not installed, and how it would be; empty when all is there."""
    return "" if chromium_path() else "Chromium is not installed: apt-get install chromium"


@contextlib.contextmanager
def chromium_with_push(
    playwright: Playwright, service_flags: list[str], push_origin: str, bus_address: str
) -> Iterator[Chromium]:
    """A Chromium of a fresh profile without a window, on this push service and this desktop, until the block ends."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        context = playwright.chromium.launch_persistent_context(
            Path(folder, "profile"),
            executable_path=chromium_path(),
            args=[*FLAGS, *service_flags],
            ignore_default_args=list(UNWANTED_FLAGS),
            env={**os.environ, "HOME": folder, "DBUS_SESSION_BUS_ADDRESS": bus_address},
        )
        script = _LOCAL_ENDPOINTS % push_origin
        context.add_init_script(script)
        context.route(WORKERS, lambda route: _with_script_before(route, script))
        try:
            yield Chromium(context)
        finally:
            context.close()


def _with_script_before(route: Route, script: str) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, body=script + answer.text())
