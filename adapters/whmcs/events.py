"""The addon's deliveries read: which ticket they are about, and what kind of hint they are. No I/O."""

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from deskside.errors import Malformed
from deskside.exchange import json_object
from deskside.model.ticket import Delivery, Event, EventKind
from deskside.text import clean, identifier

_CHANGED = (
    "agent_replied",
    "note_added",
    "status_changed",
    "closed",
    "priority_changed",
    "subject_changed",
    "department_changed",
    "flagged",
    "merged",
    "split",
)
# Whatever else the addon tells (services, network issues, announcements, its test) is about no ticket.
KINDS: Mapping[str, EventKind] = {
    "ticket.opened": EventKind.CREATED,
    "ticket.client_replied": EventKind.COMMENTED,
    "ticket.deleted": EventKind.GONE,
    **{f"ticket.{name}": EventKind.CHANGED for name in _CHANGED},
}
INVOICES = frozenset({"invoice.paid", "invoice.refunded", "invoice.cancelled", "invoice.unpaid"})
# What Deskside itself does on WHMCS, and so may hear of again.
_OURS = ("ticket.note_added", "ticket.priority_changed")


class EventSchema(Schema):
    """`{"type": "ticket.opened", "ticket": "123", "at": …, "by": {"admin": "3"}}`; other keys may follow one day."""

    class Meta:
        unknown = EXCLUDE

    type = fields.String(required=True, validate=validate.Length(1, 120))
    ticket = fields.Raw(load_default=None, allow_none=True)
    invoice = fields.Raw(load_default=None, allow_none=True)
    by = fields.Raw(load_default=None, allow_none=True)


_SCHEMA = EventSchema()


def read_delivery(webhook_id: str, body: bytes) -> Delivery:
    """What makes the delivery unique (every try of the addon has one id), and its ticket. Raises `Malformed`."""
    event = _load(body)
    return Delivery(webhook_id, identifier(event["ticket"]), clean(event["type"]))


def read_event(body: bytes, own_admin: str | None) -> Event:
    """What the delivery hints at. `own_admin` is the id of the administrator Deskside acts as. Raises `Malformed`."""
    event = _load(body)
    name = clean(event["type"])
    if name in INVOICES:
        invoice = identifier(event["invoice"])
        if invoice is None:
            raise Malformed(f"an event {name!r} without the id of its invoice")
        return Event(EventKind.INVOICE, name, None, invoice_id=invoice)
    kind = KINDS.get(name, EventKind.OTHER)
    ticket = identifier(event["ticket"])
    if kind is not EventKind.OTHER and ticket is None:
        raise Malformed(f"an event {name!r} without the id of its ticket")
    own = own_admin is not None and name in _OURS and _admin(event["by"]) == own_admin
    return Event(kind, name, ticket, own)


def _admin(by: object) -> str | None:
    """The administrator who did it: `{"admin": "3"}` or `"admin:3"`; None for a client, a guest or the system."""
    if isinstance(by, dict):
        return identifier(by.get("admin"))
    kind, _, who = by.partition(":") if isinstance(by, str) else ("", "", "")
    return identifier(who) if kind == "admin" else None


def _load(body: bytes) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = _SCHEMA.load(json_object(body))
    except ValidationError as error:
        problems = error.messages_dict
        said = "; ".join(f"{name}: {' '.join(map(str, problems[name]))}" for name in sorted(problems))
        raise Malformed(f"the event cannot be read: {said}") from None
    return loaded
