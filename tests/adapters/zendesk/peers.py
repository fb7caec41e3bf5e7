"""Servers that break the rules of HTTP, and a session that asks them without a token request before."""

import contextlib
import socket
import threading

from adapters.zendesk.budget import Budget
from adapters.zendesk.credentials import make_credentials
from adapters.zendesk.session import DeskSession
from adapters.zendesk.settings import Settings


class Peer:
    """A server that does one thing to each connection; it counts how many came."""

    def __init__(self, reply: bytes, *, after_request: bool = True, stay: bool = False) -> None:
        self.requests = 0
        self._reply, self._after_request, self._stay = reply, after_request, stay
        self._open: list[socket.socket] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            if self._after_request and not connection.recv(65536):
                connection.close()
                continue
            self.requests += 1
            with contextlib.suppress(OSError):
                connection.sendall(self._reply)
            if self._stay:
                self._open.append(connection)
            else:
                connection.close()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()
        for connection in self._open:
            connection.close()


def legacy(url: str, read_timeout: float = 0.3) -> DeskSession:
    """A session that needs no token first, so that a peer sees only the request under test."""
    times = {"connect_timeout": 0.3, "read_timeout": read_timeout}
    settings = Settings(url=url, email="bot@example.com", api_token="legacy-token", **times)
    return DeskSession(settings, make_credentials(settings), Budget())
