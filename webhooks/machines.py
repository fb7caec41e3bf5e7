"""The faces for machines: is the process alive, can it work, and how much waits."""

from collections.abc import Iterator
from datetime import timedelta

import sqlalchemy as sa
from flask import Blueprint, Flask, Response, current_app, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

import deskside
from deskside.store import effects, heartbeats, inbox, queue, tables
from deskside.store.database import reading, utc_now
from webhooks.context import current

FRESH = timedelta(seconds=60)
_REGISTRY = "deskside.metrics"

machines = Blueprint("machines", __name__)


@machines.get("/healthz")
def healthz() -> Response:
    """The process answers. It looks at nothing else: restarting it would not mend a database."""
    return jsonify(alive=True)


@machines.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Whether work gets done: the database answers, and a worker said so in the last minute."""
    reasons = []
    try:
        with reading(current().database) as connection:
            beat = heartbeats.latest(connection, "worker")
    except sa.exc.SQLAlchemyError as error:
        # The text of the error may hold the database's address and user.
        reasons.append(f"the database does not answer ({type(error).__name__})")
    else:
        if beat is None:
            reasons.append("no worker has ever run")
        elif utc_now() - beat >= FRESH:
            reasons.append(f"no worker has said that it lives since {beat:%Y-%m-%d %H:%M:%S} UTC")
    return jsonify(ready=not reasons, reasons=reasons), 503 if reasons else 200


@machines.get("/metrics")
def metrics() -> Response:
    """Figures for Prometheus, read from the store when they are asked for."""
    return Response(generate_latest(current_app.extensions[_REGISTRY]), content_type=CONTENT_TYPE_LATEST)


def register(app: Flask, database: sa.Engine) -> None:
    """Put the faces on an app, with a registry of its own: the library's global one belongs to the whole process."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(StoreCollector(database))
    app.extensions[_REGISTRY] = registry
    app.register_blueprint(machines)


class StoreCollector(Collector):
    """Reads every figure from the store, through an index, at the moment of the scrape."""

    def __init__(self, database: sa.Engine) -> None:
        self._database = database

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """All figures, from one snapshot."""
        with reading(self._database) as connection:
            yield _family("deskside_info", "The version that runs.", {(deskside.__version__,): 1}, ["version"])
            yield _family(
                "deskside_deliveries",
                "Deliveries kept in the inbox, by state.",
                {(state,): count for state, count in inbox.counts(connection).items()},
                ["state"],
            )
            yield _family(
                "deskside_effects",
                "Changes of the outside kept in the outbox, by state.",
                {(state,): count for state, count in effects.counts(connection).items()},
                ["state"],
            )
            pools = queue.pools(connection)
            yield _family(
                "deskside_tickets_waiting",
                "Tickets that wait for an agent, by pool.",
                {(pool.pool,): pool.waiting for pool in pools},
                ["pool"],
            )
            yield _family(
                "deskside_tickets_waiting_down",
                "Tickets that wait and whose server is down, by pool.",
                {(pool.pool,): pool.down for pool in pools},
                ["pool"],
            )
            yield from _oldest(connection)


def _oldest(connection: sa.Connection) -> Iterator[GaugeMetricFamily]:
    now = utc_now()
    job = tables.job.c
    questions = {
        "delivery": sa.select(sa.func.min(tables.inbox.c.received_at)).where(tables.inbox.c.state == "waiting"),
        "effect": sa.select(sa.func.min(tables.effect.c.created_at)).where(tables.effect.c.state == "planned"),
        "job": sa.select(sa.func.min(job.run_at)).where(job.state == "ready", job.run_at <= now),
    }
    ages = {}
    for what, question in questions.items():
        oldest = connection.scalar(question)
        ages[(what,)] = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
    yield _family("deskside_oldest_ready_seconds", "How long the oldest ready work waits; 0 for none.", ages, ["kind"])
    beats = {(kind,): heartbeats.latest(connection, kind) for kind in ("worker", "clock")}
    yield _family(
        "deskside_heartbeat_age_seconds",
        "How long ago the last sign of life was.",
        {kind: (now - beat).total_seconds() for kind, beat in beats.items() if beat is not None},
        ["kind"],
    )


def _family(name: str, text: str, values: dict[tuple[str], float], labels: list[str]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=labels)
    for label, value in values.items():
        family.add_metric(list(label), value)
    return family
