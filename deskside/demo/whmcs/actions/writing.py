"""Writing notes and replies, opening and changing tickets."""

import base64
import binascii
import json

from deskside.demo.whmcs.actions.registry import Call, action
from deskside.demo.whmcs.actions.tickets import find
from deskside.demo.whmcs.errors import ApiError
from deskside.demo.whmcs.state import Actor, Json


def files(call: Call) -> list[str]:
    """The names of the attachments: base64 of a JSON list, each with `name` or `filename`. Raises ApiError."""
    if not call.text("attachments"):
        return []
    try:
        rows = json.loads(base64.b64decode(call.text("attachments"), validate=True))
        return [str(row.get("name") or row["filename"]) for row in rows]
    except (binascii.Error, ValueError, KeyError, TypeError, AttributeError):
        raise ApiError("Invalid Attachments") from None


def custom(call: Call) -> dict[int, str]:
    """Custom fields by their ids. Raises ApiError."""
    fields = call.serialized("customfields", "Invalid Custom Fields")
    return {int(key): value for key, value in fields.items() if key.isdigit()}


def required(call: Call, name: str, message: str) -> str:
    """A text that must not be empty. Raises ApiError."""
    if not call.text(name):
        raise ApiError(message)
    return call.text(name)


@action("AddTicketNote")
def add_ticket_note(call: Call) -> Json:
    """A note; its id is not told."""
    ticket = find(call, "Ticket ID not found")
    text = required(call, "message", "Message is required")
    call.world.desk.note(
        ticket.id,
        text,
        call.actor,
        markdown=call.flag("markdown"),
        attachments=files(call),
        at=call.moment("created"),
    )
    return {}


@action("DeleteTicketNote")
def delete_ticket_note(call: Call) -> Json:
    """Remove a note."""
    call.world.desk.delete_note(call.number("noteid"))
    return {"noteid": call.number("noteid")}


@action("AddTicketReply")
def add_ticket_reply(call: Call) -> Json:
    """A reply by an administrator, a client or a guest; its id is not told. Mails the client unless `noemail`."""
    ticket = find(call, "Ticket ID not found")
    author, contact = reply_author(call)
    text = required(call, "message", "Message is required")
    call.world.desk.reply(
        ticket.id,
        text,
        author,
        status=call.text("status"),
        contact_id=contact,
        markdown=call.flag("markdown"),
        attachments=files(call),
        custom=custom(call),
        at=call.moment("created"),
    )
    if author.kind == "admin" and not call.flag("noemail"):
        call.world.state.mails.append({"to": ticket.email, "type": "support", "id": ticket.id, "subject": text[:60]})
    return {}


def reply_author(call: Call) -> tuple[Actor, int]:
    """Who replies, and as which contact. Raises ApiError."""
    state = call.world.state
    if call.text("adminusername"):
        for admin in state.admins.values():
            if admin.username == call.text("adminusername"):
                return Actor("admin", admin.id, admin.name, admin.email), 0
        raise ApiError("Admin User Not Found")
    if call.number("clientid"):
        return client_author(call), call.number("contactid")
    return guest(call), 0


def client_author(call: Call, user_id: int = 0) -> Actor:
    """A client as the author: the user named, else a contact, else the account's owner. Raises ApiError."""
    state, client = call.world.state, call.world.desk.client(call.number("clientid"))
    if user_id:
        user = state.users.get(user_id)
        if user is None or client.id not in user.clients:
            raise ApiError("The system cannot find the provided user ID.")
        return Actor("client", client.id, user.name, user.email, user.id)
    if call.number("contactid"):
        contact = state.contacts.get(call.number("contactid"))
        if contact is None or contact.userid != client.id:
            raise ApiError("Contact ID Not Found")
        return Actor("client", client.id, f"{contact.firstname} {contact.lastname}", contact.email)
    owners = [user.id for user in state.users.values() if user.clients.get(client.id)]
    return Actor("client", client.id, client.fullname, client.email, owners[0] if owners else 0)


