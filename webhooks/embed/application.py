"""`POST /embed/<desk>`: verified as a delivery of that desk is, answered from the store alone."""

import logging
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import Flask, Response, g, jsonify, request
from flask_babel import Babel, get_locale
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from deskside.errors import Malformed, NotAuthentic
from deskside.ports import Desk
from deskside.store.database import utc_now
from webhooks import context
from webhooks.embed import asked, boosting, fragments, locking, suggesting
from webhooks.intake import type_name
from webhooks.pages import show
from webhooks.pages.signing import LANGUAGES
from webhooks.receiver import storable
from webhooks.site import LOCALES

log = logging.getLogger(__name__)

PATH = "/embed"
LARGEST_BODY = 16 * 1024
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def mount(app: Flask, desks: Mapping[str, Desk], around: context.Context) -> None:
    """Let `app` answer what these desks' own pages ask.

    By a Flask application of its own beside the pages': who asks is a server that signs, with no session to keep and
    no form to forge.
    """
    embedding = application(desks, around)
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {PATH: embedding.wsgi_app})  # type: ignore[method-assign]


def application(desks: Mapping[str, Desk], around: context.Context) -> Flask:
    """The face for these desks, to be mounted at `PATH`: `POST /<desk>`.

    200 with `{"html": …}` and, for agents, `{"lock": …}`, or with `{"articles": […]}`; 400 cannot be read, 401 not
    authentic, 404 no such desk, 409 a change that was asked before, 413 over 16 KiB, 503 when the store does not
    answer.
    """
    app = Flask("deskside.embed", static_folder=None, root_path=str(fragments.ROOT))
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY + 1
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    context.put(app, around)
    Babel(app, default_translation_directories=str(LOCALES), locale_selector=lambda: g.language)
    show.register(app)
    app.jinja_env.globals.update(locale=get_locale)

    @app.post("/<name>")
    def answer(name: str) -> Response:
        desk = desks.get(name)
        if desk is None:
            return _refuse(404, "there is no such desk here")
        try:
            body = request.get_data(cache=False)
        except RequestEntityTooLarge:
            body = None
        if body is None or len(body) > LARGEST_BODY:
            return _refuse(413, f"a request has at most {LARGEST_BODY} bytes")
        try:
            delivery = desk.accept(dict(request.headers.items()), body, utc_now())
            wanted = asked.read(body)
        except NotAuthentic as error:
            log.warning("a request of %s was refused: %s", name, error)
            return _refuse(401, str(error))
        except Malformed as error:
            return _refuse(400, str(error))
        except sa.exc.SQLAlchemyError as error:
            return _unavailable(name, error)
        if not storable(delivery):
            return _refuse(400, "the request's id is missing, too long or cannot be stored as text")
        g.language = _language(wanted)
        try:
            return _answered(desk, wanted, delivery.id)
        except locking.DoneBefore:
            return _refuse(409, "this request was done before")
        except sa.exc.SQLAlchemyError as error:
            return _unavailable(name, error)

    app.register_error_handler(404, lambda _error: _refuse(404, "there is nothing here"))
    app.register_error_handler(405, _only_post)
    return app


def _answered(desk: Desk, wanted: dict[str, Any], request_id: str) -> Response:
    kind = wanted["type"]
    if kind == "ping":
        return _answer({"html": "", "pong": True})
    if kind == "place":
        return _answer({"html": fragments.place(desk, wanted["ticket"], wanted["client"]["id"])})
    if kind == "queue":
        return _answer({"html": fragments.queue(desk)})
    if kind == "panel":
        return _answer(fragments.panel(desk, wanted["ticket"], wanted["agent"]["id"]))
    if kind == asked.SUGGEST:
        return _answer({"articles": suggesting.articles(wanted["query"], wanted["language"])})
    if kind == asked.BOOST:
        return _answer(boosting.ask(desk, wanted, request_id))
    return _answer(locking.change(desk.name, wanted, request_id))


def _language(wanted: dict[str, Any]) -> str:
    reader = wanted["agent"] or wanted["client"] or {}
    language = str(reader.get("language", "")).lower().partition("-")[0]
    return language if language in LANGUAGES else context.current().settings.language


def _unavailable(name: str, error: sa.exc.SQLAlchemyError) -> Response:
    log.error("a request of %s could not be answered: %s", name, type_name(error))
    return _refuse(503, "cannot answer now, ask again")


def _only_post(_error: HTTPException) -> Response:
    response = _refuse(405, "a request is posted")
    response.headers["Allow"] = "POST"
    return response


def _answer(content: dict[str, Any]) -> Response:
    response: Response = jsonify(content)
    response.headers.update(_HEADERS)
    return response


def _refuse(status: int, message: str) -> Response:
    response = _answer({"error": message})
    response.status_code = status
    return response
