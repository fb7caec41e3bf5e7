"""OAuth: the client_credentials grant and what a token may do."""

import hmac
import secrets
from datetime import timedelta
from typing import Any

from flask import Blueprint, g, request

from deskside.demo.zendesk import errors, shapes
from deskside.demo.zendesk.routing import Api, world
from deskside.demo.zendesk.state import Json, Token

DEFAULT_EXPIRY_SECONDS = 1800
SHORTEST, LONGEST = 300, 172_800
RESOURCES = (
    "tickets users organizations hc webhooks triggers automations macros requests satisfaction_ratings auditlogs apps"
)
SCOPES = {"read", "write", "impersonate"} | {
    f"{name}:{kind}" for name in RESOURCES.split() for kind in ("read", "write")
}

grants = Blueprint("grants", __name__)
api = Api("oauth")


def refuse(status: int, error: str, text: str) -> errors.ApiError:
    """An error in OAuth's own shape (RFC 6749, section 5.2)."""
    return errors.ApiError(status, {"error": error, "error_description": text})


@grants.post("/oauth/tokens")
def create_token() -> tuple[Json, int]:
    """A bearer token for client credentials. A misspelt scope still yields one, without that scope."""
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        raise refuse(400, "invalid_request", "The request must be JSON.")
    if given.get("grant_type") != "client_credentials":
        raise refuse(400, "unsupported_grant_type", "The grant type is not supported.")
    client = world().client
    same = hmac.compare_digest(str(given.get("client_secret")).encode(), client.secret.encode())
    if given.get("client_id") != client.identifier or not same:
        raise refuse(401, "invalid_client", "Client authentication failed due to unknown client or wrong secret.")
    scope = str(given.get("scope") or "read")
    wanted = tuple(scope.split()) if isinstance(given.get("scope") or "read", str) else ()
    if client.scopes is not None and not set(wanted) <= set(client.scopes):
        raise refuse(400, "invalid_scope", "The requested scope is invalid, unknown, or malformed.")
    granted = tuple(item for item in wanted if item in SCOPES)
    seconds = given.get("expires_in") or DEFAULT_EXPIRY_SECONDS
    if not isinstance(seconds, int) or not SHORTEST <= seconds <= LONGEST:
        raise refuse(400, "invalid_request", f"expires_in must be between {SHORTEST} and {LONGEST}.")
    state = world().state
    with state.lock:
        now = state.clock()
        text = secrets.token_hex(32)
        state.tokens[text] = Token(
            next(state.ids), text, client.user_id, granted, now, now + timedelta(seconds=seconds)
        )
    return {"access_token": text, "token_type": "bearer", "scope": " ".join(granted), "expires_in": seconds}, 201


def authenticate() -> None:
    """Set `g.actor` and `g.token` from the bearer token. Raises ApiError 401 for one that is not good."""
    g.actor, g.token = None, None
    header = request.headers.get("Authorization", "")
    if not header:
        return
    state = world().state
    kind, _, text = header.partition(" ")
    with state.lock:
        found = state.tokens.get(text.strip())
        if kind.lower() != "bearer":
            raise errors.unauthenticated()
        if found is None or (found.expires_at is not None and found.expires_at <= state.clock()):
            raise errors.invalid_token()
        g.actor, g.token = state.users[found.user_id], found


@api.api("/oauth/tokens/current", public=True)
def current_token() -> Any:
    """What the caller's own token is."""
    if g.token is None:
        raise errors.unauthenticated()
    row: Token = g.token
    return {
        "token": {
            "url": f"{world().base}/api/v2/oauth/tokens/{row.id}.json",
            "id": row.id,
            "user_id": row.user_id,
            "client_id": 223443,
            "token": row.text[:10],
            "refresh_token": None,
            "created_at": shapes.stamp(row.created_at),
            "expires_at": shapes.stamp(row.expires_at),
            "used_at": shapes.stamp(world().state.clock()),
            "scopes": list(row.scopes),
        }
    }
