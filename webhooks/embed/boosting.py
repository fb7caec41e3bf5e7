"""Asking for a better place from inside the desk: by the client, or by an agent for the client."""

from typing import Any

from flask_babel import force_locale

from deskside.ports import Desk
from deskside.store import replays, tickets
from deskside.store.database import reading, utc_now
from webhooks import boosts
from webhooks.context import current
from webhooks.embed import fragments
from webhooks.embed.locking import DoneBefore


def ask(desk: Desk, wanted: dict[str, Any], request_id: str) -> dict[str, Any]:
    """Ask for what was wanted; what the page shows then. Raises `DoneBefore`."""
    ticket_id, client, agent = wanted["ticket"], wanted["client"], wanted["agent"]
    with reading(current().database) as connection:
        row = tickets.get(connection, desk.name, ticket_id)
    if row is None or (client is not None and row.client_id != client["id"]):
        return {"html": "", "made": False}
    with current().database.begin() as connection:
        if not replays.first_time(connection, desk.name, request_id, utc_now()):
            raise DoneBefore
    wish = current().actions.ask_boost(
        desk.name,
        ticket_id,
        wanted["kind"],
        row.client_name if client is not None else agent["name"],
        _line(wanted["kind"], row.subject, for_client=client is not None),
        wanted["place"],
    )
    said = "" if wish.made else boosts.refusal(wish.refused)
    if client is not None:
        return {"html": fragments.place(desk, ticket_id, client["id"], said), "made": wish.made}
    return {**fragments.panel(desk, ticket_id, agent["id"], said), "made": wish.made}


def _line(kind: str, subject: str, *, for_client: bool) -> str:
    if for_client:
        return boosts.line(kind, subject)
    # The client reads it, whose language an agent's page does not tell.
    with force_locale(current().settings.language):
        return boosts.line(kind, subject)
