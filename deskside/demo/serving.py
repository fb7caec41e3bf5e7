"""A simulated desk as a server in a thread, and how its connections are broken on command."""

import io
import socket
import struct
import threading
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

POLL_SECONDS = 0.02

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]


class Handler(WSGIRequestHandler):
    """Logs nothing, and lets `stop` find what is open. Werkzeug closes every connection after its answer."""

    open: set[socket.socket]

    def setup(self) -> None:
        """Remember the connection."""
        super().setup()
        self.open.add(self.connection)

    def finish(self) -> None:
        """Forget the connection."""
        self.open.discard(self.connection)
        super().finish()

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing."""


class Background:
    """Serves an application from a thread; port 0 is any free one, which `start` then keeps for the next start."""

    def __init__(self, host: str, port: int, name: str) -> None:
        self.host = host
        self.port = port
        self.name = name
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None
        self._connections: set[socket.socket] = set()

    def start(self, make: Callable[[], Any]) -> str:
        """Listen and serve what `make` makes; gives the address."""
        handler = type("BoundHandler", (Handler,), {"open": self._connections})
        self._server = make_server(self.host, self.port, make(), threaded=True, request_handler=handler)
        self.port = self._server.port
        serve = {"poll_interval": POLL_SECONDS}
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs=serve, name=self.name, daemon=True)
        self._thread.start()
        return f"http://{self.host}:{self.port}"

    def stop(self) -> bool:
        """Stop serving; open connections are cut. False when it was not serving."""
        if self._server is None or self._thread is None:
            return False
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        for connection in list(self._connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                # It was closed by the other side meanwhile.
                continue
        self._connections.clear()
        self._server = self._thread = None
        return True


def hang_up(environ: Environ, reset: bool = False) -> None:
    """Break the connection of a request without an answer, with a TCP reset if so wished. Raises ConnectionError."""
    connection: socket.socket = environ["werkzeug.socket"]
    if reset:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # The handler still holds the socket and would wait for the next request; at its end it is truly closed.
        connection.shutdown(socket.SHUT_RD)
        connection.close()
    else:
        connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError("broken on command")


def act(application: Application, environ: Environ, body: bytes) -> None:
    """Let the application do what a request asks, and throw its answer away."""
    environ["wsgi.input"] = io.BytesIO(body)
    answer = application(environ, lambda *ignored, **also: None)
    for _ in answer:
        pass
    if hasattr(answer, "close"):
        answer.close()


def act_later(application: Application, environ: Environ, body: bytes, seconds: float) -> None:
    """The same, after a while."""
    timer = threading.Timer(seconds, act, (application, dict(environ), body))
    timer.daemon = True
    timer.start()
