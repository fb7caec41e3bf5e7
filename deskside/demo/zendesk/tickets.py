"""The tickets endpoints."""

import hashlib
from datetime import timedelta
from typing import Any

from flask import Response, jsonify, request

from deskside.demo.zendesk import errors, paging, shapes
from deskside.demo.zendesk.people import new_user
from deskside.demo.zendesk.routing import Api, actor, body, ids, world, wrapped
from deskside.demo.zendesk.state import Json, Ticket
from deskside.demo.zendesk.world import Remembered

IDEMPOTENCY_HOURS = 2
SORTS = ("updated_at", "id", "status")

api = Api("tickets", "tickets")


def shape(row: Ticket) -> Json:
    """A ticket as this host shows it."""
    return shapes.ticket(world().state, row, world().base)


def sideloads(rows: list[Ticket]) -> Json:
    """What `include=` asks for beside tickets."""
    state, base = world().state, world().base
    wanted = request.args.get("include", "").split(",")
    found: Json = {}
    if "users" in wanted:
        keys = {key for row in rows for key in (row.requester_id, row.submitter_id, row.assignee_id) if key}
        found["users"] = [shapes.user(state.users[key], base) for key in sorted(keys)]
    if "organizations" in wanted:
        keys = {row.organization_id for row in rows if row.organization_id}
        found["organizations"] = [shapes.organization(state.organizations[key], base) for key in sorted(keys)]
    if "groups" in wanted:
        keys = {row.group_id for row in rows if row.group_id}
        found["groups"] = [shapes.group(state.groups[key], base) for key in sorted(keys)]
    if "metric_sets" in wanted:
        found["metric_sets"] = [shapes.metric_set(state, row, base) for row in rows]
    return found


@api.api("/tickets")
def list_tickets() -> Any:
    """All tickets; only three attributes sort, and only with cursor paging."""
    bucket = world().limits.take(world().limits.tickets_index, 60, "tickets-index")
    rows = [row for row in world().state.tickets.values() if row.status != "deleted"]
    sort = request.args.get("sort")
    if sort and paging.wants_cursor():
        name = sort.removeprefix("-")
        if name not in SORTS:
            raise errors.coded(400, "InvalidSort", "Invalid sort", f"sort is not valid: {sort}")
        rows.sort(key=lambda row: (getattr(row, name), row.id), reverse=sort.startswith("-"))
    elif not paging.wants_cursor() and request.args.get("sort_by"):
        name = request.args["sort_by"]
        rows.sort(key=lambda row: str(getattr(row, name, "")), reverse=request.args.get("sort_order") == "desc")
    else:
        rows.sort(key=lambda row: row.id)
    answer = jsonify(paging.page([shape(row) for row in rows], "tickets", sideloads(rows)))
    answer.headers["zendesk-ratelimit-tickets-index"] = "; ".join(f"{key}={value}" for key, value in bucket.items())
    return answer


@api.api("/tickets", "POST")
def create_ticket() -> Any:
    """A new ticket; the only endpoint that honours an Idempotency-Key."""
    given = dict(wrapped("ticket"))
    key = request.headers.get("Idempotency-Key")
    state, now, digest = world().state, world().state.clock(), hashlib.sha256(request.get_data()).digest()
    if key:
        kept = world().remembered.get(key)
        if kept is not None and now - kept.at < timedelta(hours=IDEMPOTENCY_HOURS):
            if kept.body != digest:
                raise errors.idempotency_mismatch()
            return created(kept.answer, kept.location, "hit")
    if isinstance(given.get("requester"), dict):
        given["requester_id"] = requester(given.pop("requester"))
    row, audit = world().desk.create(given, actor(), "api")
    if given.get("via_followup_source_id"):
        source = state.tickets.get(int(given["via_followup_source_id"]))
        if source is not None:
            source.followup_ids.append(row.id)
    answer = {"ticket": shape(row), "audit": shapes.audit(audit)}
    location = f"{world().base}/api/v2/tickets/{row.id}.json"
    if key:
        world().remembered[key] = Remembered(now, digest, answer, location)
    return created(answer, location, "miss" if key else None)


def created(answer: Json, location: str, lookup: str | None) -> Response:
    """201 with where it is and whether the idempotency key was known."""
    response = jsonify(answer)
    response.status_code = 201
    response.headers["Location"] = location
    if lookup:
        response.headers["x-idempotency-lookup"] = lookup
    return response


def requester(given: Json) -> int:
    """The user with this e-mail address, made when there is none."""
    state = world().state
    for user in state.users.values():
        if user.email and user.email == given.get("email"):
            return user.id
    return new_user(world(), str(given.get("name") or given.get("email")), given.get("email")).id


