"""`POST /webhooks/<source>`: verify over the raw bytes, store, commit, answer. One path for every desk."""

import logging
from collections.abc import Mapping

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from deskside.errors import Malformed, NotAuthentic
from deskside.ports import Desk
from deskside.store.database import utc_now
from deskside.store.inbox import Arrival
from webhooks.intake import Intake, Unavailable

log = logging.getLogger(__name__)

LARGEST_BODY = 1024 * 1024
RETRY_AFTER_SECONDS = 20
LONGEST_ID = 200

# Headers that could carry a credential are not kept.
_NOT_KEPT = ("authorization", "cookie", "proxy-authorization", "x-api-key")


def blueprint(desks: Mapping[str, Desk], intake: Intake) -> Blueprint:
    """The receiver for these desks.

    204 stored (or stored before), 400 cannot be read, 401 not authentic, 404 no such desk, 413 over 1 MiB, 503 with
    Retry-After when it cannot be stored: Zendesk comes again only for 409, and for 429 and 503 with a Retry-After
    below 60 (https://developer.zendesk.com/documentation/webhooks/).
    """
    receiver = Blueprint("receiver", __name__)

    @receiver.post("/webhooks/<source>")
    def receive(source: str) -> Response:
        desk = desks.get(source)
        if desk is None:
            return _answer(404, f"there is no desk '{source}' here")
        # Per request: the pages of the same application have their own limits.
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
        if not delivery.id or len(delivery.id) > LONGEST_ID:
            return _answer(400, "the delivery's id is missing or too long")
        try:
            intake.store(Arrival(source, delivery.id, delivery.type, delivery.ticket_id, _kept(headers), body))
        except Unavailable as error:
            log.error("a delivery for %s was not stored: %s", source, error)
            response = _answer(503, "cannot store the delivery now, send it again")
            response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
            return response
        return Response(status=204)

    return receiver


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in _NOT_KEPT}


def _answer(status: int, message: str) -> Response:
    response: Response = jsonify({"error": message})
    response.status_code = status
    return response
