"""A web application on loopback: over TLS in HTTP/2 or HTTP/1.1 as the client likes, beside it without TLS."""

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
    """Two open sockets on loopback, so that an application knows its addresses before it is served.

    `secure` is the `localhost:port` that speaks TLS, with a certificate of the throw-away root; `plain` the one that
    does not, which browsers trust all the same as it is this machine.
    """

    secure: str
    plain: str
    sockets: tuple[socket.socket, socket.socket]


def open_ports() -> Ports:
    """Two free ports, listening and not yet answered."""
    sockets = socket.create_server(("127.0.0.1", 0)), socket.create_server(("127.0.0.1", 0))
    secure, plain = (f"localhost:{opened.getsockname()[1]}" for opened in sockets)
    return Ports(secure, plain, sockets)


@contextlib.contextmanager
def served(app: ASGIApp, ports: Ports) -> Iterator[None]:
    """Serve `app` on `ports` until the block ends; connections that are open then end when their clients do."""
    stop = asyncio.Event()
    config = _Config()
    config.context = serving(issue("localhost", "127.0.0.1", issuer=root()))
    config.context.set_alpn_protocols(config.alpn_protocols)
    config.bind, config.insecure_bind = ([f"fd://{opened.detach()}"] for opened in ports.sockets)
    config.errorlog = None
    config.graceful_timeout = 3600
    serving_it = serve(app, config, shutdown_trigger=stop.wait)  # type: ignore[arg-type] # it has types of its own
    asyncio.run_coroutine_threadsafe(serving_it, background())
    try:
        yield
    finally:
        background().call_soon_threadsafe(stop.set)


class _Config(Config):
    """With a certificate that is made on the spot instead of read from files."""

    context: ssl.SSLContext
    ssl_enabled = True

    def create_ssl_context(self) -> ssl.SSLContext:
        return self.context
