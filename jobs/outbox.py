"""Effects on desks: planned in the transaction that decides them, sent by a worker, each once."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from deskside.crash import crash_point
from deskside.errors import Conflict, Gone, Permanent, Transient, UnknownOutcome
from deskside.model.billing import Bill, Credit
from deskside.model.effect import EffectKind, Note, Placement, Receipt, TagChange
from deskside.order.key import sort_key
from deskside.ports import Desk, Job
from deskside.store import effects, tickets
from deskside.store.database import Row, reading, utc_now
from jobs import kinds
from jobs.context import Context
from jobs.engine.tasks import Run, Settle, describe, task
from jobs.kinds import KINDS

# Zendesk takes 30 updates of one ticket in ten minutes; agents' own updates count for agents.
UPDATES_PER_TICKET = 25
UPDATES_WINDOW = timedelta(minutes=10)
CONFLICTS = 3

SETTLED = ("done", "dropped", "dead")


def plan_note(context: Context, connection: sa.Connection, key: str, desk: str, ticket_id: str, note: Note) -> None:
    """Intend a private note."""
    _plan(context, connection, key, desk, ticket_id, EffectKind.NOTE, asdict(note))


def plan_tags(
    context: Context, connection: sa.Connection, key: str, desk: str, ticket_id: str, change: TagChange
) -> None:
    """Intend to add and remove tags."""
    _plan(context, connection, key, desk, ticket_id, EffectKind.TAGS, asdict(change))


def plan_invoice(context: Context, connection: sa.Connection, key: str, desk: str, ticket_id: str, bill: Bill) -> None:
    """Intend an invoice."""
    _plan(context, connection, key, desk, ticket_id, EffectKind.INVOICE, kinds.bill_json(bill))


def plan_credit(
    context: Context, connection: sa.Connection, key: str, desk: str, ticket_id: str, credit: Credit
) -> None:
    """Intend to give money back as credit."""
    _plan(context, connection, key, desk, ticket_id, EffectKind.CREDIT, kinds.credit_json(credit))


def plan_cancelling(
    context: Context, connection: sa.Connection, key: str, desk: str, ticket_id: str, invoice_id: str, marker: str
) -> None:
    """Intend to cancel an invoice; `marker` is that of what it was for."""
    _plan(context, connection, key, desk, ticket_id, EffectKind.CANCEL, {"invoice_id": invoice_id, "marker": marker})


def plan_placement(context: Context, connection: sa.Connection, row: Row) -> None:
    """Intend to write the ticket's place, unless exactly this place was intended before."""
    key, placement = _placement(row)
    _plan(context, connection, key, row.desk, row.ticket_id, EffectKind.PLACE, placement)


def plan_placements(context: Context, connection: sa.Connection, rows: Sequence[Row]) -> None:
    """Intend to write the places of these tickets, also where the same place was written before.

    For who may put a ticket back where it once was; everything else only lowers keys.
    """
    wanted = {}
    for row in rows:
        key, placement = _placement(row)
        wanted[key] = {
            "key": key,
            "desk": row.desk,
            "ticket_id": row.ticket_id,
            "kind": EffectKind.PLACE.value,
            "payload": placement,
        }
    planned = [wanted[key] for key in effects.plan_again(connection, list(wanted.values()))]
    jobs = [_job(item["key"], item["desk"], item["ticket_id"], EffectKind.PLACE) for item in planned]
    if jobs:
        context.engine.enqueue_all(connection, jobs)


def _placement(row: Row) -> tuple[str, dict[str, Any]]:
    placement = Placement(band=row.band, sort_key=sort_key(row.key))
    return f"place:{row.desk}:{row.ticket_id}:{placement.band}:{placement.sort_key}", asdict(placement)


def _plan(
    context: Context,
    connection: sa.Connection,
    key: str,
    desk: str,
    ticket_id: str,
    kind: EffectKind,
    payload: dict[str, Any],
) -> None:
    if effects.plan(connection, key, desk=desk, ticket_id=ticket_id, kind=kind, payload=payload):
        enqueue(context, connection, key, desk, ticket_id, kind)


