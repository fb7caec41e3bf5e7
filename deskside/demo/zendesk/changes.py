"""A change as a client sends it, checked and applied to a draft of the ticket: all of it or nothing."""

import re
from collections.abc import Iterable
from typing import Any

from deskside.demo.zendesk import errors
from deskside.demo.zendesk.state import PRIORITIES, STATUSES, TYPES, Json, State, Ticket, TicketField, User

CHECKBOX = {True: True, False: False, "true": True, "false": False, "1": True, "0": False, None: False}


def tag_list(given: Any) -> list[str]:
    """Tags as they are stored: lower case, split at blanks and commas, each once."""
    texts: Iterable[Any] = [given] if isinstance(given, str) else given or ()
    words = (word for text in texts for word in re.split(r"[\s,]+", str(text).strip().lower()))
    return list(dict.fromkeys(word for word in words if word))


def _number(given: Any, key: str) -> int | None:
    if given in (None, ""):
        return None
    try:
        return int(given)
    except (TypeError, ValueError):
        raise errors.invalid_record(key, f"{key}: {given} is not a number") from None


def _one_of(given: Any, allowed: tuple[str, ...], key: str) -> str:
    if given not in allowed:
        raise errors.invalid_record(key, f"{key.capitalize()}: {given} is not valid", error="InvalidValue")
    return str(given)


def apply(draft: Ticket, change: Json, actor: User, state: State) -> None:
    """Put everything but the comment of `change` into `draft`. Raises ApiError; the draft is then thrown away."""
    if "subject" in change:
        draft.subject = str(change["subject"] or "")
    if "external_id" in change:
        draft.external_id = None if change["external_id"] is None else str(change["external_id"])
    if "type" in change:
        draft.type = None if change["type"] in (None, "") else _one_of(change["type"], TYPES, "type")
    if "problem_id" in change:
        draft.problem_id = _number(change["problem_id"], "problem_id")
    if "due_at" in change:
        draft.due_at = change["due_at"]
    _people(draft, change, state)
    if "priority" in change:
        if change["priority"] in (None, ""):
            if draft.priority is not None:
                raise errors.invalid_record("priority", "Priority: cannot be reset")
        else:
            draft.priority = _one_of(change["priority"], PRIORITIES, "priority")
    _tags(draft, change, state)
    if change.get("custom_fields") is not None or change.get("fields") is not None:
        set_fields(draft, change.get("custom_fields") or change.get("fields"), state)
    if "status" in change:
        _status(draft, change["status"], state)


def _people(draft: Ticket, change: Json, state: State) -> None:
    if "requester_id" in change:
        requester = state.users.get(_number(change["requester_id"], "requester") or 0)
        if requester is None:
            raise errors.invalid_record("requester", "Requester: is invalid")
        draft.requester_id, draft.organization_id = requester.id, requester.organization_id
    if "organization_id" in change:
        draft.organization_id = _number(change["organization_id"], "organization")
        if draft.organization_id is not None and draft.organization_id not in state.organizations:
            raise errors.invalid_record("organization", "Organization: is invalid")
    if "group_id" in change:
        draft.group_id = _number(change["group_id"], "group")
        if draft.group_id is not None and draft.group_id not in state.groups:
            raise errors.invalid_record("group", "Group: is invalid")
    if "assignee_id" in change or "assignee_email" in change:
        draft.assignee_id = _assignee(change, state)
        if draft.assignee_id is not None:
            # Zendesk moves the ticket into the agent's group, and a new ticket becomes open.
            agent = state.users[draft.assignee_id]
            if "group_id" not in change and agent.default_group_id is not None:
                draft.group_id = agent.default_group_id
            if draft.status == "new":
                draft.status = "open"


def _assignee(change: Json, state: State) -> int | None:
    if "assignee_email" in change:
        wanted = [user.id for user in state.users.values() if user.email == change["assignee_email"]]
        found = state.users.get(wanted[0]) if wanted else None
    else:
        number = _number(change["assignee_id"], "assignee")
        if number is None:
            return None
        found = state.users.get(number)
    if found is None or not found.is_staff:
        raise errors.invalid_record("assignee", "Assignee: is invalid")
    return found.id


