"""Probers on loopback: as threads with probes of our choice, and as the real command."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import requests
from flask import Flask
from werkzeug.serving import make_server

from adapters.health.examiner import Examiner
from adapters.health.prober.server import create_app
from adapters.health.prober.settings import ProberSettings
from adapters.health.settings import HealthSettings, Vantage
from deskside.ports import Probe

SECRET = "only-for-these-tests-0123456789abcdef"
ROOT = Path(__file__).resolve().parents[4]


@contextlib.contextmanager
def serving(app: Flask) -> Iterator[str]:
    """The address of an application that runs in a thread."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


@contextlib.contextmanager
def prober(
    name: str,
    probes: Sequence[Probe],
    *,
    secret: str = SECRET,
    per_minute: int = 120,
    clock: Callable[[], float] = time.time,
    **health: object,
) -> Iterator[Vantage]:
    """A prober with these probes, and how to ask it."""
    settings = HealthSettings(**{"allow_networks": ("127.0.0.0/8",), "share_seconds": 0, **health})  # type: ignore[arg-type]
    examiner = Examiner(settings, probes)
    app = create_app(ProberSettings(secret=SECRET, per_minute=per_minute), examiner, clock)
    try:
        with serving(app) as url:
            yield Vantage(name, url, secret)
    finally:
        examiner.close()


@contextlib.contextmanager
def real_prober(name: str, folder: Path, ca_file: Path | None = None, **environment: str) -> Iterator[Vantage]:
    """`deskside prober` in a process of its own, without configuration file or database; by TLS with a `ca_file`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder.mkdir(exist_ok=True)
    values = {name: value for name, value in os.environ.items() if not name.startswith("DESKSIDE_")}
    values |= {
        "PYTHONPATH": str(ROOT),
        "DESKSIDE_PROBER__SECRET": SECRET,
        "DESKSIDE_PROBER__PORT": str(port),
        **environment,
    }
    command = [sys.executable, "-m", "deskside.commandline", "prober"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=values, stdout=log, stderr=log)
    try:
        url = f"{'https' if ca_file else 'http'}://127.0.0.1:{port}"
        _until_ready(url, process, folder / "log", str(ca_file) if ca_file else True)
        yield Vantage(name, url, SECRET, str(ca_file) if ca_file else None)
    finally:
        process.terminate()
        process.wait(30)


def _until_ready(url: str, process: "subprocess.Popen[bytes]", log: Path, verify: str | bool) -> None:
    for _ in range(300):
        with contextlib.suppress(requests.RequestException):
            if requests.get(f"{url}/healthz", timeout=2, verify=verify).ok:
                return
        if process.poll() is not None:
            break
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.1)
    raise RuntimeError(f"the prober did not start: {log.read_text()}")
