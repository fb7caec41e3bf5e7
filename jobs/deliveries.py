"""What becomes of a stored delivery: parsed by its desk, then the ticket is looked at."""

from typing import Any

import sqlalchemy as sa

from deskside.errors import Malformed
from deskside.model.ticket import EventKind
from deskside.store import boosts, inbox, tickets
from deskside.store.database import reading
from jobs import kinds
from jobs.context import Context
from jobs.engine.tasks import Run, Settle, task
from jobs.refresh import look

PRIORITY = 30


def _dead(connection: sa.Connection, error: str, args: dict[str, Any]) -> None:
    # A worker may have died between the delivery's end and its job's.
    row = inbox.get(connection, args["inbox_id"])
    if row is not None and row.state == "waiting":
        inbox.settle(connection, args["inbox_id"], "dead", error)


@task("delivery.handle", on_dead=_dead)
def handle(run: Run, inbox_id: int) -> Settle | None:
    """Handle one delivery. An event is a hint: what counts is the ticket as the desk has it now."""
    context = run.context
    with reading(context.database) as connection:
        row = inbox.get(connection, inbox_id)
        if row is None or row.state != "waiting":
            return None
        known = tickets.get(connection, row.source, row.ticket_id) if row.ticket_id else None
    try:
        event = context.desk(row.source).parse(row.headers, row.body)
    except Malformed as error:
        reason = f"cannot be read: {error}"
        return lambda connection: inbox.settle(connection, inbox_id, "dead", reason)
    if event.kind is EventKind.INVOICE and event.invoice_id is not None:
        invoice_id = event.invoice_id
        return lambda connection: _invoice(context, connection, inbox_id, row.source, invoice_id)
    if event.kind in (EventKind.OTHER, EventKind.INVOICE) or event.ticket_id is None:
        return lambda connection: inbox.settle(connection, inbox_id, "ignored", f"nothing to do for {event.type}")
    if event.own:
        return lambda connection: inbox.settle(connection, inbox_id, "ignored", "our own writing")
    if known is not None and known.read_at > row.received_at:
        return lambda connection: inbox.settle(connection, inbox_id, "done", "the ticket was read after this came")
    store = look(context, row.source, event.ticket_id)

    def settle(connection: sa.Connection) -> None:
        store(connection)
        inbox.settle(connection, inbox_id, "done", "")

    return settle


def _invoice(context: Context, connection: sa.Connection, inbox_id: int, desk: str, invoice_id: str) -> None:
    marker = boosts.by_invoice(connection, desk, invoice_id)
    if marker is None:
        inbox.settle(connection, inbox_id, "ignored", "an invoice for something else")
        return
    kinds.advance(context, connection, marker)
    inbox.settle(connection, inbox_id, "done", "")
