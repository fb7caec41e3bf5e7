"""Reading and changing tickets."""

import base64
import binascii
import json
import random
from difflib import SequenceMatcher

from deskside.demo.whmcs.actions.registry import Call, action, listing
from deskside.demo.whmcs.answers import Attachments
from deskside.demo.whmcs.errors import ApiError
from deskside.demo.whmcs.state import Actor, Json, Message, State, Ticket

FUZZY = 0.8


def visible(call: Call, ignoring: str = "ignore_dept_assignments") -> list[Ticket]:
    """The tickets the caller sees: those of the administrator's departments, unless it says otherwise."""
    rows = (row for row in call.world.state.tickets.values() if not row.merged_into)
    mine = None if call.flag(ignoring) else call.admin.departments
    return [row for row in rows if mine is None or row.deptid in mine]


def fits_status(state: State, ticket: Ticket, wanted: str, admin_id: int) -> bool:
    """Whether a ticket has this status, a configured one or one of the three that are none."""
    status = state.statuses.get(ticket.status)
    if wanted == "Awaiting Reply":
        return bool(status and status.awaiting)
    if wanted == "All Active Tickets":
        return bool(status and status.active)
    if wanted == "My Flagged Tickets":
        return bool(status and status.active and ticket.flag == admin_id)
    return ticket.status == wanted


def similar(subject: str, wanted: str) -> bool:
    """Whether a subject is about what was looked for."""
    subject, wanted = subject.lower(), wanted.lower()
    return wanted in subject or SequenceMatcher(None, subject, wanted).ratio() >= FUZZY


def requestor(author: Actor | None, state: State, client_id: int) -> Json:
    """Who wrote, since 8.0: the login, an operator or a guest."""
    if author is None:
        return {"requestor_name": "", "requestor_email": "", "requestor_type": ""}
    kind = "Operator" if author.kind == "admin" else "Guest"
    if author.kind == "client":
        user = state.users.get(author.user_id)
        kind = "Owner" if user and user.clients.get(client_id) else "Registered User"
    return {"requestor_name": author.name, "requestor_email": author.email, "requestor_type": kind}


def attached(message: Message) -> Json:
    """What is attached, thrice."""
    names = message.attachments
    return {"attachment": "|".join(names), "attachments": Attachments(names), "attachments_removed": False}


def owner(state: State, ticket: Ticket) -> str:
    """The client's name, or that of a guest."""
    client = state.clients.get(ticket.userid)
    return client.fullname if client else ticket.name


@action("GetTickets")
def get_tickets(call: Call) -> Json:
    """Tickets by criteria, in no certain order."""
    state = call.world.state
    rows = visible(call)
    if call.number("deptid"):
        rows = [row for row in rows if row.deptid == call.number("deptid")]
    if call.number("clientid"):
        rows = [row for row in rows if row.userid == call.number("clientid")]
    if call.text("email"):
        rows = [row for row in rows if not row.userid and row.email.lower() == call.text("email").lower()]
    if call.text("status"):
        rows = [row for row in rows if fits_status(state, row, call.text("status"), call.admin.id)]
    if call.text("subject"):
        rows = [row for row in rows if similar(row.subject, call.text("subject"))]
    if not call.quirks.ordered:
        # Nobody's order, but the same for every page.
        rows.sort(key=lambda row: random.Random(row.id).random())  # noqa: S311
    counts, shown = call.page(rows)
    return {**counts, **listing("tickets", "ticket", [in_list(state, row) for row in shown])}


def in_list(state: State, ticket: Ticket) -> Json:
    """A ticket as lists show it: without its text, its department's name and who is answering."""
    return {
        "id": ticket.id,
        "tid": ticket.tid,
        "deptid": ticket.deptid,
        "userid": ticket.userid,
        "name": ticket.name,
        "owner_name": owner(state, ticket),
        "email": ticket.email,
        **requestor(ticket.requestor, state, ticket.userid),
        "cc": ticket.cc,
        "c": ticket.c,
        "date": ticket.date,
        "subject": ticket.subject,
        "status": ticket.status,
        "priority": ticket.priority,
        "admin": ticket.admin,
        **attached(ticket.opening),
        "lastreply": ticket.lastreply,
        "flag": ticket.flag,
        "service": ticket.service,
    }


