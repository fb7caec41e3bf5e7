"""Records as the API shows them: integer ids, lower-case words, times to the second."""

from datetime import datetime
from typing import Any

from deskside.demo.zendesk.state import (
    Audit,
    Comment,
    Group,
    Json,
    Organization,
    State,
    Ticket,
    TicketField,
    User,
    View,
)

STATUS_IDS = {
    "new": 8447320465662,
    "open": 8447320465790,
    "pending": 8447320465918,
    "hold": 8447320466046,
    "solved": 8447320466174,
    "closed": 8447320466174,
    "deleted": 8447320466174,
}
SYSTEM = {
    "client": "Simulated",
    "ip_address": "192.0.2.10",
    "location": "Seattle, WA, United States",
    "latitude": 45.4901,
    "longitude": -122.3747,
}
COLUMN_TITLES = {
    "nice_id": "ID",
    "description": "Subject",
    "subject": "Subject",
    "created": "Requested",
    "updated": "Updated",
    "requester": "Requester",
    "assignee": "Assignee",
    "status": "Status category",
}


def stamp(at: datetime | None) -> str | None:
    """A time as the API writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def via(channel: str) -> Json:
    """Where something came from."""
    return {"channel": channel, "source": {"from": {}, "to": {}, "rel": None}}


def ticket(state: State, row: Ticket, base: str) -> Json:
    """A ticket without its comments; `fields` repeats `custom_fields`."""
    fields = [{"id": key, "value": row.fields.get(key)} for key in custom_field_ids(state)]
    return {
        "url": f"{base}/api/v2/tickets/{row.id}.json",
        "id": row.id,
        "external_id": row.external_id,
        "via": via(row.channel),
        "created_at": stamp(row.created_at),
        "updated_at": stamp(row.updated_at),
        "generated_timestamp": row.generated // 1_000_000,
        "type": row.type,
        "subject": row.subject,
        "raw_subject": row.subject,
        "description": row.description,
        "priority": row.priority,
        "status": row.status,
        "recipient": None,
        "requester_id": row.requester_id,
        "submitter_id": row.submitter_id,
        "assignee_id": row.assignee_id,
        "organization_id": row.organization_id,
        "group_id": row.group_id,
        "collaborator_ids": [],
        "follower_ids": [],
        "email_cc_ids": [],
        "forum_topic_id": None,
        "problem_id": row.problem_id,
        "has_incidents": False,
        "is_public": row.is_public,
        "due_at": row.due_at,
        "tags": list(row.tags),
        "custom_fields": fields,
        "fields": [dict(item) for item in fields],
        "satisfaction_rating": None,
        "sharing_agreement_ids": [],
        "custom_status_id": STATUS_IDS[row.status],
        "encoded_id": f"SIM{row.id:05d}",
        "followup_ids": list(row.followup_ids),
        "ticket_form_id": state.form_id,
        "brand_id": state.brand_id,
        "allow_channelback": False,
        "allow_attachments": True,
        "from_messaging_channel": False,
    }


def custom_field_ids(state: State) -> list[int]:
    """The active custom ticket fields; system fields are not among `custom_fields`."""
    return [key for key, item in state.ticket_fields.items() if item.removable and item.active]


def comment(row: Comment) -> Json:
    """One comment, with the position of whoever wrote it, as Zendesk shows it."""
    return {
        "id": row.id,
        "type": "Comment",
        "author_id": row.author_id,
        "body": row.body,
        "html_body": row.html_body,
        "plain_body": row.body,
        "public": row.public,
        "attachments": [],
        "audit_id": row.audit_id,
        "via": via(row.channel),
        "created_at": stamp(row.created_at),
        "metadata": {"system": dict(SYSTEM), "custom": dict(row.custom)},
    }


def audit(row: Audit) -> Json:
    """One update and its events."""
    return {
        "id": row.id,
        "ticket_id": row.ticket_id,
        "created_at": stamp(row.created_at),
        "author_id": row.author_id,
        "metadata": {"system": dict(SYSTEM), "custom": dict(row.custom)},
        "events": [dict(event) for event in row.events],
        "via": via(row.channel),
    }


def metric_set(state: State, row: Ticket, base: str) -> Json:
    """The counters of a ticket; a reply is a public comment of an agent, and minutes are cut."""
    replies = [item for item in row.comments if item.public and state.users[item.author_id].is_staff]
    first = int((replies[0].created_at - row.created_at).total_seconds() // 60) if replies else None
    return {
        "url": f"{base}/api/v2/ticket_metrics/{row.id}.json",
        "id": row.id,
        "ticket_id": row.id,
        "created_at": stamp(row.created_at),
        "updated_at": stamp(row.updated_at),
        "replies": len(replies),
        "reply_time_in_minutes": {"calendar": first, "business": first},
    }


def user(row: User, base: str) -> Json:
    """A person."""
    return {
        "id": row.id,
        "url": f"{base}/api/v2/users/{row.id}.json",
        "name": row.name,
        "email": row.email,
        "created_at": stamp(row.created_at),
        "updated_at": stamp(row.updated_at),
        "time_zone": "Europe/Berlin",
        "iana_time_zone": "Europe/Berlin",
        "phone": row.phone,
        "shared_phone_number": None,
        "photo": None,
        "locale_id": 1,
        "locale": row.locale,
        "organization_id": row.organization_id,
        "role": row.role,
        "verified": True,
        "external_id": row.external_id,
        "tags": list(row.tags),
        "alias": None,
        "active": True,
        "shared": False,
        "shared_agent": False,
        "last_login_at": None,
        "two_factor_auth_enabled": None,
        "signature": None,
        "details": None,
        "notes": None,
        "role_type": None,
        "custom_role_id": None,
        "moderator": row.is_staff,
        "ticket_restriction": None if row.is_staff else "requested",
        "only_private_comments": False,
        "restricted_agent": not row.is_staff,
        "suspended": False,
        "default_group_id": row.default_group_id,
        "report_csv": row.role == "admin",
        "user_fields": {},
    }


def organization(row: Organization, base: str) -> Json:
    """A company."""
    return {
        "url": f"{base}/api/v2/organizations/{row.id}.json",
        "id": row.id,
        "name": row.name,
        "shared_tickets": False,
        "shared_comments": False,
        "external_id": row.external_id,
        "created_at": stamp(row.created_at),
        "updated_at": stamp(row.updated_at),
        "domain_names": [],
        "details": None,
        "notes": None,
        "group_id": None,
        "tags": list(row.tags),
        "organization_fields": dict(row.fields),
    }


def group(row: Group, base: str) -> Json:
    """A pool of agents."""
    return {
        "url": f"{base}/api/v2/groups/{row.id}.json",
        "id": row.id,
        "is_public": True,
        "name": row.name,
        "description": "",
        "default": False,
        "deleted": False,
        "created_at": stamp(row.created_at),
        "updated_at": stamp(row.updated_at),
    }


def ticket_field(row: TicketField, base: str) -> Json:
    """A ticket field; only drop-downs have `custom_field_options`."""
    shape: Json = {
        "url": f"{base}/api/v2/ticket_fields/{row.id}.json",
        "id": row.id,
        "type": row.type,
        "title": row.title,
        "raw_title": row.title,
        "description": row.description,
        "raw_description": row.description,
        "position": row.position,
        "active": row.active,
        "required": row.required,
        "collapsed_for_agents": False,
        "regexp_for_validation": row.regexp,
        "title_in_portal": row.title,
        "raw_title_in_portal": row.title,
        "visible_in_portal": False,
        "editable_in_portal": False,
        "required_in_portal": False,
        "agent_can_edit": True,
        "tag": row.tag,
        "created_at": stamp(row.created_at),
        "updated_at": stamp(row.updated_at),
        "removable": row.removable,
        "key": None,
        "agent_description": None,
    }
    if row.type in ("tagger", "multiselect"):
        shape["custom_field_options"] = [
            {**option, "raw_name": option["name"], "default": False} for option in row.options
        ]
    return shape


def view(state: State, row: View, base: str) -> Json:
    """A view: the `output` it was made with comes back as `execution`."""
    columns = [
        column(state, item) for item in row.output.get("columns", ["nice_id", "subject", "requester", "created"])
    ]
    sort = row.output.get("sort_by") or "nice_id"
    group_by = row.output.get("group_by") or None
    group_order = row.output.get("group_order", "asc")
    return {
        "url": f"{base}/api/v2/views/{row.id}.json",
        "id": row.id,
        "title": row.title,
        "raw_title": row.title,
        "active": row.active,
        "created_at": stamp(row.created_at),
        "updated_at": stamp(row.updated_at),
        "default": False,
        "position": row.position,
        "description": row.description,
        "execution": {
            "group_by": group_by,
            "group_order": group_order,
            "sort_by": sort,
            "sort_order": row.output.get("sort_order", "desc"),
            "group": {**column(state, group_by), "order": group_order} if group_by else None,
            "sort": {**column(state, sort), "order": row.output.get("sort_order", "desc")},
            "columns": columns,
            "fields": columns,
            "custom_fields": [item for item in columns if isinstance(item["id"], int)],
        },
        "conditions": {"all": row.all, "any": row.any},
        "restriction": row.restriction,
        "watchable": True,
    }


def column(state: State, name: Any) -> Json:
    """A view's column: a system name, or a custom field's id."""
    text = str(name)
    if text.isdigit() and int(text) in state.ticket_fields:
        item = state.ticket_fields[int(text)]
        return {"id": item.id, "title": item.title, "type": item.type}
    return {"id": text, "title": COLUMN_TITLES.get(text, text.replace("_", " ").capitalize())}
