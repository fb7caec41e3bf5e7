"""Promises of the faces for machines."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from deskside.settings import Settings
from deskside.store import heartbeats, tables
from deskside.store.database import open_database, utc_now
from tests.webhooks.desk import HOSTILE, Asked, Shelf, make_app


def beat(database: sa.Engine, *, seconds_ago: int) -> None:
    with database.begin() as connection:
        heartbeats.beat(connection, "here", "worker")
        connection.execute(sa.update(tables.heartbeat).values(at=utc_now() - timedelta(seconds=seconds_ago)))


def samples(client: FlaskClient) -> dict[tuple[str, ...], float]:
    families = text_string_to_metric_families(client.get("/metrics").get_data(as_text=True))
    return {(sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}


def test_the_process_says_that_it_lives_whatever_the_database_does(settings: Settings, asked: Asked) -> None:
    client = make_app(open_database("sqlite:////nowhere/at/all.db"), settings, asked).test_client()
    assert client.get("/healthz").get_json() == {"alive": True}


def test_it_is_ready_while_a_worker_beats(anonymous: FlaskClient, database: sa.Engine) -> None:
    beat(database, seconds_ago=50)
    answer = anonymous.get("/readyz")
    assert (answer.status_code, answer.get_json()) == (200, {"ready": True, "reasons": []})


def test_it_is_not_ready_when_no_worker_beats(anonymous: FlaskClient, database: sa.Engine) -> None:
    answer = anonymous.get("/readyz")
    assert (answer.status_code, answer.get_json()["reasons"]) == (503, ["no worker has ever run"])
    beat(database, seconds_ago=61)
    answer = anonymous.get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["reasons"][0].startswith("no worker has said that it lives since")


def test_it_is_not_ready_without_its_database_and_does_not_tell_where_that_is(settings: Settings, asked: Asked) -> None:
    client = make_app(open_database("sqlite:////nowhere/s3cret.db"), settings, asked).test_client()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["reasons"] == ["the database does not answer (OperationalError)"]
    assert "s3cret" not in answer.get_data(as_text=True)


def test_the_metrics_count_what_is_in_the_store(anonymous: FlaskClient, shelf: Shelf) -> None:
    shelf.ticket("1", health="down")
    shelf.ticket("2")
    shelf.ticket("3", status="solved")
    shelf.ticket("4", pool=HOSTILE.replace("\x00", ""))
    shelf.delivery("a", "done")
    shelf.delivery("b")
    shelf.effect("x", "1", "dead")
    beat(shelf.database, seconds_ago=10)
    found = samples(anonymous)
    assert found["deskside_tickets_waiting", "Support"] == 2
    assert found["deskside_tickets_waiting_down", "Support"] == 1
    assert found["deskside_deliveries", "done"] == 1
    assert found["deskside_deliveries", "waiting"] == 1
    assert found["deskside_effects", "dead"] == 1
    assert found["deskside_heartbeat_age_seconds", "worker"] >= 10


def test_the_metrics_say_how_long_the_oldest_work_waits(anonymous: FlaskClient, shelf: Shelf) -> None:
    assert samples(anonymous)["deskside_oldest_ready_seconds", "delivery"] == 0
    shelf.delivery("a")
    shelf.effect("x", "1")
    ago = utc_now() - timedelta(minutes=5)
    with shelf.database.begin() as connection:
        connection.execute(sa.update(tables.inbox).values(received_at=ago))
        connection.execute(sa.update(tables.effect).values(created_at=ago))
        connection.execute(sa.insert(tables.job).values(task="t", args={}, run_at=ago))
        connection.execute(sa.insert(tables.job).values(task="t", args={}, run_at=utc_now() + timedelta(hours=1)))
    found = samples(anonymous)
    for kind in ("delivery", "effect", "job"):
        assert 300 <= found["deskside_oldest_ready_seconds", kind] < 330


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_machines_need_no_session_and_get_no_cookie(anonymous: FlaskClient, path: str) -> None:
    assert "Set-Cookie" not in anonymous.get(path).headers
