"""The API for programs: `/api/v1`, bearer tokens with scopes, errors as problem documents (RFC 9457)."""

from flask import Flask
from flask_smorest import Api
from flask_wtf.csrf import CSRFProtect

import deskside
from webhooks.api import claims, events, knowledge, moves, place, queue, tickets
from webhooks.api.operation import PREFIX, blueprint

__all__ = ["claims", "events", "knowledge", "moves", "place", "queue", "register", "tickets"]


class ProblemApi(Api):  # type: ignore[misc]
    """flask-smorest without its own form of errors: every error an operation can give is documented by it."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """Errors of the whole app are answered in one place, `webhooks.problems`."""


def register(app: Flask, csrf: CSRFProtect) -> None:
    """Put the API and its description on an app. It knows no cookies, so there is no form to forge."""
    app.config.update(
        API_TITLE="Deskside",
        API_VERSION=deskside.__version__,
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
    )
    description = (
        "The queue, the tickets, the deliveries and the articles of a Deskside. Times are UTC; unknown values are null."
    )
    api = ProblemApi(app, spec_kwargs={"info": {"description": description}})
    api.spec.components.security_scheme(
        "token", {"type": "http", "scheme": "bearer", "description": "A token made by `deskside`, with scopes."}
    )
    api.register_blueprint(blueprint)
    csrf.exempt(blueprint)
