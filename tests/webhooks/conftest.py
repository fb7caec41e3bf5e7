"""The faces on a real Flask app over a real SQLite file."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from deskside import settings as configuration
from deskside.settings import Settings
from deskside.store import people
from tests.databases import migrated_sqlite, open_careless
from tests.webhooks.desk import PASSWORD, Asked, Shelf, make_app, post


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sa.Engine]:
    engine = open_careless(migrated_sqlite(tmp_path / "deskside.db"))
    yield engine
    engine.dispose()


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def configured(tmp_path: Path) -> Callable[..., Settings]:
    """A configuration that comes from these variables alone."""

    def load(**variables: str) -> Settings:
        empty = tmp_path / "deskside.toml"
        empty.write_text("")
        return configuration.load(empty, {f"DESKSIDE_{name}": value for name, value in variables.items()})

    return load


@pytest.fixture
def settings(configured: Callable[..., Settings]) -> Settings:
    return configured(WEB__SECRET_KEY="only for tests")


@pytest.fixture
def app(database: sa.Engine, settings: Settings, asked: Asked) -> Flask:
    return make_app(database, settings, asked)


@pytest.fixture
def anonymous(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask, database: sa.Engine) -> Callable[..., FlaskClient]:
    """Add a person with this role, sign them in, and give their browser."""

    def enter(role: str = "agent", language: str = "en", name: str | None = None) -> FlaskClient:
        name = name or role
        with database.begin() as connection:
            people.add_person(connection, name, PASSWORD, role, language)
        client = app.test_client()
        answer = post(client, "/sign-in", page="/sign-in", name=name, password=PASSWORD)
        assert answer.status_code == 303
        return client

    return enter


@pytest.fixture
def agent(sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in("agent")


@pytest.fixture
def ops(sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in("ops")


@pytest.fixture
def shelf(database: sa.Engine) -> Shelf:
    """Fills the store with tickets that came within the last six hours."""
    return Shelf(database, datetime.now(UTC) - timedelta(hours=6))
