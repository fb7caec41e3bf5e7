"""Errors: a problem document (RFC 9457) for programs and machines, a page for people."""

import logging
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, json, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, InternalServerError

from webhooks.pages.access import load_person

PROGRAMS = (
    "/api/",
    "/webhooks/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/push/key",
    "/push/subscriptions",
    "/push/events",
    "/push/prompt",
)
CONTENT_TYPE = "application/problem+json"

log = logging.getLogger(__name__)


def document(error: HTTPException) -> dict[str, Any]:
    """The problem document of an error; `errors` holds what was wrong with which argument."""
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    data: dict[str, Any] = getattr(error, "data", None) or {}
    problem: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": data.get("message") or error.description or "",
    }
    wrong = data.get("errors") or data.get("messages")
    if wrong:
        problem["detail"] = data.get("message") or "an argument cannot be used"
        problem["errors"] = wrong
    return problem


def for_program(error: HTTPException) -> Response:
    """The answer to a program."""
    response = Response(json.dumps(document(error)), status=error.code, content_type=CONTENT_TYPE)
    _keep_headers(error, response)
    return response


def _for_person(error: HTTPException) -> Response:
    if "person" not in g:
        # No page was found, so nobody asked yet who is there. The answer must not fail for that.
        with suppress(SQLAlchemyError):
            load_person()
    body = render_template("problem.html", code=error.code, form_expired=isinstance(error, CSRFError))
    response = Response(body, status=error.code, content_type="text/html; charset=utf-8")
    _keep_headers(error, response)
    return response


def _keep_headers(error: HTTPException, response: Response) -> None:
    # Allow, WWW-Authenticate and Retry-After say how to do it right; every limit is counted by the minute.
    given = (getattr(error, "data", None) or {}).get("headers") or {}
    for name, value in [*error.get_headers(), *given.items()]:
        if name.lower() != "content-type":
            response.headers[name] = value
    if error.code == HTTPStatus.TOO_MANY_REQUESTS:
        response.headers.setdefault("Retry-After", "60")


def register(app: Flask) -> None:
    """Answer every error of the app in the manner of who asked."""

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        if error.response is not None:
            return error.response  # type: ignore[return-value]
        return for_program(error) if request.path.startswith(PROGRAMS) else _for_person(error)

    @app.errorhandler(Exception)
    def failure(error: Exception) -> Response:
        # The path only: a query or a body may hold what must not be logged.
        log.error("%s %s failed", request.method, request.path, exc_info=error)
        return http_error(InternalServerError())
