"""The queue follows the configuration: other calendars give other keys, other rules other pools."""

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from deskside.store import cursors, estimates, tickets, weights
from jobs.context import Context
from jobs.refresh import rekeyed

log = logging.getLogger(__name__)

CALENDARS = "queue.calendars"
POOLS = "queue.pools"


def follow(context: Context) -> None:
    """At a start: bring the waiting tickets to the configuration, if that is another than at the last start.

    On another calendar a ticket keeps its arrival and its head start. Which pools take it is only known when it is
    read again, so each is looked at again.
    """
    with context.database.begin() as connection:
        if _changed(connection, CALENDARS, _digest(context.calendars)):
            weights.alone(connection)
            rows = tickets.waiting(connection)
            for row in rows:
                estimates.drop(connection, row)
                tickets.update(connection, row.desk, row.ticket_id, **rekeyed(context, row, row.calendar))
            log.info("the calendars changed: %d waiting tickets have new keys", len(rows))
        if _changed(connection, POOLS, _digest(list(context.pool_rules))):
            _look_again(context, connection)


def _look_again(context: Context, connection: sa.Connection) -> None:
    for row in tickets.waiting(connection):
        lane = f"ticket:{row.desk}:{row.ticket_id}"
        context.engine.enqueue(connection, "ticket.refresh", lane=lane, desk=row.desk, ticket_id=row.ticket_id)


def _changed(connection: sa.Connection, name: str, now: str) -> bool:
    """Whether it is another than the one stored, which it becomes; the first is no change."""
    before = cursors.get(connection, name)
    if before != now:
        cursors.put(connection, name, now)
    return before not in (None, now)


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(_plain(value), sort_keys=True).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, date | time | ZoneInfo) else value
