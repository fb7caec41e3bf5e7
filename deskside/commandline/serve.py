"""`deskside serve`, and apart on PostgreSQL `web`, `worker`, `clock`."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from deskside import app
from deskside.commandline import common
from deskside.errors import ConfigurationError
from jobs.runtime import Runtime


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn with our settings. `make` is called in each worker process, after the fork, and gives the application
    and what to call when the worker ends."""

    def __init__(self, make: Callable[[], tuple[Flask, Callable[[], None]]], options: dict[str, Any]) -> None:
        self.make = make
        self.options = options
        self._end: Callable[[], None] = lambda: None
        super().__init__()

    def load_config(self) -> None:
        """Called by gunicorn."""
        for name, value in self.options.items():
            self.cfg.set(name, value)
        self.cfg.set("worker_exit", lambda _server, _worker: self._end())

    def load(self) -> Flask:
        """Called by gunicorn in the worker."""
        flask, self._end = self.make()
        return flask


def options(parts: app.Parts, workers: int) -> dict[str, Any]:
    """gunicorn's options for these settings."""
    web = parts.settings.web
    return {
        "bind": f"{web['host']}:{web['port']}",
        "workers": workers,
        "threads": web["threads"],
        "worker_class": "gthread",
        "keepalive": 5,
        "timeout": 60,
        "graceful_timeout": 30,
        "loglevel": "warning",
        "proc_name": "deskside",
    }


@click.command()
@click.pass_obj
def serve(path: Path | None) -> None:
    """Run everything in one process: receiver, pages, worker and clock. The right way on SQLite."""
    parts = _checked(path)

    def make() -> tuple[Flask, Callable[[], None]]:
        own = common.parts(path)
        flask, intake = app.create_app(own)
        runtime = app.runtime(own)
        intake.start()
        runtime.start()

        def end() -> None:
            intake.stop()
            runtime.stop()

        return flask, end

    click.echo(f"Deskside listens on {parts.settings.base_url}")
    Server(make, options(parts, workers=1)).run()


@click.command()
@click.pass_obj
def web(path: Path | None) -> None:
    """Run only the receiver and the pages, in several processes (PostgreSQL)."""
    parts = _several(_checked(path))

    def make() -> tuple[Flask, Callable[[], None]]:
        flask, intake = app.create_app(common.parts(path))
        intake.start()
        return flask, intake.stop

    Server(make, options(parts, parts.settings.web["workers"])).run()


@click.command()
@click.pass_obj
def worker(path: Path | None) -> None:
    """Run only a worker (PostgreSQL); as many as you like."""
    _run(app.runtime(_several(common.parts(path)), clock=False))


@click.command()
@click.pass_obj
def clock(path: Path | None) -> None:
    """Run only the clock (PostgreSQL); several do no harm."""
    _run(app.runtime(_several(common.parts(path)), worker=False))


def _checked(path: Path | None) -> app.Parts:
    """The parts, as the workers will build them: what is wrong is said once, before any fork."""
    parts = common.parts(path)
    app.create_app(parts)
    parts.database.dispose()
    return parts


def _several(parts: app.Parts) -> app.Parts:
    if parts.database.dialect.name == "sqlite":
        raise ConfigurationError("SQLite is for one process: use `deskside serve`, or set a PostgreSQL [database] url")
    return parts


def _run(runtime: Runtime) -> None:
    stops = {signal.SIGTERM, signal.SIGINT}
    # Blocked before any thread starts, so that every thread inherits it and only the wait below takes the signal.
    signal.pthread_sigmask(signal.SIG_BLOCK, stops)
    runtime.start()
    click.echo(f"Deskside works (process {os.getpid()}).")
    signal.sigwait(stops)
    runtime.stop()
