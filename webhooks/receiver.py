"""`POST /webhooks/<source>`: verify over the raw bytes, store, commit, answer. One path for every desk."""

import json
import logging
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import sqlalchemy as sa
from flask import Flask
from werkzeug import Request, Response
from werkzeug.exceptions import RequestEntityTooLarge

from deskside.errors import Malformed, NotAuthentic
from deskside.model.ticket import Delivery
from deskside.ports import Desk
from deskside.store.database import utc_now
from webhooks.intake import Intake, Unavailable, type_name

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

PATH = "/webhooks/"
LARGEST_BODY = 1024 * 1024
RETRY_AFTER_SECONDS = 20
LONGEST_ID = 200
LONGEST_TICKET_ID = 64

# Headers that could carry a credential are not kept.
_NOT_KEPT = ("authorization", "cookie", "proxy-authorization", "x-api-key")


def mount(app: Flask, desks: Mapping[str, Desk], intake: Intake) -> None:
    """Let `app` receive the deliveries of these desks."""
    app.wsgi_app = Receiver(app.wsgi_app, desks, intake)  # type: ignore[method-assign]


class Receiver:
    """WSGI middleware that takes what comes under `/webhooks/` and leaves the rest to the application behind it.

    It stands before Flask because a delivery needs none of what guards and serves people (session, CSRF, limits,
    language), which would take most of the time of a delivery.

    204 stored (or stored before), 400 cannot be read, 401 not authentic, 404 no such desk, 405 not a POST, 413 over
    1 MiB, 503 with Retry-After when it cannot be stored: Zendesk comes again only for 409, and for 429 and 503 with a
    Retry-After below 60 (https://developer.zendesk.com/documentation/webhooks/).
    """

    def __init__(self, behind: "WSGIApplication", desks: Mapping[str, Desk], intake: Intake) -> None:
        self._behind = behind
        self._desks = desks
        self._intake = intake

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path: str = environ.get("PATH_INFO", "")
        if not path.startswith(PATH):
            return self._behind(environ, start_response)
        return self._receive(Request(environ), path.removeprefix(PATH))(environ, start_response)

    def _receive(self, request: Request, source: str) -> Response:
        desk = self._desks.get(source)
        if desk is None:
            return _answer(404, "there is no such desk here")
        if request.method != "POST":
            return _answer(405, "a delivery is posted", Allow="POST")
        request.max_content_length = LARGEST_BODY
        try:
            body = request.get_data(cache=False)
        except RequestEntityTooLarge:
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
        if not _storable(delivery):
            return _answer(400, "the delivery's id or ticket is missing, too long or holds control characters")
        try:
            self._intake.store(source, delivery.id, delivery.type, delivery.ticket_id, _kept(headers), body)
        except Unavailable as error:
            log.error("a delivery for %s was not stored: %s", source, error)
            return _come_again()
        return Response(status=204)


def _storable(delivery: Delivery) -> bool:
    # PostgreSQL stores no NUL, nothing stores half a surrogate, and what cannot be stored would come again for ever.
    ticket_id = delivery.ticket_id or ""
    return (
        0 < len(delivery.id) <= LONGEST_ID
        and len(ticket_id) <= LONGEST_TICKET_ID
        and (delivery.id + delivery.type + ticket_id).isprintable()
    )


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in _NOT_KEPT}


def _come_again() -> Response:
    return _answer(503, "cannot store the delivery now, send it again", **{"Retry-After": str(RETRY_AFTER_SECONDS)})


def _answer(status: int, message: str, **headers: str) -> Response:
    return Response(json.dumps({"error": message}), status, headers, content_type="application/json")
