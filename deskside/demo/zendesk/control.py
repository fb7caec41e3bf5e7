"""Commands to the simulation itself, for when it runs in another process: loopback only, no part of Zendesk."""

from typing import Any

from flask import Blueprint, request

from deskside.demo.zendesk.routing import world

pages = Blueprint("control", __name__, url_prefix="/__control__")


@pages.post("/faults")
def order() -> Any:
    """Order a fault: the arguments of `Faults.next` as JSON."""
    given = request.get_json(force=True, silent=True)
    if not isinstance(given, dict) or "kind" not in given:
        return {"error": "a JSON object with a kind is needed"}, 400
    try:
        world().faults.next(**given)
    except (TypeError, ValueError) as error:
        return {"error": str(error)}, 400
    return {"waiting": len(world().faults.waiting)}, 201


@pages.get("/faults")
def waiting() -> Any:
    """The faults still to come."""
    return {"faults": [vars(fault) for fault in world().faults.waiting]}


@pages.delete("/faults")
def clear() -> Any:
    """Forget them."""
    world().faults.clear()
    return "", 204


@pages.get("/deliveries")
def deliveries() -> Any:
    """What was sent to webhooks."""
    return {
        "deliveries": [
            {
                "id": row.id,
                "type": row.type,
                "status": row.status,
                "attempts": [item.status_code for item in row.attempts],
            }
            for row in world().sender.log
        ]
    }
