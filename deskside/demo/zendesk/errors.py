"""The answers Zendesk gives when it refuses, in its four shapes."""

from collections.abc import Mapping
from typing import Any


class ApiError(Exception):
    """An answer other than success: `payload` is sent as JSON, or as plain text when it is a string."""

    def __init__(self, status: int, payload: Mapping[str, Any] | str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {payload}")
        self.status = status
        self.payload = payload
        self.headers = dict(headers or {})


def unauthenticated() -> ApiError:
    """401: no credentials."""
    return ApiError(401, {"error": "Couldn't authenticate you"})


def invalid_token() -> ApiError:
    """401: a bearer token that was never given, is revoked or is too old."""
    text = "The access token provided is expired, revoked, malformed or invalid for other reasons."
    return ApiError(401, {"error": "invalid_token", "error_description": text})


def forbidden() -> ApiError:
    """403: the token's scopes do not reach this; here `error` is an object."""
    text = "You do not have access to this page. Please contact the account owner of this help desk for further help."
    return ApiError(403, {"error": {"title": "Forbidden", "message": text}})


def not_found() -> ApiError:
    """404: there is no such id."""
    return ApiError(404, {"error": "RecordNotFound", "description": "Not found"})


def no_endpoint() -> ApiError:
    """404: there is no such endpoint on this account."""
    return ApiError(404, {"error": "InvalidEndpoint", "description": "Not found"})


def invalid_attribute(message: str) -> ApiError:
    """400: a parameter that cannot be used."""
    return ApiError(400, {"error": {"title": "Invalid attribute", "message": message}})


def coded(status: int, code: str, title: str, detail: str) -> ApiError:
    """An error in the newer `errors` list shape."""
    return ApiError(status, {"errors": [{"code": code, "title": title, "detail": detail}]})


def invalid_record(key: str, description: str, **more: Any) -> ApiError:
    """422 RecordInvalid with one entry under `details[key]`."""
    return invalid_records({key: [{"description": description, **more}]})


def invalid_records(details: Mapping[str, list[dict[str, Any]]]) -> ApiError:
    """422 RecordInvalid; `details` maps a field's name (not always `base`) to a list of entries."""
    return ApiError(
        422, {"error": "RecordInvalid", "description": "Record validation errors", "details": dict(details)}
    )


def closed() -> ApiError:
    """422: a closed ticket takes no change."""
    return invalid_record("status", "closed prevents ticket update")


def update_conflict() -> ApiError:
    """409 of `safe_update`: somebody changed the ticket since."""
    text = "Safe Update prevented the update due to outdated ticket data."
    return ApiError(409, {"error": "UpdateConflict", "description": text})


def database_conflict() -> ApiError:
    """The other 409: two writers at once; sending again is right."""
    return ApiError(409, {"error": "DatabaseConflict", "description": "Database collision"})


def too_many(limit: int) -> ApiError:
    """400: more rows in one call than allowed."""
    text = f"The request contains too many values. Maximum {limit}"
    return ApiError(400, {"error": "TooManyValues", "description": text, "max_count": limit})


def rate_limited(retry_after: int) -> ApiError:
    """429: plain text, not JSON."""
    return ApiError(
        429, "Number of allowed API requests per minute exceeded", {"Retry-After": str(max(1, retry_after))}
    )


def idempotency_mismatch() -> ApiError:
    """400: the same Idempotency-Key with another body."""
    text = "Request parameters don't match the given idempotency key"
    return ApiError(400, {"error": "IdempotentRequestError", "description": text})


def unparsable() -> ApiError:
    """422: a body that is not JSON."""
    return ApiError(422, {"error": "Unprocessable Entity", "message": "Server could not parse JSON"})
