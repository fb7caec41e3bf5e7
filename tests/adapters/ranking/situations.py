"""Situations for the tests of the factors."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from deskside import settings
from deskside.model.ticket import Client, Status, Ticket
from deskside.ports import Situation

MORNING = datetime(2026, 11, 23, 9, tzinfo=UTC)
OPTIONS = settings.load(Path("/dev/null"), {}).queue
EXTREME = {"reopened": True, "carried_minutes": 10**6, "server_down": True, "minutes_to_breach": -(10**6)}


def situation(
    *,
    tags: frozenset[str] = frozenset(),
    client_tags: frozenset[str] = frozenset(),
    client_fields: dict[str, str] | None = None,
    options: dict[str, Any] | None = None,
    **more: Any,
) -> Situation:
    """A new ticket about which nothing is special, but for what is given."""
    client = Client("7", "Acme", fields=client_fields or {}, tags=client_tags)
    ticket = Ticket("zendesk", "1", "", "", Status.NEW, "Support", client, MORNING, MORNING, tags=tags)
    values: dict[str, Any] = {
        "ticket": ticket,
        "now": MORNING,
        "reopened": False,
        "carried_minutes": 0,
        "server_down": False,
        "minutes_to_breach": None,
        **more,
    }
    return Situation(**values, options={**OPTIONS, **(options or {})})
