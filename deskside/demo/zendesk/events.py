"""Event envelopes: text ids, upper-case enums, nine fractional digits, and a body no JSON library prints twice."""

import json
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deskside.demo.zendesk import shapes
from deskside.demo.zendesk.state import Comment, Json, State, Ticket, TicketField, User

PREFIX = "zen:event-type:"
VERSION = "2022-11-06"


@dataclass(frozen=True)
class Happening:
    """One thing that happened to a ticket: the event's name after the prefix, and its `event` object."""

    name: str
    event: Json


def text_id(value: int | None) -> str | None:
    """An id as events carry it."""
    return None if value is None else str(value)


def upper(value: str | None) -> str | None:
    """An enum as events carry it."""
    return None if value is None else value.upper()


def fine_time(at: datetime) -> str:
    """A time with nine fractional digits."""
    return f"{at.strftime('%Y-%m-%dT%H:%M:%S')}.{at.microsecond:06d}{secrets.randbelow(1000):03d}Z"


def detail(ticket: Ticket, actor: User, state: State) -> Json:
    """The ticket as events show it: no custom fields, no comments."""
    return {
        "actor_id": str(actor.id),
        "assignee_id": text_id(ticket.assignee_id),
        "brand_id": str(state.brand_id),
        "created_at": shapes.stamp(ticket.created_at),
        "custom_status": str(shapes.STATUS_IDS[ticket.status]),
        "description": ticket.description,
        "external_id": ticket.external_id,
        "form_id": str(state.form_id),
        "group_id": text_id(ticket.group_id),
        "id": str(ticket.id),
        "is_public": ticket.is_public,
        "organization_id": text_id(ticket.organization_id),
        "priority": upper(ticket.priority),
        "requester_id": str(ticket.requester_id),
        "status": upper(ticket.status),
        "subject": ticket.subject,
        "submitter_id": str(ticket.submitter_id),
        "tags": list(ticket.tags),
        "type": upper(ticket.type),
        "updated_at": shapes.stamp(ticket.updated_at),
        "via": {"channel": "web_service" if ticket.channel == "api" else ticket.channel},
    }


def envelope(happening: Happening, ticket: Ticket, actor: User, state: State) -> Json:
    """The whole event."""
    return {
        "account_id": state.account_id,
        "detail": detail(ticket, actor, state),
        "event": happening.event,
        "id": str(uuid.uuid4()),
        "subject": f"zen:ticket:{ticket.id}",
        "time": fine_time(state.clock()),
        "type": PREFIX + happening.name,
        "zendesk_event_version": VERSION,
    }


def body(event: Json) -> bytes:
    """The bytes as Zendesk sends them: three spaces, a space in an empty object, a newline at the end."""
    text = json.dumps(event, indent=3, sort_keys=True, ensure_ascii=False)
    return (text.replace('"event": {}', '"event": { }', 1) + "\n").encode()


def change(current: Any, previous: Any) -> Json:
    """The `event` object of a scalar change."""
    return {"current": current, "previous": previous}


def commented(comment: Comment, author: User) -> Happening:
    """A comment or a note was added."""
    person = {"id": str(author.id), "is_staff": author.is_staff, "name": author.name}
    text = {"id": str(comment.id), "body": comment.body, "is_public": comment.public, "author": person}
    return Happening("ticket.comment_added", {"comment": text})


def field_changed(field: TicketField, current: Any, previous: Any) -> Happening:
    """A custom field changed; its values are wrapped, unlike every other change."""
    event = {
        "current": {"value": current},
        "previous": {"value": previous},
        "custom_field": {"id": str(field.id), "title": field.title, "type": field.type},
    }
    return Happening("ticket.custom_field_changed", event)


def differences(old: Ticket, new: Ticket, state: State) -> list[Happening]:
    """What happened between two states of one ticket, without its comments."""
    found: list[Happening] = []

    def scalar(name: str, current: Any, previous: Any) -> None:
        if current != previous:
            found.append(Happening(name, change(current, previous)))

    scalar("ticket.subject_changed", new.subject, old.subject)
    scalar("ticket.status_changed", upper(new.status), upper(old.status))
    if new.status != old.status:
        event = change(str(shapes.STATUS_IDS[new.status]), str(shapes.STATUS_IDS[old.status]))
        sequence = {"id": str(new.generated).encode().hex(), "position": 1}
        found.append(Happening("ticket.custom_status_changed", {**event, "meta": {"sequence": sequence}}))
    scalar("ticket.priority_changed", upper(new.priority), upper(old.priority))
    scalar("ticket.type_changed", upper(new.type), upper(old.type))
    scalar("ticket.external_id_changed", new.external_id, old.external_id)
    scalar("ticket.group_assignment_changed", text_id(new.group_id), text_id(old.group_id))
    scalar("ticket.agent_assignment_changed", text_id(new.assignee_id), text_id(old.assignee_id))
    scalar("ticket.requester_changed", text_id(new.requester_id), text_id(old.requester_id))
    scalar("ticket.organization_changed", text_id(new.organization_id), text_id(old.organization_id))
    scalar("ticket.problem_link_changed", text_id(new.problem_id), text_id(old.problem_id))
    if set(new.tags) != set(old.tags):
        added = [tag for tag in new.tags if tag not in old.tags]
        removed = [tag for tag in old.tags if tag not in new.tags]
        found.append(Happening("ticket.tags_changed", {"tags_added": added, "tags_removed": removed}))
    for key in {**old.fields, **new.fields}:
        if new.fields.get(key) != old.fields.get(key) and key in state.ticket_fields:
            found.append(field_changed(state.ticket_fields[key], new.fields.get(key), old.fields.get(key)))
    return found
