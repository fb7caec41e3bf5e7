"""One thread's connection to `api.php`: bounded in time, bounded in number, with typed errors.

Every call is a POST, so nothing below us can tell a read from a write: only here is it known what may be repeated.
"""

import contextlib
import ssl
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError, ReadTimeoutError
from urllib3.util import Timeout

from adapters.whmcs import normalise, problems
from adapters.whmcs.normalise import Row
from adapters.whmcs.settings import API_PATH, Settings
from deskside import __version__
from deskside.errors import DesksideError, Permanent, Transient, UnknownOutcome

MAX_BODY = 64 * 1024 * 1024
_CHUNK = 64 * 1024
# What a body has at least once its headers came, however long those took.
_LEAST_BODY_SECONDS = 0.5
# How often a read is sent, and the pause before it is sent again.
_READS = 2
_PAUSE = 0.2


class Turnstile:
    """Lets at most so many calls of this process be under way at a time."""

    def __init__(self, at_once: int, patience: float) -> None:
        self._free = threading.BoundedSemaphore(at_once)
        self._patience = patience

    @contextlib.contextmanager
    def pass_through(self) -> Iterator[None]:
        """Wait for a place; raises `Transient` when none becomes free in time."""
        if not self._free.acquire(timeout=self._patience):
            raise Transient("too many calls to WHMCS wait for each other")
        try:
            yield
        finally:
            self._free.release()


class ApiSession(requests.Session):
    """Calls of one thread. Every call returns an answer that is no refusal, or raises a `DesksideError`."""

    def __init__(self, settings: Settings, turnstile: Turnstile) -> None:
        super().__init__()
        self._settings = settings
        self._turnstile = turnstile
        self._url = settings.url + API_PATH
        self._host = urlsplit(settings.url).netloc
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.headers["User-Agent"] = f"Deskside/{__version__}"
        self.adapters.clear()
        self.mount(self._url, HTTPAdapter(max_retries=0, pool_connections=1, pool_maxsize=1))

    def read(self, action: str, parameters: Mapping[str, str], keep: Collection[str]) -> Row:
        """Call an action that changes nothing; sent again once when the connection breaks or WHMCS does.

        `keep` are the keys of the answer that are used, all others are dropped while it is parsed. Raises `Permanent`
        (`AccessRefused`, `Gone`) or `Transient`.
        """
        for attempt in range(1, _READS + 1):
            try:
                return self._call(action, parameters, keep, reading=True)
            except _Broken as error:
                what = str(error)
            if attempt < _READS:
                time.sleep(_PAUSE)
        raise Transient(what)

    def write(self, action: str, parameters: Mapping[str, str], keep: Collection[str]) -> Row:
        """Call an action that changes something: sent once.

        Raises `UnknownOutcome` when it left us and no answer came, else as `read`.
        """
        return self._call(action, parameters, keep, reading=False)

    def __repr__(self) -> str:
        return f"<ApiSession {self._host}>"

    def _call(self, action: str, parameters: Mapping[str, str], keep: Collection[str], *, reading: bool) -> Row:
        with self._turnstile.pass_through():
            answer = self._exchange(action, parameters, keep, reading=reading)
        if isinstance(answer, Exception):
            raise answer
        if answer.content is None:
            if reading and answer.status in (500, 502, 504):
                raise _Broken(f"{action}: HTTP {answer.status}")
            raise problems.unreadable(action, answer, reading=reading)
        message = problems.message_of(answer.content)
        if message is not None:
            raise problems.refused(action, self._settings.hide(message))
        if not 200 <= answer.status < 300:
            raise problems.unreadable(action, answer, reading=reading)
        return answer.content

    def _exchange(
        self, action: str, parameters: Mapping[str, str], keep: Collection[str], *, reading: bool
    ) -> problems.Answer | Exception:
        """Send and read; what goes wrong is returned and not raised.

        An error of requests holds what was sent, the secret with it: raised from here, ours would have it in its chain.
        """
        read, connect = self._settings.read_timeout, self._settings.connect_timeout
        form = {**parameters, "action": action, "responsetype": "json", "identifier": self._settings.identifier}
        form["secret"] = str(self._settings.secret)
        if self._settings.access_key:
            form["accesskey"] = str(self._settings.access_key)
        deadline = time.monotonic() + connect + read
        timeout: Any = Timeout(connect=connect, read=read, total=connect + read)
        try:
            with self.post(self._url, data=form, timeout=timeout, allow_redirects=False, stream=True) as response:
                body = _body(response, deadline)
                return problems.Answer(
                    status=response.status_code,
                    retry_after=response.headers.get("Retry-After"),
                    content=normalise.decode(body, keep),
                    is_page=body.lstrip()[:1] == b"<",
                )
        except (requests.RequestException, HTTPError, OSError) as error:
            return self._translate(error, action, reading=reading)

    def _translate(self, error: Exception, action: str, *, reading: bool) -> "DesksideError | _Broken":
        if isinstance(error, requests.exceptions.InvalidSchema | requests.exceptions.InvalidURL):
            return Permanent(f"{action}: whmcs.url cannot be asked")
        what = f"{action}: no answer from {self._host} ({_reason(error)})"
        if _timed_out(error):
            # Waiting twice would keep a worker longer than the answer is worth.
            return Transient(what) if reading or _nothing_was_sent(error) else UnknownOutcome(what)
        if reading:
            return _Broken(what)
        return Transient(what) if _nothing_was_sent(error) else UnknownOutcome(what)


class _Broken(Exception):
    """A read came to nothing in a way that the next attempt need not."""


def _body(response: requests.Response, deadline: float) -> bytes:
    """The whole body, by `deadline` and within 64 MiB.

    A read time-out alone would let a peer that sends a byte a second hold a worker for ever.
    """
    deadline = max(deadline, time.monotonic() + _LEAST_BODY_SECONDS)
    parts: list[bytes] = []
    size = 0
    raw: urllib3.HTTPResponse = response.raw
    while data := raw.read1(_CHUNK, decode_content=True):
        parts.append(data)
        size += len(data)
        if size > MAX_BODY:
            raise requests.exceptions.ContentDecodingError("the answer is too large")
        if time.monotonic() > deadline:
            raise requests.exceptions.ReadTimeout("the answer takes too long")
    return b"".join(parts)


def _nothing_was_sent(error: Exception) -> bool:
    return isinstance(error, requests.ConnectTimeout) or any(
        isinstance(cause, NewConnectionError | ssl.SSLCertVerificationError) for cause in _causes(error)
    )


def _timed_out(error: Exception) -> bool:
    return isinstance(error, requests.Timeout | ReadTimeoutError)


def _reason(error: Exception) -> str:
    if _timed_out(error):
        return "time-out"
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error)):
        return "its certificate is not trusted"
    return type(error).__name__


def _causes(error: BaseException) -> list[BaseException]:
    """The error and everything that led to it, however the libraries between wrapped it."""
    found: list[BaseException] = []
    left: list[object] = [error]
    while left:
        item = left.pop()
        if not isinstance(item, BaseException) or item in found:
            continue
        found.append(item)
        left += [item.__cause__, item.__context__, *item.args]
        if isinstance(item, MaxRetryError):
            left.append(item.reason)
    return found
