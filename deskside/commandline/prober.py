"""`deskside prober`: the second vantage point."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from flask import Flask

from adapters.health.prober.server import create_app
from adapters.health.prober.settings import ProberSchema, ProberSettings
from deskside import app, settings
from deskside.commandline.serve import Server

_THREADS = 8


@click.command()
@click.pass_obj
def prober(path: Path | None) -> None:
    """Look at targets for a Deskside on another machine.

    Needs no database and no desk, only [prober] secret (DESKSIDE_PROBER__SECRET), at least 32 characters, the same as
    the asking Deskside has in its [health] vantages. See docs/vantage.md.
    """
    loaded = settings.load(path)
    chosen: ProberSettings = loaded.section("prober", ProberSchema)

    def make() -> tuple[Flask, Callable[[], None]]:
        # A prober asks nobody else: two that name each other would ask in circles.
        examiner = app.examiner(loaded, alone=True)
        return create_app(chosen, examiner), examiner.close

    make()
    scheme = "https" if chosen.certificate else "http"
    click.echo(f"The prober listens on {scheme}://{chosen.host}:{chosen.port}")
    Server(make, _options(chosen)).run()


def _options(chosen: ProberSettings) -> dict[str, Any]:
    bind = f"[{chosen.host}]" if ":" in chosen.host else chosen.host
    return {
        "bind": f"{bind}:{chosen.port}",
        # One process: the memory against replayed questions lives in it.
        "workers": 1,
        "threads": _THREADS,
        "worker_class": "gthread",
        "keepalive": 5,
        "timeout": 90,
        "graceful_timeout": 15,
        "loglevel": "warning",
        "proc_name": "deskside-prober",
        "certfile": chosen.certificate,
        "keyfile": chosen.key,
    }
