"""Reading changes and searching: the incremental export, and the search that lags behind."""

import base64
from typing import Any

from flask import request

from deskside.demo.zendesk import errors, paging, search, shapes
from deskside.demo.zendesk.routing import Api, world
from deskside.demo.zendesk.state import Json
from deskside.demo.zendesk.tickets import sideloads

EXPORT_MAX = 1000
SEARCH_MAX = 1000
MICRO = 1_000_000

api = Api("exports", "tickets")
search_api = Api("search")


def encode(moment: int, ticket_id: int) -> str:
    """A cursor: the time of change and the id, as Zendesk's look inside."""
    return base64.b64encode(f"{moment // MICRO}.{moment % MICRO:06d}||{ticket_id}".encode()).decode()


def decode(cursor: str) -> tuple[int, int]:
    """The moment (microseconds) and id of a cursor. Raises ApiError 400."""
    try:
        when, _, ticket_id = base64.b64decode(cursor.encode(), validate=True).decode().partition("||")
        seconds, _, micro = when.partition(".")
        return int(seconds) * MICRO + int(micro or 0), int(ticket_id)
    except ValueError:
        raise errors.invalid_attribute("cursor is not valid") from None


@api.api("/incremental/tickets/cursor")
def incremental_tickets() -> Any:
    """Tickets by time of any change, deleted ones too; what changed a moment ago is held back."""
    place = world()
    place.limits.take(place.limits.incremental, 60, "incremental")
    cursor, start = request.args.get("cursor"), request.args.get("start_time")
    if cursor:
        after = decode(cursor)
    elif start and start.lstrip("-").isdigit():
        if int(start) > place.state.clock().timestamp() - place.incremental_min_age_seconds:
            text = "Too recent start_time. Use a start_time older than 1 minute"
            raise errors.ApiError(400, {"error": "StartTimeTooRecent", "description": text})
        after = (int(start) * MICRO, 0)
    else:
        raise errors.invalid_attribute(
            "You passed an invalid value for the start_time attribute. start_time is missing"
        )
    rows, more = place.incremental(after, min(paging.integer("per_page", EXPORT_MAX), EXPORT_MAX))
    last = (rows[-1].generated, rows[-1].id) if rows else after
    behind = encode(*last)
    return {
        "tickets": [shapes.ticket(place.state, row, place.base) for row in rows],
        **sideloads(rows),
        "after_url": f"{place.links}/api/v2/incremental/tickets/cursor.json?cursor={behind}",
        "after_cursor": behind,
        "before_url": None,
        "before_cursor": None,
        "end_of_stream": not more,
    }


@search_api.api("/search")
def run_search() -> Any:
    """At most 1,000 rows, as the index knew them a while ago; `count` is the true total."""
    if paging.wants_cursor():
        raise errors.invalid_attribute("page[size] is not supported by search")
    query = request.args.get("query", "")
    if not query:
        raise errors.ApiError(422, {"error": "invalid", "description": "Invalid search: query is missing"})
    number, size = paging.integer("page", 1), min(paging.integer("per_page", 100), 100)
    if (number - 1) * size >= SEARCH_MAX:
        text = "Invalid search: Requested response size was greater than Search Response Limits"
        raise errors.ApiError(422, {"error": "invalid", "description": text})
    descending = request.args.get("sort_order", "desc") == "desc"
    found = search.run(world().index, query, request.args.get("sort_by"), descending)
    rows = [result(kind, document) for kind, document in found]
    return paging.offset_page(rows, "results", {"facets": None}, SEARCH_MAX)


def result(kind: str, document: Json) -> Json:
    """A row of a search."""
    row = {key: value for key, value in document.items() if key not in ("said", "names")}
    plural = {"ticket": "tickets", "user": "users", "organization": "organizations"}[kind]
    return {**row, "url": f"{world().base}/api/v2/{plural}/{row['id']}.json", "result_type": kind}


@search_api.api("/search/count")
def count_search() -> Any:
    """How many rows a search has."""
    return {"count": len(search.run(world().index, request.args.get("query", ""), None, True))}
