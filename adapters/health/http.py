"""HTTP: one GET of "/" to the checked address, the name only in SNI and Host, no redirect followed."""

import asyncio
import contextlib
import functools
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from adapters.health.connect import State, connect
from adapters.health.http_message import Body, Head, NotHttpError, parse_head
from adapters.health.names import within
from deskside import __version__
from deskside.model.health import Finding, Sign, Word
from deskside.model.service import Target
from deskside.ports import Surroundings

# The ports an HTTP server of a product may be expected on, the one to prefer first; True means TLS.
WEB_PORTS = {443: True, 80: False, 8443: True, 8080: False}
USER_AGENT = f"deskside-health/{__version__} (support diagnosis; one GET for a ticket)"
_CHALLENGE_FIELDS = ("cf-mitigated", "x-amzn-waf-action", "x-sucuri-block")
_CHALLENGE_WORDS = (b"captcha", b"challenge-platform", b"just a moment", b"checking your browser", b"ddos-guard")


@dataclass(slots=True)
class Exchange:
    """What is known of one GET, filled as it goes so that a deadline leaves what came before it.

    `phases_ms` holds connect, tls, first_byte and total, each measured from the start of the GET. `fault` is why it
    stopped early: a connection state, `tls`, `reset`, `no_answer`, `malformed`, `incomplete` or None.
    """

    port: int
    tls: bool
    expected: bool
    phases_ms: dict[str, float] = field(default_factory=dict)
    head: Head | None = None
    content: bytes = b""
    fault: str | None = None


class HttpProbe:
    """Asks the target's web server for "/"; redirects are reported, never followed."""

    name = "http"
    kind = "http"

    def applies(self, target: Target) -> bool:
        """When the inventory names a web port, or names a domain and no ports at all."""
        return bool(web_ports(target))

    async def look(self, target: Target, surroundings: Surroundings) -> Sequence[Finding]:
        """One finding; details `code` says what came, `phases_ms` when."""
        if surroundings.address is None:
            return ()
        limits = surroundings.limits
        deadline = asyncio.get_running_loop().time() + limits["http_seconds"]
        exchanges: list[Exchange] = []
        for port in web_ports(target):
            exchange = Exchange(port, WEB_PORTS[port], bool(target.ports))
            exchanges.append(exchange)
            started = time.perf_counter()
            try:
                async with asyncio.timeout_at(deadline):
                    await _get(exchange, surroundings.address, target.host, limits, started)
            except TimeoutError:
                exchange.fault = "no_answer" if exchange.head is None else "incomplete"
            exchange.phases_ms["total"] = (time.perf_counter() - started) * 1000
            if "connect" in exchange.phases_ms:
                break
        # What answered best is judged: an answer before a refusal before silence.
        best = max(exchanges, key=lambda e: ("connect" in e.phases_ms, e.fault == State.REFUSED))
        return (judge_exchange(best, target.host or surroundings.address, limits["http_slow_seconds"]),)


def web_ports(target: Target) -> tuple[int, ...]:
    """The ports to ask, best first: one of the inventory's, or 443 and then 80 for a domain without ports."""
    if target.ports:
        return tuple(port for port in WEB_PORTS if port in target.ports)[:1]
    return (443, 80) if target.host else ()


