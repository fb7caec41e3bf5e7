"""Throw-away servers on loopback: well-behaved, slow, dripping, huge, resetting, silent, and with a full backlog."""

import asyncio
import contextlib
import functools
import socket
import ssl
import struct
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@functools.cache
def background() -> asyncio.AbstractEventLoop:
    """One event loop in a daemon thread for all doubles, so that a test may block or run a loop of its own."""
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(_complain)
    threading.Thread(target=loop.run_forever, name="doubles", daemon=True).start()
    return loop


def _complain(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Clients that break off are what the doubles are for; anything else is a fault of a double."""
    if not isinstance(context.get("exception"), OSError):
        loop.default_exception_handler(context)


@contextlib.contextmanager
def tcp_server(
    handler: Handler, address: str = "127.0.0.1", tls: ssl.SSLContext | None = None, port: int = 0
) -> Iterator[int]:
    """Serve with `handler` until the block ends; gives the port."""
    loop = background()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await handler(reader, writer)
        writer.close()

    server = asyncio.run_coroutine_threadsafe(asyncio.start_server(handle, address, port, ssl=tls), loop).result(10)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(server.close)


async def head_of(reader: asyncio.StreamReader) -> bytes:
    """The head of a request."""
    return await reader.readuntil(b"\r\n\r\n")


def answering(answer: bytes, seen: list[bytes] | None = None) -> Handler:
    """Reads a request and sends `answer`; `seen` collects the requests."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await head_of(reader)
        if seen is not None:
            seen.append(request)
        writer.write(answer)
        await writer.drain()

    return handler


def page(status: str = "200 OK", body: bytes = b"<title>hello</title>", *fields: str) -> bytes:
    """A complete HTTP answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *fields]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Takes the connection and never says a word."""
    await reader.read()
    await asyncio.Event().wait()


async def hanging(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Says that it will answer and does not."""
    await head_of(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    await asyncio.Event().wait()


async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Sends one byte at a time, often enough to fool a limit for each read."""
    await head_of(reader)
    for byte in page(body=b"x" * 10_000):
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.05)


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Sends a page without an end."""
    await head_of(reader)
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"x" * 65_536)
        await writer.drain()


async def endless_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Sends header fields without an end."""
    await head_of(reader)
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-Field: " + b"x" * 1_000 + b"\r\n")
        await writer.drain()


async def resetting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Breaks the connection off with a reset."""
    await reader.read(1)
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@contextlib.contextmanager
def full_backlog(address: str = "127.0.0.1") -> Iterator[int]:
    """A port that lets every further connection time out, as a dead host does: its queue is full, nobody accepts."""
    listener = socket.socket()
    listener.bind((address, 0))
    listener.listen(0)
    port = listener.getsockname()[1]
    fillers = []
    try:
        while True:
            filler = socket.socket()
            fillers.append(filler)
            filler.settimeout(0.2)
            try:
                filler.connect((address, port))
            except TimeoutError:
                break
        yield port
    finally:
        for filler in fillers:
            filler.close()
        listener.close()


def closed_port(address: str = "127.0.0.1") -> int:
    """A port where nobody listens."""
    with socket.socket() as sock:
        sock.bind((address, 0))
        return int(sock.getsockname()[1])
