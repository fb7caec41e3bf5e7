"""Deliveries and their replay."""

from typing import Any

from deskside.store import inbox
from deskside.store.database import reading
from webhooks.api import schemas
from webhooks.api.operation import operation, refuse
from webhooks.context import current

BIGGEST_ID = 2**63 - 1


@operation("GET", "/events", scope="events:read", answer=schemas.Events, arguments=schemas.EventArguments)
def list_events(limit: int, state: str | None = None, before: int | None = None) -> dict[str, Any]:
    """The newest deliveries, without their bodies."""
    with reading(current().database) as connection:
        rows = inbox.recent(connection, state=state, before=before, limit=limit + 1)
    return {"deliveries": rows[:limit], "next": rows[limit - 1].id if len(rows) > limit else None}


@operation(
    "POST",
    "/events/<int:inbox_id>/replay",
    scope="events:write",
    answer=schemas.Replayed,
    status=202,
    problems={404: "No such delivery is kept"},
)
def replay_event(inbox_id: int) -> dict[str, Any]:
    """Work on a delivery once more. What was written to the desk before is not written again."""
    if inbox_id > BIGGEST_ID or not current().actions.replay_delivery(inbox_id):
        refuse(404, f"no delivery {inbox_id} is kept")
    return {"id": inbox_id, "state": "waiting"}