@action("GetTicket")
def get_ticket(call: Call) -> Json:
    """One ticket with everything said; the opening post is the reply "0"."""
    state, ticket = call.world.state, find(call)
    replies = [ticket.opening, *sorted(ticket.replies, key=lambda row: (row.date, row.id))]
    if call.text("repliessort").upper() == "DESC":
        replies.reverse()
    return {
        "ticketid": ticket.id,
        "tid": ticket.tid,
        "c": ticket.c,
        "deptid": ticket.deptid,
        "deptname": state.departments[ticket.deptid].name,
        "userid": ticket.userid,
        "contactid": ticket.contactid,
        "name": ticket.name,
        "owner_name": owner(state, ticket),
        "email": ticket.email,
        **requestor(ticket.requestor, state, ticket.userid),
        "cc": ticket.cc,
        "date": ticket.date,
        "subject": ticket.subject,
        "status": ticket.status,
        "priority": ticket.priority,
        "admin": ticket.admin,
        "lastreply": ticket.lastreply,
        "flag": ticket.flag,
        "service": ticket.service,
        **listing("replies", "reply", [said(state, ticket, row) for row in replies]),
        **listing("notes", "note", [noted("noteid", row) for row in ticket.notes]),
    }


def find(call: Call, message: str = "Ticket ID Not Found") -> Ticket:
    """The ticket named by `ticketid`, or by `ticketnum`, its mask. Raises ApiError."""
    if not call.has("ticketid") and call.text("ticketnum"):
        for row in call.world.state.tickets.values():
            if row.tid == call.text("ticketnum"):
                return row
    return call.world.desk.find(call.number("ticketid"), message)


def said(state: State, ticket: Ticket, row: Message) -> Json:
    """A reply; an administrator's carries no name but `admin`."""
    author = row.author
    by_admin = bool(row.admin)
    return {
        "replyid": row.id,
        "userid": ticket.userid,
        "contactid": row.contactid,
        "name": "" if by_admin or author is None else author.name,
        "email": "" if by_admin or author is None else author.email,
        **requestor(author, state, ticket.userid),
        "date": row.date,
        "message": row.message,
        **attached(row),
        "admin": row.admin,
        "rating": row.rating,
    }


def noted(key: str, row: Message) -> Json:
    """A note; its id is called differently here and there."""
    return {key: row.id, "admin": row.admin, "date": row.date, "message": row.message, **attached(row)}


@action("GetTicketNotes")
def get_ticket_notes(call: Call) -> Json:
    """The notes of a ticket."""
    ticket = call.world.desk.find(call.number("ticketid"))
    rows = [noted("id", row) for row in ticket.notes]
    return {"totalresults": len(rows), **listing("notes", "note", rows)}


@action("GetTicketCounts", numeric=True)
def get_ticket_counts(call: Call) -> Json:
    """How many tickets wait; here the departments are ignored by a word of another spelling."""
    state = call.world.state
    rows = visible(call, "ignoreDepartmentAssignments")
    everywhere = call.flag("ignoreDepartmentAssignments")

    def count(wanted: str) -> int:
        return sum(fits_status(state, row, wanted, call.admin.id) for row in rows)

    shown: Json = {
        "filteredDepartments": [] if everywhere else sorted(call.admin.departments),
        "allActive": count("All Active Tickets"),
        "awaitingReply": count("Awaiting Reply"),
        "flaggedTickets": count("My Flagged Tickets"),
    }
    if call.flag("includeCountsByStatus"):
        shown["status"] = {
            "".join(filter(str.isalnum, title.lower())): {"title": title, "count": count(title)}
            for title in state.statuses
        }
    return shown


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
        raise ApiError("Domain ID Not Found")
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
