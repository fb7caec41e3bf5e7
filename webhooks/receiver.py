"""`POST /webhooks/<source>`: verify over the raw bytes, store, commit, answer. One path for every desk."""

import logging
from collections.abc import Mapping

import sqlalchemy as sa
from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from deskside.errors import Malformed, NotAuthentic
from deskside.model.ticket import Delivery
from deskside.ports import Desk
from deskside.store.database import utc_now
from webhooks.intake import Intake, Unavailable, type_name

log = logging.getLogger(__name__)

PATH = "/webhooks"
LARGEST_BODY = 1024 * 1024
RETRY_AFTER_SECONDS = 20
LONGEST_ID = 200
LONGEST_TICKET_ID = 64

# Headers that could carry a credential are not kept.
_NOT_KEPT = ("authorization", "cookie", "proxy-authorization", "x-api-key")


def mount(app: Flask, desks: Mapping[str, Desk], intake: Intake) -> None:
    """Let `app` receive the deliveries of these desks.

    By a Flask application of its own beside the pages': a delivery needs none of what guards and serves people
    (session, CSRF, limits, language), which would take most of its time.
    """
    receiving = application(desks, intake)
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {PATH: receiving.wsgi_app})  # type: ignore[method-assign]


def application(desks: Mapping[str, Desk], intake: Intake) -> Flask:
    """The receiver for these desks, to be mounted at `PATH`: `POST /<source>`.

    204 stored (or stored before), 400 cannot be read, 401 not authentic, 404 no such desk, 413 over 1 MiB, 503 with
    Retry-After when it cannot be stored: Zendesk comes again only for 409, and for 429 and 503 with a Retry-After
    below 60 (https://developer.zendesk.com/documentation/webhooks/).
    """
    receiver = Flask("deskside.receiver", static_folder=None)
    # One byte more than allowed: a body without a Content-Length is silently cut at this number.
    receiver.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY + 1

    @receiver.post("/<source>")
    def receive(source: str) -> Response:
        desk = desks.get(source)
        if desk is None:
            return _answer(404, "there is no such desk here")
        try:
            body = request.get_data(cache=False)
        except RequestEntityTooLarge:
            body = None
        if body is None or len(body) > LARGEST_BODY:
            return _answer(413, f"a delivery has at most {LARGEST_BODY} bytes")
        headers = dict(request.headers.items())
        try:
            delivery = desk.accept(headers, body, utc_now())
        except NotAuthentic as error:
            log.warning("a delivery for %s was refused: %s", source, error)
            return _answer(401, str(error))
        except Malformed as error:
            return _answer(400, str(error))
        except sa.exc.SQLAlchemyError as error:
            # A desk may keep its secret in the store.
            log.error("a delivery for %s could not be verified: %s", source, type_name(error))
            return _come_again()
        if not storable(delivery):
            return _answer(400, "the delivery's id or ticket is missing, too long or cannot be stored as text")
        try:
            intake.store(source, delivery.id, delivery.type, delivery.ticket_id, _kept(headers), body)
        except Unavailable as error:
            log.error("a delivery for %s was not stored: %s", source, error)
            return _come_again()
        return Response(status=204)

    receiver.register_error_handler(404, lambda _error: _answer(404, "there is nothing here"))
    receiver.register_error_handler(405, _only_post)
    return receiver


def _only_post(_error: HTTPException) -> Response:
    response = _answer(405, "a delivery is posted")
    response.headers["Allow"] = "POST"
    return response


def storable(delivery: Delivery) -> bool:
    """Whether the delivery's id, type and ticket can be kept in the store."""
    # PostgreSQL stores no NUL, nothing stores half a surrogate, and what cannot be stored would come again for ever.
    ticket_id = delivery.ticket_id or ""
    texts = delivery.id + delivery.type + ticket_id
    return (
        0 < len(delivery.id) <= LONGEST_ID
        and len(ticket_id) <= LONGEST_TICKET_ID
        and "\0" not in texts
        and not any("\ud800" <= character <= "\udfff" for character in texts)
    )


def _come_again() -> Response:
    response = _answer(503, "cannot store the delivery now, send it again")
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in _NOT_KEPT}


def _answer(status: int, message: str) -> Response:
    response: Response = jsonify({"error": message})
    response.status_code = status
    return response
