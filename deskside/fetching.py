"""Reading public pages of the web, as a stranger would: no cookies, no credentials, no address the guard refuses.

The guard stands where the socket is opened, so that nothing gets around it: not a redirect, not a name that resolves
to another address the second time it is asked for.
"""

import ipaddress
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError
from urllib3.util import Timeout
from urllib3.util.connection import create_connection

from deskside import __version__, exchange
from deskside.errors import DesksideError, Permanent, Transient
from deskside.guard import plain

CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0
MOST_REDIRECTS = 5
MOST_BYTES = 5 * 1024 * 1024
LONGEST_URL = 2048
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PORTS = {"http": 80, "https": 443}


class _Guard(Protocol):
    def check(self, address: str) -> None:
        """Raise `AddressForbidden` unless `address` may be connected to."""


@dataclass(frozen=True, slots=True)
class Page:
    """An answer: `url` is where it came from in the end, `headers` are found in any case."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes


class Fetcher:
    """Fetches pages; may be used by any thread, each has its own connections."""

    def __init__(self, guard: _Guard) -> None:
        self._guard = guard
        self._local = threading.local()

    def get(self, url: str, headers: Mapping[str, str] | None = None, *, most: int = MOST_BYTES) -> Page:
        """The page at `url`, whatever its status, after at most five redirects.

        Raises `Permanent` for an address that cannot or must not be asked and for a page of more than `most` bytes,
        `Transient` when no answer came in time.
        """
        deadline = time.monotonic() + CONNECT_SECONDS + READ_SECONDS
        for _ in range(MOST_REDIRECTS + 1):
            page = self._ask(checked(url), headers or {}, most, deadline)
            target = page.headers.get("Location")
            if page.status not in _REDIRECTS or not target:
                return page
            following = urljoin(url, target)
            if url.startswith("https:") and not following.startswith("https:"):
                raise Permanent(f"{host_of(url)}: redirects away from https")
            url = following
        raise Permanent(f"{host_of(url)}: more than {MOST_REDIRECTS} redirects")

    def put(self, url: str, headers: Mapping[str, str], body: bytes) -> Page:
        """What `url` answers to `body`, whatever its status; no redirect is followed. Raises as `get` does."""
        deadline = time.monotonic() + CONNECT_SECONDS + READ_SECONDS
        return self._ask(checked(url), headers, MOST_BYTES, deadline, "PUT", body)

    def _ask(
        self,
        url: str,
        headers: Mapping[str, str],
        most: int,
        deadline: float,
        method: str = "GET",
        content: bytes | None = None,
    ) -> Page:
        timeout: Any = Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS, total=CONNECT_SECONDS + READ_SECONDS)
        try:
            with self._session().request(
                method, url, headers=dict(headers), data=content, timeout=timeout, allow_redirects=False, stream=True
            ) as response:
                # What stands beside a redirect is not looked at.
                body = b"" if response.status_code in _REDIRECTS else exchange.read_body(response, deadline, most)
                return Page(response.status_code, url, CaseInsensitiveDict(response.headers), body)
        except (requests.RequestException, HTTPError, OSError) as error:
            raise _translate(error, url) from None

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = _session(self._guard)
        return session


def checked(url: str) -> str:
    """`url` if a stranger's browser could be sent there: http or https, with a host, without a password.

    Raises `Permanent` naming what is wrong.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        raise Permanent("this is not an address") from None
    if parts.scheme not in _PORTS or not parts.hostname or not port:
        raise Permanent("the address must begin with https:// or http://, and name a host")
    if parts.username is not None or parts.password is not None:
        raise Permanent(f"{parts.hostname}: an address with a password in it is not public")
    if len(url) > LONGEST_URL or any(ord(character) <= 0x20 or ord(character) == 0x7F for character in url):
        raise Permanent(f"{parts.hostname}: the address is too long or holds blanks")
    return url


def host_of(url: str) -> str:
    """The host of an address, for messages: its path may be nobody's business."""
    try:
        return (urlsplit(url).hostname or "?")[:100]
    except ValueError:
        return "?"


def _session(guard: _Guard) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers["User-Agent"] = f"Mozilla/5.0 (compatible; Deskside/{__version__})"
    session.adapters.clear()
    adapter = _guarded_adapter(guard)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def _guarded_adapter(guard: _Guard) -> HTTPAdapter:
    """An adapter whose connections ask the guard: urllib3's own way to change how it connects (see its SOCKS one)."""

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _connect(self, guard)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _connect(self, guard)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    class Guarded(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            super().init_poolmanager(*args, **kwargs)  # type: ignore[no-untyped-call]
            self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}

    return Guarded(max_retries=0, pool_connections=8, pool_maxsize=1)


def _connect(connection: HTTPConnection, guard: _Guard) -> socket.socket:
    """A socket to an address of the connection's host; every one of its addresses must be allowed."""
    try:
        found = socket.getaddrinfo(connection.host.strip("[]"), connection.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NameResolutionError(connection.host, connection, socket.gaierror(str(error))) from None
    addresses = list(dict.fromkeys(plain(str(entry[4][0])) for entry in found))
    for address in addresses:
        guard.check(address)
    failure: OSError | None = None
    for address in addresses:
        try:
            return create_connection(
                (str(ipaddress.ip_address(address)), connection.port),
                connection.timeout,
                socket_options=connection.socket_options,
            )
        except OSError as error:
            failure = error
    raise NewConnectionError(connection, f"no connection: {failure}")


def _translate(error: Exception, url: str) -> DesksideError:
    host = host_of(url)
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return Permanent(f"{host}: the page cannot be read, or is too large")
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema):
        return Permanent(f"{host}: the address cannot be asked")
    return Transient(f"no answer from {host} ({exchange.reason(error)})")
