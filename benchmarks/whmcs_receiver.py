"""The real server with one desk more, `whmcs`: of it only the signature matters here, so no WHMCS needs to be behind."""

from collections.abc import Callable

from flask import Flask

from benchmarks.running import SECRET
from deskside import app
from deskside.commandline import common
from deskside.commandline.serve import Server, options
from tests.webhooks.embedding import SigningDesk


def _make() -> tuple[Flask, Callable[[], None]]:
    parts = common.parts(None)
    desks = {**parts.context.desks, "whmcs": SigningDesk("whmcs", SECRET)}
    parts.context.desks = desks  # type: ignore[assignment]
    flask, intake = app.create_app(parts)
    intake.start()
    return flask, intake.stop


if __name__ == "__main__":
    Server(_make, options(common.parts(None), workers=1)).run()
