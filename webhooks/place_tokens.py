"""The token of a client's own page: which ticket, signed, so that nobody can guess or change it. It does not expire."""

import hashlib

from itsdangerous import BadSignature, URLSafeSerializer

_SALT = "deskside.place"
_LONGEST = 500


def make(secret_key: str, desk: str, ticket_id: str) -> str:
    """The token of a ticket."""
    return str(_serializer(secret_key).dumps([desk, ticket_id]))


def read(secret_key: str, token: str) -> tuple[str, str] | None:
    """Desk and id of the ticket; None unless we made the token."""
    if len(token) > _LONGEST:
        return None
    try:
        desk, ticket_id = _serializer(secret_key).loads(token)
    except BadSignature:
        return None
    return str(desk), str(ticket_id)


def _serializer(secret_key: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret_key, salt=_SALT, signer_kwargs={"digest_method": hashlib.sha256})
