"""What is known of a ticket."""

from typing import Any

from deskside.store import checks, effects, tickets
from deskside.store.database import reading
from webhooks.api import schemas
from webhooks.api.operation import operation, refuse
from webhooks.context import current


@operation(
    "GET",
    "/tickets/<desk>/<ticket_id>",
    scope="tickets:read",
    answer=schemas.Ticket,
    problems={404: "No such ticket is known"},
)
def get_ticket(desk: str, ticket_id: str) -> dict[str, Any]:
    """One ticket: the health of its servers with all evidence, and what was written to the desk."""
    with reading(current().database) as connection:
        row = tickets.get(connection, desk, ticket_id)
        if row is None:
            refuse(404, f"no ticket {ticket_id} of {desk} is known")
        return {
            **row._mapping,
            "client": row.client_name,
            "url": current().actions.ticket_url(desk, ticket_id),
            "checks": checks.of_ticket(connection, desk, ticket_id),
            "effects": effects.of_ticket(connection, desk, ticket_id),
        }
