"""Between the socket and the application: records what arrives, delays it, and breaks connections on command."""

import contextlib
import io
import json
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl

from deskside.demo.serving import Application, Environ, act, act_later, hang_up
from deskside.demo.whmcs import php
from deskside.demo.whmcs.api import PATH, SECRETS
from deskside.demo.whmcs.faults import ANSWERS, CONNECTION, Fault
from deskside.demo.whmcs.knowledge.endpoint import PATH as KNOWLEDGE
from deskside.demo.whmcs.world import Recorded, World

PAGES = {
    "server_error": b"<html><body><h1>Something is wrong</h1></body></html>",
    "waf": b"<html><body><h1>403 Forbidden</h1>Your request was blocked by the security policy.</body></html>",
}


def asked(path: str, body: bytes) -> tuple[str, php.Tree]:
    """The action of a call and what was given with it, without credentials; for the knowledge base `kb.` and its op."""
    if path.startswith(KNOWLEDGE):
        try:
            fields = json.loads(body)
        except ValueError:
            fields = None
        given = fields if isinstance(fields, dict) else {}
        return f"kb.{given.get('op', '')}", {name: value for name, value in given.items() if name != "op"}
    given = php.form(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    kept = {name: "***" if name in SECRETS else value for name, value in given.items() if name != "action"}
    return str(given.get("action", "")), kept


class Wire:
    """WSGI middleware around the application."""

    def __init__(self, application: Application, world: World) -> None:
        self.application = application
        self.world = world
        self._lock = threading.Lock()

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        if not environ["PATH_INFO"].startswith((PATH, KNOWLEDGE)):
            return self.application(environ, start_response)
        length = environ.get("CONTENT_LENGTH") or ""
        body = environ["wsgi.input"].read(int(length)) if length.isdigit() else b""
        environ["wsgi.input"] = io.BytesIO(body)
        action, kept = asked(environ["PATH_INFO"], body)
        self.world.requests.append(Recorded(action, kept))
        with self._counted():
            if self.world.latency_seconds:
                time.sleep(self.world.latency_seconds)
            return self._answer(environ, start_response, body, action)

    def _answer(self, environ: Environ, start_response: Any, body: bytes, action: str) -> Iterable[bytes]:
        fault = self.world.faults.take(CONNECTION + ANSWERS, action)
        if fault is None:
            return self.application(environ, start_response)
        if fault.kind in ANSWERS:
            status = "403 Forbidden" if fault.kind == "waf" else f"{fault.status} Error"
            start_response(status, [("Content-Type", "text/html")])
            return [PAGES[fault.kind]]
        if fault.kind == "slow":
            time.sleep(fault.seconds)
            return self.application(environ, start_response)
        return self._break(fault, environ, body)

    def _break(self, fault: Fault, environ: Environ, body: bytes) -> Iterable[bytes]:
        if fault.kind == "drop_after":
            act(self.application, environ, body)
        if fault.kind == "lag":
            act_later(self.application, environ, body, fault.seconds)
        hang_up(environ, reset=fault.kind == "reset")
        return []

    @contextlib.contextmanager
    def _counted(self) -> Iterator[None]:
        with self._lock:
            self.world.at_once += 1
            self.world.most_at_once = max(self.world.most_at_once, self.world.at_once)
        try:
            yield
        finally:
            with self._lock:
                self.world.at_once -= 1
