"""Moving a waiting ticket forward."""

from typing import Any

from webhooks.api import schemas
from webhooks.api.operation import operation, refuse
from webhooks.context import current

REFUSALS = {
    "client": "a ticket of this client was moved today already",
    "share": "too many of the tickets of the last eight working hours were moved",
    "changed": "it would not get the place that was expected",
}


@operation(
    "POST",
    "/tickets/<desk>/<ticket_id>/move",
    scope="queue:write",
    answer=schemas.Moved,
    body=schemas.MoveBody,
    problems={404: "No such ticket waits", 409: "It may not be moved now"},
)
def move_ticket(
    desk: str, ticket_id: str, agent: str, reason: str, kind: str, dry_run: bool, expected: int | None
) -> dict[str, Any]:
    """Move a waiting ticket forward, or see with `dry_run` what place it would get.

    No ticket is moved ahead of one that was promised its place. When the place would stay the same, nothing is done.
    """
    answer = current().actions.move(desk, ticket_id, kind, agent, reason, dry_run=dry_run, expected=expected)
    if answer is None:
        refuse(404, f"no ticket {ticket_id} of {desk} waits")
    if answer.refused and answer.prospect.helps and not dry_run:
        refuse(409, REFUSALS[answer.refused])
    found = answer.prospect
    return {
        "kind": found.kind,
        "position_before": found.before,
        "position_after": found.after,
        "changed": found.helps,
        "made": answer.made,
        "refused": answer.refused,
    }