@functools.cache
def _unverified() -> ssl.SSLContext:
    """One context for the process: the tls probe judges certificates, here only the answer matters."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def _get(exchange: Exchange, address: str, host: str | None, limits: Mapping[str, float], started: float) -> None:
    def clock(phase: str) -> None:
        exchange.phases_ms[phase] = (time.perf_counter() - started) * 1000

    attempt = await connect(address, exchange.port, min(limits["tcp_seconds"], limits["http_seconds"]))
    if attempt.sock is None:
        exchange.fault = attempt.state.value
        return
    clock("connect")
    writer = None
    try:
        reader, writer = await asyncio.open_connection(
            sock=attempt.sock,
            ssl=_unverified() if exchange.tls else None,
            server_hostname=(host or "") if exchange.tls else None,
            limit=int(limits["http_cap_bytes"]),
        )
        if exchange.tls:
            clock("tls")
        writer.write(_request(host or address, exchange))
        await _read(exchange, reader, int(limits["http_cap_bytes"]), clock)
    except ssl.SSLError:
        exchange.fault = "tls"
    except (NotHttpError, asyncio.LimitOverrunError):
        exchange.fault = "malformed"
    except (OSError, asyncio.IncompleteReadError):
        exchange.fault = "reset" if exchange.head is None else "incomplete"
    finally:
        if writer is not None:
            # Abort, not close: a polite TLS shutdown would wait for a server that may never answer it.
            writer.transport.abort()
        else:
            with contextlib.suppress(OSError):
                attempt.sock.close()


def _request(host: str, exchange: Exchange) -> bytes:
    name = f"[{host}]" if ":" in host else host
    if exchange.port not in (80, 443):
        name += f":{exchange.port}"
    return (
        f"GET / HTTP/1.1\r\nHost: {name}\r\nUser-Agent: {USER_AGENT}\r\nAccept: text/html, */*;q=0.5\r\n"
        "Accept-Encoding: identity\r\nConnection: close\r\n\r\n"
    ).encode("ascii")


async def _read(exchange: Exchange, reader: asyncio.StreamReader, cap: int, clock: Callable[[str], None]) -> None:
    first = await reader.readexactly(1)
    clock("first_byte")
    block = first + await reader.readuntil(b"\r\n\r\n")
    head = parse_head(block[:-4])
    for _ in range(4):
        if head.status >= 200:
            break
        head = parse_head((await reader.readuntil(b"\r\n\r\n"))[:-4])
    if head.status < 200:
        raise NotHttpError("only interim answers came")
    exchange.head = head
    body = Body(head, cap)
    while not body.done:
        data = await reader.read(16_384)
        if not data:
            exchange.fault = None if body.complete_at_end else "incomplete"
            break
        body.feed(data)
        exchange.content = body.content
    exchange.content = body.content


def judge_exchange(exchange: Exchange, host: str, slow_seconds: float) -> Finding:
    """The finding over one GET, however far it came."""
    scheme = "https" if exchange.tls else "http"
    port = "" if exchange.port in (80, 443) else f":{exchange.port}"
    url = f"{scheme}://{f'[{host}]' if ':' in host else host}{port}/"
    details: dict[str, object] = {
        "url": url,
        "port": exchange.port,
        "phases_ms": {phase: round(value, 1) for phase, value in exchange.phases_ms.items()},
        "bytes": len(exchange.content),
    }
    if exchange.head is None:
        code, word, sign = _without_answer(exchange)
        return Finding("http", "http", word, sign, f"{url} gives no answer ({code})", {**details, "code": code})
    head = exchange.head
    seconds = exchange.phases_ms["total"] / 1000
    code, word = _judge_head(head, exchange.content)
    if word is Word.OK and exchange.fault == "incomplete":
        code, word = "incomplete", Word.DEGRADED
    elif word is Word.OK and seconds > slow_seconds:
        code, word = "slow", Word.DEGRADED
    details |= {"code": code, "status": head.status, "seconds": round(seconds, 2)}
    if "server" in head.fields:
        details["server"] = head.fields["server"]
    if 300 <= head.status < 400:
        details |= _location(head.fields.get("location", ""), host)
    return Finding("http", "http", word, Sign.ALIVE, f"{url} answers {head.status} in {seconds:.1f} s", details)


def _without_answer(exchange: Exchange) -> tuple[str, Word, Sign]:
    fault = exchange.fault or "no_answer"
    if "connect" in exchange.phases_ms:
        return fault, Word.DOWN, Sign.ALIVE
    if fault in (State.TIMEOUT, State.UNREACHABLE, "no_answer"):
        code = State.TIMEOUT.value if fault == "no_answer" else fault
        return code, Word.DOWN if exchange.expected else Word.UNKNOWN, Sign.SILENT
    if fault == State.REFUSED:
        return fault, Word.DOWN if exchange.expected else Word.UNKNOWN, Sign.ALIVE
    return fault, Word.UNKNOWN, Sign.NOTHING


def _judge_head(head: Head, content: bytes) -> tuple[str, Word]:
    if head.status in (403, 429, 503) and _challenged(head, content):
        return "challenge", Word.UNKNOWN
    if head.status >= 500:
        return "server_error", Word.DOWN
    if head.status >= 400 and head.status not in (401, 403):
        return "client_error", Word.DEGRADED
    return ("redirect" if 300 <= head.status < 400 else "answered"), Word.OK


def _challenged(head: Head, content: bytes) -> bool:
    """Whether a web application firewall answered instead of the site."""
    low = content.lower()
    return any(name in head.fields for name in _CHALLENGE_FIELDS) or any(word in low for word in _CHALLENGE_WORDS)


def _location(location: str, host: str) -> dict[str, object]:
    """Where a redirect points: its host and scheme only, and whether that is another site."""
    try:
        parts = urlsplit(location)
        target = parts.hostname
    except ValueError:
        return {"location_host": "", "elsewhere": False}
    if target is None:
        return {"location_host": host, "elsewhere": False}
    return {
        "location_host": target,
        "location_scheme": parts.scheme,
        "elsewhere": not within(target, host.lower()) and not within(host.lower(), target),
    }


probe = HttpProbe()
