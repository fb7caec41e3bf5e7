"""The requests session under zenpy: pinned to one host, in bounded time, with typed errors.

zenpy's own session would repeat a PUT four times, sleep through a 429 inside the calling thread for as long as Zendesk
likes, and carry the token to whatever host a `next` link names. None of that can happen here, because every answer
that is not a success leaves this session as an error before zenpy sees it.
"""

import json
import time
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, ReadTimeoutError
from urllib3.util import Retry, Timeout

from adapters.zendesk.budget import Budget
from adapters.zendesk.credentials import Credentials
from adapters.zendesk.problems import CredentialsRefused, explain
from adapters.zendesk.settings import Settings
from deskside import __version__, exchange
from deskside.errors import DesksideError, Permanent, Transient, UnknownOutcome

# zenpy builds https://<subdomain>.<domain>/…; these two make a name that resolves nowhere, mapped to the real address.
SUBDOMAIN, DOMAIN = "desk", "zendesk.invalid"
NOMINAL = f"https://{SUBDOMAIN}.{DOMAIN}/"
API = NOMINAL + "api/v2/"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class ReadsOnce(Retry):
    """Repeats what was surely not sent, and a GET whose connection broke; never after a read time-out.

    Waiting the read time-out twice would keep a worker longer than the answer is worth.
    """

    def increment(self, *args: Any, **kwargs: Any) -> "ReadsOnce":
        """Count a failure; raises it when it must not be repeated."""
        error = kwargs.get("error")
        if isinstance(error, ReadTimeoutError):
            raise error
        return super().increment(*args, **kwargs)


class PinnedAdapter(HTTPAdapter):
    """Sends every request to one base address, whichever of its two names the URL used."""

    def __init__(self, base: str) -> None:
        self._base = base
        retry = ReadsOnce(
            total=2,
            connect=1,
            read=1,
            status=1,
            redirect=0,
            other=0,
            allowed_methods={"GET"},
            status_forcelist={500, 502, 504},
            backoff_factor=0.2,
            raise_on_status=False,
            respect_retry_after_header=False,
        )
        super().__init__(max_retries=retry, pool_connections=1, pool_maxsize=1)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send `request` to the base address; the answer keeps the URL that was asked for."""
        real = request.copy()
        real.url = self._base + request.path_url
        response = super().send(real, *args, **kwargs)
        # zenpy reads the kind of an answer off the URL of its request.
        response.request = request
        response.url = request.url or ""
        return response


class DeskSession(requests.Session):
    """One thread's connection to the account. Every call returns a success or raises a `DesksideError`."""

    authorized = True  # tells zenpy that the session brings its own credentials

    def __init__(
        self, settings: Settings, credentials: Credentials, budget: Budget, home: "DeskSession | None" = None
    ) -> None:
        """`home` is the session of the account's own host, where tokens come from, if this one is of another host."""
        super().__init__()
        self._home = home
        self._settings = settings
        self._credentials = credentials
        self._budget = budget
        self._host = urlsplit(settings.url).netloc
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.headers["User-Agent"] = f"Deskside/{__version__}"
        adapter = PinnedAdapter(settings.url)
        self.adapters.clear()
        # The slash at the end matters: without it desk.zendesk.invalid.example would match too.
        self.mount(NOMINAL, adapter)
        self.mount(settings.url + "/", adapter)

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        """Send, authorised. Raises `Permanent`, `Transient`, `Conflict`, `Gone` or `UnknownOutcome`.

        A refused token is replaced once: a 401 means that nothing was done.
        """
        return self._judge(self._authorised(method, url, *args, **kwargs))

    def download(self, path: str) -> requests.Response:
        """The file at `path` of the host, as it is, or an answer that redirects to where it is.

        Raises as `request` does. A redirect is not followed: the token must not go there.
        """
        response = self._authorised("GET", NOMINAL + path.lstrip("/"))
        if response.status_code in _REDIRECTS and response.headers.get("Location"):
            return response
        if response.status_code == 200:
            return response
        raise self._refusal(response)

    def _authorised(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        given = dict(kwargs.pop("headers", None) or {})
        authorization = self._credentials.header(self._fetch_token)
        response = self._exchange(method, url, headers={**given, "Authorization": authorization}, **kwargs)
        if response.status_code == 401 and self._credentials.renewable:
            self._credentials.forget(authorization)
            authorization = self._credentials.header(self._fetch_token)
            response = self._exchange(method, url, headers={**given, "Authorization": authorization}, **kwargs)
        self._budget.record(response.headers)
        return response

    def json(self, method: str, path: str, **kwargs: Any) -> dict[str, Any]:
        """Call `path` below `/api/v2/` and return the answer's object, empty for an answer without a body."""
        response = self.request(method, API + path, **kwargs)
        answer: dict[str, Any] = response.json() if response.content else {}
        return answer

    def _fetch_token(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Post a token request. Asking twice does no harm, so no outcome is unknown."""
        if self._home is not None:
            return self._home._fetch_token(payload)
        try:
            answer: dict[str, Any] = self._judge(self._exchange("POST", NOMINAL + "oauth/tokens", json=payload)).json()
        except UnknownOutcome as error:
            raise Transient(str(error), error.retry_after) from None
        except Permanent as error:
            raise CredentialsRefused(str(error)) from None
        return answer

    def _exchange(self, method: str, url: str, **kwargs: Any) -> requests.Response:
        read = self._settings.read_timeout
        connect = self._settings.connect_timeout
        kwargs["timeout"] = Timeout(connect=connect, read=read, total=connect + read)
        deadline = time.monotonic() + connect + read
        try:
            response = super().request(method, url, **{**kwargs, "allow_redirects": False, "stream": True})
            # Later code never waits for the network.
            response._content = exchange.read_body(response, deadline)
            response._content_consumed = True  # type: ignore[attr-defined]
        except (requests.RequestException, HTTPError, OSError) as error:
            raise self._translate(error, method.upper(), url) from None
        return response

    def _judge(self, response: requests.Response) -> requests.Response:
        if not 200 <= response.status_code < 300:
            raise self._refusal(response)
        if response.content and not _is_object(response):
            method = response.request.method or "GET"
            text = f"{method} {response.request.path_url.partition('?')[0]}: an answer that is not a JSON object"
            raise Transient(text) if method == "GET" else UnknownOutcome(text)
        return response

    def _refusal(self, response: requests.Response) -> DesksideError:
        error = explain(response)
        error.args = (self._credentials.hide(str(error)),)
        return error

    def _translate(self, error: Exception, method: str, url: str) -> DesksideError:
        path = urlsplit(url).path
        if isinstance(error, requests.exceptions.InvalidSchema | requests.exceptions.InvalidURL):
            return Permanent(f"{method} {path}: the address is not on {self._host}, so it is not asked")
        what = f"{method} {path}: no answer from {self._host} ({exchange.reason(error)})"
        if exchange.nothing_was_sent(error) or method == "GET":
            return Transient(what)
        return UnknownOutcome(what)


def _is_object(response: requests.Response) -> bool:
    try:
        return isinstance(json.loads(response.content), dict)
    except (ValueError, RecursionError):
        return False
