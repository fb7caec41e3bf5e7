"""Shared views: what may be a condition, how they sort, and how seldom they may be asked."""

from datetime import timedelta
from typing import Any

from flask import request

from deskside.demo.zendesk import conditions, errors, paging, shapes
from deskside.demo.zendesk.routing import Api, actor, world, wrapped
from deskside.demo.zendesk.state import PRIORITIES, STATUSES, Json, State, Ticket, View
from deskside.demo.zendesk.tickets import shape, sideloads
from deskside.demo.zendesk.world import World

MOST_COLUMNS = 10
NOT_SORTABLE = ("description", "submitter", "custom_status_id")
SORTABLE = {
    "nice_id": "id",
    "created": "created_at",
    "updated": "updated_at",
    "requester": "requester_id",
    "assignee": "assignee_id",
    "group": "group_id",
    "organization": "organization_id",
    "status": "status",
    "priority": "priority",
    "type": "type",
    "subject": "subject",
}
COLUMNS = {*SORTABLE, *NOT_SORTABLE, "due_date", "assigned", "solved", "ticket_form", "brand", "locale_id"}

api = Api("views")


def refuse(key: str, text: str) -> errors.ApiError:
    """422 for a view that cannot be."""
    return errors.invalid_record(key, text, error="InvalidValue")


def check(state: State, every: list[Json], some: list[Json], output: Json) -> None:
    """Raise ApiError 422 for conditions or an output Zendesk does not take."""
    if not any(row.get("field") in conditions.REQUIRED_IN_VIEW for row in every):
        raise refuse("base", "Conditions must include at least one of: Status, Type, Group, Assignee, Requester")
    for row in [*every, *some]:
        number = conditions.custom_field_id(str(row.get("field")))
        if number is not None:
            field = state.ticket_fields.get(number)
            if field is None or field.type in conditions.NOT_IN_VIEW:
                raise refuse("base", f"Invalid condition: {row.get('field')} is not supported")
    columns = output.get("columns") or []
    if len(columns) > MOST_COLUMNS:
        raise refuse("base", f"Columns: at most {MOST_COLUMNS} are allowed")
    for name in columns:
        if not known(state, name, COLUMNS):
            raise refuse("base", f"Columns: {name} is not valid")
    for key in ("sort_by", "group_by"):
        name = output.get(key)
        if name and (name in NOT_SORTABLE or not known(state, name, set(SORTABLE))):
            raise refuse("base", f"{key}: {name} is not supported")


def known(state: State, name: Any, words: set[str]) -> bool:
    """Whether a column is a system column or a custom field."""
    return str(name) in words or (str(name).isdigit() and int(name) in state.ticket_fields)


def sort_key(name: Any, row: Ticket) -> tuple[bool, Any]:
    """How a view sorts: empty last, words in their own order, custom fields as text whatever their type."""
    if str(name).isdigit():
        value = row.fields.get(int(name))
        return (value in (None, ""), str(value))
    value = getattr(row, SORTABLE.get(str(name), "id"))
    if name == "status":
        return (False, STATUSES.index(value))
    if name == "priority":
        return (value is None, PRIORITIES.index(value) if value else 0)
    return (value is None, value if value is not None else 0)


def tickets_of(place: World, view: View, sort_by: Any = None, order: str | None = None) -> list[Ticket]:
    """The tickets of a view in its order."""
    now = place.state.clock()
    fresh = timedelta(seconds=place.view_cache_seconds)
    if view.cached and now - view.cached[0] < fresh:
        rows = [place.state.tickets[key] for key in view.cached[1]]
    else:
        rows = [
            row
            for row in place.state.tickets.values()
            if row.status != "deleted" and conditions.match(place.state, row, view.all, view.any)
        ]
        view.cached = (now, [row.id for row in rows])
    name = sort_by or view.output.get("sort_by") or "nice_id"
    order = order or view.output.get("sort_order") or ("desc" if name == "nice_id" else "asc")
    filled = [row for row in rows if not sort_key(name, row)[0]]
    empty = [row for row in rows if sort_key(name, row)[0]]
    filled.sort(key=lambda row: (sort_key(name, row)[1], row.id), reverse=order == "desc")
    return filled + sorted(empty, key=lambda row: row.id)


def find(view_id: int) -> View:
    """One view. Raises ApiError 404."""
    row = world().state.views.get(view_id)
    if row is None:
        raise errors.not_found()
    return row


def render(row: View) -> Json:
    """A view as this host shows it."""
    return shapes.view(world().state, row, world().base)


@api.api("/views")
def list_views() -> Any:
    """All views."""
    return paging.page([render(row) for row in world().state.views.values()], "views")


@api.api("/views/active")
def list_active_views() -> Any:
    """The views that are shown."""
    return paging.page([render(row) for row in world().state.views.values() if row.active], "views")


@api.api("/views/<int:view_id>")
def show_view(view_id: int) -> Any:
    """One view."""
    return {"view": render(find(view_id))}


