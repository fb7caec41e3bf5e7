"""Real databases for tests: a SQLite file, and a PostgreSQL cluster of our own in a temporary folder."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa


def postgresql_binaries() -> Path | None:
    """The folder of `initdb` and `postgres`, or None where PostgreSQL is not installed."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    return versions[0].parent if versions else None


@contextmanager
def postgresql_cluster() -> Iterator[str]:
    """A throw-away cluster on loopback; gives the URL of its maintenance database."""
    binaries = postgresql_binaries()
    assert binaries is not None
    folder = Path(tempfile.mkdtemp(prefix="deskside-pg-"))
    # PostgreSQL refuses to run as root.
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    run = {"user": user, "cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    data = folder / "data"
    subprocess.run([binaries / "initdb", "-D", data, "-U", "deskside", "-A", "trust", "-E", "UTF8"], check=True, **run)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = ["-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"]
    server = subprocess.Popen(
        [binaries / "postgres", "-D", data, "-p", str(port), "-k", folder, *settings],
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


def fresh_postgresql(cluster: str, name: str) -> str:
    """An empty database of this name in the cluster; its URL."""
    admin = sa.create_engine(cluster, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
    admin.dispose()
    return sa.make_url(cluster).set(database=name).render_as_string(hide_password=False)
