"""Commands to the simulation itself, for when it runs in another process: loopback only, no part of Zendesk."""

from typing import Any

from flask import Blueprint

from deskside.demo.faults import commanded
from deskside.demo.zendesk.routing import world

pages = Blueprint("control", __name__, url_prefix="/__control__")


commanded(pages, lambda: world().faults)


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
