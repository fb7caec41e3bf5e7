"""Zendesk's refusals made into typed errors, in one place.

An error body comes in five shapes (and a sixth from `/oauth/tokens`), or as plain text; which one says little about
the cause. Sources: developer.zendesk.com, "Responses and errors"; the ticketing introduction.
"""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from deskside.errors import Conflict, DesksideError, Gone, Permanent, Transient, UnknownOutcome
from deskside.text import clean

DEFAULT_WAIT = 10.0
MAX_WAIT = 3600.0
_MAX_TEXT = 300


class AccessRefused(Permanent):
    """403: the token's scopes, the user's role or the account's plan do not allow it."""


class CredentialsRefused(Permanent):
    """401, or no token was given: nothing will work before a person mends the credentials."""


class Collision(UnknownOutcome):
    """409: two writers at once, or what was to be made is there already."""


class NotOnThisAccount(Gone):
    """404 `InvalidEndpoint`: this account has no such thing at all, as opposed to no such id."""


def explain(response: requests.Response) -> DesksideError:
    """The typed error of an answer outside 2xx, with what Zendesk said about it."""
    request = response.request
    method = (request.method or "GET").upper()
    code, text = describe(response)
    status = response.status_code
    said = f"{method} {request.path_url.partition('?')[0]}: {status}" + (f" {text}" if text else "")
    error: DesksideError
    if status in (429, 503):
        wait = retry_after(response.headers.get("Retry-After"))
        # A 503 may come from something in front of a Zendesk that did act.
        reads_only = method == "GET" or status == 429
        error = Transient(said, wait) if reads_only else UnknownOutcome(said, wait)
    elif status >= 500:
        error = Transient(said) if method == "GET" else UnknownOutcome(said)
    elif status == 409 and code == "UpdateConflict":
        error = Conflict(said)
    elif status == 409:
        # Two writers at once: sending again is right, once it is sure that ours did not land first.
        error = Transient(said, 1.0) if method == "GET" else Collision(said, 1.0)
    elif status == 404:
        error = NotOnThisAccount(said) if code == "InvalidEndpoint" else Gone(said)
    elif status == 422 and "closed" in text.lower():
        error = Gone(said + " (the ticket is closed)")
    elif status == 401:
        error = CredentialsRefused(
            said + " (check zendesk.client_id and zendesk.client_secret; `deskside check` tells more)"
        )
    elif status == 403:
        error = AccessRefused(said + " (the token's scope, the user's role or the plan does not allow it)")
    elif 300 <= status < 400:
        error = Permanent(said + " (it redirects, which is not followed: check zendesk.url)")
    elif status == 408:
        error = Transient(said) if method == "GET" else UnknownOutcome(said)
    else:
        error = Permanent(said)
    return error


def describe(response: requests.Response) -> tuple[str, str]:
    """The error's code (may be empty) and its text, whatever the shape of the body; at most 300 characters."""
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return "", "" if response.text.lstrip().startswith("<") else _short(response.text)
    if not isinstance(body, dict):
        return "", ""
    code, words = _code_and_words(body)
    words += _details(body.get("details"))
    return code, _short("; ".join(dict.fromkeys(filter(None, [code, *words]))))


def retry_after(value: str | None) -> float:
    """Seconds to wait by a `Retry-After` header: a number, a fraction, a date, or missing."""
    text = (value or "").strip()
    try:
        wait = float(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, TypeError):
            return DEFAULT_WAIT
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        wait = (moment - datetime.now(UTC)).total_seconds()
    if not math.isfinite(wait):
        return DEFAULT_WAIT
    return min(MAX_WAIT, max(1.0, wait))


def _code_and_words(body: dict[str, Any]) -> tuple[str, list[str]]:
    errors = body.get("errors")
    if isinstance(errors, list):
        rows = [row for row in errors if isinstance(row, dict)]
        code = clean(rows[0].get("code")) if rows else ""
        return code, [clean(row.get("detail") or row.get("title")) for row in rows]
    if isinstance(errors, dict):
        # The Help Center API's shape: texts by field.
        return "", [f"{clean(key)}: {clean(text)}" for key, texts in errors.items() for text in _several(texts)]
    error = body.get("error")
    if isinstance(error, dict):
        return clean(error.get("title")), [clean(error.get("message"))]
    return clean(error), [clean(body.get(key)) for key in ("description", "error_description", "message")]


def _several(texts: object) -> list[object]:
    return texts if isinstance(texts, list) else [texts]


def _details(details: object) -> list[str]:
    """Every problem under every key: Zendesk files them under the field's name as often as under `base`."""
    words: list[str] = []
    for rows in details.values() if isinstance(details, dict) else ():
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict):
                field = row.get("ticket_field_id")
                words.append(clean(row.get("description")) + (f" (field {field})" if field else ""))
    return words


def _short(text: str) -> str:
    text = " ".join(clean(text).split())
    return text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT] + "…"
