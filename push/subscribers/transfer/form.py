"""The form of the file: a line each for the head, every topic, every subscriber, and the end."""

import base64
import hashlib
import json
from datetime import datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

KIND = "deskside push subscribers"
VERSION = 1
_IMPORTED = "import:"
# Final states of a send: what is still to be sent stays where it is.
SETTLED = ("sent", "failed", "unknown", "skipped")


class Bytes(fields.Field[bytes]):
    """Bytes as base64url without padding, as browsers and VAPID tools write them."""

    def _serialize(self, value: bytes | None, attr: str | None, obj: Any, **kwargs: Any) -> str:
        return base64.urlsafe_b64encode(value or b"").decode().rstrip("=")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bytes:
        try:
            return base64.b64decode(str(value) + "=" * (-len(str(value)) % 4), altchars="-_", validate=True)
        except ValueError:
            raise ValidationError("is not base64url") from None


class _Line(Schema):
    class Meta:
        unknown = EXCLUDE


def _text(most: int, *, required: bool = False) -> fields.String:
    if required:
        return fields.String(required=True, validate=[validate.Length(1, most), _storable])
    return fields.String(load_default="", validate=[validate.Length(max=most), _storable])


def _perhaps(most: int) -> fields.String:
    return fields.String(load_default=None, allow_none=True, validate=[validate.Length(1, most), _storable])


def _storable(value: object) -> None:
    # PostgreSQL stores no NUL, and no number that is none.
    try:
        written = json.dumps(value, allow_nan=False)
    except ValueError:
        raise ValidationError("holds a number that is none") from None
    if "\\u0000" in written:
        raise ValidationError("holds a NUL")


def _time(*, required: bool = False) -> fields.AwareDateTime:
    if required:
        return fields.AwareDateTime(format="iso", required=True)
    return fields.AwareDateTime(format="iso", load_default=None, allow_none=True)


def _minutes() -> fields.Integer:
    return fields.Integer(load_default=None, allow_none=True, validate=validate.Range(0, 1439))


class KeyLine(_Line):
    """A public VAPID key, and the id browsers' lines name it by."""

    id = _text(16, required=True)
    public = _text(100, required=True)


class HeadLine(_Line):
    """The first line."""

    file = fields.String(required=True, validate=validate.Equal(KIND))
    version = fields.Integer(required=True, validate=validate.Equal(VERSION))
    made_at = _time(required=True)
    keys = fields.List(fields.Nested(KeyLine), load_default=list)


class TopicLine(_Line):
    """`"line": "topic"`"""

    name = _text(40, required=True)
    titles = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict, validate=_storable)
    position = fields.Integer(load_default=0)
    proposed = fields.Boolean(load_default=True)
    active = fields.Boolean(load_default=True)


class ChosenPart(_Line):
    """A topic somebody chose."""

    topic = _text(40, required=True)
    since = _time(required=True)


class ConsentPart(_Line):
    """A line of the record of consent."""

    at = _time(required=True)
    action = fields.String(required=True, validate=validate.OneOf(["given", "changed", "withdrawn", "imported"]))
    text = _text(10_000)
    topics = fields.List(_text(40), load_default=list)
    language = _text(16)
    source = _text(64)


class BrowserPart(_Line):
    """A browser: whoever has this can send to it, as long as they have its VAPID key too."""

    endpoint = _text(2048, required=True)
    p256dh = Bytes(required=True)
    auth = Bytes(required=True)
    key = _text(16, required=True)
    browser = _text(16)
    platform = _text(16)
    state = fields.String(load_default="alive", validate=validate.OneOf(["alive", "mismatch", "gone", "out"]))
    created_at = _time(required=True)
    seen_at = _time(required=True)
    accepted_at = _time()


class PushPart(_Line):
    """What one browser was sent of a message, and what became of it; `browser` is the hash of its endpoint."""

    browser = _text(64)
    origin = _text(255)
    state = _text(8, required=True)
    status = fields.Integer(load_default=None, allow_none=True)
    tried_at = _time(required=True)
    settled_at = _time()
    shown_at = _time()
    clicked_at = _time()
    closed_at = _time()
    button = fields.Integer(load_default=None, allow_none=True)


class MessagePart(_Line):
    """A message the person was sent, or was not and why. `key` is the same in every export."""

    key = _text(160, required=True)
    kind = _text(12, required=True)
    name = _text(120)
    state = fields.String(required=True, validate=validate.OneOf(SETTLED))
    reason = _text(200)
    due_at = _time(required=True)
    decided_at = _time()
    sent_at = _time()
    pushes = fields.List(fields.Nested(PushPart), load_default=list)


class SubscriberLine(_Line):
    """`"line": "subscriber"`"""

    desk = _perhaps(32)
    person = _perhaps(120)
    client_id = _perhaps(120)
    language = _text(16)
    zone = _text(64)
    per_week = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(0, 1000))
    quiet_from = _minutes()
    quiet_to = _minutes()
    paused_until = _time()
    attributes = fields.Dict(keys=fields.String(), load_default=dict, validate=_storable)
    source = _text(64)
    tester = fields.Boolean(load_default=False)
    created_at = _time(required=True)
    seen_at = _time(required=True)
    left_at = _time()
    topics = fields.List(fields.Nested(ChosenPart), load_default=list)
    consent = fields.List(fields.Nested(ConsentPart), load_default=list)
    browsers = fields.List(fields.Nested(BrowserPart), load_default=list)
    messages = fields.List(fields.Nested(MessagePart), load_default=list)


class EndLine(_Line):
    """The last line: how many there are before it, and the SHA-256 of all their bytes."""

    line = fields.String(required=True, validate=validate.Equal("end"))
    lines = fields.Integer(required=True)
    sha256 = _text(64, required=True)


def message_key(created_at: datetime, dedupe_key: str) -> str:
    """The key of a message in every export: of what came from another server the one it came with.

    The instant at which a subscriber was made, to the microsecond, says whose it is on every server.
    """
    if dedupe_key.startswith(_IMPORTED):
        return dedupe_key
    return _IMPORTED + hashlib.sha256(f"{created_at.isoformat()}\n{dedupe_key}".encode()).hexdigest()[:40]
