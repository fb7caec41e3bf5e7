"""Who the portal says its signed-in user is: a JSON Web Token (RFC 7519) signed with the secret we share."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import jwt

from deskside.errors import NotAuthentic

LONGEST_LIFE = timedelta(hours=1)
CLOCK_SKEW = timedelta(seconds=60)
LONGEST_TOKEN = 6000
MOST_ATTRIBUTES = 32
LONGEST_ATTRIBUTES = 4000
_LENGTHS = {"sub": 120, "desk": 32, "client": 120, "language": 16, "zone": 64}
# The clock is the caller's, and there is nobody else the token could be for.
_OPTIONS: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False}
_UNPROVED: Any = {**_OPTIONS, "verify_signature": False}


@dataclass(frozen=True, slots=True)
class Identity:
    """A signed-in user of a portal: their id on the desk, their client there, and what messages may say of them."""

    desk: str
    person: str
    client_id: str | None = None
    language: str = ""
    zone: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)


def read(token: str, secrets_of: Callable[[str], Sequence[str]], now: datetime) -> Identity:
    """The identity in a token: HS256, with `desk`, `sub` and an `exp` within the hour.

    `secrets_of(desk)` are the secrets that may sign for people of that desk. `client`, `language`, `zone` and
    `attributes` (up to 32 texts, numbers and truths) may be in it. Raises NotAuthentic saying why; the text holds
    nothing of the token.
    """
    if len(token) > LONGEST_TOKEN:
        raise NotAuthentic("the token is too long")
    claims = _claims(token, secrets_of)
    _check_time(claims.get("exp"), now)
    for name, longest in _LENGTHS.items():
        found = claims.get(name)
        if found is None and name not in {"sub", "desk"}:
            continue
        if not isinstance(found, str) or not 0 < len(found) <= longest or not found.isprintable():
            raise NotAuthentic(f"the token's {name} must be a text of at most {longest} characters")
    return Identity(
        desk=claims["desk"],
        person=claims["sub"],
        client_id=claims.get("client"),
        language=claims.get("language") or "",
        zone=claims.get("zone") or "",
        attributes=_attributes(claims.get("attributes") or {}),
    )


def sign(identity: Identity, secret: str, now: datetime, life: timedelta = LONGEST_LIFE) -> str:
    """A token, as a portal makes it."""
    claims = {
        "desk": identity.desk,
        "sub": identity.person,
        "client": identity.client_id,
        "language": identity.language,
        "zone": identity.zone,
        "attributes": dict(identity.attributes),
    }
    expiry = {"exp": int((now + life).timestamp())}
    return jwt.encode({name: value for name, value in claims.items() if value} | expiry, secret, algorithm="HS256")


def _claims(token: str, secrets_of: Callable[[str], Sequence[str]]) -> dict[str, Any]:
    """What a token says, once one of the secrets of the desk it names proves it."""
    refusal: jwt.InvalidTokenError | None = None
    try:
        # Not believed yet: it only says whose secrets to try.
        desk = jwt.decode(token, options=_UNPROVED).get("desk")
        for secret in secrets_of(desk if isinstance(desk, str) else ""):
            try:
                found: dict[str, Any] = jwt.decode(token, secret, algorithms=["HS256"], options=_OPTIONS)
            except jwt.InvalidSignatureError as error:
                refusal = error
            else:
                return found
    except jwt.InvalidTokenError as error:
        refusal = error
    if refusal is None:
        raise NotAuthentic("no portal_secret is set, so nobody can be named")
    raise NotAuthentic(f"the token cannot be accepted ({type(refusal).__name__})")


def _check_time(expiry: object, now: datetime) -> None:
    if isinstance(expiry, bool) or not isinstance(expiry, int | float) or not math.isfinite(expiry):
        raise NotAuthentic("the token has no exp")
    left = expiry - now.timestamp()
    if left < -CLOCK_SKEW.total_seconds():
        raise NotAuthentic("the token has expired")
    if left > (LONGEST_LIFE + CLOCK_SKEW).total_seconds():
        raise NotAuthentic("the token is good for more than an hour")


def _attributes(found: object) -> Mapping[str, Any]:
    if not isinstance(found, dict) or len(found) > MOST_ATTRIBUTES or len(json.dumps(found)) > LONGEST_ATTRIBUTES:
        raise NotAuthentic(f"the token's attributes must be an object of at most {MOST_ATTRIBUTES} short values")
    if not all(map(_storable, [*found, *found.values()])):
        raise NotAuthentic("the token's attributes must be texts, numbers, or true and false")
    return found


def _storable(value: object) -> bool:
    # PostgreSQL stores neither a NUL nor what is no number.
    if isinstance(value, float):
        return math.isfinite(value)
    return "\0" not in value if isinstance(value, str) else isinstance(value, int)
