"""Deskside as the addon meets it: a real server that can be away, silent, or of another mind."""

import json
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from werkzeug.serving import BaseWSGIServer, make_server

from adapters.whmcs import plugin
from deskside import settings as configuration
from deskside.ports import Desk
from deskside.store import tables
from deskside.store.database import reading
from jobs import deliveries
from jobs.engine import for_database
from tests.databases import migrated_sqlite, open_careless
from tests.serving import POLL_SECONDS
from tests.webhooks.desk import Asked, Shelf, make_app
from tests.webhooks.embedding import SECRET
from webhooks import context, embed, receiver
from webhooks.intake import Intake

Wsgi = Callable[..., Iterable[bytes]]


@dataclass
class Deskside:
    """A Deskside with a WHMCS desk, and what it was asked."""

    database: sa.Engine
    app: Flask
    desks: dict[str, Desk]
    port: int
    wiring: Asked
    answer_with: int | None = None
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    _server: BaseWSGIServer | None = None
    _silent: socket.socket | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def shelf(self) -> Shelf:
        return Shelf(self.database, datetime.now(UTC) - timedelta(hours=6), "whmcs")

    def stored(self) -> list[sa.Row[Any]]:
        """The deliveries that were taken, oldest first."""
        with reading(self.database) as connection:
            return list(connection.execute(sa.select(tables.inbox).order_by(tables.inbox.c.id)))

    def types(self) -> list[str]:
        """What the deliveries that were taken tell."""
        return [json.loads(row.body)["type"] for row in self.stored()]

    def change_secret(self, secret: str) -> None:
        """Know the addon by another secret from now on."""
        # Nothing is asked of this WHMCS here: only events and questions come from it.
        section = {"url": "http://127.0.0.1:9", "identifier": "nobody", "secret": "nothing", "webhook_secret": secret}
        self.desks["whmcs"] = plugin.build(plugin.schema().load(section), self.database)

    def go(self) -> None:
        """Away: nobody listens at its port any more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        if self._silent is not None:
            self._silent.close()
            self._silent = None

    def come(self) -> None:
        """Answer, at the same port as before."""
        self.go()
        self._server = make_server("127.0.0.1", self.port, self._wsgi, threaded=True)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(POLL_SECONDS,), daemon=True).start()

    def fall_silent(self) -> None:
        """Take connections and say nothing."""
        self.go()
        self._silent = socket.create_server(("127.0.0.1", self.port))

    def _wsgi(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        size = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(size)
        with suppress(ValueError):
            self.asked.append((environ["PATH_INFO"], json.loads(body)))
        if self.answer_with is not None:
            start(f"{self.answer_with} Otherwise", [("Retry-After", "20"), ("Content-Length", "0")])
            return [b""]
        environ["wsgi.input"] = _Read(body)
        return self.app.wsgi_app(environ, start)


class _Read:
    """A body that was read once already."""

    def __init__(self, body: bytes) -> None:
        self._rest = body

    def read(self, size: int = -1) -> bytes:
        given = self._rest if size < 0 else self._rest[:size]
        self._rest = self._rest[len(given) :]
        return given


@contextmanager
def deskside(folder: Path) -> Iterator[Deskside]:
    """A Deskside that answers."""
    database = open_careless(migrated_sqlite(folder / "deskside.db"))
    (folder / "deskside.toml").write_text("")
    held = socket.socket()
    # Bound and never listening: while Deskside is away nobody else gets its port, and connections are refused.
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    port = held.getsockname()[1]
    environment = {
        "DESKSIDE_WEB__SECRET_KEY": "only for tests",
        "DESKSIDE_WEB__BASE_URL": f"http://127.0.0.1:{port}",
    }
    wiring = Asked()
    app = make_app(database, configuration.load(folder / "deskside.toml", environment), wiring)
    desks: dict[str, Desk] = {}
    intake = Intake(database, for_database(database, 2), "delivery.handle", deliveries.PRIORITY)
    receiver.mount(app, desks, intake)
    embed.mount(app, desks, context.of(app))
    intake.start()
    running = Deskside(database, app, desks, port, wiring)
    running.change_secret(SECRET)
    running.come()
    yield running
    running.go()
    held.close()
    intake.stop()
    database.dispose()
