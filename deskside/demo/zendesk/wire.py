"""Between the socket and the application: records what arrives, and breaks connections on command."""

import io
import json
import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from deskside.demo.serving import Application, Environ, act, act_later, hang_up
from deskside.demo.zendesk.faults import ANSWERS, CONNECTION, Fault
from deskside.demo.zendesk.world import Recorded, World

FAULT = "simulated.fault"
SECRET_QUERY = frozenset(("X-Amz-Signature",))
SECRET_KEYS = frozenset(("client_secret", "refresh_token", "password", "token"))
RECORDED = ("/api/", "/oauth/", "/uploads/")
KEPT_HEADERS = ("Content-Type", "Idempotency-Key", "User-Agent", "Accept")


class Wire:
    """WSGI middleware around the application."""

    def __init__(self, application: Application, world: World) -> None:
        self.application = application
        self.world = world

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        path: str = environ["PATH_INFO"]
        if not path.startswith(RECORDED):
            return self.application(environ, start_response)
        length = environ.get("CONTENT_LENGTH") or ""
        body = environ["wsgi.input"].read(int(length)) if length.isdigit() else b""
        environ["wsgi.input"] = io.BytesIO(body)
        self.world.requests.append(recorded(environ, body))
        method = environ["REQUEST_METHOD"]
        fault = self.world.faults.take(CONNECTION + ANSWERS, method, short(path))
        if fault is None:
            return self.application(environ, start_response)
        if fault.kind in ANSWERS:
            environ[FAULT] = fault
        if fault.kind == "slow":
            time.sleep(fault.seconds)
        if fault.kind in ("drop_before", "drop_after", "lag"):
            self._break(fault, environ, body)
        return self.application(environ, start_response)

    def _break(self, fault: Fault, environ: Environ, body: bytes) -> None:
        if fault.kind == "drop_after":
            act(self.application, environ, body)
        if fault.kind == "lag":
            act_later(self.application, environ, body, fault.seconds)
        hang_up(environ)


def short(path: str) -> str:
    """A path without `/api/v2` and `.json`, as faults and assertions name it."""
    return path.removeprefix("/api/v2").removesuffix(".json")


def recorded(environ: Environ, body: bytes) -> Recorded:
    """A request as it is kept: secrets are starred out, the Authorization header is never looked at."""
    try:
        given = json.loads(body) if body else None
    except ValueError:
        given = None
    if isinstance(given, dict):
        given = {key: "***" if key in SECRET_KEYS else value for key, value in given.items()}
    headers = {}
    for name in KEPT_HEADERS:
        key = name.upper().replace("-", "_")
        value = environ.get(key if name == "Content-Type" else f"HTTP_{key}")
        if value:
            headers[name] = str(value)
    given_query = parse_qsl(environ.get("QUERY_STRING", ""))
    query = {key: "***" if key in SECRET_QUERY else value for key, value in given_query}
    return Recorded(environ["REQUEST_METHOD"], environ["PATH_INFO"], query, given, headers)
