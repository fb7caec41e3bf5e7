"""The queue and the places in it."""

from typing import Any

from deskside.store import claims, tickets
from deskside.store import queue as store
from deskside.store.database import reading, utc_now
from webhooks import places
from webhooks.api import schemas
from webhooks.api.operation import operation, refuse
from webhooks.context import current


@operation("GET", "/queue", scope="queue:read", answer=schemas.Queue, arguments=schemas.QueueArguments)
def list_queue(limit: int, offset: int, pool: str | None = None) -> dict[str, Any]:
    """The queue.

    Tickets come in the order in which they should be taken, pool by pool; without `pool` those of every pool.
    """
    with reading(current().database) as connection:
        pools = store.pools(connection)
        names = [state.pool for state in pools if pool is None or state.pool == pool]
        found = [queued for name in names for queued in places.of_pool(connection, name, limit, offset)]
    return {"pools": pools, "tickets": [_queued(queued) for queued in found]}


@operation(
    "GET",
    "/queue/<desk>/<ticket_id>",
    scope="queue:read",
    answer=schemas.Place,
    problems={404: "No such ticket waits"},
)
def get_place(desk: str, ticket_id: str) -> dict[str, Any]:
    """The place of one waiting ticket, and why it stands there."""
    with reading(current().database) as connection:
        row = tickets.get(connection, desk, ticket_id)
        place = places.of_ticket(connection, row) if row is not None else None
    if place is None:
        known = f"ticket {ticket_id} does not wait: it is {row.status}" if row is not None else None
        refuse(404, known or f"no ticket {ticket_id} of {desk} is known")
    return {
        **_queued(place),
        "contributions": place.contributions,
        "ahead": place.ahead.ticket_id if place.ahead is not None else None,
        "why": place.why,
    }


def _queued(queued: places.Queued) -> dict[str, Any]:
    row = queued.row
    return {
        **row._mapping,
        "position": queued.position,
        "client": row.client_name,
        "head_start_minutes": queued.head_start,
        "claimed_by": (holder := claims.holder(row, utc_now())),
        "claimed_until": row.claimed_until if holder else None,
    }