def _status(draft: Ticket, given: Any, state: State) -> None:
    status = _one_of(given, STATUSES[:-1], "status")
    if status == "new" and draft.status != "new":
        raise errors.invalid_record("status", "Status: cannot be changed to New", error="InvalidValue")
    if status in ("solved", "closed") and draft.status not in ("solved", "closed"):
        missing = []
        if draft.assignee_id is None:
            missing.append(_required("Assignee", system_field_id(state, "assignee"), "FieldAssignee"))
        for field in state.ticket_fields.values():
            if field.removable and field.active and field.required and draft.fields.get(field.id) in (None, "", False):
                missing.append(_required(field.title, field.id, f"Field{field.type.capitalize()}"))
        if missing:
            raise errors.invalid_records({"base": missing})
    draft.status = status


def _required(title: str, field_id: int, field_type: str) -> Json:
    return {
        "description": f"{title}: is required when solving a ticket",
        "error": None,
        "ticket_field_id": field_id,
        "ticket_field_type": field_type,
    }


def system_field_id(state: State, kind: str) -> int:
    """The id of a system field such as `assignee`."""
    return next((field.id for field in state.ticket_fields.values() if field.type == kind and not field.removable), 0)


def _tags(draft: Ticket, change: Json, state: State) -> None:
    if "tags" in change:
        set_tags(draft, tag_list(change["tags"]), state)
    if "additional_tags" in change:
        set_tags(draft, draft.tags + tag_list(change["additional_tags"]), state)
    if "remove_tags" in change:
        gone = tag_list(change["remove_tags"])
        set_tags(draft, [tag for tag in draft.tags if tag not in gone], state)


def set_tags(draft: Ticket, tags: list[str], state: State) -> None:
    """Give the ticket these tags; a drop-down or checkbox whose tag is gone is cleared."""
    draft.tags = list(dict.fromkeys(tags))
    for key, value in list(draft.fields.items()):
        field = state.ticket_fields.get(key)
        if field is None:
            continue
        if field.type == "tagger" and value and value not in draft.tags:
            draft.fields[key] = None
        if field.type == "checkbox" and value and field.tag and field.tag not in draft.tags:
            draft.fields[key] = False


def set_fields(draft: Ticket, given: Any, state: State) -> None:
    """Merge custom field values; ids that are unknown or switched off are dropped without a word."""
    rows = given.items() if isinstance(given, dict) else ((row.get("id"), row.get("value")) for row in given)
    for key, value in rows:
        field = state.ticket_fields.get(int(key)) if str(key).isdigit() else None
        if field is None or not field.active or not field.removable:
            continue
        old = draft.fields.get(field.id)
        draft.fields[field.id] = field_value(field, value)
        _sync_tags(draft, field, old, draft.fields[field.id])


def _sync_tags(draft: Ticket, field: TicketField, old: Any, new: Any) -> None:
    gone: set[str] = set()
    come: list[str] = []
    if field.type == "tagger":
        gone, come = {old} if old else set(), [new] if new else []
    elif field.type == "multiselect":
        gone, come = set(old or ()), list(new or ())
    elif field.type == "checkbox" and field.tag:
        gone, come = {field.tag}, [field.tag] if new else []
    draft.tags = list(dict.fromkeys([tag for tag in draft.tags if tag not in gone] + come))


def field_value(field: TicketField, given: Any) -> Any:
    """The value as stored. Raises ApiError 422 for one the field cannot hold."""

    def refuse() -> errors.ApiError:
        return errors.invalid_record(
            "base",
            f"{field.title}: {given} is not a valid value",
            error="InvalidValue",
            ticket_field_id=field.id,
            ticket_field_type=f"Field{field.type.capitalize()}",
        )

    if field.type == "checkbox":
        if not isinstance(given, bool | str | None) or given not in CHECKBOX:
            raise refuse()
        return CHECKBOX[given]
    if given in (None, ""):
        return None
    known = {option["value"] for option in field.options}
    if field.type == "tagger" and given not in known:
        raise refuse()
    if field.type == "multiselect":
        if not isinstance(given, list) or not set(given) <= known:
            raise refuse()
        return list(given)
    patterns = {
        "integer": r"-?\d{1,12}",
        "decimal": r"-?\d+(\.\d+)?",
        "date": r"\d{4}-\d\d-\d\d",
        "regexp": field.regexp,
    }
    pattern = patterns.get(field.type)
    if pattern and not re.fullmatch(pattern, str(given)):
        raise refuse()
    return str(given)
