"""Reading tickets."""

import random
from difflib import SequenceMatcher

from deskside.demo.whmcs.actions.registry import Call, action, listing
from deskside.demo.whmcs.answers import Attachments
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