def enqueue(context: Context, connection: sa.Connection, key: str, desk: str, ticket_id: str, kind: EffectKind) -> None:
    """Put an effect to work: in order within its ticket and kind, so that no position holds a note up."""
    context.engine.enqueue_all(connection, [_job(key, desk, ticket_id, kind)])


def _job(key: str, desk: str, ticket_id: str, kind: EffectKind) -> Job:
    return Job("effect.send", {"key": key}, f"effect:{desk}:{ticket_id}:{kind}", KINDS[kind].priority)


def _dead(connection: sa.Connection, error: str, args: dict[str, Any]) -> None:
    # A worker may have died between the effect's end and its job's.
    row = effects.get(connection, args["key"])
    if row is not None and row.state not in SETTLED:
        effects.settle(connection, args["key"], "dead", error=error)


@task("effect.send", on_dead=_dead)
def send(run: Run, key: str) -> Settle | None:
    """Send one effect.

    The attempt is counted and committed before the request leaves. When an earlier attempt may have reached the desk,
    the marker is looked for first, and only after the earlier request cannot be on its way any more.
    """
    context: Context = run.context
    with reading(context.database) as connection:
        row = effects.get(connection, key)
        if row is None or row.state in SETTLED:
            return None
        newer = row.kind == EffectKind.PLACE and _superseded(connection, row)
        used = effects.sent_since(connection, row.desk, row.ticket_id, utc_now() - UPDATES_WINDOW)
    if newer:
        return lambda connection: effects.settle(connection, key, "dropped", error="a newer place was decided")
    if used >= UPDATES_PER_TICKET:
        raise Transient("the desk's updates for this ticket are used up for now", retry_after=60)
    desk, kind = context.desk(row.desk), KINDS[row.kind]
    receipt: Receipt | None = None
    state, reason = "done", ""
    try:
        receipt = _already_there(context, desk, row) or _deliver(context, desk, row)
        crash_point(f"{row.kind}.sent")
    except Gone as error:
        state, reason = "dead" if kind.matters_when_gone else "dropped", str(error)
    except Permanent as error:
        state, reason = "dead", describe(error)

    def settle(connection: sa.Connection) -> None:
        # The ticket before the effect, as whoever plans effects does: two orders of locks are a deadlock.
        kind.settled(context, connection, row, receipt)
        effects.settle(connection, key, state, reference=receipt.reference if receipt else "", error=reason)

    return settle


def _superseded(connection: sa.Connection, row: Row) -> bool:
    current = tickets.get(connection, row.desk, row.ticket_id)
    return current is not None and (
        row.payload["sort_key"] != sort_key(current.key) or row.payload["band"] != current.band
    )


def _already_there(context: Context, desk: Desk, row: Row) -> Receipt | None:
    find = KINDS[row.kind].find
    if find is None or row.attempts == 0:
        return None
    quiet = (utc_now() - row.tried_at).total_seconds()
    if quiet < context.quiet_seconds:
        raise Transient("an earlier attempt may still be on its way", retry_after=context.quiet_seconds - quiet)
    return find(desk, row)


def _deliver(context: Context, desk: Desk, row: Row) -> Receipt:
    with context.database.begin() as connection:
        effects.start(connection, row.key)
    crash_point(f"{row.kind}.started")
    try:
        return _despite_conflicts(desk, row)
    except UnknownOutcome as error:
        raise UnknownOutcome(str(error), retry_after=context.quiet_seconds) from error
    except (Transient, Permanent) as error:
        with context.database.begin() as connection:
            effects.not_sent(connection, row.key, describe(error))
        raise


def _despite_conflicts(desk: Desk, row: Row) -> Receipt:
    # A conflict means that somebody else wrote and we did not: read again and write again, now.
    for _ in range(CONFLICTS):
        try:
            return KINDS[row.kind].apply(desk, row)
        except Conflict:
            continue
    return KINDS[row.kind].apply(desk, row)
