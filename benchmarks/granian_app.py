"""Deskside's application for granian, to measure another server in the same run; granian calls one of these."""

import atexit

from flask import Flask

from deskside import app
from deskside.commandline import common


def alone() -> Flask:
    """The receiver and the pages, without a worker."""
    flask, intake = app.create_app(common.parts(None))
    intake.start()
    atexit.register(intake.stop)
    return flask
