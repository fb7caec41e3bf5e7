"""A throw-away web server on loopback that answers as a test tells it to, and remembers what it was asked."""

import threading
from dataclasses import dataclass, field
from typing import Any

from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.wrappers import Request, Response


@dataclass(frozen=True)
class Answer:
    """What to answer."""

    body: bytes | str = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """One request that came; the names of headers are in lower case."""

    path: str
    headers: dict[str, str]


class Web:
    """A web site as far as one test needs it."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self._pages: dict[str, list[Answer]] = {}
        self._lock = threading.Lock()
        self._server: BaseWSGIServer = make_server("127.0.0.1", 0, self._app, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def on(self, path: str, *answers: Answer) -> str:
        """Answer one after the other, the last again and again; the address of it."""
        self._pages[path] = list(answers)
        return self.url + path

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _app(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        with self._lock:
            self.asked.append(Asked(request.path, {name.lower(): value for name, value in request.headers}))
            answers = self._pages.get(request.path, [])
            answer = (answers.pop(0) if len(answers) > 1 else answers[0]) if answers else Answer("gone", 404)
        return Response(answer.body, status=answer.status, headers=answer.headers)(environ, start_response)
