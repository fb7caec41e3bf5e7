"""The fragments: what an agent sees of a ticket and of the queue, and what a client sees of the own ticket."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import render_template

from deskside.ports import Desk
from deskside.store import checks, estimates, locks, tickets
from deskside.store import queue as store
from deskside.store.database import Row, reading, utc_now
from webhooks import boosts, places, times
from webhooks.context import current
from webhooks.embed import locking

ROOT = Path(__file__).parent
HEADS = 5


@dataclass(frozen=True, slots=True)
class Stretch:
    """The first tickets of one pool, and how many wait besides."""

    state: store.PoolState
    tickets: list[places.Queued]
    rest: int


def panel(desk: Desk, ticket_id: str, agent_id: str, said: str = "") -> dict[str, Any]:
    """A ticket as an agent sees it: its servers, its place and why, who is on it; and the reply lock.

    `said` is why a place was not sold just now.
    """
    now = utc_now()
    with reading(current().database) as connection:
        row = tickets.get(connection, desk.name, ticket_id)
        place = places.of_ticket(connection, row) if row is not None else None
        newest = checks.of_ticket(connection, desk.name, ticket_id, 1) if row is not None else ()
        waiting = _waiting(connection, row) if row is not None and place is not None else 0
        lock = locks.held(connection, desk.name, ticket_id, now)
    time = times.shown(row, estimates.PAGE) if row is not None else None
    html = render_template(
        "panel.html",
        ticket=row,
        place=place,
        waiting=waiting,
        time=time.quantiles if time is not None else None,
        check=newest[0] if newest else None,
        lock=lock,
        boosting=boosts.of_ticket(desk, row, for_client=False, said=said) if row is not None else None,
        claimed=row.claimed_by if row is not None and row.claimed_until and row.claimed_until > now else "",
        ahead=_address(desk, place.ahead) if place is not None and place.ahead is not None else None,
        page=f"{current().settings.base_url}/tickets/{desk.name}/{ticket_id}",
        now=now,
    )
    told = locking.told(lock, agent_id, now)
    return {"html": html, "lock": told["lock"], "lock_html": told["html"]}


def queue(desk: Desk) -> str:
    """The head of every pool, as agents should take the tickets."""
    now = utc_now()
    with reading(current().database) as connection:
        stretches = []
        for state in store.pools(connection):
            found = places.of_pool(connection, state.pool, HEADS)
            stretches.append(Stretch(state, found, max(0, state.waiting - len(found))))
        held = locks.all_held(connection, desk.name, now)
    return render_template(
        "queue.html",
        stretches=stretches,
        held=held,
        desk=desk.name,
        address=lambda row: _address(desk, row),
        page=f"{current().settings.base_url}/queue",
        now=now,
    )


def place(desk: Desk, ticket_id: str, client_id: str, said: str = "") -> str:
    """The own place and time of a client; empty for a ticket that is somebody else's, or that nobody knows.

    `said` is why a place was not sold just now.
    """
    with reading(current().database) as connection:
        row = tickets.get(connection, desk.name, ticket_id)
    if row is None or row.client_id != client_id:
        return ""
    return render_template(
        "place.html",
        times=times.shown(row, estimates.CLIENT),
        boosting=boosts.of_ticket(desk, row, for_client=True, said=said),
        now=utc_now(),
    )


def _waiting(connection: sa.Connection, row: Row) -> int:
    return sum(state.waiting for state in store.pools(connection) if state.pool == row.pool)


def _address(desk: Desk, row: Row) -> str:
    if row.desk == desk.name:
        return desk.ticket_url(row.ticket_id)
    return f"{current().settings.base_url}/tickets/{row.desk}/{row.ticket_id}"
