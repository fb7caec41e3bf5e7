"""Bulk changes and the jobs that report on them."""

import secrets
from typing import Any

from flask import request

from deskside.demo.zendesk import errors
from deskside.demo.zendesk.routing import Api, actor, body, ids, world
from deskside.demo.zendesk.state import Json

MOST = 100

api = Api("bulk", "tickets")


@api.api("/tickets/update_many", "PUT")
def update_many() -> Any:
    """A batch of different changes, or one change to many ids; `completed` may hide rows that failed."""
    given = body()
    if "ids" in request.args:
        changes = [{**(given.get("ticket") or {}), "id": key} for key in ids(request.args["ids"], MOST)]
    else:
        changes = list(given.get("tickets") or [])
    if len(changes) > MOST:
        raise errors.too_many(MOST)
    return start("update", [update(index, change) for index, change in enumerate(changes)])


def update(index: int, change: Json) -> Json:
    """One row of the job's result: a failed one has an `error` and no `success`."""
    key = int(change.get("id") or 0)
    try:
        world().desk.update(key, {name: change[name] for name in change if name != "id"}, actor(), "api")
    except errors.ApiError as error:
        details = error.payload if isinstance(error.payload, str) else error.payload.get("description")
        return {"index": index, "id": key, "error": "TicketUpdateFailed", "details": str(details)}
    return {"index": index, "id": key, "action": "update", "status": "Updated", "success": True}


@api.api("/tickets/<int:ticket_id>/merge", "POST")
def merge(ticket_id: int) -> Any:
    """Merge tickets into this one."""
    given = body()
    world().desk.find(ticket_id)
    rows = []
    for index, source in enumerate(given.get("ids") or []):
        try:
            world().desk.merge(int(source), ticket_id, actor(), given.get("source_comment"))
            rows.append({"index": index, "id": int(source), "action": "merge", "status": "Merged", "success": True})
        except errors.ApiError:
            rows.append({"index": index, "id": int(source), "error": "TicketMergeFailed", "details": "cannot merge"})
    if given.get("target_comment"):
        said = {"body": given["target_comment"], "public": bool(given.get("target_comment_is_public"))}
        world().desk.update(ticket_id, {"comment": said}, actor(), "api")
    return start("merge", rows)


def start(kind: str, rows: list[Json]) -> Json:
    """A job: said to be queued now, working at the first look, completed after; its rows come out of order."""
    key = f"V3-{secrets.token_hex(16)}"
    world().state.jobs[key] = {"job_type": kind, "rows": rows[::-1], "looks": 0}
    return {"job_status": job(key, "queued", None)}


def job(key: str, status: str, rows: list[Json] | None) -> Json:
    """A job's status."""
    when = world().state.clock().strftime("%Y-%m-%d %H:%M:%S +0000")
    return {
        "id": key,
        "job_type": world().state.jobs[key]["job_type"],
        "url": f"{world().base}/api/v2/job_statuses/{key}.json",
        "total": None if status == "queued" else len(world().state.jobs[key]["rows"]),
        "progress": None if rows is None else len(rows),
        "status": status,
        "message": f"Completed at {when}" if status == "completed" else None,
        "results": rows,
    }


@api.api("/job_statuses/<key>")
def show_job(key: str) -> Any:
    """How far a job is."""
    found = world().state.jobs.get(key.removesuffix(".json"))
    if found is None:
        raise errors.not_found()
    found["looks"] += 1
    done = found["looks"] > 1
    return {
        "job_status": job(
            key.removesuffix(".json"), "completed" if done else "working", found["rows"] if done else None
        )
    }
