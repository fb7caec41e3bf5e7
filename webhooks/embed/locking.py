"""Who is writing a reply: the changes an agent's page asks for, and how they are told."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import render_template

from deskside.store import locks, replays
from deskside.store.database import Row, reading, utc_now
from webhooks.context import current
from webhooks.embed.asked import LOCKING


class DoneBefore(Exception):
    """The very same request changed a lock before: somebody may have recorded it."""


def change(desk: str, wanted: dict[str, Any], request_id: str) -> dict[str, Any]:
    """Do what was asked; what the page shows of the lock now. Raises `DoneBefore`."""
    now = utc_now()
    ticket, agent = wanted["ticket"], wanted["agent"]
    if wanted["type"] not in LOCKING:
        with reading(current().database) as connection:
            return told(locks.held(connection, desk, ticket, now), agent["id"], now)
    with current().database.begin() as connection:
        if not replays.first_time(connection, desk, request_id, now):
            raise DoneBefore
        granted, token = _do(connection, desk, wanted, now)
        row = locks.held(connection, desk, ticket, now)
    return told(row, agent["id"], now, granted=granted, token=token)


def _do(connection: sa.Connection, desk: str, wanted: dict[str, Any], now: datetime) -> tuple[bool, str | None]:
    ticket, agent, token = wanted["ticket"], wanted["agent"], wanted["token"]
    match wanted["type"]:
        case "lock.take":
            new = locks.take(connection, desk, ticket, agent["id"], agent["name"], now)
            return new is not None, new
        case "lock.override":
            return True, locks.override(connection, desk, ticket, agent["id"], agent["name"], now)
        case "lock.renew":
            return locks.renew(connection, desk, ticket, token, now), None
        case _:
            return locks.release(connection, desk, ticket, token), None


def told(row: Row | None, agent_id: str, now: datetime, **more: Any) -> dict[str, Any]:
    """The lock as values and as words for this agent. `seconds` is how long it is good for."""
    mine = row is not None and row.holder_id == agent_id
    return {
        "html": render_template("lock.html", lock=row, mine=mine),
        "lock": {
            "held": row is not None,
            "mine": mine,
            "holder": row.holder_name if row else "",
            "taken_from": row.taken_from if row else "",
            "seconds": max(0, int((row.until - now).total_seconds())) if row else 0,
            "lease_seconds": int(locks.LEASE.total_seconds()),
            **more,
        },
    }
