"""Looking at a ticket: read it from the desk, find its place and its service, store both, ask for what follows."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from adapters.health.targets import find_targets, foreign_mentions
from deskside.errors import Gone
from deskside.model.place import Place
from deskside.model.service import Target
from deskside.model.ticket import Status, Ticket
from deskside.order import key as order
from deskside.order.pools import Pools, pools_for
from deskside.store import access, claims, cursors, estimates, incidents, queue, services, tickets, turns, weights
from deskside.store.database import Row, reading, utc_now
from jobs import inventory, outbox, ranking, suggestions
from jobs.budgets import AUTOMATIC
from jobs.context import Context
from jobs.engine.tasks import Run, Settle, task

CHECK_AGAIN_AFTER = timedelta(minutes=10)
# Over which "asks seldom" is counted.
RECENT = timedelta(days=30)
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
    inventory.bring_up_to_date(context, adapter, ticket.client)
    with reading(context.database) as connection:
        known = services.of_client(connection, ticket.client.aliases)
    targets = find_targets(ticket, known, context.target_fields) if known else ()
    mentioned = foreign_mentions(ticket, known) if targets else ()
    suggest = suggestions.look_up(context, ticket)

    def settle(connection: sa.Connection) -> None:
        _store(context, connection, ticket, targets, mentioned, digest, read_at)
        suggest(connection)

    return settle


def _gone(context: Context, connection: sa.Connection, desk: str, ticket_id: str) -> None:
    row = tickets.get(connection, desk, ticket_id)
    access.forget(connection, desk, ticket_id)
    if row is not None:
        estimates.left(connection, row, utc_now())
        values = {"status": Status.DELETED.value, "waiting": False, "read_at": utc_now(), **claims.UNCLAIMED}
        tickets.update(connection, desk, ticket_id, **values)


def _store(
    context: Context,
    connection: sa.Connection,
    ticket: Ticket,
    targets: tuple[Target, ...],
    mentioned: tuple[str, ...],
    digest: str,
    read_at: datetime,
) -> None:
    weights.hold(connection)
    if not ticket.status.waiting:
        queue.alone(connection)
    row = tickets.get(connection, ticket.desk, ticket.id, lock=True)
    pools = pools_for(ticket, context.pool_rules)
    around = _around(connection, ticket, row, targets, read_at)
    values: dict[str, Any] = {
        "status": ticket.status.value,
        "waiting": ticket.status.waiting,
        "subject": ticket.subject,
        "client_id": ticket.client.id,
        "client_name": ticket.client.name,
        "currency": ticket.client.currency,
        "requester_name": ticket.requester_name,
        "created_at": ticket.created_at,
        "updated_at": ticket.updated_at,
        "read_at": read_at,
        "digest": digest,
        "targets": [_as_json(target) for target in targets],
        "agent_id": ticket.agent.id if ticket.agent else "",
        "agent_name": ticket.agent.name if ticket.agent else "",
        "agent_language": ticket.agent.language if ticket.agent else "",
        "first_reply_at": ticket.first_reply_at,
        "rated_badly_at": _rated_badly_at(ticket, row),
    }
    if ticket.service_level is not None:
        values["due_at"] = ticket.service_level.breach_at
    came = row is None or (ticket.status.waiting and not row.waiting)
    if row is None or came:
        values |= _arrival(context, ticket, row, around, pools)
    elif row.waiting and not ticket.status.waiting:
        values |= _departure(context, connection, row, ticket)
        for pinned in queue.served(connection, row, context.caps):
            outbox.plan_placement(context, connection, pinned)
    elif row.waiting:
        moved = _moved(context, row, pools)
        if "key" in moved:
            estimates.drop(connection, row)
        values |= moved
        values |= ranking.raised(context, row, _weigh(context, ticket, row, around, around.frozen), read_at)
        if row.shadow_key is not None and around.model.shadow is not None:
            tried = _weigh(context, ticket, row, around, around.model.shadow)
            values |= ranking.raised_in_shadow(context, {**row._mapping, **values}, tried, read_at)
    stored = tickets.put(connection, ticket.desk, ticket.id, **values)
    if ticket.status in tickets.ENDED:
        access.forget(connection, ticket.desk, ticket.id)
    if not ticket.status.waiting:
        return
    outbox.plan_placement(context, connection, stored)
    if came:
        estimates.arrived(connection, stored, context.calendar(stored.calendar), context.caps, read_at)
    if targets and (came or _worth_a_look(row, values)):
        ask_for_check(context, connection, ticket.desk, ticket.id, asked_by=AUTOMATIC, mentioned=mentioned)


def _rated_badly_at(ticket: Ticket, row: Row | None) -> datetime | None:
    # No desk tells when it was rated: the change that first showed it is the nearest there is.
    if not ticket.rated_badly:
        return None
    return row.rated_badly_at or ticket.updated_at if row is not None else ticket.updated_at


@dataclass(frozen=True, slots=True)
class _Around:
    """What the store knows around a ticket, for the factors."""

    model: ranking.Model
    # What the ticket was weighed with when it arrived: later weights are not an event of this ticket.
    frozen: Mapping[str, int] | None
    recent_tickets: int | None
    incident: str | None


def _around(
    connection: sa.Connection, ticket: Ticket, row: Row | None, targets: Sequence[Target], now: datetime
) -> _Around:
    active, tried = weights.active(connection), weights.shadow(connection)
    model = ranking.Model(
        version=active.version if active else 0,
        minutes=active.minutes if active else None,
        shadow=tried.minutes if tried else None,
    )
    frozen = model.minutes if row is None or row.model == model.version else weights.minutes(connection, row.model)
    return _Around(model, frozen, _recent_tickets(connection, ticket, now), _incident(connection, targets))


def _recent_tickets(connection: sa.Connection, ticket: Ticket, now: datetime) -> int | None:
    # Who is new to us would look as if they asked for nothing.
    source = f"watched:{ticket.desk}"
    since = cursors.get(connection, source)
    if since is None:
        cursors.put(connection, source, now.isoformat())
        return None
    if now - datetime.fromisoformat(since) < RECENT:
        return None
    return tickets.opened_by(connection, ticket.desk, ticket.client.id, ticket.created_at - RECENT, ticket.created_at)


def _incident(connection: sa.Connection, targets: Sequence[Target]) -> str | None:
    if not targets:
        return None
    names = {name for target in targets for name in (target.service, target.host) if name}
    addresses = {address for target in targets for address in (target.address, *target.addresses) if address}
    concerned = [item.title for item in incidents.open_now(connection) if item.concerns(names, addresses)]
    return concerned[0] if concerned else None


def _arrival(context: Context, ticket: Ticket, row: Row | None, around: _Around, pools: Pools) -> dict[str, Any]:
    # A ticket that comes back waits anew from that moment, and carries what it waited before: otherwise clients learn
    # not to answer.
    arrived_at = ticket.created_at if row is None else ticket.updated_at
    place = partial(
        ranking.weigh,
        context,
        ticket,
        arrived_at,
        reopened=bool(row and row.solved_before),
        carried_minutes=row.carried_minutes if row else 0,
        server_down=False,
        calendar=pools.calendar,
        recent_tickets=around.recent_tickets,
        incident=around.incident,
    )
    model = around.model
    return {
        "arrived_at": arrived_at,
        "pool": pools.names[0],
        "pools": list(pools.names),
        "model": model.version,
        "shadow_key": None if model.shadow is None else place(minutes=model.shadow).key,
        **claims.UNCLAIMED,
        **ranking.columns(context, place(minutes=model.minutes), pools.calendar),
    }


def _moved(context: Context, row: Row, pools: Pools) -> dict[str, Any]:
    """The columns that change when other pools can take a waiting ticket now. It keeps its age and its head start."""
    if list(pools.names) == row.pools and pools.calendar == row.calendar:
        return {}
    values: dict[str, Any] = {"pool": pools.names[0], "pools": list(pools.names), "calendar": pools.calendar}
    if pools.calendar != row.calendar:
        values |= rekeyed(context, row, pools.calendar)
    return values


def rekeyed(context: Context, row: Row, calendar: str) -> dict[str, Any]:
    """The columns of a waiting ticket's place on another clock: the same arrival, the same seconds of head start."""
    clock = context.calendar(calendar)
    arrived = clock.seconds(row.arrived_at)
    gone = row.arrived - arrived
    return {
        "calendar": calendar,
        "arrived": arrived,
        "key": row.key - gone,
        "shadow_key": None if row.shadow_key is None else row.shadow_key - gone,
        "ordinary_key": None if row.ordinary_key is None else row.ordinary_key - gone,
        "safe_at": clock.at(order.safe_from(arrived, row.head_start, context.caps)),
    }


