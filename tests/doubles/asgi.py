"""A web application on loopback: over TLS in HTTP/2 or HTTP/1.1 as the client likes, and in plain HTTP/1.1 beside it."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

from hypercorn.asyncio import serve
from hypercorn.config import Config
from starlette.types import ASGIApp

from tests.doubles.certificates import issue, root, serving
from tests.doubles.servers import background


@dataclass(frozen=True)
class Ports:
    """Two open sockets on loopback, so that an application knows its addresses before it is served."""

    secure_socket: socket.socket
    plain_socket: socket.socket

    @property
    def secure(self) -> str:
        """`localhost:port` over TLS, with a certificate of the throw-away root."""
        return f"localhost:{self.secure_socket.getsockname()[1]}"

    @property
    def plain(self) -> str:
        """`localhost:port` without TLS, which browsers trust all the same as it is this machine."""
        return f"localhost:{self.plain_socket.getsockname()[1]}"


def open_ports() -> Ports:
    """Two free ports, listening and not yet answered."""
    return Ports(socket.create_server(("127.0.0.1", 0)), socket.create_server(("127.0.0.1", 0)))


@contextlib.contextmanager
def served(app: ASGIApp, ports: Ports) -> Iterator[None]:
    """Serve `app` on `ports` until the block ends; connections that are open then end when their clients do."""
    stop = asyncio.Event()
    config = _Config()
    config.bind = [f"fd://{ports.secure_socket.detach()}"]
    config.insecure_bind = [f"fd://{ports.plain_socket.detach()}"]
    config.errorlog = None
    config.graceful_timeout = 3600
    asyncio.run_coroutine_threadsafe(serve(app, config, shutdown_trigger=stop.wait), background())
    try:
        yield
    finally:
        background().call_soon_threadsafe(stop.set)


class _Config(Config):  # type: ignore[misc]
    """With a certificate that is made on the spot instead of read from files."""

    @property
    def ssl_enabled(self) -> bool:
        return True

    def create_ssl_context(self) -> ssl.SSLContext:
        context = serving(issue("localhost", "127.0.0.1", issuer=root()))
        context.set_alpn_protocols(self.alpn_protocols)
        return context
