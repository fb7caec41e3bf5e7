"""One RDAP question over HTTPS: resolved and checked by us, capped, with at most one redirect."""

import asyncio
import contextlib
import functools
import ipaddress
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

from adapters.health.connect import State, connect, has_route
from adapters.health.errors import NoSuchName, ResolverFailure, ResolverTimeout
from adapters.health.http_message import Body, Head, NotHttpError, parse_head
from deskside import __version__
from deskside.errors import AddressForbidden, Transient
from deskside.guard import plain
from deskside.ports import Surroundings

_USER_AGENT = f"deskside-health/{__version__} (support diagnosis; kept for a day)"
_REDIRECTS = (301, 302, 303, 307, 308)
_CONNECT_SECONDS = 3.0


class NoRdapAnswer(Transient):
    """The server gave no usable answer; the text says why, without anything the server sent."""


@dataclass(frozen=True, slots=True)
class RdapAnswer:
    """Status, header fields (names in lower case) and body, cut at the cap."""

    status: int
    fields: Mapping[str, str]
    content: bytes


@functools.cache
def verifying() -> ssl.SSLContext:
    """The system's roots and the server's name are verified. One context for the process."""
    return ssl.create_default_context()


async def fetch(url: str, surroundings: Surroundings, context: Callable[[], ssl.SSLContext] = verifying) -> RdapAnswer:
    """GET `url` within `rdap_seconds`; one redirect is followed when it keeps the scheme.

    Every host on the way is resolved by our resolver and all its addresses are checked by the guard. Plain http is
    only spoken to loopback. Raises `NoRdapAnswer`.
    """
    try:
        async with asyncio.timeout(surroundings.limits["rdap_seconds"]):
            answer = await _get(urlsplit(url), surroundings, context)
            if answer.status not in _REDIRECTS or "location" not in answer.fields:
                return answer
            onward = _onward(url, answer.fields["location"])
            answer = await _get(onward, surroundings, context)
            if answer.status in _REDIRECTS:
                raise NoRdapAnswer("more than one redirect")
            return answer
    except TimeoutError:
        raise NoRdapAnswer("no answer in time") from None


def _onward(url: str, location: str) -> SplitResult:
    try:
        onward = urlsplit(urljoin(url, location))
    except ValueError:
        raise NoRdapAnswer("the redirect is no URL") from None
    if onward.scheme != urlsplit(url).scheme:
        raise NoRdapAnswer("the redirect changes the scheme")
    return onward


async def _get(url: SplitResult, surroundings: Surroundings, context: Callable[[], ssl.SSLContext]) -> RdapAnswer:
    try:
        host, port = url.hostname, url.port
    except ValueError:
        raise NoRdapAnswer("the URL has no usable port") from None
    if not host or url.scheme not in ("https", "http"):
        raise NoRdapAnswer("the URL is not https")
    address = await _address(host, surroundings, encrypted=url.scheme == "https")
    attempt = await connect(address, port or (443 if url.scheme == "https" else 80), _CONNECT_SECONDS)
    if attempt.sock is None or attempt.state is not State.OPEN:
        raise NoRdapAnswer(f"no connection ({attempt.state.value})")
    writer = None
    try:
        reader, writer = await asyncio.open_connection(
            sock=attempt.sock,
            ssl=context() if url.scheme == "https" else None,
            server_hostname=host if url.scheme == "https" else None,
            limit=65_536,
        )
        writer.write(_request(url))
        return await _read(reader, int(surroundings.limits["rdap_cap_bytes"]))
    except (ssl.SSLError, NotHttpError, asyncio.LimitOverrunError) as error:
        raise NoRdapAnswer(f"not an answer over HTTPS ({type(error).__name__})") from None
    except (OSError, asyncio.IncompleteReadError) as error:
        raise NoRdapAnswer(f"the connection broke ({type(error).__name__})") from None
    finally:
        if writer is not None:
            writer.transport.abort()
        else:
            with contextlib.suppress(OSError):
                attempt.sock.close()


async def _address(host: str, surroundings: Surroundings, *, encrypted: bool) -> str:
    """The address to connect to; all that the name has must be permitted."""
    try:
        addresses: tuple[str, ...] = (plain(host),)
    except ValueError:
        try:
            addresses = await surroundings.resolver.addresses(host)
        except (NoSuchName, ResolverTimeout, ResolverFailure) as error:
            raise NoRdapAnswer(f"the server's name does not resolve ({type(error).__name__})") from None
    for address in addresses:
        try:
            surroundings.guard.check(address)
        except AddressForbidden:
            raise NoRdapAnswer("the server's address is closed to probes") from None
        if not encrypted and not ipaddress.ip_address(address).is_loopback:
            raise NoRdapAnswer("the server does not speak https")
    found = next((address for address in addresses if has_route(address)), None)
    if found is None:
        raise NoRdapAnswer("no way to the server's address")
    return found


def _request(url: SplitResult) -> bytes:
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    if not (url.netloc + path).isascii() or any(not c.isprintable() or c == " " for c in url.netloc + path):
        raise NoRdapAnswer("the URL cannot be asked")
    return (
        f"GET {path} HTTP/1.1\r\nHost: {url.netloc.rpartition('@')[2]}\r\nUser-Agent: {_USER_AGENT}\r\n"
        "Accept: application/rdap+json, application/json;q=0.5\r\nAccept-Encoding: identity\r\n"
        "Connection: close\r\n\r\n"
    ).encode("ascii")


async def _read(reader: asyncio.StreamReader, cap: int) -> RdapAnswer:
    head: Head = parse_head((await reader.readuntil(b"\r\n\r\n"))[:-4])
    body = Body(head, cap)
    while not body.done:
        data = await reader.read(16_384)
        if not data:
            if not body.complete_at_end:
                raise NoRdapAnswer("the answer is not complete")
            break
        body.feed(data)
    return RdapAnswer(head.status, head.fields, body.content)
