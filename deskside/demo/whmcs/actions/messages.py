"""The activity log, notifications and mail: kept to be looked at, sent to nobody."""

from deskside.demo.whmcs.actions.registry import Call, action
from deskside.demo.whmcs.errors import ApiError
from deskside.demo.whmcs.state import Json, State

STYLES = ("success", "danger", "info")
MAIL_TYPES = ("general", "product", "domain", "invoice", "support", "affiliate")
# A template's name tells what its related id is; of the many of an install, these.
TEMPLATES = {
    "Client Signup Email": "general",
    "Service Welcome Email": "product",
    "Invoice Created": "invoice",
    "Support Ticket Opened": "support",
    "Support Ticket Reply": "support",
}


@action("LogActivity")
def log_activity(call: Call) -> Json:
    """A line of the activity log."""
    if not call.text("description"):
        raise ApiError("Missing Description")
    call.world.state.log(call.text("description"), call.number("clientid"))
    return {}


@action("TriggerNotificationEvent")
def trigger_notification_event(call: Call) -> Json:
    """A notification; identifier, title and message are needed, though called optional."""
    for name, what in (
        ("notification_identifier", "a identifier string to be passed"),
        ("title", "a title to be provided"),
        ("message", "a message to be provided"),
    ):
        if not call.text(name):
            raise ApiError(f"API Notification Events require {what}.")
    given = call.given.get("attributes")
    attributes = list(given.values()) if isinstance(given, dict) else []
    for row in attributes:
        if not isinstance(row, dict) or not row.get("label") or not row.get("value"):
            raise ApiError("Notification attributes require a label and a value.")
    names = ("notification_identifier", "title", "message", "url", "status", "statusStyle")
    shown = {name: call.text(name) for name in names}
    call.world.state.notifications.append({**shown, "attributes": attributes})
    return {}


def recipient(state: State, kind: str, related: int) -> str | None:
    """Whom a mail of a type with its related id goes to, or None."""
    if kind == "support":
        ticket = state.tickets.get(related)
        return ticket.email if ticket else None
    tables = {"general": state.clients, "product": state.services, "invoice": state.invoices}
    row = tables.get(kind, {}).get(related)  # type: ignore[attr-defined]
    if row is None:
        return None
    client = state.clients[getattr(row, "clientid", getattr(row, "userid", row.id))]
    return client.email


@action("SendEmail")
def send_email(call: Call) -> Json:
    """A mail to a client, by a template or with a text of its own; what failed is not told."""
    name, kind = call.text("messagename"), call.text("customtype")
    if not name and not kind:
        raise ApiError("You must provide either an existing email template name or a custom message type")
    if kind:
        if kind not in MAIL_TYPES:
            raise ApiError("Invalid message type provided")
        if not call.text("customsubject"):
            raise ApiError("A subject is required for a custom message")
        if not call.text("custommessage"):
            raise ApiError("A message body is required for a custom message")
    elif name not in TEMPLATES:
        raise ApiError("Email Template not found")
    variables = call.serialized("customvars", "The custom variables you provided are invalid.")
    if not call.number("id"):
        raise ApiError("A related ID is required")
    kind = kind or TEMPLATES[name]
    address = recipient(call.world.state, kind, call.number("id"))
    if address is None:
        raise ApiError("Sending Failed. Please see documentation.")
    mail = {"to": address, "type": kind, "id": call.number("id"), "subject": call.text("customsubject") or name}
    call.world.state.mails.append({**mail, "message": call.text("custommessage"), "variables": variables})
    return {}


@action("SendAdminEmail")
def send_admin_email(call: Call) -> Json:
    """A mail to administrators."""
    if not call.text("messagename") and not call.text("customsubject"):
        raise ApiError("You must provide either an existing email template name or a custom message")
    subject = call.text("customsubject") or call.text("messagename")
    mail = {"to": "administrators", "type": call.text("type") or "system", "id": call.number("deptid")}
    call.world.state.mails.append({**mail, "subject": subject, "message": call.text("custommessage")})
    return {}
