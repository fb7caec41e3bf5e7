"""Real sockets for an application under test."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.serving import make_server

# How late a server notices that it is to stop: at the library's half a second, hundreds of tests wait for that alone.
POLL_SECONDS = 0.01


@contextmanager
def serving(application: Any) -> Iterator[str]:
    """Serve a WSGI application on loopback, a thread for each request; its address, without a slash at the end."""
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
