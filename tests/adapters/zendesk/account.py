"""A throw-away HTTP server that answers as a test tells it to, and remembers what it was asked."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.wrappers import Request, Response

TOKEN = "token-of-the-test-0123456789"


@dataclass(frozen=True)
class Seen:
    """One request that came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    json: Any


@dataclass(frozen=True)
class Answer:
    """What to answer: a JSON body, or text as it is."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Answering = Answer | Callable[[Seen], Answer]


class Account:
    """A Zendesk account as far as one test needs it."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self._answers: dict[tuple[str, str], list[Answering]] = {}
        self._lock = threading.Lock()
        self._server: BaseWSGIServer = make_server("127.0.0.1", 0, self._app, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        self.on(
            "POST", "/oauth/tokens", Answer({"access_token": TOKEN, "scope": "read write", "expires_in": 7200}, 201)
        )

    def on(self, method: str, path: str, *answers: Answering) -> None:
        """Answer one after the other; the last again and again."""
        self._answers[method, path] = list(answers)

    def asked(self, method: str | None = None, path: str | None = None) -> list[Seen]:
        """What came, except for tokens."""
        return [
            seen
            for seen in self.seen
            if (seen.path != "/oauth/tokens" if path is None else seen.path == path)
            and (method is None or seen.method == method)
        ]

    def close(self) -> None:
        """Stop, and refuse every further connection."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _app(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        data = request.get_data()
        seen = Seen(
            request.method,
            request.path,
            dict(request.args),
            {name.lower(): value for name, value in request.headers},
            json.loads(data) if data else None,
        )
        with self._lock:
            self.seen.append(seen)
            answers = self._answers.get((seen.method, seen.path), [])
            answer = (answers.pop(0) if len(answers) > 1 else answers[0]) if answers else None
        answer = answer(seen) if callable(answer) else answer
        if answer is None:
            answer = Answer({"error": "InvalidEndpoint", "description": "Not found"}, 404)
        text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
        content = {"Content-Type": "application/json; charset=utf-8"} | answer.headers
        body = "" if answer.status == 204 else text
        return Response(body, status=answer.status, headers=content)(environ, start_response)


def ticket_row(**changes: Any) -> dict[str, Any]:
    """A ticket as `GET /tickets/{id}` and the export show it."""
    return {
        "id": 5, "subject": "mail is down", "description": "since ten", "status": "open", "priority": None,
        "requester_id": 11, "organization_id": 12, "group_id": 7, "tags": ["vip"],
        "custom_fields": [{"id": 41, "value": None}, {"id": 42, "value": None}, {"id": 43, "value": "web-1"}],
        "created_at": "2026-11-01T10:00:00Z", "updated_at": "2026-11-01T11:00:00Z",
    } | changes  # fmt: skip


def shown(row: dict[str, Any], **beside: Any) -> Answer:
    """The answer to showing a ticket."""
    return Answer({"ticket": row, **beside})


def updated(row: dict[str, Any], audit_id: int = 77) -> Answer:
    """The answer to updating a ticket."""
    return Answer({"ticket": row, "audit": {"id": audit_id, "ticket_id": row["id"], "events": []}})