@api.api("/views", "POST")
def create_view() -> Any:
    """A new view; the answer is 201 whatever the specification says."""
    given, state = wrapped("view"), world().state
    if not given.get("title"):
        raise refuse("title", "Title: cannot be blank")
    stated = given.get("conditions") or {}
    every, some = given.get("all") or stated.get("all") or [], given.get("any") or stated.get("any") or []
    check(state, every, some, given.get("output") or {})
    now = state.clock()
    row = View(
        next(state.ids),
        str(given["title"]),
        now,
        now,
        every,
        some,
        dict(given.get("output") or {}),
        description=given.get("description"),
        active=bool(given.get("active", True)),
        restriction=given.get("restriction"),
        position=int(given.get("position") or 9999),
    )
    state.views[row.id] = row
    return {"view": render(row)}, 201


@api.api("/views/<int:view_id>", "PUT")
def update_view(view_id: int) -> Any:
    """Change a view; giving conditions replaces all of them."""
    row, given, state = find(view_id), wrapped("view"), world().state
    every, some = row.all, row.any
    if "all" in given or "any" in given:
        every, some = given.get("all") or [], given.get("any") or []
    elif "conditions" in given:
        every, some = given["conditions"].get("all") or [], given["conditions"].get("any") or []
    output = {**row.output, **(given.get("output") or {})}
    check(state, every, some, output)
    row.all, row.any, row.output, row.cached = every, some, output, None
    row.title = str(given.get("title") or row.title)
    row.active = bool(given.get("active", row.active))
    row.description = given.get("description", row.description)
    row.updated_at = state.clock()
    return {"view": render(row)}


@api.api("/views/<int:view_id>", "DELETE")
def delete_view(view_id: int) -> Any:
    """Remove a view."""
    del world().state.views[find(view_id).id]
    return "", 204


def sorted_rows(view: View) -> list[Ticket]:
    """A view's tickets, by the order the caller asked for."""
    sort_by = request.args.get("sort_by")
    if sort_by and (sort_by in NOT_SORTABLE or not known(world().state, sort_by, set(SORTABLE))):
        raise errors.invalid_attribute(f"sort_by: {sort_by} is not supported")
    if paging.wants_cursor():
        # With cursor paging the sort of the query string is ignored without a word.
        return tickets_of(world(), view)
    return tickets_of(world(), view, sort_by, request.args.get("sort_order"))


@api.api("/views/<int:view_id>/execute")
def execute_view(view_id: int) -> Any:
    """The rows of a view; five times a minute for a view and agent."""
    view, place = find(view_id), world()
    place.limits.take(place.limits.views, 60, "view-execute", str(view_id), str(actor().id))
    rows, state = sorted_rows(view), place.state
    columns = render(view)["execution"]["columns"]
    table = []
    for row in rows:
        short = {
            "id": row.id,
            "subject": row.subject,
            "description": row.description,
            "status": row.status,
            "type": row.type,
            "priority": row.priority,
            "url": f"{place.base}/api/v2/tickets/{row.id}.json",
            "last_comment": shapes.comment(row.comments[-1]),
        }
        cells = {str(item["id"]): row.fields.get(item["id"]) for item in columns if isinstance(item["id"], int)}
        table.append(
            {
                "id": row.id,
                "ticket_id": row.id,
                "ticket": short,
                "subject": row.subject,
                "created": shapes.stamp(row.created_at),
                "updated": shapes.stamp(row.updated_at),
                "requester_id": row.requester_id,
                "assignee_id": row.assignee_id,
                "group_id": row.group_id,
                "status": row.status,
                "priority": row.priority,
                "custom_fields": [{"id": int(key), "value": value} for key, value in cells.items()],
                "fields": [{"id": int(key), "value": value} for key, value in cells.items()],
                **cells,
            }
        )
    users = {row.requester_id for row in rows} | {row.assignee_id for row in rows if row.assignee_id}
    extra = {
        "columns": columns,
        "groups": [shapes.group(row, place.base) for row in state.groups.values()],
        "users": [shapes.user(state.users[key], place.base) for key in sorted(users)],
        "view": {"id": view.id, "url": f"{place.base}/api/v2/views/{view.id}.json"},
    }
    return paging.page(table, "rows", extra)


@api.api("/views/<int:view_id>/tickets")
def view_tickets(view_id: int) -> Any:
    """The whole tickets of a view."""
    place = world()
    place.limits.take(place.limits.views, 60, "view-tickets", str(view_id), str(actor().id))
    rows = sorted_rows(find(view_id))
    return paging.page([shape(row) for row in rows], "tickets", sideloads(rows))


@api.api("/views/<int:view_id>/count")
def count_view(view_id: int) -> Any:
    """How many tickets are in a view; the first time it is still being counted."""
    view, place = find(view_id), world()
    place.limits.take(place.limits.views, 60, "view-count", str(view_id), str(actor().id))
    number = len(tickets_of(place, view)) if view.counted else None
    fresh, view.counted = view.counted, True
    url = f"{place.base}/api/v2/views/{view.id}/count.json"
    pretty = "..." if number is None else str(number)
    return {"view_count": {"view_id": view.id, "url": url, "value": number, "pretty": pretty, "fresh": fresh}}
