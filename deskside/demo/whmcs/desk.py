"""What can be done to tickets, whoever does it: the API, an agent's screen, a client's page. Each fires its hooks."""

from collections.abc import Callable, Iterable
from datetime import datetime

from deskside.demo.whmcs.errors import ApiError
from deskside.demo.whmcs.state import (
    ANSWERED,
    CLOSED,
    CUSTOMER_REPLY,
    PRIORITIES,
    Actor,
    Client,
    Department,
    Json,
    Message,
    State,
    Ticket,
)

Tell = Callable[[str, Json, Actor | None], None]


class Desk:
    """The ticket operations over a `State`: each takes the lock, checks, changes, and tells the hooks' listener.

    What has no hook in WHMCS is told to nobody: a flag that is taken away, another cc, another client, a status that
    came with a reply. `tell` gets the event's type, what it concerns and who did it.
    """

    def __init__(self, state: State, tell: Tell) -> None:
        self.state = state
        self.tell = tell

    def find(self, ticket_id: int, message: str = "Ticket ID Not Found") -> Ticket:
        """A ticket. Raises ApiError."""
        ticket = self.state.tickets.get(ticket_id)
        if ticket is None:
            raise ApiError(message)
        return ticket

    def client(self, client_id: int, message: str = "Client ID Not Found") -> Client:
        """A client. Raises ApiError."""
        client = self.state.clients.get(client_id)
        if client is None:
            raise ApiError(message)
        return client

    def department(self, department_id: int, message: str = "Department ID not found") -> Department:
        """A department. Raises ApiError."""
        department = self.state.departments.get(department_id)
        if department is None:
            raise ApiError(message)
        return department

    def check_priority(self, priority: str) -> str:
        """One of the three. Raises ApiError that lists them."""
        if priority not in PRIORITIES:
            raise ApiError(f"Invalid Ticket Priority. Valid priorities are: {','.join(PRIORITIES)}")
        return priority

    def check_status(self, status: str) -> str:
        """A configured status. Raises ApiError that lists them."""
        if status not in self.state.statuses:
            raise ApiError(f"Invalid Ticket Status. Valid statuses are: {','.join(self.state.statuses)}")
        return status

    def open(
        self,
        department_id: int,
        subject: str,
        message: str,
        author: Actor,
        *,
        client_id: int = 0,
        contact_id: int = 0,
        asker: Actor | None = None,
        priority: str = "Medium",
        service: str = "",
        markdown: bool = False,
        attachments: Iterable[str] = (),
        custom: dict[int, str] | None = None,
        at: datetime | None = None,
    ) -> Ticket:
        """A new ticket of `asker`, who is the author unless an administrator opened it for somebody."""
        state = self.state
        with state.lock:
            department = self.department(department_id)
            moment = at or state.clock()
            client = self.client(client_id) if client_id else None
            asker = asker or author
            by_admin = author.name if author.kind == "admin" else ""
            opening = Message(0, moment, message, by_admin, author, contact_id, 0, markdown, tuple(attachments))
            ticket = Ticket(
                id=state.next_id("ticket"),
                tid=state.mask(),
                c=state.code(),
                deptid=department.id,
                userid=client_id,
                name=client.fullname if client else asker.name,
                email=asker.email or (client.email if client else ""),
                subject=subject,
                requestor=author,
                opening=opening,
                date=moment,
                lastreply=moment,
                priority=self.check_priority(priority),
                contactid=contact_id,
                admin=by_admin,
                service=service,
                custom=dict(custom or {}),
            )
            state.tickets[ticket.id] = ticket
            self._tell("ticket.opened", ticket, author)
            return ticket

    def reply(
        self,
        ticket_id: int,
        message: str,
        author: Actor,
        *,
        status: str = "",
        contact_id: int = 0,
        markdown: bool = False,
        attachments: Iterable[str] = (),
        custom: dict[int, str] | None = None,
        at: datetime | None = None,
    ) -> Message:
        """A reply that the client sees: an agent's answers the ticket, a client's makes it wait again."""
        with self.state.lock:
            ticket = self.find(ticket_id, "Ticket ID not found")
            after = self.check_status(status) if status else ANSWERED if author.kind == "admin" else CUSTOMER_REPLY
            moment = at or self.state.clock()
            by_admin = author.name if author.kind == "admin" else ""
            number = self.state.next_id("reply")
            said = Message(number, moment, message, by_admin, author, contact_id, 0, markdown, tuple(attachments))
            ticket.replies.append(said)
            ticket.lastreply = moment
            ticket.custom.update(custom or {})
            closing = after == CLOSED != ticket.status
            ticket.status = after
            self._tell("ticket.agent_replied" if by_admin else "ticket.client_replied", ticket, author)
            if closing:
                self._tell("ticket.closed", ticket, author)
            return said

    def note(
        self,
        ticket_id: int,
        message: str,
        author: Actor,
        *,
        markdown: bool = False,
        attachments: Iterable[str] = (),
        at: datetime | None = None,
    ) -> Message:
        """A note that only administrators see; nothing of the ticket itself changes."""
        with self.state.lock:
            ticket = self.find(ticket_id, "Ticket ID not found")
            number, moment = self.state.next_id("note"), at or self.state.clock()
            said = Message(number, moment, message, author.name, author, 0, 0, markdown, tuple(attachments))
            ticket.notes.append(said)
            self._tell("ticket.note_added", ticket, author)
            return said

    def delete_note(self, note_id: int) -> None:
        """Remove a note; no hook tells of it. Raises ApiError."""
        with self.state.lock:
            for ticket in self.state.tickets.values():
                for note in ticket.notes:
                    if note.id == note_id:
                        ticket.notes.remove(note)
                        return
            raise ApiError("Note ID Not Found")

    def find_reply(self, ticket_id: int, reply_id: int) -> Message:
        """A reply; the opening post is none. Raises ApiError."""
        for row in self.find(ticket_id).replies:
            if row.id == reply_id:
                return row
        raise ApiError("Reply ID Not Found")

    def delete_reply(self, ticket_id: int, reply_id: int) -> None:
        """Remove a reply; the last word is then an older one. No event tells of it. Raises ApiError."""
        with self.state.lock:
            ticket = self.find(ticket_id)
            ticket.replies.remove(self.find_reply(ticket_id, reply_id))
            ticket.lastreply = max([ticket.date, *(row.date for row in ticket.replies)])

    def update(self, ticket_id: int, changes: Json, author: Actor, *, hooks: bool = True) -> Ticket:
        """Change attributes by their API names. `hooks` false is a path of WHMCS that runs none. Raises ApiError."""
        with self.state.lock:
            ticket = self.find(ticket_id)
            if "deptid" in changes:
                self.department(changes["deptid"], "Department ID Not Found")
            if "priority" in changes:
                self.check_priority(changes["priority"])
            if "status" in changes:
                self.check_status(changes["status"])
            if changes.get("userid"):
                self.client(changes["userid"])
            told = [name for name in changes if changes[name] != getattr(ticket, name)]
            for name in told:
                setattr(ticket, name, changes[name])
            if not hooks:
                return ticket
            kinds = {"priority": "priority_changed", "subject": "subject_changed", "deptid": "department_changed"}
            for name in told:
                if name in kinds:
                    self._tell(f"ticket.{kinds[name]}", ticket, author)
            if "status" in told:
                self._tell("ticket.status_changed", ticket, author)
                if ticket.status == CLOSED:
                    self._tell("ticket.closed", ticket, author)
            if "flag" in told and ticket.flag:
                self._tell("ticket.flagged", ticket, author)
            return ticket

    def merge(self, source_ids: Iterable[int], target_id: int, author: Actor) -> None:
        """Put the conversations of other tickets into one; they are gone from every list and answer no more."""
        with self.state.lock:
            target = self.find(target_id)
            sources = [self.find(key) for key in source_ids if key != target_id]
            for source in sources:
                opening = source.opening
                opening.id = self.state.next_id("reply")
                target.replies += [opening, *source.replies]
                target.notes += source.notes
                source.merged_into, source.status = target_id, CLOSED
                source.opening = Message(0, opening.date, opening.message, opening.admin, opening.author)
                source.replies, source.notes = [], []
            target.replies.sort(key=lambda row: row.date)
            target.lastreply = max([target.date, *(row.date for row in target.replies)])
            for ticket in (target, *sources):
                self._tell("ticket.merged", ticket, author)

    def split(self, ticket_id: int, reply_ids: Iterable[int], author: Actor) -> Ticket:
        """Make a new ticket of some replies. Raises ApiError."""
        with self.state.lock:
            ticket, wanted = self.find(ticket_id), set(reply_ids)
            taken = [row for row in ticket.replies if row.id in wanted]
            if not taken:
                raise ApiError("Reply ID Not Found")
            first = taken[0]
            ticket.replies = [row for row in ticket.replies if row.id not in wanted]
            made = Ticket(
                id=self.state.next_id("ticket"),
                tid=self.state.mask(),
                c=self.state.code(),
                deptid=ticket.deptid,
                userid=ticket.userid,
                name=ticket.name,
                email=ticket.email,
                subject=ticket.subject,
                requestor=ticket.requestor,
                opening=Message(0, first.date, first.message, first.admin, first.author),
                date=first.date,
                lastreply=taken[-1].date,
                priority=ticket.priority,
                replies=taken[1:],
            )
            self.state.tickets[made.id] = made
            for each in (ticket, made):
                self._tell("ticket.split", each, author)
            return made

    def delete(self, ticket_id: int, author: Actor) -> None:
        """Remove a ticket for good. Raises ApiError."""
        with self.state.lock:
            ticket = self.find(ticket_id)
            del self.state.tickets[ticket_id]
            self._tell("ticket.deleted", ticket, author)

    def _tell(self, kind: str, ticket: Ticket, author: Actor) -> None:
        self.tell(kind, {"ticket": str(ticket.id)}, author)
