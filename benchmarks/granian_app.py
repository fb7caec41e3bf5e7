"""Deskside's application for granian, to measure another server in the same run."""

import atexit
from pathlib import Path

from flask import Flask

from deskside import app
from deskside.commandline import common


def serve(path: Path | None = None) -> Flask:
    """All of `deskside serve` but gunicorn; called by granian in its worker process."""
    parts = common.parts(path)
    flask, intake = app.create_app(parts)
    runtime = app.runtime(parts)
    intake.start()
    runtime.start()
    atexit.register(runtime.stop)
    atexit.register(intake.stop)
    return flask
