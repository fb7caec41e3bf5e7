"""A Deskside in a process of its own that is killed with -9 and started again."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

import requests
import sqlalchemy as sa

from deskside.demo.servers import Server
from deskside.store.database import open_database
from tests.durability.desks import KillDesk, Signed
from tests.running import CALM
from tests.world import two_servers

Side = TypeVar("Side", bound=KillDesk)


@dataclass
class Victim(Generic[Side]):
    """The real server process, and what it is told."""

    desk: Side
    database_url: str
    port: int
    environment: dict[str, str]
    server: Server
    log: Path
    process: subprocess.Popen[bytes] | None = None
    acknowledged: set[str] = field(default_factory=set)
    deaths: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, **more: str) -> None:
        command = [sys.executable, "-m", "deskside.commandline", "serve"]
        self.process = subprocess.Popen(
            command,
            env={**os.environ, **self.environment, **more},
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=self.log.open("ab"),
        )
        self.until_it_answers()

    def until_it_answers(self) -> None:
        pause = threading.Event()
        for _ in range(400):
            with contextlib.suppress(requests.RequestException):
                if requests.get(f"{self.url}/healthz", timeout=2).ok:
                    return
            assert self.process is not None and self.process.poll() is None, "the server did not start"
            pause.wait(0.05)
        raise AssertionError("the server never answered")

    def kill(self) -> None:
        """The whole process group, as a power cut would."""
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(30)
        self.deaths += 1

    def send(self, session: requests.Session, event_id: str, sign: Callable[[], Signed]) -> None:
        """One event, signed anew and sent again until it is answered."""
        for _ in range(300):
            event = sign()
            with contextlib.suppress(requests.RequestException):
                if session.post(self.url + event.path, event.body, headers=event.headers, timeout=12).ok:
                    self.acknowledged.add(event_id)
                    return
            threading.Event().wait(0.1)

    def died(self, point: str) -> bool:
        """Whether it died at this point; waits for it."""
        given_up_at = time.monotonic() + 60
        while f"died at {point}\n" not in self.log.read_text():
            if time.monotonic() > given_up_at:
                return False
            threading.Event().wait(0.05)
        return True


@contextmanager
def victim_beside(
    desk: Side, database: sa.Engine, database_url: str, folder: Path, **more: str
) -> Iterator[Victim[Side]]:
    """A Deskside beside this desk, not started yet."""
    database.dispose()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with two_servers() as servers:
        values = {
            **CALM,
            "DESKSIDE_DATABASE__URL": database_url,
            "DESKSIDE_WEB__BASE_URL": f"http://127.0.0.1:{port}",
            "DESKSIDE_WEB__PORT": str(port),
            "DESKSIDE_HEALTH__PROBES": "tcp",
            **desk.environment,
            **more,
        }
        made = Victim(desk, database_url, port, values, servers["live"], folder / "server.log")
        opened = open_database(database_url)
        desk.prepare(opened, made.server)
        opened.dispose()
        yield made
        if made.process and made.process.poll() is None:
            made.kill()
