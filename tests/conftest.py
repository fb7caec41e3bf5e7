"""Fixtures of the whole suite."""

import itertools
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import settings
from werkzeug.security import generate_password_hash

from deskside.store import people
from tests import databases
from tests.databases import open_careless
from tests.doubles.mariadb import MariaDb, mariadb_installed, mariadb_server

_numbers = itertools.count(1)

# The same examples at every run, so that a red run is about the change: `--hypothesis-profile=default` looks further.
settings.register_profile("deskside", derandomize=True, deadline=None)
settings.load_profile("deskside")


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Passwords that are hashed in no time: hundreds of tests sign in."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(people, "generate_password_hash", partial(generate_password_hash, method="scrypt:256:8:1"))
        yield


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A PostgreSQL cluster of our own."""
    if databases.postgresql_binaries() is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with databases.postgresql_cluster() as url:
        yield url


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDb]:
    """A MariaDB server of our own."""
    if not mariadb_installed():
        pytest.skip("MariaDB is not installed: apt-get install mariadb-server")
    with mariadb_server() as server:
        yield server


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite database that is not there yet."""
    return f"sqlite:///{tmp_path}/deskside.db"


@pytest.fixture
def postgresql_name(postgresql: str) -> Iterator[str]:
    """The name of a database that is not there yet, and will not be there after the test."""
    name = f"test{next(_numbers)}"
    yield name
    databases.drop_postgresql(postgresql, name)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database, once on each kind."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_url"))
    cluster, name = (request.getfixturevalue(fixture) for fixture in ("postgresql", "postgresql_name"))
    return databases.fresh_postgresql(cluster, name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a migrated database, once on each kind."""
    if request.param == "sqlite":
        return databases.migrated_sqlite(request.getfixturevalue("tmp_path") / "deskside.db")
    cluster, name = (request.getfixturevalue(fixture) for fixture in ("postgresql", "postgresql_name"))
    return databases.migrated_postgresql(cluster, name)


@pytest.fixture
def postgresql_database(postgresql: str, postgresql_name: str) -> Iterator[sa.Engine]:
    """A migrated database on PostgreSQL, for what happens there only."""
    opened = open_careless(databases.migrated_postgresql(postgresql, postgresql_name))
    yield opened
    opened.dispose()


@pytest.fixture
def database(database_url: str) -> Iterator[sa.Engine]:
    """A migrated database, once on each kind."""
    opened = open_careless(database_url)
    yield opened
    opened.dispose()
