"""Webhook deliveries read: which ticket they are about, and what kind of hint they are. No I/O.

Two kinds come to one path. An event-subscription webhook sends Zendesk's own envelope (`type`, `subject`, `detail`,
`event`); a webhook that a trigger calls sends what an admin typed, which needs to hold nothing but the ticket's id.
Source: developer.zendesk.com, "Webhook event types" and "Creating and monitoring webhooks".
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from adapters.zendesk.notes import has_any_stamp
from adapters.zendesk.signature import TIMESTAMP
from deskside.errors import Malformed
from deskside.exchange import json_object
from deskside.model.ticket import Delivery, Event, EventKind
from deskside.text import clean, identifier

PREFIX = "zen:event-type:"
TRIGGER = "trigger"
INVOCATION = "x-zendesk-webhook-invocation-id"
_MAX_ID = 200

_GONE = ("merged", "soft_deleted", "permanently_deleted", "marked_as_spam")
_CHANGED = (
    "agent_assignment_changed",
    "custom_field_changed",
    "custom_status_changed",
    "description_changed",
    "form_changed",
    "group_assignment_changed",
    "next_sla_breach_changed",
    "organization_changed",
    "priority_changed",
    "problem_link_changed",
    "requester_changed",
    "schedule_changed",
    "sla_policy_changed",
    "status_changed",
    "subject_changed",
    "tags_changed",
    "type_changed",
    "undeleted",
)
KINDS: Mapping[str, EventKind] = {
    "ticket.created": EventKind.CREATED,
    "ticket.comment_added": EventKind.COMMENTED,
    **{f"ticket.{name}": EventKind.CHANGED for name in _CHANGED},
    **{f"ticket.{name}": EventKind.GONE for name in _GONE},
}

# What `connect` subscribes to: everything that can change a ticket's place, and nothing that cannot.
SUBSCRIPTIONS = tuple(
    PREFIX + name
    for name in sorted(KINDS)
    if name
    not in ("ticket.description_changed", "ticket.form_changed", "ticket.schedule_changed", "ticket.type_changed")
)


class EventSchema(Schema):
    """The envelope of an event. Its parts differ between kinds of event, so only the common ones are demanded."""

    class Meta:
        unknown = EXCLUDE

    id = fields.String(load_default=None, allow_none=True)
    type = fields.String(required=True, validate=validate.Length(min=1, max=_MAX_ID))
    subject = fields.String(load_default="", allow_none=True)
    detail = fields.Dict(load_default=dict, allow_none=True)
    event = fields.Dict(load_default=dict, allow_none=True)


_SCHEMA = EventSchema()


def read_delivery(headers: Mapping[str, str], body: bytes) -> Delivery:
    """What makes the delivery unique, and its ticket. `headers` has lower-case names. Raises `Malformed`.

    An event is known by the id in its body: two webhooks for one event, and every retry, share it. A trigger's body
    has none, but retries share the invocation id. Without either, equal bytes signed at one time are one delivery.
    """
    parsed = _load(headers, body)
    event = _event(parsed)
    invocation = headers.get(INVOCATION, "").strip()
    if event is not None:
        unique = event["id"] or invocation
        return Delivery(_unique(unique, headers, body), _ticket_of(event), clean(event["type"]))
    return Delivery(_unique(invocation, headers, body), _ticket_of_trigger(parsed), TRIGGER)


def read_event(headers: Mapping[str, str], body: bytes, own_user: str | None) -> Event:
    """What the delivery hints at. `own_user` is the id of Deskside's own user, if known. Raises `Malformed`."""
    parsed = _load(headers, body)
    event = _event(parsed)
    if event is None:
        return Event(EventKind.CHANGED, TRIGGER, _ticket_of_trigger(parsed))
    name = clean(event["type"]).removeprefix(PREFIX)
    ticket = _ticket_of(event)
    kind = KINDS.get(name, EventKind.OTHER)
    if name == "messaging_ticket.message_added" and _actor_type(event) == "end_user":
        kind = EventKind.COMMENTED
    if kind is not EventKind.OTHER and ticket is None:
        raise Malformed(f"an event {name!r} without the id of its ticket in subject or detail.id")
    return Event(kind, clean(event["type"]), ticket, _is_own(event, own_user))


def _load(headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return _form(body)
    return json_object(body)


def _form(body: bytes) -> dict[str, Any]:
    try:
        return dict(parse_qsl(body.decode(), max_num_fields=100))
    except ValueError:
        raise Malformed("the body is not a readable form") from None


def _event(parsed: dict[str, Any]) -> dict[str, Any] | None:
    """The envelope, or None for a body an admin wrote."""
    if not isinstance(parsed.get("type"), str) or not parsed["type"].startswith(PREFIX):
        return None
    try:
        loaded: dict[str, Any] = _SCHEMA.load(parsed)
    except ValidationError as error:
        raise Malformed(f"the event cannot be read: {_problems(error)}") from None
    return {**loaded, "detail": loaded["detail"] or {}, "event": loaded["event"] or {}}


def _problems(error: ValidationError) -> str:
    messages = error.messages_dict
    return "; ".join(f"{name}: {' '.join(map(str, messages[name]))}" for name in sorted(messages))


def _unique(candidate: str, headers: Mapping[str, str], body: bytes) -> str:
    candidate = clean(candidate)
    if candidate and len(candidate) <= _MAX_ID:
        return candidate
    digest = hashlib.sha256(b"zendesk\0" + headers.get(TIMESTAMP, "").encode() + b"\0" + body)
    return "sha256:" + digest.hexdigest()


def _ticket_of(event: Mapping[str, Any]) -> str | None:
    kind, _, rest = (event["subject"] or "").removeprefix("zen:").partition(":")
    if kind == "ticket":
        return identifier(rest) or identifier(event["detail"].get("id"))
    if event["type"].removeprefix(PREFIX).startswith(("ticket.", "messaging_ticket.")):
        return identifier(event["detail"].get("id"))
    return None


_PLACES: tuple[Callable[[dict[str, Any]], object], ...] = (
    lambda body: body.get("ticket_id"),
    lambda body: body.get("ticketId"),
    lambda body: body.get("ticket.id"),
    lambda body: _within(body, "ticket", "id"),
    lambda body: _within(body, "detail", "id"),
    lambda body: body.get("ticket"),
    lambda body: body.get("id"),
)


def _within(body: dict[str, Any], outer: str, inner: str) -> object:
    part = body.get(outer)
    return part.get(inner) if isinstance(part, dict) else None


def _ticket_of_trigger(body: dict[str, Any]) -> str:
    for place in _PLACES:
        found = identifier(place(body))
        if found is not None:
            return found
    raise Malformed('the body names no ticket: let the trigger send {"ticket_id": "{{ticket.id}}"}')


def _actor_type(event: Mapping[str, Any]) -> str:
    actor = event["event"].get("actor")
    return str(actor.get("type")) if isinstance(actor, dict) else ""


def _is_own(event: Mapping[str, Any], own_user: str | None) -> bool:
    """By the actor's id; by the marker only in an agent's private comment, since a client can type a marker."""
    actor = identifier(event["detail"].get("actor_id"))
    if own_user is not None and actor is not None:
        return actor == own_user
    comment = event["event"].get("comment")
    if not isinstance(comment, dict) or comment.get("is_public") is not False:
        return False
    author = comment.get("author")
    if not isinstance(author, dict) or author.get("is_staff") is not True:
        return False
    return has_any_stamp(clean(comment.get("body")))
