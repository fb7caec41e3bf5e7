"""Asking other vantages: all at once, each within the time that is left, none of them able to do harm."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import DefaultCookiePolicy

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError
from urllib3.util import Timeout

from adapters.health.prober import protocol
from adapters.health.settings import Vantage
from adapters.health.verdict import Look
from deskside import __version__
from deskside.errors import Malformed, NotAuthentic
from deskside.model.health import HealthReport
from deskside.model.service import Target
from deskside.ports import CheckResult

LEAST_SECONDS = 0.5
# What the way there and back may take of the time that is left.
_WAY_SECONDS = 0.4
_CONNECT_SECONDS = 3.0
_AT_ONCE = 20
_CURES = {
    "refused": "its [prober] secret must be the same as here, and the clocks must agree within a minute",
    "untrusted": "name the certificate to trust as ca_file, or let a proxy with a trusted one stand before it",
    "bad_answer": "the url must be that of a `deskside prober` of the same version",
    "busy": "raise its [prober] per_minute",
}


class _Refusal(Exception):
    """Why there is no report: a `code` as in the words `vantage.*`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Vantages:
    """The configured vantages. Sessions and threads are made once and used for every question."""

    def __init__(
        self, vantages: Sequence[Vantage], probes: Sequence[str], clock: Callable[[], float] = time.time
    ) -> None:
        self._vantages = tuple(vantages)
        self._probes = tuple(name for name in protocol.PROBES if name in probes)
        self._clock = clock
        self._sessions = {vantage.name: _session(vantage) for vantage in self._vantages}
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="vantage")

    async def ask(self, target: Target, seconds: float) -> tuple[Look, ...]:
        """How `target` looks from each vantage; returns within `seconds`, whatever they do. Never raises for them."""
        if seconds < LEAST_SECONDS or not self._probes:
            return tuple(Look(vantage.name, None, "no_time") for vantage in self._vantages)
        until = time.monotonic() + seconds
        loop = asyncio.get_running_loop()
        flights = {
            vantage: loop.run_in_executor(self._threads, self._look, vantage, target, until)
            for vantage in self._vantages
        }
        done, _ = await asyncio.wait(flights.values(), timeout=max(0.0, until - time.monotonic()))
        return tuple(
            flight.result() if flight in done else Look(vantage.name, None, "timeout")
            for vantage, flight in flights.items()
        )

    def check(self) -> list[CheckResult]:
        """Ask each vantage an empty question: whether it answers, and whether both sides know the same secret."""
        results = []
        for vantage in self._vantages:
            try:
                self._reports(vantage, (), time.monotonic() + 2 * _CONNECT_SECONDS)
            except _Refusal as refusal:
                cure = _CURES.get(refusal.code, f"start `deskside prober` there, and check the way to {vantage.url}")
                results.append(CheckResult(f"vantage {vantage.name}", False, f"gave no look ({refusal.code})", cure))
            else:
                results.append(CheckResult(f"vantage {vantage.name}", True, "answers"))
        return results

    def close(self) -> None:
        """Close the sessions and end the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for session in self._sessions.values():
            session.close()

    def _look(self, vantage: Vantage, target: Target, until: float) -> Look:
        try:
            (report,) = self._reports(vantage, (target,), until)
        except _Refusal as refusal:
            return Look(vantage.name, None, refusal.code)
        return Look(vantage.name, report)

    def _reports(self, vantage: Vantage, targets: tuple[Target, ...], until: float) -> tuple[HealthReport, ...]:
        left = until - time.monotonic()
        if left < LEAST_SECONDS:
            raise _Refusal("timeout")
        seconds = round(max(0.1, left - _WAY_SECONDS), 2)
        body = protocol.Question(targets, self._probes or protocol.PROBES[:1], seconds).encode()
        headers = protocol.question_headers(vantage.secret, body, self._clock())
        try:
            status, signature, answer = self._post(vantage, body, headers, left, until)
        except requests.exceptions.SSLError:
            raise _Refusal("untrusted") from None
        except (requests.Timeout, TimeoutError, urllib3.exceptions.TimeoutError):
            raise _Refusal("timeout") from None
        except (requests.RequestException, HTTPError, OSError):
            raise _Refusal("unreachable") from None
        if status == 429:
            raise _Refusal("busy")
        if status != 200:
            raise _Refusal("refused" if status == 401 else "bad_answer")
        try:
            protocol.verify_answer(vantage.secret, headers[protocol.NONCE], signature, answer)
            return protocol.read_reports(answer, targets, vantage.name)
        except (NotAuthentic, Malformed):
            raise _Refusal("bad_answer") from None

    def _post(
        self, vantage: Vantage, body: bytes, headers: dict[str, str], left: float, until: float
    ) -> tuple[int, str, bytes]:
        timeout = Timeout(connect=min(_CONNECT_SECONDS, left), read=left, total=left)
        response = self._sessions[vantage.name].post(
            f"{vantage.url}/look",
            data=body,
            headers={**headers, "Content-Type": "application/json"},
            timeout=timeout,  # type: ignore[arg-type]
            allow_redirects=False,
            stream=True,
        )
        with contextlib.closing(response):
            return response.status_code, response.headers.get(protocol.SIGNATURE, ""), _body(response.raw, until)


def _body(raw: urllib3.HTTPResponse, until: float) -> bytes:
    """The body, capped in size and in time: the read time-out alone would let each byte take as long."""
    parts, size = [], 0
    while data := raw.read1(16_384):
        parts.append(data)
        size += len(data)
        if size > protocol.MOST_ANSWER_BYTES:
            raise _Refusal("bad_answer")
        if time.monotonic() > until:
            raise _Refusal("timeout")
    return b"".join(parts)


def _session(vantage: Vantage) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.verify = vantage.ca_file or True
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.update({"User-Agent": f"Deskside/{__version__}", "Accept-Encoding": "identity"})
    adapter = HTTPAdapter(max_retries=0, pool_connections=1, pool_maxsize=_AT_ONCE)
    session.adapters.clear()
    session.mount(f"{vantage.url}/", adapter)
    return session
