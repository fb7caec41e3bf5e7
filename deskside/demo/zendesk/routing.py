"""How an endpoint is declared: both spellings of its path, its scope, and the lock."""

import functools
from collections.abc import Callable
from typing import Any, cast

from flask import Blueprint, current_app, g, request

from deskside.demo.zendesk import errors
from deskside.demo.zendesk.state import Json, Token, User
from deskside.demo.zendesk.world import World

Handler = Callable[..., Any]


def world() -> World:
    """The world this application serves."""
    return cast(World, current_app.extensions["world"])


def actor() -> User:
    """Who asks, by the token."""
    return cast(User, g.actor)


def token() -> Token | None:
    """The token of this request, if it has one."""
    return cast("Token | None", g.get("token"))


def body() -> Json:
    """The request's JSON object. Raises ApiError 422 when it is not JSON."""
    if not request.get_data():
        return {}
    given = request.get_json(force=True, silent=True)
    if not isinstance(given, dict):
        raise errors.unparsable()
    return given


def wrapped(name: str) -> Json:
    """The object under its name, as in `{"ticket": {...}}`. Raises ApiError 400 when it is missing."""
    given = body().get(name)
    if not isinstance(given, dict):
        raise errors.invalid_attribute(
            f"You passed an invalid value for the {name} attribute. Invalid parameter: {name} is missing"
        )
    return given


def ids(text: str | None, limit: int = 100) -> list[int]:
    """The ids of `?ids=1,2`. Raises ApiError 400 for more than `limit`."""
    numbers = [int(part) for part in (text or "").split(",") if part.strip().isdigit()]
    if len(numbers) > limit:
        raise errors.too_many(limit)
    return numbers


def check_scope(resource: str | None) -> None:
    """Raise ApiError 403 unless the token may do this; a `resource` that has no scope of its own needs a broad one."""
    kind = "read" if request.method in ("GET", "HEAD") else "write"
    held = token()
    allowed = {kind, f"{resource}:{kind}"} if resource else {kind}
    if held is None or not allowed & set(held.scopes):
        raise errors.forbidden()


class Api(Blueprint):
    """A blueprint whose endpoints live under `/api/v2`, with and without `.json`."""

    def __init__(self, name: str, resource: str | None = None) -> None:
        super().__init__(name, __name__)
        self.resource = resource

    def api(
        self, rule: str, *methods: str, resource: str | None = None, public: bool = False, locked: bool = True
    ) -> Callable[[Handler], Handler]:
        """Declare an endpoint; `public` ones are reached without a token, unlocked ones may wait."""

        def declare(handler: Handler) -> Handler:
            @functools.wraps(handler)
            def guarded(**arguments: Any) -> Any:
                if not public:
                    check_scope(resource or self.resource)
                if not locked:
                    return handler(**arguments)
                with world().state.lock:
                    return handler(**arguments)

            allowed = list(methods) or ["GET"]
            self.add_url_rule(f"/api/v2{rule}", handler.__name__, guarded, methods=allowed)
            self.add_url_rule(f"/api/v2{rule}.json", f"{handler.__name__}_json", guarded, methods=allowed)
            return handler

        return declare
