"""Many POSTs at once over few connections: libcurl's multi interface with HTTP/2, driven by the caller's thread.

What matters is to know for certain whether a message left. libcurl repeats a request by itself when a connection it had
used before dies without an answer, and so could send it twice; it cannot without the body, which is therefore handed
out once. So a message whose body was never asked for did not leave, whatever happened.
"""

import selectors
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import certifi
import pycurl

BODY_BYTES = 4096
CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 30.0
IDLE_SECONDS = 30
_CONNECTIONS_PER_HOST = 16
_CONNECTIONS = 64
_STREAMS = 1000
_REASONS = {
    pycurl.E_COULDNT_CONNECT: "no connection",
    pycurl.E_OPERATION_TIMEDOUT: "no answer in time",
    pycurl.E_PEER_FAILED_VERIFICATION: "its certificate is not trusted",
    pycurl.E_SSL_CONNECT_ERROR: "no TLS connection",
    pycurl.E_SEND_ERROR: "the connection broke off",
    pycurl.E_RECV_ERROR: "the connection broke off",
    pycurl.E_SEND_FAIL_REWIND: "the connection broke off",
}


@dataclass(frozen=True, slots=True)
class Post:
    """One message to be posted to `url`, whose host is reached at one of these `addresses` and nowhere else.

    `ca_file` is who may vouch for the host instead of the usual authorities.
    """

    url: str = field(repr=False)
    host: str
    port: int
    addresses: Sequence[str]
    headers: list[str] = field(repr=False)
    body: bytes = field(repr=False)
    ca_file: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a post. Without an answer `status` is None; `error` says why, `left` whether the message left us."""

    status: int | None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    error: str = ""
    left: bool = True


class Transport:
    """Posts of one thread at a time; its connections are kept for later posts."""

    def __init__(self, *, connect_seconds: float = CONNECT_SECONDS, total_seconds: float = TOTAL_SECONDS) -> None:
        self._seconds = (connect_seconds, total_seconds)
        self._lines: list[_Line] = []
        self._busy: dict[_Line, Any] = {}
        self._selector = selectors.DefaultSelector()
        self._due: float | None = None
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_MAX_CONCURRENT_STREAMS, _STREAMS)
        self._multi.setopt(pycurl.M_MAX_HOST_CONNECTIONS, _CONNECTIONS_PER_HOST)
        self._multi.setopt(pycurl.M_MAXCONNECTS, _CONNECTIONS)
        # Not `select`, which cannot wait for a socket with a number over 1023.
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._set_timer)

    @property
    def under_way(self) -> int:
        """How many posts have begun and not ended."""
        return len(self._busy)

    def start(self, tag: Any, post: Post) -> None:
        """Begin a post; `run` drives it and gives the tag back with the reply."""
        line = self._lines.pop() if self._lines else _Line(*self._seconds)
        line.prepare(post)
        self._busy[line] = tag
        self._multi.add_handle(line.curl)

    def run(self, seconds: float) -> list[tuple[Any, Reply]]:
        """Move everything that is under way; wait up to `seconds` for something to move. Returns what has ended."""
        if self._due is not None:
            seconds = min(seconds, max(0.0, self._due - time.monotonic()))
        for key, events in self._selector.select(seconds):
            readable = pycurl.CSELECT_IN if events & selectors.EVENT_READ else 0
            writable = pycurl.CSELECT_OUT if events & selectors.EVENT_WRITE else 0
            self._multi.socket_action(key.fd, readable | writable)
        if self._due is not None and self._due <= time.monotonic():
            self._due = None
            self._multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)
        return self._ended()

    def abandon(self) -> list[Any]:
        """Break off all posts and return their tags; whether they arrive is unknown."""
        tags = list(self._busy.values())
        for line in list(self._busy):
            self._multi.remove_handle(line.curl)
            line.close()
        self._busy.clear()
        return tags

    def close(self) -> None:
        """Break everything off and close all connections."""
        self.abandon()
        for line in self._lines:
            line.close()
        self._lines.clear()
        self._multi.close()
        self._selector.close()

    def _ended(self) -> list[tuple[Any, Reply]]:
        ended = []
        left = 1
        while left:
            left, good, bad = self._multi.info_read(100)
            for curl, code in [(curl, pycurl.E_OK) for curl in good] + [(curl, code) for curl, code, _ in bad]:
                line: _Line = curl.line
                self._multi.remove_handle(curl)
                ended.append((self._busy.pop(line), line.reply(code)))
                self._lines.append(line)
        return ended

    def _watch(self, wanted: int, fd: int, _multi: object, _data: object) -> None:
        events = (selectors.EVENT_READ if wanted in (pycurl.POLL_IN, pycurl.POLL_INOUT) else 0) | (
            selectors.EVENT_WRITE if wanted in (pycurl.POLL_OUT, pycurl.POLL_INOUT) else 0
        )
        known = fd in self._selector.get_map()
        if known and events:
            self._selector.modify(fd, events)
        elif known:
            self._selector.unregister(fd)
        elif events:
            self._selector.register(fd, events)

    def _set_timer(self, milliseconds: int) -> None:
        self._due = None if milliseconds < 0 else time.monotonic() + milliseconds / 1000


class _Line:
    """An easy handle that is used again and again, and what it carries now."""

    __slots__ = ("_answer", "_ca_file", "_headers", "_request", "_resolved", "_sent", "curl")

    def __init__(self, connect_seconds: float, total_seconds: float) -> None:
        self._ca_file: str | None = None
        self._resolved: tuple[str, int, Sequence[str]] | None = None
        self.curl = pycurl.Curl()
        self.curl.line = self
        for option, value in (
            (pycurl.NOSIGNAL, 1),
            (pycurl.POST, 1),
            (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_2TLS),
            # Rather wait for a stream of a connection that is being made than make one more.
            (pycurl.PIPEWAIT, 1),
            (pycurl.PROTOCOLS, pycurl.PROTO_HTTPS),
            (pycurl.FOLLOWLOCATION, 0),
            # Not even one from the environment.
            (pycurl.PROXY, ""),
            (pycurl.NOPROXY, "*"),
            (pycurl.CAINFO, certifi.where()),
            (pycurl.CONNECTTIMEOUT_MS, int(connect_seconds * 1000)),
            (pycurl.TIMEOUT_MS, int(total_seconds * 1000)),
            # One that has rested longer may have been closed by the service: what is lost with it would be unknown.
            (pycurl.MAXAGE_CONN, IDLE_SECONDS),
            (pycurl.HEADERFUNCTION, self._header),
            (pycurl.WRITEFUNCTION, self._write),
            # And no SEEKFUNCTION: without, libcurl cannot start a body again.
            (pycurl.READFUNCTION, self._read),
        ):
            self.curl.setopt(option, value)

    def prepare(self, post: Post) -> None:
        """Take this post."""
        self._request, self._sent = post.body, 0
        self._headers: list[bytes] = []
        self._answer = b""
        curl = self.curl
        curl.setopt(pycurl.URL, post.url)
        curl.setopt(pycurl.HTTPHEADER, post.headers)
        curl.setopt(pycurl.POSTFIELDSIZE, len(post.body))
        resolved = (post.host, post.port, post.addresses)
        if resolved != self._resolved:
            addresses = ",".join(f"[{address}]" if ":" in address else address for address in post.addresses)
            curl.setopt(pycurl.RESOLVE, [f"{post.host}:{post.port}:{addresses}"])
            self._resolved = resolved
        if post.ca_file != self._ca_file:
            curl.setopt(pycurl.CAINFO, post.ca_file or certifi.where())
            self._ca_file = post.ca_file

    def reply(self, code: int) -> Reply:
        """What came of it, by libcurl's code."""
        status: int = self.curl.getinfo(pycurl.RESPONSE_CODE)
        if status >= 200:
            # Also when the rest of the answer is missing, or was more than anybody reads.
            headers = _parsed(self._headers) if status >= 300 else {}
            return Reply(status, headers, self._answer[:BODY_BYTES])
        return Reply(None, error=_REASONS.get(code, f"the exchange broke off ({code})"), left=self._sent > 0)

    def close(self) -> None:
        """Give the handle back."""
        del self.curl.line
        self.curl.close()

    def _read(self, size: int) -> bytes:
        part = self._request[self._sent : self._sent + size]
        self._sent += len(part)
        return part

    def _header(self, line: bytes) -> None:
        self._headers.append(line)

    def _write(self, data: bytes) -> int:
        self._answer += data
        return len(data) if len(self._answer) <= BODY_BYTES else 0


def _parsed(lines: list[bytes]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        if line.startswith(b"HTTP/"):
            # An informational answer came before the final one.
            headers = {}
        name, colon, value = line.decode("latin-1").partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    return headers