@api.api("/tickets/<int:ticket_id>")
def show_ticket(ticket_id: int) -> Any:
    """One ticket, without its comments."""
    row = world().desk.find(ticket_id)
    return {"ticket": shape(row), **sideloads([row])}


@api.api("/tickets/<int:ticket_id>", "PUT")
def update_ticket(ticket_id: int) -> Any:
    """Change a ticket, add a comment; answers what really happened."""
    limits = world().limits
    row = world().desk.find(ticket_id)
    limits.take(limits.ticket_updates, 600, "ticket-updates", str(row.id), str(actor().id))
    bucket = limits.take(limits.account_updates, 60, "account-updates")
    row, audit = world().desk.update(ticket_id, wrapped("ticket"), actor(), "api")
    answer = jsonify({"ticket": shape(row), "audit": shapes.audit(audit)})
    answer.headers["zendesk-ratelimit-tickets-update"] = "; ".join(f"{key}={value}" for key, value in bucket.items())
    return answer


@api.api("/tickets/<int:ticket_id>", "DELETE")
def delete_ticket(ticket_id: int) -> Any:
    """Delete softly."""
    world().desk.soft_delete(ticket_id, actor())
    return "", 204


@api.api("/deleted_tickets/<int:ticket_id>/restore", "PUT")
def restore_ticket(ticket_id: int) -> Any:
    """Bring a deleted ticket back."""
    world().desk.undelete(ticket_id, actor())
    return {}


@api.api("/tickets/show_many")
def show_many() -> Any:
    """Up to 100 tickets, in no certain order; unknown ids are left out."""
    tickets = world().state.tickets
    rows = [tickets[key] for key in ids(request.args.get("ids")) if key in tickets and tickets[key].status != "deleted"]
    rows.sort(key=lambda row: -row.generated)
    return {
        "tickets": [shape(row) for row in rows],
        **sideloads(rows),
        "next_page": None,
        "previous_page": None,
        "count": len(rows),
    }


@api.api("/tickets/<int:ticket_id>/comments")
def list_comments(ticket_id: int) -> Any:
    """A ticket's comments, notes among them; with `page[size]` only `sort=` sorts."""
    row = world().desk.find(ticket_id)
    rows = [shapes.comment(comment) for comment in row.comments]
    if paging.wants_cursor():
        descending = request.args.get("sort") == "-created_at"
    else:
        descending = request.args.get("sort_order") == "desc"
    extra: Json = {}
    if "users" in request.args.get("include", "").split(","):
        authors = {comment.author_id for comment in row.comments}
        extra["users"] = [shapes.user(world().state.users[key], world().base) for key in sorted(authors)]
    return paging.page(rows[::-1] if descending else rows, "comments", extra)


@api.api("/tickets/<int:ticket_id>/audits")
def list_audits(ticket_id: int) -> Any:
    """A ticket's updates."""
    rows = [shapes.audit(audit) for audit in world().desk.find(ticket_id).audits]
    if paging.wants_cursor() and request.args.get("sort") == "-created_at":
        rows.reverse()
    if not paging.wants_cursor() and request.args.get("sort_order") == "desc":
        rows.reverse()
    return paging.page(rows, "audits")


@api.api("/tickets/<int:ticket_id>/tags")
def list_tags(ticket_id: int) -> Any:
    """A ticket's tags."""
    return {"tags": list(world().desk.find(ticket_id).tags)}


@api.api("/tickets/<int:ticket_id>/tags", "PUT", "POST", "DELETE")
def change_tags(ticket_id: int) -> Any:
    """PUT adds, POST sets, DELETE removes."""
    given = dict(body())
    if request.method == "DELETE" and "tags" in request.args:
        given["tags"] = request.args["tags"]
    row = world().desk.change_tags(ticket_id, request.method, given, actor())
    return {"tags": list(row.tags)}, (201 if request.method == "POST" else 200)


@api.api("/tickets/<int:ticket_id>/slas/policy_metrics")
def policy_metrics(ticket_id: int) -> Any:
    """The ticket's live service levels; 404 when it has none."""
    row = world().desk.find(ticket_id)
    if row.slas is None:
        raise errors.not_found()
    now = world().state.clock()
    return {"policy_metrics": [metric(item, now) for item in row.slas]}


def metric(item: Json, now: Any) -> Json:
    """One service level; the time left is a key of its own, in the largest unit that fits, negative when past."""
    minutes = int((item["breach_at"] - now).total_seconds() // 60)
    if abs(minutes) >= 24 * 60:
        left = {"days": int(minutes / (24 * 60))}
    elif abs(minutes) >= 60:
        left = {"hours": int(minutes / 60)}
    else:
        left = {"minutes": minutes}
    return {"breach_at": shapes.stamp(item["breach_at"]), "stage": item["stage"], "metric": item["metric"], **left}
