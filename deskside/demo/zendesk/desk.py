"""What can be done to tickets, whoever does it: the API, an agent's screen, a client's mail."""

import copy
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from deskside.demo.zendesk import changes, errors, events, sanitise
from deskside.demo.zendesk.events import Happening
from deskside.demo.zendesk.state import Audit, Comment, Json, State, Ticket, User

COMMENT_LIMIT = 5000

Listener = Callable[[Ticket, User, list[Happening], str, Comment | None], None]


class Desk:
    """The ticket operations over a `State`. Every one takes the lock, checks everything, then changes everything.

    `on_change` is told of each change: the ticket, who did it, what happened, `Create` or `Change`, and the comment.
    """

    def __init__(self, state: State, on_change: Listener) -> None:
        self.state = state
        self.on_change = on_change

    def find(self, ticket_id: int) -> Ticket:
        """A ticket that is not deleted. Raises ApiError 404."""
        ticket = self.state.tickets.get(ticket_id)
        if ticket is None or ticket.status == "deleted":
            raise errors.not_found()
        return ticket

    def person(self, user_id: int) -> User:
        """A user. Raises ApiError 404."""
        user = self.state.users.get(user_id)
        if user is None:
            raise errors.not_found()
        return user

    def create(self, given: Json, actor: User, channel: str, at: datetime | None = None) -> tuple[Ticket, Audit]:
        """A new ticket from what a client sends: `comment`, `requester_id` and any of the changeable attributes."""
        with self.state.lock:
            comment = given.get("comment")
            said: Json = comment if isinstance(comment, dict) else {"body": comment or given.get("description")}
            if not (said.get("body") or said.get("html_body")):
                raise errors.invalid_record("base", "Description: cannot be blank", error="BlankValue")
            requester = self.person(int(given.get("requester_id") or actor.id))
            moment = at or self.state.clock()
            ticket = Ticket(
                id=next(self.state.ticket_ids),
                subject="",
                requester_id=requester.id,
                submitter_id=int(given.get("submitter_id") or actor.id),
                organization_id=requester.organization_id,
                created_at=moment,
                updated_at=moment,
                channel=channel,
            )
            changes.apply(ticket, {key: given[key] for key in given if key != "requester_id"}, actor, self.state)
            first = self._comment(
                ticket, said, self.person(int(said.get("author_id") or requester.id)), channel, moment
            )
            first.public = bool(said.get("public", True))
            ticket.is_public, ticket.description = first.public, first.body
            ticket.subject = ticket.subject or first.body.strip().split("\n")[0][:80]
            rows = [self._created("subject", ticket.subject), self._created("status", ticket.status)]
            if ticket.priority:
                rows.append(self._created("priority", ticket.priority))
            if ticket.tags:
                rows.append(self._created("tags", list(ticket.tags)))
            events_of = [self._said(first), *rows]
            audit = Audit(self._next(), ticket.id, actor.id, moment, channel, events_of, _custom(given))
            first.audit_id, first.custom = audit.id, audit.custom
            ticket.comments.append(first)
            self._commit(ticket, audit)
            self.on_change(ticket, actor, [Happening("ticket.created", {})], "Create", first)
            return ticket, audit

    def update(
        self, ticket_id: int, given: Json, actor: User, channel: str, at: datetime | None = None
    ) -> tuple[Ticket, Audit]:
        """Change a ticket as `PUT /tickets/{id}` does."""
        with self.state.lock:
            old = self.find(ticket_id)
            check_stamp(old, given)
            if old.status == "closed":
                raise errors.closed()
            draft = _draft(old)
            changes.apply(draft, given, actor, self.state)
            moment = at or self.state.clock()
            said = given.get("comment")
            comment = None
            if isinstance(said, str):
                said = {"body": said}
            if said and (said.get("body") or said.get("html_body")):
                if len(draft.comments) >= COMMENT_LIMIT:
                    raise errors.invalid_record("base", "Comments: too many comments on this ticket")
                author = self.person(int(said.get("author_id") or actor.id))
                comment = self._comment(draft, said, author, channel, moment)
                if comment.public and not author.is_staff and "status" not in given:
                    draft.status = "open" if draft.status in ("pending", "hold", "solved") else draft.status
            custom = _custom(given)
            return self._finish(old, draft, actor, channel=channel, moment=moment, comment=comment, custom=custom)

    def change_tags(self, ticket_id: int, how: str, given: Json, actor: User) -> Ticket:
        """Add (`PUT`), set (`POST`) or remove (`DELETE`) tags as the tags endpoint does."""
        with self.state.lock:
            old = self.find(ticket_id)
            check_stamp(old, given)
            key = {"PUT": "additional_tags", "POST": "tags", "DELETE": "remove_tags"}[how]
            return self.update(ticket_id, {key: given.get("tags") or []}, actor, "api")[0]

    def merge(self, source_id: int, target_id: int, actor: User, note: str | None = None) -> None:
        """Close `source` into `target`."""
        with self.state.lock:
            target, old = self.find(target_id), self.find(source_id)
            if old.status == "closed":
                raise errors.closed()
            draft = _draft(old)
            draft.status = "closed"
            draft.tags = [*draft.tags, "closed_by_merge"]
            moment = self.state.clock()
            text = note or f'This request was closed and merged into request #{target.id} "{target.subject}".'
            comment = self._comment(draft, {"body": text, "public": False}, actor, "api", moment)
            merged = Happening("ticket.merged", {"target_ticket_id": str(target.id)})
            self._finish(old, draft, actor, channel="api", moment=moment, comment=comment, more=[merged])

    def soft_delete(self, ticket_id: int, actor: User) -> None:
        """Delete, restorably: only the incremental export still shows it."""
        with self.state.lock:
            old = self.find(ticket_id)
            draft = _draft(old)
            draft.status = "deleted"
            self._finish(old, draft, actor, channel="web", more=[Happening("ticket.soft_deleted", {})])

    def undelete(self, ticket_id: int, actor: User) -> None:
        """Bring a deleted ticket back as open."""
        with self.state.lock:
            old = self.state.tickets.get(ticket_id)
            if old is None or old.status != "deleted":
                raise errors.not_found()
            draft = _draft(old)
            draft.status = "open"
            self._finish(old, draft, actor, channel="web", more=[Happening("ticket.undeleted", {})])

    def _finish(
        self,
        old: Ticket,
        draft: Ticket,
        actor: User,
        *,
        channel: str,
        moment: datetime | None = None,
        comment: Comment | None = None,
        custom: Json | None = None,
        more: Iterable[Happening] = (),
    ) -> tuple[Ticket, Audit]:
        moment, custom = moment or self.state.clock(), custom or {}
        happenings = events.differences(old, draft, self.state)
        rows = self._changed(old, draft)
        if comment:
            author = self.state.users[comment.author_id]
            happenings.insert(0, events.commented(comment, author))
            rows.insert(0, self._said(comment))
            draft.comments.append(comment)
        audit = Audit(self._next(), draft.id, actor.id, moment, channel, rows, custom)
        if comment:
            comment.audit_id, comment.custom = audit.id, custom
            draft.is_public = draft.is_public or comment.public
        if not rows:
            # Nothing changed: no ticket event, and `updated_at` stays; the answer still has an empty audit.
            return old, audit
        draft.updated_at = moment
        self._commit(draft, audit)
        self.on_change(draft, actor, [*happenings, *more], "Change", comment)
        return draft, audit

    def _next(self) -> int:
        return next(self.state.ids)

    def _commit(self, ticket: Ticket, audit: Audit) -> None:
        ticket.audits.append(audit)
        ticket.generated = self.state.next_generated()
        self.state.tickets[ticket.id] = ticket

    def _comment(self, ticket: Ticket, said: Json, author: User, channel: str, moment: datetime) -> Comment:
        if said.get("html_body"):
            inner = sanitise.clean(str(said["html_body"]))
            body = sanitise.plain(inner)
        else:
            # Only our API strips markup from `body`; what a client's mail says stays what it said.
            body = str(said["body"])
            body = sanitise.plain(body) if channel == "api" and "<" in body else body
            inner = sanitise.paragraphs(body)
        public = said.get("public")
        if public is None:
            public = ticket.comments[0].public if ticket.comments else True
        return Comment(
            id=self._next(),
            author_id=author.id,
            body=body,
            html_body=sanitise.framed(inner),
            public=public not in (False, "false", 0),
            created_at=moment,
            channel=channel,
        )

    def _said(self, comment: Comment) -> Json:
        return {
            "id": comment.id,
            "type": "Comment",
            "author_id": comment.author_id,
            "body": comment.body,
            "html_body": comment.html_body,
            "plain_body": comment.body,
            "public": comment.public,
            "attachments": [],
        }

    def _created(self, name: str, value: Any) -> Json:
        return {"id": self._next(), "type": "Create", "field_name": name, "value": value}

    def _changed(self, old: Ticket, new: Ticket) -> list[Json]:
        names = "subject status priority type external_id group_id assignee_id requester_id organization_id problem_id"
        pairs = [(name, getattr(old, name), getattr(new, name)) for name in [*names.split(), "due_at", "tags"]]
        pairs += [(str(key), old.fields.get(key), new.fields.get(key)) for key in {**old.fields, **new.fields}]
        return [
            {
                "id": self._next(),
                "type": "Change",
                "field_name": name,
                "value": _audited(after),
                "previous_value": _audited(before),
            }
            for name, before, after in pairs
            if before != after
        ]


def _audited(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else copy.copy(value)


def _custom(given: Json) -> Json:
    metadata = given.get("metadata")
    return dict(metadata) if isinstance(metadata, dict) else {}


def _draft(old: Ticket) -> Ticket:
    draft = copy.copy(old)
    draft.tags, draft.fields = list(old.tags), dict(old.fields)
    draft.comments, draft.audits = list(old.comments), list(old.audits)
    return draft


def check_stamp(ticket: Ticket, given: Json) -> None:
    """`safe_update`: its mere presence switches the protection on, even with the value false."""
    if "safe_update" not in given:
        return
    stamp = str(given.get("updated_stamp") or "")
    try:
        read = datetime.fromisoformat(stamp)
    except ValueError:
        raise errors.update_conflict() from None
    if read.replace(microsecond=0) != ticket.updated_at.replace(microsecond=0):
        raise errors.update_conflict()