def guest(call: Call) -> Actor:
    """Somebody who is no client. Raises ApiError."""
    if not call.text("name") or not call.text("email"):
        raise ApiError("Name and email address are required if not a client")
    if "@" not in call.text("email"):
        raise ApiError("Email Address Invalid")
    return Actor("guest", 0, call.text("name"), call.text("email"))


@action("UpdateTicket")
def update_ticket(call: Call) -> Json:
    """Change what was given; `clientid`, as the documentation's example has it, is nothing."""
    ticket = call.world.desk.find(call.number("ticketid"))
    changes: Json = {name: call.text(name) for name in ("subject", "status", "priority", "name", "email", "cc")}
    changes = {name: value for name, value in changes.items() if call.has(name) and value}
    changes.update({name: call.number(name) for name in ("deptid", "userid", "flag") if call.has(name)})
    if call.flag("removeFlag"):
        changes["flag"] = 0
    if call.has("preventClientClosure"):
        changes["prevent_client_closure"] = call.flag("preventClientClosure")
    if call.has("customfields"):
        changes["custom"] = {**ticket.custom, **custom(call)}
    call.world.desk.update(ticket.id, changes, call.actor)
    if call.text("message"):
        ticket.opening.message = call.text("message")
    return {"ticketid": ticket.id}


@action("OpenTicket")
def open_ticket(call: Call) -> Json:
    """A new ticket, as a client, for a client (`admin`) or as a guest."""
    state = call.world.state
    client_id = call.number("clientid")
    asker = client_author(call, call.number("userid")) if client_id else guest(call)
    call.world.desk.department(call.number("deptid"))
    subject = required(call, "subject", "Subject is required")
    text = required(call, "message", "Message is required")
    service = ""
    if call.number("serviceid"):
        row = state.services.get(call.number("serviceid"))
        if row is None or row.clientid != client_id:
            raise ApiError("Service ID Not Found")
        service = f"S{row.id}"
    elif call.number("domainid"):
        domain = state.domains.get(call.number("domainid"))
        if domain is None or domain.userid != client_id:
            raise ApiError("Domain ID Not Found")
        service = f"D{domain.id}"
    ticket = call.world.desk.open(
        call.number("deptid"),
        subject,
        text,
        call.actor if call.flag("admin") else asker,
        client_id=client_id,
        contact_id=call.number("contactid"),
        asker=asker,
        priority=call.text("priority") or "Medium",
        service=service,
        markdown=call.flag("markdown"),
        attachments=files(call),
        custom=custom(call),
        at=call.moment("created"),
    )
    return {"id": ticket.id, "tid": ticket.tid, "c": ticket.c}


@action("MergeTicket")
def merge_ticket(call: Call) -> Json:
    """Put other tickets into this one."""
    ticket = call.world.desk.find(call.number("ticketid"))
    others = [int(key) for key in call.text("mergeticketids").split(",") if key.strip().isdigit()]
    if not others:
        raise ApiError("Merge Ticket IDs Required")
    call.world.desk.merge(others, ticket.id, call.actor)
    if call.text("newsubject"):
        ticket.subject = call.text("newsubject")
    return {"ticketid": ticket.id}


@action("UpdateTicketReply")
def update_ticket_reply(call: Call) -> Json:
    """Change what a reply says; its ticket is found by the reply, whose numbers are unique."""
    text = required(call, "message", "Message is required")
    for ticket in call.world.state.tickets.values():
        for reply in ticket.replies:
            if reply.id == call.number("replyid"):
                reply.message = text
                return {"replyid": reply.id}
    raise ApiError("Reply ID Not Found")


@action("DeleteTicketReply")
def delete_ticket_reply(call: Call) -> Json:
    """Remove a reply."""
    if not call.number("ticketid"):
        raise ApiError("Ticket ID Required")
    if not call.number("replyid"):
        raise ApiError("Reply ID Required")
    call.world.desk.delete_reply(call.number("ticketid"), call.number("replyid"))
    return {}


@action("DeleteTicket")
def delete_ticket(call: Call) -> Json:
    """Remove a ticket for good."""
    call.world.desk.delete(call.number("ticketid"), call.actor)
    return {}
