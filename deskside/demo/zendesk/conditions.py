"""Conditions of views and triggers, judged on one ticket."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from deskside.demo.zendesk.state import PRIORITIES, STATUSES, Comment, Json, State, Ticket

REQUIRED_IN_VIEW = ("status", "type", "group_id", "assignee_id", "requester_id")
NOT_IN_VIEW = ("text", "textarea", "integer", "decimal", "regexp")
ORDERED = {"status": STATUSES, "priority": (None, *PRIORITIES)}
CUSTOM = ("custom_fields_", "ticket_fields_")


def custom_field_id(name: str) -> int | None:
    """The id in `custom_fields_123`, or None."""
    for prefix in CUSTOM:
        if name.startswith(prefix) and name.removeprefix(prefix).isdigit():
            return int(name.removeprefix(prefix))
    return None


@dataclass(frozen=True)
class Moment:
    """What a trigger knows besides the ticket: `Create` or `Change`, and the comment that came with it."""

    update_type: str | None = None
    comment: Comment | None = None


def value_of(state: State, ticket: Ticket, name: str, moment: Moment) -> Any:
    """What a condition's field is on this ticket."""
    custom = custom_field_id(name)
    if custom is not None:
        return ticket.fields.get(custom)
    comment = moment.comment
    author = state.users.get(comment.author_id) if comment else None
    special = {
        "current_tags": ticket.tags,
        "update_type": moment.update_type,
        "comment_is_public": comment.public if comment else None,
        "ticket_is_public": "public" if ticket.is_public else "private",
        "role": author.role if author else None,
    }
    return special[name] if name in special else getattr(ticket, name, None)


def _text(value: Any) -> str:
    if value is True or value is False:
        return str(value).lower()
    return "" if value is None else str(value)


def _position(name: str, value: Any) -> int:
    order: Sequence[Any] = ORDERED.get(name, ())
    return order.index(value or None) if (value or None) in order else -1


def holds(name: str, operator: str, wanted: Any, found: Any) -> bool:
    """One condition. Unknown operators hold for nothing."""
    wanted = wanted[0] if isinstance(wanted, list) and len(wanted) == 1 else wanted
    if name == "current_tags":
        words = set(_text(wanted).lower().split())
        has = bool(words & set(found))
        return {"includes": has, "is": has, "not_includes": not has, "is_not": not has}.get(operator, False)
    same = _text(found) == _text(wanted)
    at, other = _position(name, found), _position(name, wanted)
    return {
        "is": same,
        "value": same,
        "includes": same,
        "is_not": not same,
        "not_value": not same,
        "not_includes": not same,
        "less_than": at < other,
        "less_than_equal": at <= other,
        "greater_than": at > other,
        "greater_than_equal": at >= other,
        "present": found not in (None, ""),
        "not_present": found in (None, ""),
    }.get(operator, False)


def match(state: State, ticket: Ticket, every: list[Json], some: list[Json], moment: Moment | None = None) -> bool:
    """All of `every` and, if there are any, one of `some`."""
    known = moment or Moment()

    def one(condition: Json) -> bool:
        name = str(condition.get("field"))
        found = value_of(state, ticket, name, known)
        return holds(name, str(condition.get("operator")), condition.get("value"), found)

    return all(map(one, every)) and (not some or any(map(one, some)))
