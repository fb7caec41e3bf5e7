"""Which pages' scripts may change something here: our own, and those of the portals in `[push] origins`."""

from urllib.parse import urlsplit

from flask import Response, abort, request

from webhooks.context import current
from webhooks.push.face import face

METHODS = "POST, DELETE"


def portals() -> tuple[str, ...]:
    """The origins of the portals."""
    return face().settings.origins


def allowed(origin: str) -> bool:
    """Whether scripts of this origin may."""
    # A browser cannot be made to lie about the host it asks, so the host of this request is our own as well.
    return origin in {_origin(current().settings.base_url), _origin(request.host_url), *portals()}


def require() -> None:
    """403 unless a browser says that a script of an allowed origin asks."""
    if request.method != "OPTIONS" and not allowed(request.headers.get("Origin", "")):
        abort(403, "no page of this origin may subscribe people; portals belong in [push] origins")


def let_read(response: Response) -> Response:
    """Let the scripts of allowed origins, and no others, send their wish and read the answer (CORS)."""
    origin = request.headers.get("Origin", "")
    if allowed(origin):
        response.headers["Access-Control-Allow-Origin"] = origin
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = METHODS
            response.headers["Access-Control-Allow-Headers"] = "Content-Type"
            response.headers["Access-Control-Max-Age"] = "600"
    response.vary.add("Origin")
    return response


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
