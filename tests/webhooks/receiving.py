"""What the tests of the receiver share: a real desk on a real store, and Zendesk's own way of signing."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from adapters.zendesk import plugin
from deskside.ports import Desk, Engine
from deskside.store.database import reading
from deskside.store.tables import inbox, job
from jobs import deliveries
from jobs.engine import for_database
from webhooks import receiver
from webhooks.intake import Intake

SECRET = "the-secret-of-the-webhook"
PREVIOUS = "the-secret-before-the-rotation"
SECTION = {
    "url": "https://acme.zendesk.com",
    "client_id": "deskside",
    "client_secret": "never-used-here",
    "webhook_secret": SECRET,
    "webhook_secret_previous": PREVIOUS,
}


def event(event_id: str = "01E", ticket_id: int | str = 42, **more: Any) -> bytes:
    """The body of an event as Zendesk sends it."""
    return json.dumps(
        {
            "type": "zen:event-type:ticket.created",
            "id": event_id,
            "subject": f"zen:ticket:{ticket_id}",
            "time": "2026-11-22T12:00:00Z",
            "zendesk_event_version": "2022-11-06",
            "detail": {"id": str(ticket_id), "status": "OPEN"},
            "event": {},
            **more,
        }
    ).encode()


def signed(body: bytes, secret: str = SECRET, age: timedelta = timedelta(0)) -> dict[str, str]:
    """The headers Zendesk sends with `body`."""
    moment = (datetime.now(UTC) - age).strftime("%Y-%m-%dT%H:%M:%SZ")
    digest = hmac.new(secret.encode(), moment.encode() + body, hashlib.sha256).digest()
    return {
        "Content-Type": "application/json",
        "X-Zendesk-Webhook-Signature": base64.b64encode(digest).decode(),
        "X-Zendesk-Webhook-Signature-Timestamp": moment,
    }


@dataclass
class Receiver:
    """An app that only receives, and what it stored."""

    database: sa.Engine
    app: Flask
    intake: Intake

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def post(self, body: bytes, headers: Mapping[str, str] | None = None) -> TestResponse:
        """A delivery; signed as it should be when no headers are given."""
        return self.client.post("/webhooks/zendesk", data=body, headers=signed(body) if headers is None else headers)

    def stored(self) -> list[sa.Row[Any]]:
        with reading(self.database) as connection:
            return list(connection.execute(sa.select(inbox).order_by(inbox.c.id)))

    def jobs(self) -> list[int]:
        """The inbox rows that wait for a worker."""
        return sorted(jobs_in(self.database))


def jobs_in(database: sa.Engine) -> list[int]:
    """The inbox rows for which a job waits."""
    with database.connect() as connection:
        if connection.dialect.name == "sqlite":
            found = connection.scalars(sa.select(job.c.args).where(job.c.state == "ready"))
        else:
            found = connection.scalars(sa.text("SELECT args FROM procrastinate_jobs WHERE status = 'todo'"))
        return [args["inbox_id"] for args in found]


@contextmanager
def receiving(
    database: sa.Engine, desk: Desk | None = None, engine: Engine | None = None, **section: Any
) -> Iterator[Receiver]:
    """A receiver that works, for a Zendesk with this section or for another desk."""
    if desk is None:
        values = {key: value for key, value in {**SECTION, **section}.items() if value is not None}
        desk = plugin.build(plugin.schema().load(values), database)
    intake = Intake(database, engine or for_database(database, 2), "delivery.handle", deliveries.PRIORITY)
    app = Flask("receiver-test")
    receiver.mount(app, {"zendesk": desk}, intake)
    intake.start()
    yield Receiver(database, app, intake)
    intake.stop()