def _departure(context: Context, connection: sa.Connection, row: Row, ticket: Ticket) -> dict[str, Any]:
    clock = context.calendar(row.calendar)
    waited = max(0, clock.seconds(ticket.updated_at) - row.arrived)
    first = ticket.first_reply_at if row.turns == 0 else None
    turns.end(
        connection,
        row,
        served_at=ticket.updated_at,
        waited=waited,
        agent_id=ticket.agent.id if ticket.agent else "",
        replied_at=min(first, ticket.updated_at) if first else ticket.updated_at,
    )
    if ticket.status is Status.CLOSED:
        # Nobody closes what he answers: it was merged into another one.
        estimates.left(connection, row, ticket.updated_at)
    else:
        estimates.score(connection, row, clock, ticket.updated_at)
    return {
        "turns": row.turns + 1,
        "carried_minutes": row.carried_minutes + waited // 60,
        "solved_before": row.solved_before or ticket.status in (Status.SOLVED, Status.CLOSED),
        "due_at": None,
        **claims.UNCLAIMED,
    }


def _weigh(context: Context, ticket: Ticket, row: Row, around: _Around, minutes: Mapping[str, int] | None) -> Place:
    return ranking.weigh(
        context,
        ticket,
        row.arrived_at,
        reopened=row.solved_before,
        carried_minutes=row.carried_minutes,
        server_down=row.emergency,
        calendar=row.calendar,
        recent_tickets=around.recent_tickets,
        incident=around.incident,
        minutes=minutes,
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
