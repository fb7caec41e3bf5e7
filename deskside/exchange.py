"""What an exchange over HTTP came to, for every room that speaks to the outside with requests."""

import json
import ssl
import time
from typing import Any

import requests
import urllib3
from urllib3.exceptions import MaxRetryError, NewConnectionError, ReadTimeoutError

from deskside.errors import Malformed

MAX_BODY = 64 * 1024 * 1024
_CHUNK = 64 * 1024
# What a body has at least once its headers came, however long those took.
_LEAST_BODY_SECONDS = 0.5


def read_body(response: requests.Response, deadline: float, most: int = MAX_BODY) -> bytes:
    """The whole body of a streamed response, by `deadline` (monotonic seconds), within `most` bytes; else it is closed.

    A read time-out alone would let a peer that sends a byte a second hold a worker for ever. Raises requests' own
    `ContentDecodingError` for a body that is too large and `ReadTimeout` for one that takes too long.
    """
    deadline = max(deadline, time.monotonic() + _LEAST_BODY_SECONDS)
    parts: list[bytes] = []
    size = 0
    raw: urllib3.HTTPResponse = response.raw
    while data := raw.read1(_CHUNK, decode_content=True):
        parts.append(data)
        size += len(data)
        if size > most:
            response.close()
            raise requests.exceptions.ContentDecodingError("the answer is too large")
        if time.monotonic() > deadline:
            response.close()
            raise requests.exceptions.ReadTimeout("the answer takes too long")
    return b"".join(parts)


def nothing_was_sent(error: Exception) -> bool:
    """Whether the peer surely did not get the request.

    Only what the error itself is made of counts, not what was being handled when it was raised: before a repetition
    that was sent there may have been a connection that failed.
    """
    if isinstance(error, requests.ConnectTimeout):
        return True
    causes: list[object] = [error, *error.args]
    causes += [cause.reason for cause in causes if isinstance(cause, MaxRetryError)]
    causes += [inner for cause in causes if isinstance(cause, Exception) for inner in cause.args]
    return any(isinstance(cause, NewConnectionError | ssl.SSLCertVerificationError) for cause in causes)


def timed_out(error: Exception) -> bool:
    """Whether the answer, or the rest of it, did not come in time."""
    return isinstance(error, requests.Timeout | ReadTimeoutError)


def reason(error: Exception) -> str:
    """Why there was no answer, in a few words that hold nothing of the request."""
    if timed_out(error):
        return "time-out"
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error)):
        return "its certificate is not trusted"
    return type(error).__name__


def json_object(body: bytes) -> dict[str, Any]:
    """A body that must be a JSON object. Raises Malformed."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("the body is not JSON") from None
    if not isinstance(parsed, dict):
        raise Malformed("the body is JSON but not an object")
    return parsed


def _causes(error: BaseException) -> list[BaseException]:
    """The error and everything that led to it, however the libraries between wrapped it."""
    found: list[BaseException] = []
    left: list[object] = [error]
    while left:
        item = left.pop()
        if not isinstance(item, BaseException) or item in found:
            continue
        found.append(item)
        left += [item.__cause__, item.__context__, *item.args]
        if isinstance(item, MaxRetryError):
            left.append(item.reason)
    return found
