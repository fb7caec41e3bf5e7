"""Firefox by WebDriver BiDi, which it speaks itself: https://w3c.github.io/webdriver-bidi/."""

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.e2e.browsers.driver import WAIT_SECONDS, wait_until

# Nothing but loopback is asked, and nothing of a first start is shown.
QUIET: dict[str, Any] = {
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.aboutwelcome.enabled": False,
    "browser.newtabpage.enabled": False,
    "browser.region.network.url": "",
    "browser.region.update.enabled": False,
    "browser.safebrowsing.downloads.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.safebrowsing.update.enabled": False,
    "browser.search.update": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.getAddons.cache.enabled": False,
    "extensions.systemAddon.update.enabled": False,
    "extensions.update.enabled": False,
    "identity.fxaccounts.enabled": False,
    "media.gmp-manager.url": "",
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.dns.disablePrefetch": True,
    "network.http.speculative-parallel-limit": 0,
    "network.prefetch-next": False,
    "network.proxy.type": 0,
    "network.trr.mode": 5,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.telemetry.enabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
    "toolkit.telemetry.server": "",
}


def push_preferences(socket_url: str) -> dict[str, Any]:
    """The push service is `socket_url`, without TLS; notifications go to the desktop by libnotify."""
    return {
        "alerts.useSystemBackend": True,
        "dom.push.connection.enabled": True,
        "dom.push.retryBaseInterval": 100,
        "dom.push.serverURL": socket_url,
        "dom.push.testing.allowInsecureServerURL": True,
        "dom.push.userAgentID": "",
    }


class Firefox:
    """Speaks to one: commands out, their results back; events are not asked for."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._number = 0
        self._command("session.new", capabilities={})
        self._tab = self._tabs()[0]["context"]

    def allow_notifications(self, origin: str) -> None:
        descriptor = {"name": "notifications"}
        self._command("permissions.setPermission", descriptor=descriptor, state="granted", origin=origin)

    def open(self, url: str) -> None:
        self._command("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    def evaluate(self, expression: str) -> Any:
        value = self._script(f"(async () => JSON.stringify((await ({expression})) ?? null))()")["value"]
        return json.loads(value)

    def click(self, selector: str) -> None:
        node = self._script(f"document.querySelector({json.dumps(selector)})")
        assert "sharedId" in node, f"there is no {selector}"
        self._script(f"document.querySelector({json.dumps(selector)}).scrollIntoView({{block: 'center'}})")
        element = {"type": "element", "element": {"sharedId": node["sharedId"]}}
        steps = [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": element},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        self._command(
            "input.performActions", context=self._tab, actions=[{"type": "pointer", "id": "m", "actions": steps}]
        )

    def addresses(self) -> list[str]:
        return [tab["url"] for tab in self._tabs()]

    def close_others(self) -> None:
        for tab in self._tabs():
            if tab["context"] != self._tab:
                self._command("browsingContext.close", context=tab["context"])
        self._command("browsingContext.activate", context=self._tab)

    def _tabs(self) -> list[dict[str, Any]]:
        tabs: list[dict[str, Any]] = self._command("browsingContext.getTree")["contexts"]
        return tabs

    def _script(self, expression: str) -> dict[str, Any]:
        target = {"context": self._tab}
        said = self._command(
            "script.evaluate", expression=expression, target=target, awaitPromise=True, userActivation=True
        )
        if said["type"] == "exception":
            raise AssertionError(said["exceptionDetails"]["text"])
        value: dict[str, Any] = said["result"]
        return value

    def _command(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        self._connection.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._connection.recv(timeout=2 * WAIT_SECONDS))
            if answer.get("id") == self._number:
                if answer["type"] == "error":
                    raise AssertionError(f"{method}: {answer['error']}: {answer['message']}")
                result: dict[str, Any] = answer["result"]
                return result


def firefox_missing() -> str:
    """What is not installed, and how it would be; empty when all is there."""
    if shutil.which("firefox-esr") is None:
        return "Firefox is not installed: apt-get install firefox-esr"
    if not any(Path("/usr/lib").glob("**/libnotify.so.4")):
        return "Firefox has nothing to show notifications with: apt-get install libnotify4"
    return ""


@contextlib.contextmanager
def firefox(socket_url: str, bus_address: str) -> Iterator[Firefox]:
    """A Firefox of a fresh profile without a window, on this push service and this desktop, until the block ends."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        preferences = {**QUIET, **push_preferences(socket_url)}
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in preferences.items()]
        Path(folder, "user.js").write_text("".join(lines))
        environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        environment |= {"HOME": folder, "DBUS_SESSION_BUS_ADDRESS": bus_address, "MOZ_CRASHREPORTER_DISABLE": "1"}
        program = ["firefox-esr", "--headless", "--no-remote", "--profile", folder, "--remote-debugging-port", "0"]
        with (
            Path(folder, "log").open("wb") as log,
            subprocess.Popen([*program, "about:blank"], env=environment, stdout=log, stderr=log) as process,
        ):
            try:
                with connect(_socket_of(Path(folder)), max_size=None) as connection:
                    yield Firefox(connection)
            finally:
                process.terminate()


def _socket_of(profile: Path) -> str:
    """Where it listens, which it says in its profile when it does."""
    file = profile / "WebDriverBiDiServer.json"

    def port() -> int | None:
        # Empty for a moment, between being made and being filled.
        with contextlib.suppress(OSError, ValueError):
            found: int = json.loads(file.read_text())["ws_port"]
            return found
        return None

    return f"ws://127.0.0.1:{wait_until(port, 'Firefox listens')}/session"
