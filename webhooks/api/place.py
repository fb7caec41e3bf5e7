"""The place and the time of a ticket, for who tells clients of it."""

from typing import Any

from deskside.store import tickets
from deskside.store.database import reading
from webhooks import reply, times
from webhooks.api import schemas
from webhooks.api.operation import operation, refuse
from webhooks.context import current


@operation(
    "GET",
    "/tickets/<desk>/<ticket_id>/place",
    scope="tickets:read",
    answer=schemas.ExpectedPlace,
    arguments=schemas.PlaceArguments,
    problems={404: "No such ticket waits"},
)
def get_expected_place(desk: str, ticket_id: str, use: str) -> dict[str, Any]:
    """The place of a waiting ticket, when it will be taken, and a text that says so.

    The time is kept and scored when the ticket is taken. Within a minute the same is given again.
    """
    with reading(current().database) as connection:
        row = tickets.get(connection, desk, ticket_id)
    if row is None:
        refuse(404, f"no ticket {ticket_id} of {desk} is known")
    found = times.shown(row, use)
    if found is None:
        refuse(404, f"ticket {ticket_id} does not wait")
    link = times.link(row)
    return {
        **row._mapping,
        "position": found.position,
        "at": found.at,
        "taken_by": _levels(found.range.half, found.range.most, found.range.nearly_all) if found.range else None,
        "working_minutes": (
            _levels(*(seconds // 60 for seconds in (found.quantiles.q50, found.quantiles.q80, found.quantiles.q90)))
            if found.quantiles
            else None
        ),
        "worst_at": found.worst,
        "compared": found.scored,
        "needed": found.needed,
        "link": link,
        "text": reply.texts(found, link, times.clock_of(row).zone),
    }


def _levels(half: Any, most: Any, nearly_all: Any) -> dict[str, Any]:
    return {"q50": half, "q80": most, "q90": nearly_all}
