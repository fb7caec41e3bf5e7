"""The receiver with no worker in its process, as `deskside web` is on PostgreSQL: what the worker costs is the rest."""

from collections.abc import Callable

from flask import Flask

from deskside import app
from deskside.commandline import common
from deskside.commandline.serve import Server, options


def _make() -> tuple[Flask, Callable[[], None]]:
    flask, intake = app.create_app(common.parts(None))
    intake.start()
    return flask, intake.stop


if __name__ == "__main__":
    Server(_make, options(common.parts(None), workers=1)).run()
