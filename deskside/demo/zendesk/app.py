"""The Flask application: authentication, limits, faults that answer, errors, and every endpoint."""

from typing import Any

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from deskside.demo.zendesk import bulk, control, errors, exports, fields, oauth, pages, people, tickets, views, webhooks
from deskside.demo.zendesk.faults import Fault
from deskside.demo.zendesk.guide import articles, directory, library, redirects, structure
from deskside.demo.zendesk.guide import pages as help_pages
from deskside.demo.zendesk.wire import FAULT, Wire
from deskside.demo.zendesk.world import World

ANONYMOUS = ("/api/v2/users/me", "/api/v2/users/me.json")
BLUEPRINTS = (
    oauth.grants,
    oauth.api,
    tickets.api,
    bulk.api,
    people.api,
    people.groups_api,
    fields.api,
    views.api,
    exports.api,
    exports.search_api,
    webhooks.api,
    webhooks.triggers_api,
    control.pages,
    pages.pages,
    directory.brands_api,
    directory.api,
    structure.api,
    articles.api,
    library.api,
    library.store,
    redirects.api,
    help_pages.pages,
)
OF_GUIDE = ("/api/v2/help_center/", "/api/v2/guide/")


def fault_answer(fault: Fault) -> errors.ApiError:
    """What a fault on command answers."""
    if fault.kind == "update_conflict":
        return errors.update_conflict()
    if fault.kind == "database_conflict":
        return errors.database_conflict()
    if fault.kind == "too_many_requests":
        return errors.rate_limited(1 if fault.retry_after is None else fault.retry_after)
    if fault.kind == "unauthorized":
        return errors.invalid_token()
    if fault.kind == "forbidden":
        return errors.forbidden()
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    return errors.ApiError(fault.status, "<html><body><h1>Something is wrong</h1></body></html>", headers)


def window() -> str:
    """The window of the rate limit that this request counts against."""
    return "guide" if request.path.startswith(OF_GUIDE) else "account"


def create_app(world: World) -> Flask:
    """The application that serves `world`."""
    app = Flask(__name__)
    app.extensions["world"] = world
    app.json.sort_keys = False  # type: ignore[attr-defined]
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)

    @app.before_request
    def admit() -> None:
        fault: Fault | None = request.environ.get(FAULT)
        if fault is not None:
            raise fault_answer(fault)
        if not request.path.startswith("/api/"):
            return
        oauth.authenticate()
        if g.token is None and request.path not in ANONYMOUS:
            raise errors.unauthenticated()
        name = window()
        world.limits.take(getattr(world.limits, name), 60, name)

    @app.after_request
    def label(response: Response) -> Response:
        if request.path.startswith("/api/"):
            response.headers.update(world.limits.headers(window()))
            response.headers["X-Zendesk-Origin-Server"] = "simulated"
        return response

    @app.errorhandler(errors.ApiError)
    def refuse(error: errors.ApiError) -> Response:
        text = isinstance(error.payload, str)
        response = Response(str(error.payload)) if text else jsonify(error.payload)
        if text:
            response.content_type = "text/plain; charset=utf-8"
        response.status_code = error.status
        response.headers.update(error.headers)
        return response

    @app.errorhandler(HTTPException)
    def unknown(error: HTTPException) -> Any:
        if request.path.startswith("/api/") and error.code in (404, 405):
            return refuse(errors.no_endpoint())
        return help_pages.missing(error) if error.code == 404 else error

    app.wsgi_app = Wire(app.wsgi_app, world)  # type: ignore[method-assign]
    return app
