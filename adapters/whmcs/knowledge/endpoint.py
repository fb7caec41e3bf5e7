"""The addon's address for the knowledge base: signed requests, bounded in time, with typed errors.

`docs/whmcs-addon.md`, "The protocol", lists the operations.
"""

import json
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError
from urllib3.util import Timeout

from adapters.whmcs import problems, signature
from adapters.whmcs.settings import Settings
from deskside import __version__, exchange
from deskside.errors import DesksideError, Gone, Malformed, Permanent, TargetRefuses, Transient, UnknownOutcome

PATH = "/modules/addons/deskside/knowledge.php"
UNPACK = "run `deskside connect whmcs` and unpack what it makes into WHMCS"
_READS = 2
_PAUSE = 0.2
# What makes the whole target useless, with its cure; all other refusals are about the one request.
_CURES: Mapping[str, str] = {
    "unsigned": "is something in front of WHMCS taking the headers webhook-… away?",
    "bad_signature": UNPACK,
    "too_old": "set the clocks of both machines",
    "inactive": "activate the addon in WHMCS",
    "unknown_operation": f"the addon is older than this Deskside: {UNPACK}",
    "only_post": "something in front of WHMCS changes requests",
}


class Endpoint:
    """Requests of one thread. `sent` counts them. `known` gives the secrets the addon may have, at each request."""

    def __init__(self, settings: Settings, known: Callable[[], Sequence[str]]) -> None:
        self.sent = 0
        self._settings = settings
        self._known = known
        self._url = settings.url + PATH
        self._host = urlsplit(settings.url).netloc
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._http.headers["User-Agent"] = f"Deskside/{__version__}"
        self._http.adapters.clear()
        self._http.mount(self._url, HTTPAdapter(max_retries=0, pool_connections=1, pool_maxsize=1))

    def read(self, operation: str, **fields: Any) -> dict[str, Any]:
        """An operation that changes nothing; sent again once when no answer came.

        Raises `TargetRefuses`, `Gone`, `Permanent` or `Transient`.
        """
        for _ in range(_READS - 1):
            try:
                return self._ask(operation, fields, making=False)
            except Transient:
                time.sleep(_PAUSE)
        return self._ask(operation, fields, making=False)

    def write(self, operation: str, **fields: Any) -> dict[str, Any]:
        """An operation that can be repeated without harm; raises as `read` does, and is sent once."""
        return self._ask(operation, fields, making=False)

    def make(self, operation: str, **fields: Any) -> dict[str, Any]:
        """An operation that makes something: raises `UnknownOutcome` when it left us and no answer came."""
        return self._ask(operation, fields, making=True)

    def __repr__(self) -> str:
        return f"<Endpoint {self._host}>"

    def _ask(self, operation: str, fields: Mapping[str, Any], *, making: bool) -> dict[str, Any]:
        body = json.dumps({"op": operation, **fields}, ensure_ascii=False).encode()
        headers = self._signed(body)
        self.sent += 1
        answer = self._exchange(operation, headers, body, making=making)
        if isinstance(answer, DesksideError):
            raise answer
        if answer.content is None:
            raise _unreadable(operation, answer, making=making)
        if answer.status == 200 and answer.content.get("ok") is True:
            return answer.content
        raise self._refused(operation, answer.status, answer.content, making=making)

    def _signed(self, body: bytes) -> dict[str, str]:
        """The headers; signed by every secret the addon may have, so that it can be changed while this runs."""
        known = self._known()
        if not known:
            raise TargetRefuses(f"no signing secret of the WHMCS addon is known ({UNPACK})")
        request_id = "kb_" + secrets.token_hex(16)
        timestamp = str(int(datetime.now(UTC).timestamp()))
        return {
            "Content-Type": "application/json",
            signature.ID: request_id,
            signature.TIMESTAMP: timestamp,
            signature.SIGNATURE: " ".join(signature.sign(one, request_id, timestamp, body) for one in known),
        }

    def _exchange(
        self, operation: str, headers: Mapping[str, str], body: bytes, *, making: bool
    ) -> problems.Answer | DesksideError:
        read, connect = self._settings.read_timeout, self._settings.connect_timeout
        deadline = time.monotonic() + connect + read
        timeout: Any = Timeout(connect=connect, read=read, total=connect + read)
        try:
            with self._http.post(
                self._url, data=body, headers=dict(headers), timeout=timeout, allow_redirects=False, stream=True
            ) as response:
                received = exchange.read_body(response, deadline)
                return problems.Answer(
                    status=response.status_code,
                    retry_after=response.headers.get("Retry-After"),
                    content=_object(received),
                    is_page=received.lstrip()[:1] == b"<",
                )
        except (requests.RequestException, HTTPError, OSError) as error:
            what = f"{operation}: no answer from {self._host} ({exchange.reason(error)})"
            return UnknownOutcome(what) if making and not exchange.nothing_was_sent(error) else Transient(what)

    def _refused(self, operation: str, status: int, content: Mapping[str, Any], *, making: bool) -> DesksideError:
        name = str(content.get("error") or "")
        words = self._settings.hide(problems.short(str(content.get("message") or "")))
        said = f"{operation}: {words or f'HTTP {status} without a reason'}"
        if name in _CURES:
            return TargetRefuses(f"{said} ({_CURES[name]})")
        if name == "gone":
            return Gone(said)
        if name == "replayed":
            # Something on the way sent it twice: the first one was done, and its answer went elsewhere.
            return UnknownOutcome(said) if making else Transient(said)
        if status >= 500 and name != "files":
            return Transient(said)
        return Permanent(said)


def _unreadable(operation: str, answer: problems.Answer, *, making: bool) -> DesksideError:
    """The error of an answer that is not the addon's: something in front of it answered, or PHP broke off."""
    status = answer.status
    said = f"{operation}: HTTP {status}, and no JSON"
    if status in (404, 405, 410):
        return TargetRefuses(f"{said} (the addon is not there, or older than this Deskside: {UNPACK})")
    if status in (401, 403):
        return TargetRefuses(f"{said} (a firewall or proxy in front of WHMCS refuses: let this machine through there)")
    if 300 <= status < 400:
        return TargetRefuses(f"{said} (it redirects, which is not followed: check whmcs.url, https and www included)")
    if status == 429:
        return Transient(said, problems.retry_after(answer.retry_after))
    if 400 <= status < 500:
        return Permanent(said)
    page = " (a page instead: is whmcs.url right, or is it down for maintenance?)" if answer.is_page else ""
    wait = problems.retry_after(answer.retry_after) if status == 503 else None
    return UnknownOutcome(said + page, wait) if making else Transient(said + page, wait)


def _object(received: bytes) -> dict[str, Any] | None:
    try:
        return exchange.json_object(received)
    except Malformed:
        return None
