"""One operation of the API: its route, its scope, its answers, and their description, said once."""

from collections.abc import Callable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any, NoReturn, TypeVar

from flask import request
from flask_smorest import Blueprint, abort
from marshmallow import Schema

from deskside.store import people
from deskside.store.database import reading
from webhooks.api.schemas import Problem
from webhooks.context import current
from webhooks.problems import CONTENT_TYPE

F = TypeVar("F", bound=Callable[..., Any])
PREFIX = "/api/v1"

blueprint = Blueprint("api", __name__, url_prefix=PREFIX, description="The queue, the tickets and the deliveries")


def operation(
    method: str,
    path: str,
    *,
    scope: str,
    answer: type[Schema],
    status: int = 200,
    arguments: type[Schema] | None = None,
    body: type[Schema] | None = None,
    problems: Mapping[int, str] | None = None,
) -> Callable[[F], F]:
    """Make a function an operation.

    `arguments` come in the query, `body` is JSON. `problems` says which errors it gives besides those of the token
    (401, 403) and of the arguments (422), and when.
    """
    failures = {401: "No token, or an unknown one", 403: f"The token lacks the scope {scope}", **(problems or {})}
    if arguments is not None or body is not None:
        failures[422] = "An argument cannot be used; `errors` names it"

    def decorate(view: F) -> F:
        wrapped: Any = blueprint.response(status, answer, description=HTTPStatus(status).phrase)(view)
        if arguments is not None:
            wrapped = blueprint.arguments(arguments, location="query", as_kwargs=True)(wrapped)
        if body is not None:
            wrapped = blueprint.arguments(body, location="json", as_kwargs=True)(wrapped)
        for code, when in failures.items():
            wrapped = blueprint.alt_response(code, schema=Problem, content_type=CONTENT_TYPE, description=when)(wrapped)
        wrapped = _guarded(wrapped, scope)
        wrapped = blueprint.doc(security=[{"token": [scope]}], operationId=view.__name__)(wrapped)
        registered: F = blueprint.route(path, methods=[method])(wrapped)
        return registered

    return decorate


def _guarded(view: Callable[..., Any], scope: str) -> Callable[..., Any]:
    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        _require(scope)
        return view(*args, **kwargs)

    return guarded


def _require(scope: str) -> None:
    """Refuse a request without a good token, in the words of RFC 6750, section 3."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        refuse(401, "send a token: 'Authorization: Bearer dsk_…'", WWW_Authenticate='Bearer realm="deskside"')
    with reading(current().database) as connection:
        scopes = people.token_scopes(connection, token.strip())
    if scopes is None:
        refuse(401, "this token is not known", WWW_Authenticate='Bearer realm="deskside", error="invalid_token"')
    if scope not in scopes:
        challenge = f'Bearer realm="deskside", error="insufficient_scope", scope="{scope}"'
        refuse(403, f"this token lacks the scope {scope}", WWW_Authenticate=challenge)


def refuse(code: int, message: str, **headers: str) -> NoReturn:
    """End the request with a problem document."""
    abort(code, message=message, headers={name.replace("_", "-"): value for name, value in headers.items()})
    raise AssertionError("abort returned")
