"""A page that subscribes and a worker that shows, as small as can be, which tell what happened to them."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from tests.doubles.asgi import open_ports, served
from tests.doubles.records import Records

FOLDER = Path(__file__).parent


class Playground:
    """Where it is, and what its worker reported."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.reports: Records[dict[str, Any]] = Records()
        self.app = Starlette(
            routes=[
                Route("/sw.js", lambda request: FileResponse(FOLDER / "sw.js")),
                Route("/report", self._report, methods=["POST"]),
                Route("/", lambda request: FileResponse(FOLDER / "index.html")),
                Route("/opened", lambda request: FileResponse(FOLDER / "index.html")),
            ]
        )

    async def _report(self, request: Request) -> Response:
        self.reports.add(await request.json())
        return Response()


@contextlib.contextmanager
def playground() -> Iterator[Playground]:
    """The page, until the block ends."""
    ports = open_ports()
    found = Playground(f"http://{ports.plain}")
    with served(found.app, ports):
        yield found
