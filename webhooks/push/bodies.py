"""What scripts send, and how it is read: small, and checked before anything is done."""

import base64
import binascii
from typing import Any, NoReturn

from flask import json, request
from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validate, validates_schema
from werkzeug.exceptions import BadRequest, UnprocessableEntity

from push.subscribers.reports import What

LARGEST = 16 * 1024
LONGEST_ENDPOINT = 2048


class Base64Url(fields.Field[bytes]):
    """Bytes as base64url, with or without padding."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bytes:
        try:
            return base64.b64decode(str(value) + "=" * (-len(str(value)) % 4), altchars="-_", validate=True)
        except (binascii.Error, ValueError):
            raise ValidationError("is not base64url") from None


def _text(longest: int) -> fields.String:
    return fields.String(load_default="", allow_none=True, validate=[validate.Length(max=longest), _storable])


def _storable(value: str) -> None:
    if not value.isprintable():
        raise ValidationError("holds characters that cannot be printed")


class KeysSchema(Schema):
    """The `keys` of a PushSubscription."""

    class Meta:
        unknown = EXCLUDE

    p256dh = Base64Url(required=True)
    auth = Base64Url(required=True)


class SubscriptionSchema(Schema):
    """A PushSubscription as browsers write it (W3C Push API, 8)."""

    class Meta:
        unknown = EXCLUDE

    endpoint = fields.String(required=True, validate=[validate.Length(1, LONGEST_ENDPOINT), _storable])
    keys = fields.Nested(KeysSchema, required=True)


class WishSchema(Schema):
    """What a browser tells of its subscription: itself, or by the token of one we know.

    `key` is the public VAPID key it was made with, `old` the endpoint it had before; `agreed` says that the person has
    just said yes, to `topics` in `language`.
    """

    class Meta:
        unknown = RAISE

    subscription = fields.Nested(SubscriptionSchema, load_default=None, allow_none=True)
    device = _text(200)
    key = _text(100)
    old = _text(LONGEST_ENDPOINT)
    identity = _text(6000)
    agreed = fields.Boolean(load_default=False)
    topics = fields.List(
        fields.String(validate=validate.Length(1, 40)), load_default=list, validate=validate.Length(max=100)
    )
    language = _text(16)
    zone = _text(64)
    source = _text(64)

    @validates_schema
    def _one(self, data: dict[str, Any], **_: Any) -> None:
        if bool(data.get("subscription")) == bool(data.get("device")):
            raise ValidationError("give either a subscription or a device", "subscription")


class EndSchema(Schema):
    """Which browser is to get no more, or is only signed out of."""

    class Meta:
        unknown = RAISE

    subscription = fields.Nested(SubscriptionSchema, load_default=None, allow_none=True)
    device = _text(200)
    signed_out = fields.Boolean(load_default=False)


class ReportSchema(Schema):
    """One thing that happened to a push, `ago` milliseconds before it was told."""

    class Meta:
        unknown = EXCLUDE

    token = fields.String(required=True, validate=[validate.Length(1, 64), _storable])
    what = fields.Enum(What, by_value=True, required=True)
    ago = fields.Float(load_default=0.0)
    button = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(0, 9))


class ReportsSchema(Schema):
    """A beacon."""

    class Meta:
        unknown = EXCLUDE

    events = fields.List(fields.Nested(ReportSchema), required=True, validate=validate.Length(1, 50))


def read(schema: Schema) -> dict[str, Any]:
    """The body of this request, whatever its content type: a beacon of another origin may only say text/plain.

    400 what is no JSON object, 413 what is large, 422 what the schema refuses.
    """
    request.max_content_length = LARGEST
    try:
        found = json.loads(request.get_data(cache=False))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise BadRequest("the body must be a JSON object")
    try:
        loaded: dict[str, Any] = schema.load(found)
    except ValidationError as error:
        refuse("an argument cannot be used", error.messages_dict)
    return loaded


def refuse(message: str, errors: dict[str, Any] | None = None) -> NoReturn:
    """422, saying what cannot be used."""
    error = UnprocessableEntity(message)
    error.data = {"message": message, "errors": errors or {}}  # type: ignore[attr-defined]
    raise error
