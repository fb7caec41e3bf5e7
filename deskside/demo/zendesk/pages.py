"""Two plain pages for people: the queue as a view sorts it, and a ticket with its conversation."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, render_template

from deskside.demo.zendesk import conditions, sanitise, shapes
from deskside.demo.zendesk.routing import world
from deskside.demo.zendesk.state import Json, State, Ticket, View
from deskside.demo.zendesk.views import tickets_of

pages = Blueprint(
    "pages", __name__, template_folder="templates", static_folder="static", static_url_path="/static/zendesk"
)

UNSOLVED: list[Json] = [{"field": "status", "operator": "less_than", "value": "solved"}]
POLICY = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


@pages.after_request
def protect(response: Response) -> Response:
    """Nothing but our own style sheet may be loaded, whatever a client wrote."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def queue_view(views: list[View]) -> View | None:
    """The view that shows the queue: one sorted by a custom field before any other."""
    active = [view for view in views if view.active]
    keyed = [view for view in active if str(view.output.get("sort_by", "")).isdigit()]
    return next(iter(keyed or active), None)


def name_of(rows: dict[int, Any], key: int | None) -> str:
    """A record's name, or a dash."""
    return str(rows[key].name) if key in rows else "–"


def moment(at: datetime) -> str:
    """A time for people, in UTC."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def row(state: State, ticket: Ticket, fields: list[int]) -> Json:
    """A ticket as a line of the queue."""
    return {
        "id": ticket.id,
        "subject": sanitise.CONTROL.sub("", ticket.subject),
        "status": ticket.status,
        "priority": ticket.priority or "–",
        "requester": name_of(state.users, ticket.requester_id),
        "organization": name_of(state.organizations, ticket.organization_id),
        "group": name_of(state.groups, ticket.group_id),
        "assignee": name_of(state.users, ticket.assignee_id),
        "tags": list(ticket.tags),
        "created": moment(ticket.created_at),
        "values": [label(state, key, ticket.fields.get(key)) for key in fields],
        "notes": sum(1 for comment in ticket.comments if not comment.public),
    }


def label(state: State, field_id: int, value: Any) -> str:
    """A field's value in words."""
    if value in (None, "", False):
        return ""
    names = {option["value"]: option["name"] for option in state.ticket_fields[field_id].options}
    return str(names.get(str(value), value))


@pages.get("/")
@pages.get("/agent")
@pages.get("/agent/dashboard")
def home() -> str:
    """The queue."""
    place = world()
    state = place.state
    with state.lock:
        view = queue_view(list(state.views.values()))
        if view is not None:
            tickets = tickets_of(place, view)
        else:
            tickets = [item for item in state.tickets.values() if conditions.match(state, item, UNSOLVED, [])]
        fields = shapes.custom_field_ids(state)
        recent = sorted(
            (item for item in state.tickets.values() if item.status in ("solved", "closed")),
            key=lambda item: item.generated,
            reverse=True,
        )[:8]
        context = {
            "view": view,
            "columns": [state.ticket_fields[key].title for key in fields],
            "rows": [row(state, item, fields) for item in tickets],
            "done": [row(state, item, []) for item in recent],
        }
    return render_template("queue.html", **context)


@pages.get("/agent/tickets/<int:ticket_id>")
@pages.get("/tickets/<int:ticket_id>")
def ticket_page(ticket_id: int) -> str:
    """A ticket."""
    state = world().state
    with state.lock:
        ticket = state.tickets.get(ticket_id)
        if ticket is None:
            abort(404)
        fields = shapes.custom_field_ids(state)
        shown = row(state, ticket, fields)
        named = [(state.ticket_fields[key].title, label(state, key, ticket.fields.get(key))) for key in fields]
        comments = [
            {
                "author": name_of(state.users, comment.author_id),
                "staff": state.users[comment.author_id].is_staff,
                "public": comment.public,
                "at": moment(comment.created_at),
                "html": sanitise.shown(comment.html_body),
            }
            for comment in ticket.comments
        ]
    return render_template("ticket.html", ticket=shown, fields=named, comments=comments)
