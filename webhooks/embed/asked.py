"""What the piece inside a desk asks for: one JSON object, read and checked."""

import json
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates, validates_schema

from deskside.errors import Malformed
from deskside.exchange import json_object
from deskside.store.moves import FRONT, SECOND

LOCKING = frozenset({"lock.take", "lock.renew", "lock.release", "lock.override"})
BOOST = "boost.ask"
SUGGEST = "suggest"
FOR_AGENTS = frozenset({"panel", "queue", "lock.state"}) | LOCKING
FOR_CLIENTS = frozenset({"place"})
TYPES = frozenset({"ping", BOOST, SUGGEST}) | FOR_AGENTS | FOR_CLIENTS
# What can be asked for as a boost.
SOLD = (FRONT, SECOND)
_WITHOUT_TICKET = frozenset({"ping", "queue", SUGGEST})
_WITH_TOKEN = frozenset({"lock.renew", "lock.release"})


class _Lenient(Schema):
    class Meta:
        # The addon is updated by hand, perhaps before Deskside is.
        unknown = EXCLUDE


class Text(fields.String):
    """Text that every database can store."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = str(super()._deserialize(value, attr, data, **kwargs))
        if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
            raise ValidationError("holds what cannot be stored as text")
        return text


class AgentSchema(_Lenient):
    """Who is at work: an agent of the desk, by its id there."""

    id = Text(required=True, validate=validate.Length(1, 64))
    name = Text(required=True, validate=validate.Length(1, 120))
    language = Text(load_default="", validate=validate.Length(max=16))


class ClientSchema(_Lenient):
    """Who looks at the client's side: a client of the desk, by its id there."""

    id = Text(required=True, validate=validate.Length(1, 120))
    language = Text(load_default="", validate=validate.Length(max=16))


class AskedSchema(_Lenient):
    """The whole request."""

    type = fields.String(required=True)
    ticket = Text(load_default="", validate=validate.Length(max=64))
    agent = fields.Nested(AgentSchema, load_default=None, allow_none=True)
    client = fields.Nested(ClientSchema, load_default=None, allow_none=True)
    token = Text(load_default="", validate=validate.Length(max=100))
    kind = Text(load_default="", validate=validate.Length(max=16))
    query = Text(load_default="", validate=validate.Length(max=200))
    language = Text(load_default="", validate=validate.Length(max=16))
    place = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1, 10_000_000))

    @validates("type")
    def _known(self, value: str, data_key: str) -> None:
        if value not in TYPES:
            raise ValidationError(f"must be one of {', '.join(sorted(TYPES))}")

    @validates_schema
    def _complete(self, data: dict[str, Any], **_: Any) -> None:
        kind = data["type"]
        missing = {
            "ticket": kind not in _WITHOUT_TICKET and not data["ticket"],
            "agent": kind in FOR_AGENTS and data["agent"] is None,
            "client": kind in FOR_CLIENTS and data["client"] is None,
            "token": kind in _WITH_TOKEN and not data["token"],
            "query": kind == SUGGEST and not data["query"].strip(),
        }
        if kind == BOOST:
            missing |= {
                "client": (data["agent"] is None) == (data["client"] is None),
                "kind": data["kind"] not in SOLD,
                "place": data["place"] is None,
            }
        wrong = {name: [f"is needed for {kind}"] for name, absent in missing.items() if absent}
        if wrong:
            raise ValidationError(wrong)


_SCHEMA = AskedSchema()


def read(body: bytes) -> dict[str, Any]:
    """The request as `AskedSchema` loads it. Raises `Malformed` naming what was wrong."""
    try:
        loaded: dict[str, Any] = _SCHEMA.load(json_object(body))
    except ValidationError as error:
        raise Malformed(f"the request cannot be used: {json.dumps(error.messages)}") from None
    return loaded
