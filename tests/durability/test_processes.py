"""The commands a machine runs: everything in one process, or web, worker and clock apart on PostgreSQL."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import requests

from deskside import app, settings
from deskside.demo.zendesk import SimulatedZendesk
from deskside.model.service import Service
from deskside.store import migrate, services
from tests import databases
from tests.world import environment, two_servers

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextlib.contextmanager
def process(command: str, values: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """One `deskside` command, ended by SIGTERM as a service manager would."""
    started = subprocess.Popen(
        [sys.executable, "-m", "deskside.commandline", command],
        env={**os.environ, **values},
        start_new_session=True,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield started
    finally:
        started.send_signal(signal.SIGTERM)
        try:
            assert started.wait(40) == 0, f"`deskside {command}` did not end well"
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(started.pid, signal.SIGKILL)


def until(url: str, status: int = 200) -> None:
    pause = threading.Event()
    for _ in range(600):
        with contextlib.suppress(requests.RequestException):
            if requests.get(url, timeout=2).status_code == status:
                return
        pause.wait(0.1)
    raise AssertionError(f"{url} never answered {status}")


def enriched(zendesk: SimulatedZendesk, requester: int, address: str) -> None:
    """A ticket gets its note."""
    number = zendesk.create_ticket(requester, "Slow", f"please look at {address}")
    pause = threading.Event()
    for _ in range(600):
        if any(comment["author_id"] == zendesk.bot_user_id for comment in zendesk.comments(number)):
            return
        pause.wait(0.1)
    raise AssertionError("the note never came")


@pytest.mark.parametrize("commands", [["serve"], ["web", "worker", "clock"]])
def test_a_ticket_is_enriched_whichever_way_it_runs(
    commands: list[str], sqlite_url: str, port: int, request: pytest.FixtureRequest
) -> None:
    url = f"http://127.0.0.1:{port}"
    database_url = sqlite_url
    if len(commands) > 1:
        database_url = databases.fresh_postgresql(request.getfixturevalue("postgresql"), "processes")
    with SimulatedZendesk() as zendesk, two_servers() as servers, ExitStack() as running:
        values = environment(zendesk, database_url, url, DESKSIDE_WEB__PORT=str(port))
        values["DESKSIDE_HEALTH__PROBES"] = "tcp"
        live = servers["live"]
        organization = zendesk.add_organization("Acme", external_id="ACME-1")
        requester = zendesk.add_user("Ann", "ann@acme.example", organization_id=organization)
        parts = app.build(settings.load(environment=values))
        migrate.upgrade(parts.database)
        with parts.database.begin() as connection:
            services.put(connection, [Service(0, "acme-1", "live", (), (live.address,), live.ports)])
        parts.context.desk("zendesk").connect(url, False)
        parts.database.dispose()
        for command in commands:
            running.enter_context(process(command, values))
        until(f"{url}/readyz")
        enriched(zendesk, requester, live.address)


def test_a_second_process_on_one_sqlite_file_is_told_so(sqlite_url: str, port: int) -> None:
    values = {"DESKSIDE_DATABASE__URL": sqlite_url, "DESKSIDE_WEB__SECRET_KEY": "x" * 32}
    values |= {"DESKSIDE_WEB__PORT": str(port)}
    migrate.upgrade(app.build(settings.load(environment=values)).database)
    told = subprocess.run(
        [sys.executable, "-m", "deskside.commandline", "worker"],
        env={**os.environ, **values},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert told.returncode == 1
    assert "use `deskside serve`" in told.stderr


def test_an_old_database_is_not_served(sqlite_url: str) -> None:
    values = {"DESKSIDE_DATABASE__URL": sqlite_url, "DESKSIDE_WEB__SECRET_KEY": "x" * 32}
    told = subprocess.run(
        [sys.executable, "-m", "deskside.commandline", "serve"],
        env={**os.environ, **values},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert told.returncode == 1
    assert "deskside db upgrade" in told.stderr
