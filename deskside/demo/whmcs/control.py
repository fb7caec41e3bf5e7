"""Commands to the simulation itself, for when it runs in another process: loopback only, no part of WHMCS."""

from typing import Any

from flask import Blueprint, request

from deskside.demo.faults import commanded
from deskside.demo.whmcs.api import world

pages = Blueprint("control", __name__, url_prefix="/__control__")


commanded(pages, lambda: world().faults)


@pages.post("/cron")
def cron() -> Any:
    """Let the system cron run now."""
    return {"sent": world().addon.cron()}


@pages.put("/addon")
def addon() -> Any:
    """Switch the addon: `{"on": false}`."""
    given = request.get_json(force=True, silent=True)
    if not isinstance(given, dict) or not isinstance(given.get("on"), bool):
        return {"error": "a JSON object with on, true or false, is needed"}, 400
    world().addon.on = given["on"]
    return {"on": world().addon.on}


@pages.get("/outbox")
def outbox() -> Any:
    """What the addon sent, or still has to."""
    return {
        "events": [
            {"id": row.id, "type": row.type, "sent": row.sent_at is not None, "answers": row.answers}
            for row in world().addon.outbox
        ]
    }
