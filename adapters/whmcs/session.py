"""One thread's connection to `api.php`: bounded in time, bounded in number, with typed errors.

Every call is a POST, so nothing below us can tell a read from a write: only here is it known what may be repeated.
"""

import contextlib
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError
from urllib3.util import Timeout

from adapters.whmcs import normalise, problems
from adapters.whmcs.normalise import Row
from adapters.whmcs.settings import API_PATH, Settings
from deskside import __version__, exchange
from deskside.errors import DesksideError, Permanent, Transient, UnknownOutcome

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
                body = exchange.read_body(response, deadline)
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
        what = f"{action}: no answer from {self._host} ({exchange.reason(error)})"
        if exchange.timed_out(error):
            # Waiting twice would keep a worker longer than the answer is worth.
            return Transient(what) if reading or exchange.nothing_was_sent(error) else UnknownOutcome(what)
        if reading:
            return _Broken(what)
        return Transient(what) if exchange.nothing_was_sent(error) else UnknownOutcome(what)


class _Broken(Exception):
    """A read came to nothing in a way that the next attempt need not."""
