"""Looking at a ticket: read it from the desk, find its place and its service, store both, ask for what follows."""

import secrets
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from adapters.health.targets import find_targets, foreign_mentions
from deskside.errors import Gone
from deskside.model.service import Target
from deskside.model.ticket import Status, Ticket
from deskside.store import access, queue, services, tickets
from deskside.store.database import Row, reading, utc_now
from jobs import outbox, ranking
from jobs.budgets import AUTOMATIC
from jobs.context import Context
from jobs.engine.tasks import Run, Settle, task

CHECK_AGAIN_AFTER = timedelta(minutes=10)
# Who asked for a check when a client has just let us in.
ACCESS_GIVEN = "access given"


@task("ticket.refresh")
def refresh(run: Run, desk: str, ticket_id: str) -> Settle:
    """Look at one ticket, whatever the reason."""
    return look(run.context, desk, ticket_id)


def look(context: Context, desk: str, ticket_id: str) -> Settle:
    """Read the ticket; the function returned stores what follows from it, in the caller's transaction."""
    read_at = utc_now()
    adapter = context.desk(desk)
    try:
        ticket = adapter.read_ticket(ticket_id)
    except Gone:
        return lambda connection: _gone(context, connection, desk, ticket_id)
    digest = adapter.digest(ticket)
    with reading(context.database) as connection:
        known = services.of_client(connection, ticket.client.aliases)
    targets = find_targets(ticket, known, context.target_fields) if known else ()
    mentioned = foreign_mentions(ticket, known) if targets else ()

    def settle(connection: sa.Connection) -> None:
        _store(context, connection, ticket, targets, mentioned, digest, read_at)

    return settle


def _gone(context: Context, connection: sa.Connection, desk: str, ticket_id: str) -> None:
    row = tickets.get(connection, desk, ticket_id)
    access.forget(connection, desk, ticket_id)
    if row is not None:
        tickets.update(connection, desk, ticket_id, status=Status.DELETED.value, waiting=False, read_at=utc_now())


def _store(
    context: Context,
    connection: sa.Connection,
    ticket: Ticket,
    targets: tuple[Target, ...],
    mentioned: tuple[str, ...],
    digest: str,
    read_at: datetime,
) -> None:
    row = tickets.get(connection, ticket.desk, ticket.id)
    values: dict[str, Any] = {
        "pool": ticket.pool,
        "status": ticket.status.value,
        "waiting": ticket.status.waiting,
        "subject": ticket.subject,
        "client_id": ticket.client.id,
        "client_name": ticket.client.name,
        "requester_name": ticket.requester_name,
        "created_at": ticket.created_at,
        "updated_at": ticket.updated_at,
        "read_at": read_at,
        "digest": digest,
        "targets": [_as_json(target) for target in targets],
    }
    came = row is None or (ticket.status.waiting and not row.waiting)
    if row is None or came:
        values |= _arrival(context, ticket, row)
    elif row.waiting and not ticket.status.waiting:
        for pinned in queue.served(connection, row, context.caps):
            outbox.plan_placement(context, connection, pinned)
        values |= _departure(context, row, ticket)
    elif row.waiting:
        values |= ranking.raised(context, row, _weigh(context, ticket, row), read_at)
    tickets.put(connection, ticket.desk, ticket.id, **values)
    if ticket.status in access.ENDED:
        access.forget(connection, ticket.desk, ticket.id)
    if not ticket.status.waiting:
        return
    stored = tickets.get(connection, ticket.desk, ticket.id)
    assert stored is not None
    outbox.plan_placement(context, connection, stored)
    if targets and (came or _worth_a_look(row, values)):
        ask_for_check(context, connection, ticket.desk, ticket.id, asked_by=AUTOMATIC, mentioned=mentioned)


def _arrival(context: Context, ticket: Ticket, row: Row | None) -> dict[str, Any]:
    # A ticket that comes back waits anew from that moment, and carries what it waited before: otherwise clients learn
    # not to answer.
    arrived_at = ticket.created_at if row is None else ticket.updated_at
    place = ranking.weigh(
        context,
        ticket,
        arrived_at,
        reopened=bool(row and row.solved_before),
        carried_minutes=row.carried_minutes if row else 0,
        server_down=False,
    )
    return {"arrived_at": arrived_at, **ranking.columns(context, place)}


def _departure(context: Context, row: Row, ticket: Ticket) -> dict[str, Any]:
    waited = context.working_time.seconds(ticket.updated_at) - row.arrived
    return {
        "turns": row.turns + 1,
        "carried_minutes": row.carried_minutes + max(0, waited // 60),
        "solved_before": row.solved_before or ticket.status in (Status.SOLVED, Status.CLOSED),
    }


def _weigh(context: Context, ticket: Ticket, row: Row) -> Any:
    return ranking.weigh(
        context,
        ticket,
        row.arrived_at,
        reopened=row.solved_before,
        carried_minutes=row.carried_minutes,
        server_down=row.emergency,
    )


def _as_json(target: Target) -> dict[str, Any]:
    # With lists, as the store gives it back: so that the same targets compare equal.
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(target).items()}


def _worth_a_look(row: Row | None, values: dict[str, Any]) -> bool:
    if row is None or row.targets != values["targets"]:
        return True
    moved = row.updated_at != values["updated_at"]
    return bool(moved and row.health_at and values["read_at"] - row.health_at > CHECK_AGAIN_AFTER)


def new_request() -> str:
    """A name for a check."""
    return secrets.token_hex(6)


def ask_for_check(
    context: Context,
    connection: sa.Connection,
    desk: str,
    ticket_id: str,
    *,
    asked_by: str,
    request: str | None = None,
    mentioned: Sequence[str] = (),
) -> None:
    """Enqueue a health check of a ticket; `request` names it, so that its effects happen once however often it runs."""
    context.engine.enqueue(
        connection,
        "ticket.check",
        lane=f"check:{desk}:{ticket_id}",
        priority=20,
        desk=desk,
        ticket_id=ticket_id,
        request=request or new_request(),
        asked_by=asked_by,
        mentioned=list(mentioned),
    )
