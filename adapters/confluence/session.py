"""The connection to Confluence: pinned to one host, in bounded time, with typed errors.

No answer that is not a success leaves it as one: an ended token, a right that is missing or a page that breaks off is
an error, never a shorter list.
"""

import base64
import json
import re
import time
from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError
from urllib3.util import Timeout

from adapters.confluence.settings import Settings
from deskside import __version__, exchange
from deskside.errors import DesksideError, Gone, Permanent, TargetRefuses, Transient
from deskside.text import clean

Row = dict[str, Any]
Parameters = Mapping[str, str | int | tuple[str, ...]]

MOST_FILE_BYTES = 32 * 1024 * 1024
# How often a read is sent when the connection breaks or Confluence does, and the pause before the second time.
_READS = 2
_PAUSE = 0.2
_BROKEN = frozenset({500, 502, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_DEFAULT_WAIT, _MOST_WAIT = 10.0, 3600.0
_CURES = {
    401: "the token has ended, was revoked, or lacks a scope: docs/confluence.md names them",
    403: "the account of the token may not read this",
    410: "this Confluence no longer has this call",
}


class Forbidden(TargetRefuses):
    """Confluence says 403: who asks is known, and may not see this."""


class _Broken(Transient):
    """The connection broke in a way that the next attempt need not."""


class Redirect(Exception):
    """The file is elsewhere: `url` is where."""

    def __init__(self, url: str) -> None:
        super().__init__("the file is elsewhere")
        self.url = url


class ApiSession(requests.Session):
    """Reads of one source. Used by one thread at a time."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self._base = settings.api
        self._host = urlsplit(settings.api).hostname or "?"
        self.requests = 0
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.headers["User-Agent"] = f"Deskside/{__version__}"
        self.adapters.clear()
        # The slash at the end matters: without it team.atlassian.net.example would match too.
        self.mount(self._base + "/", HTTPAdapter(max_retries=0, pool_connections=1, pool_maxsize=1))

    def __repr__(self) -> str:
        return f"<ApiSession {self._host}>"

    def read(self, path: str, parameters: Parameters | None = None) -> Row:
        """The JSON object at `path`.

        Raises `TargetRefuses` (401; its kind `Forbidden` for 403), `Gone` (404, which may also mean that the account
        must not see it), `Permanent`, or `Transient`.
        """
        status, headers, body = self._get(path, parameters, "application/json", exchange.MAX_BODY)
        self._judge(path, status, headers, body)
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise Transient(f"{_shown(path)}: an answer of {self._host} that is no JSON object")
        return answer

    def file(self, path: str, parameters: Parameters | None = None) -> bytes:
        """The bytes at `path`. Raises `Redirect` where they are elsewhere, else as `read`."""
        status, headers, body = self._get(path, parameters, "*/*", MOST_FILE_BYTES)
        if status in _REDIRECTS and headers.get("Location"):
            raise Redirect(headers["Location"])
        self._judge(path, status, headers, body)
        return body

    def _get(
        self, path: str, parameters: Parameters | None, accept: str, most: int
    ) -> tuple[int, Mapping[str, str], bytes]:
        for attempt in range(1, _READS + 1):
            answer = self._exchange(path, parameters, accept, most)
            if isinstance(answer, DesksideError):
                # Waiting for a time-out twice would keep a worker longer than the answer is worth.
                if attempt == _READS or not isinstance(answer, _Broken):
                    raise answer
            elif answer[0] not in _BROKEN or attempt == _READS:
                return answer
            time.sleep(_PAUSE)
        raise AssertionError("unreachable")

    def _exchange(
        self, path: str, parameters: Parameters | None, accept: str, most: int
    ) -> tuple[int, Mapping[str, str], bytes] | DesksideError:
        """Send and read; what goes wrong is returned and not raised: an error of requests holds what was sent."""
        connect, read = self._settings.connect_timeout, self._settings.read_timeout
        timeout: Any = Timeout(connect=connect, read=read, total=connect + read)
        deadline = time.monotonic() + connect + read
        headers = {"Accept": accept, "Authorization": _authorization(self._settings)}
        self.requests += 1
        try:
            with self.get(
                self._base + path,
                params=parameters,
                headers=headers,
                timeout=timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                # What stands beside a redirect is not looked at.
                redirects = response.status_code in _REDIRECTS
                body = b"" if redirects else exchange.read_body(response, deadline, most)
                return response.status_code, response.headers, body
        except requests.exceptions.ContentDecodingError:
            return Permanent(f"{_shown(path)}: the answer cannot be read, or is too large")
        except (requests.RequestException, HTTPError, OSError) as error:
            failure = Transient if exchange.timed_out(error) else _Broken
            return failure(f"{_shown(path)}: no answer from {self._host} ({exchange.reason(error)})")

    def _judge(self, path: str, status: int, headers: Mapping[str, str], body: bytes) -> None:
        # Who could not be signed in may be answered as a stranger, who sees less.
        login = headers.get("X-Seraph-LoginReason", "")
        if 200 <= status < 300 and "FAILED" not in login and "DENIED" not in login:
            return
        said = f"{_shown(path)}: HTTP {status} from {self._host}{_reason(body)}"
        if status == 429 or (status == 503 and headers.get("Retry-After")):
            raise Transient(said, _wait(headers.get("Retry-After")))
        if status == 401 or 200 <= status < 300:
            raise TargetRefuses(f"{said} ({_CURES[401]})")
        if status == 403:
            raise Forbidden(f"{said} ({_CURES[403]})")
        if status == 404:
            raise Gone(said)
        if status >= 500:
            raise Transient(said)
        if status in _REDIRECTS:
            raise Permanent(f"{said} (it redirects, which is not followed: check the address)")
        raise Permanent(f"{said} ({_CURES[status]})" if status in _CURES else said)


def _authorization(settings: Settings) -> str:
    if not settings.email:
        return f"Bearer {settings.token!s}"
    pair = f"{settings.email}:{settings.token!s}".encode()
    return f"Basic {base64.b64encode(pair).decode()}"


def _shown(path: str) -> str:
    return f"GET {path.partition('?')[0]}"


def _reason(body: bytes) -> str:
    """What Confluence says itself, in a line: `message` in v1, `errors[0].title` in v2."""
    try:
        answer = json.loads(body[:65536])
        errors = answer.get("errors")
        said = answer.get("message") or (errors[0].get("title") if errors else "")
    except (ValueError, AttributeError, IndexError, KeyError, TypeError, RecursionError):
        return ""
    line = " ".join(clean(said).split())[:200]
    return f": {line}" if line else ""


def _wait(stated: str | None) -> float:
    text = (stated or "").strip()
    found = re.fullmatch(r"[0-9]{1,6}", text)
    return min(_MOST_WAIT, max(1.0, float(text))) if found else _DEFAULT_WAIT
