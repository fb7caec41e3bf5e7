"""The real server process beside the simulated desk, on a database of its own; all of it gone afterwards."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
import sqlalchemy as sa

from deskside.demo.zendesk import SimulatedZendesk
from deskside.store import migrate
from deskside.store.database import open_database, reading
from deskside.store.tables import inbox
from tests import databases

ROOT = Path(__file__).resolve().parents[1]
SECRET = "only-for-these-benchmarks"
START_SECONDS = 30.0
DRAIN_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers: its port, its database, and the desk beside it."""

    port: int
    database_url: str
    zendesk: SimulatedZendesk
    process: subprocess.Popen[bytes]

    def drain(self) -> None:
        """Wait until every delivery is settled, so that what is measured next has the machine for itself."""
        database = open_database(self.database_url, pool_size=1)
        try:
            until = time.monotonic() + DRAIN_SECONDS
            while time.monotonic() < until:
                with reading(database) as connection:
                    if not connection.scalar(sa.select(sa.exists().where(inbox.c.state == "waiting"))):
                        return
                time.sleep(0.2)
        finally:
            database.dispose()
        raise RuntimeError(f"deliveries still wait after {DRAIN_SECONDS:.0f} s")


@contextmanager
def stores() -> Iterator[dict[str, "Store"]]:
    """The kinds of database that can be measured here; PostgreSQL where it is installed."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="deskside-bench-")))
        found = {"SQLite": Store(folder, None)}
        if databases.postgresql_binaries() is None:
            print("PostgreSQL is not installed and is not measured", file=sys.stderr)
        else:
            found["PostgreSQL"] = Store(folder, stack.enter_context(databases.postgresql_cluster(durable=True)))
        yield found


@dataclass(frozen=True, slots=True)
class Store:
    """Where databases of one kind are made: files in `folder`, or in a throw-away cluster."""

    folder: Path
    cluster: str | None

    def make(self, name: str) -> str:
        """An empty, migrated database; its URL."""
        url = databases.fresh_postgresql(self.cluster, name) if self.cluster else f"sqlite:///{self.folder}/{name}.db"
        database = open_database(url)
        migrate.upgrade(database)
        database.dispose()
        return url


@contextmanager
def server(database_url: str, *command: str, **more: str) -> Iterator[Running]:
    """A server started by `command` (arguments of `deskside`, or a whole command line that starts with `python`)."""
    with SimulatedZendesk(plan_limit=100_000) as zendesk, tempfile.TemporaryDirectory(prefix="deskside-bench-") as home:
        port = _free_port()
        values = {
            "PYTHONPATH": str(ROOT),
            "DESKSIDE_DATABASE__URL": database_url,
            "DESKSIDE_WEB__PORT": str(port),
            "DESKSIDE_WEB__SECRET_KEY": "only-for-benchmarks-" * 3,
            "DESKSIDE_ZENDESK__URL": zendesk.url,
            "DESKSIDE_ZENDESK__CLIENT_ID": zendesk.client_id,
            "DESKSIDE_ZENDESK__CLIENT_SECRET": zendesk.client_secret,
            "DESKSIDE_ZENDESK__WEBHOOK_SECRET": SECRET,
            "DESKSIDE_HEALTH__ALLOW_NETWORKS": "127.0.0.0/8",
            **more,
        }
        log = Path(home) / "log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                _command_line(command, port),
                env={**_clean_environment(), **values},
                cwd=home,
                start_new_session=True,
                stdout=out,
                stderr=out,
            )
        try:
            _until_it_answers(port, process, log)
            yield Running(port, database_url, zendesk, process)
        finally:
            _end(process)


def _command_line(command: Sequence[str], port: int) -> list[str]:
    if command[0] != "python":
        return [sys.executable, "-m", "deskside.commandline", *command]
    return [sys.executable, *(part.replace("{port}", str(port)) for part in command[1:])]


def _clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("DESKSIDE_")}


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _until_it_answers(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(requests.RequestException):
            if requests.get(f"http://127.0.0.1:{port}/healthz", timeout=2).ok:
                return
        time.sleep(0.05)
    raise RuntimeError(f"the server did not start:\n{log.read_text(errors='replace')[-2000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(15)
