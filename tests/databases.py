"""Real databases for tests: SQLite files, and a PostgreSQL cluster of our own in a temporary folder.

The migrations run once for each kind; what a test gets is a copy of what they made.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from deskside.store import migrate
from deskside.store.database import open_database

TEMPLATE = "migrated"
# A process that is killed loses nothing by it; only a machine that loses its power would.
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


def postgresql_binaries() -> Path | None:
    """The folder of `initdb` and `postgres`, or None where PostgreSQL is not installed."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    return versions[0].parent if versions else None


@contextmanager
def postgresql_cluster(*, durable: bool = False) -> Iterator[str]:
    """A throw-away cluster on loopback; gives the URL of its maintenance database.

    Unless it is `durable` it leaves to the system when something is written to the disk.
    """
    binaries = postgresql_binaries()
    assert binaries is not None
    folder = Path(tempfile.mkdtemp(prefix="deskside-pg-"))
    # PostgreSQL refuses to run as root.
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    run = {"user": user, "cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    data = folder / "data"
    initdb = [binaries / "initdb", "--no-sync", "-D", data, "-U", "deskside", "-A", "trust", "-E", "UTF8"]
    subprocess.run(initdb, check=True, **run)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = ["listen_addresses=127.0.0.1", "max_connections=200", *(() if durable else CARELESS)]
    server = subprocess.Popen(
        [binaries / "postgres", "-D", data, "-p", str(port), "-k", folder, *(f"-c{setting}" for setting in settings)],
        **run,
    )
    url = f"postgresql+psycopg://deskside@127.0.0.1:{port}/postgres"
    try:
        _until_ready(binaries, port, server)
        yield url
    finally:
        server.send_signal(signal.SIGQUIT)  # at once: nothing in it is kept
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _until_ready(binaries: Path, port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(60):
        asked = subprocess.run(
            [binaries / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port), "-t", "1"], check=False
        )
        if asked.returncode == 0:
            return
        if server.poll() is not None:
            raise RuntimeError("PostgreSQL did not start")
        try:
            server.wait(0.25)
        except subprocess.TimeoutExpired:
            continue
    raise RuntimeError("PostgreSQL did not answer in time")


def fresh_postgresql(cluster: str, name: str, template: str = "template0") -> str:
    """A database of this name in the cluster, as its template is: empty, if none is named; its URL."""
    with _admin(cluster) as connection:
        connection.execute(sa.text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(sa.text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    return sa.make_url(cluster).set(database=name).render_as_string(hide_password=False)


def migrated_postgresql(cluster: str, name: str) -> str:
    """A migrated database of this name in the cluster; its URL."""
    return fresh_postgresql(cluster, name, _template(cluster))


def drop_postgresql(cluster: str, name: str) -> None:
    """Remove a database, whoever is connected to it: many that are there keep a cluster busy."""
    with _admin(cluster) as connection:
        connection.execute(sa.text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


@contextmanager
def _admin(cluster: str) -> Iterator[sa.Connection]:
    admin = sa.create_engine(cluster, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as connection:
        yield connection


@cache
def _template(cluster: str) -> str:
    _migrate(fresh_postgresql(cluster, TEMPLATE))
    return TEMPLATE


def open_careless(url: str, *, pool_size: int = 10) -> sa.Engine:
    """The database at `url`, opened as ever, but that SQLite too leaves to the system when something is written."""
    database = open_database(url, pool_size=pool_size)
    if database.dialect.name == "sqlite":

        @sa.event.listens_for(database, "connect")
        def carelessly(connection: Any, _record: Any) -> None:
            connection.execute("PRAGMA synchronous=OFF")

    return database


def migrated_sqlite(path: Path) -> str:
    """A migrated SQLite database in this file; its URL."""
    path.write_bytes(_migrated_file())
    return f"sqlite:///{path}"


@cache
def _migrated_file() -> bytes:
    with tempfile.TemporaryDirectory(prefix="deskside-migrated-") as folder:
        path = Path(folder, "deskside.db")
        _migrate(f"sqlite:///{path}")
        return path.read_bytes()


def _migrate(url: str) -> None:
    database = open_database(url)
    migrate.upgrade(database)
    # The last connection that closes leaves everything in the one file.
    database.dispose()
