"""Places in the queue that clients pay for: offered with the place they would give, invoiced, given once they are paid.

The desk's invoice decides. Whoever hears of it (an event, the poll, the writing of the invoice itself) only has it read
again, and what it says is compared with where the boost stands.
"""

from datetime import datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa

from deskside.errors import Gone, Permanent
from deskside.model.billing import Bill, Credit, Invoice, InvoiceState
from deskside.model.boost import BoostState, Offer, Offers, Wish
from deskside.model.effect import EffectKind
from deskside.ports import Billing
from deskside.store import boosts, effects, moves, tickets, weights
from deskside.store.database import Row, reading, utc_now
from jobs import kinds, outbox
from jobs.context import Context
from jobs.engine.tasks import Run, Settle, task

SOLD = (moves.FRONT, moves.SECOND)


def offers(context: Context, desk: str, ticket_id: str) -> Offers | None:
    """What can be bought for this ticket now; None where nothing is sold for it. Asks nobody outside."""
    with reading(context.database) as connection:
        row = tickets.get(connection, desk, ticket_id)
        return _offers(context, connection, row, utc_now()) if row is not None else None


def ask(
    context: Context, desk: str, ticket_id: str, kind: str, by: str, description: str, expected: int | None
) -> Wish:
    """Ask for a better place: its invoice is written by a worker, and the place given once that is paid.

    `description` is the line of the invoice, `expected` the place that was shown: another one is refused. To ask again
    while an invoice is open is to ask for that one.
    """
    with context.database.begin() as connection:
        weights.hold(connection)
        moves.lock(connection)
        row = tickets.get(connection, desk, ticket_id, lock=True)
        if row is not None and boosts.open_of(connection, desk, ticket_id) is not None:
            return Wish(made=True)
        now = utc_now()
        found = _offers(context, connection, row, now) if row is not None else None
        offer = next((item for item in found.offers if item.kind == kind), None) if found else None
        if row is None or found is None or offer is None:
            return Wish(made=False, refused="gone")
        if found.refused:
            return Wish(made=False, refused=found.refused)
        if offer.after != expected:
            return Wish(made=False, refused="changed")
        marker = boosts.ask(connection, row, offer, by=by, at=now)
        bill = Bill(row.client_id, offer.price, offer.currency, description, marker, found.taxed)
        outbox.plan_invoice(context, connection, _key(EffectKind.INVOICE, marker), desk, ticket_id, bill)
    return Wish(made=True)


def _offers(context: Context, connection: sa.Connection, row: Row, now: datetime) -> Offers | None:
    sold = context.settings.queue["boosts"]
    seller = context.desks.get(row.desk)
    prices = {kind: price for kind in SOLD if (price := sold[kind].get(row.currency)) is not None}
    if not row.waiting or not prices or not isinstance(seller, Billing) or not seller.has_account(row.client_id):
        return None
    clock = context.calendar(row.calendar)
    event = clock.seconds(now)
    prospects = [moves.foresee(connection, row, kind, event, context.caps) for kind in prices]
    found = tuple(
        Offer(item.kind, prices[item.kind], row.currency, item.before, item.after) for item in prospects if item.helps
    )
    refused = "bought" if row.ordinary_key is not None else moves.refusal(connection, row, now, clock)
    return Offers(found, refused, sold["taxed"])


@task("boost.poll", max_attempts=3)
def poll(run: Run, desk: str) -> Settle:
    """Look at every boost whose invoice may have changed without an event that reached us."""

    def settle(connection: sa.Connection) -> None:
        for marker in boosts.to_watch(connection, desk, utc_now()):
            kinds.advance(run.context, connection, marker)

    return settle


@task("boost.advance", max_attempts=8)
def advance(run: Run, marker: str) -> Settle | None:
    """Read the invoice of a boost, and do what follows from it."""
    context: Context = run.context
    began = utc_now()
    with reading(context.database) as connection:
        row = boosts.get(connection, marker)
        if row is None or row.state in (BoostState.RETURNED, BoostState.REFUSED):
            return None
        written = effects.get(connection, _key(EffectKind.INVOICE, marker))
        credited = effects.get(connection, _key(EffectKind.CREDIT, marker))
    if row.state == BoostState.RETURNING:
        if credited is None or credited.state != "done":
            return None
        return lambda connection: boosts.change(connection, marker, BoostState.RETURNED)
    if not row.invoice_id:
        if written is not None and written.state not in ("dead", "dropped"):
            return None
        return lambda connection: boosts.change(connection, marker, BoostState.REFUSED)
    seller = context.desk(row.desk)
    if not isinstance(seller, Billing):
        raise Permanent(f"the desk '{row.desk}' writes no invoices")
    try:
        invoice = seller.read_invoice(row.invoice_id)
    except Gone:
        invoice = Invoice(row.invoice_id, InvoiceState.CANCELLED, Decimal(0))
    return lambda connection: _follow(context, connection, marker, invoice, began)


def _follow(context: Context, connection: sa.Connection, marker: str, invoice: Invoice, began: datetime) -> None:
    weights.hold(connection)
    moves.lock(connection)
    boost = boosts.get(connection, marker, lock=True)
    if boost is None or (boost.looked_at is not None and boost.looked_at > began):
        return
    boosts.change(connection, marker, looked_at=began)
    row = tickets.get(connection, boost.desk, boost.ticket_id, lock=True)
    paid = invoice.state is InvoiceState.PAID
    # Paid in the moment it was cancelled. Who cancels one that gave a place decides about its money by hand.
    stranded = invoice.state is InvoiceState.CANCELLED and invoice.paid > 0 and boost.state != BoostState.REVOKED
    if boost.state in boosts.PAYABLE and (paid or stranded):
        _give(context, connection, boost, row, invoice)
    elif boost.state == BoostState.GRANTED and not paid:
        _revoke(context, connection, boost, row, invoice)
    elif boost.state in boosts.OPEN and invoice.state is not InvoiceState.OPEN:
        boosts.change(connection, marker, BoostState.CANCELLED)
    elif boost.state in boosts.OPEN and _makes_no_sense(context, boost, row, began):
        outbox.plan_cancelling(
            context, connection, _key(EffectKind.CANCEL, marker), boost.desk, boost.ticket_id, invoice.id, marker
        )


def _makes_no_sense(context: Context, boost: Row, row: Row | None, now: datetime) -> bool:
    # Nobody is to be reminded of an invoice for a place in a line that the ticket has left.
    hours = context.settings.queue["boosts"]["open_hours"]
    return row is None or not row.waiting or bool(boost.asked_at < now - timedelta(hours=hours))


def _give(context: Context, connection: sa.Connection, boost: Row, row: Row | None, invoice: Invoice) -> None:
    """Give the place that was paid for, or else the money back."""
    now = utc_now()
    why = "left"
    if row is not None and row.waiting and invoice.state is InvoiceState.PAID:
        clock = context.calendar(row.calendar)
        prospect = moves.foresee(connection, row, boost.kind, clock.seconds(now), context.caps)
        why = _why_not(connection, boost, row, prospect, now, context)
        if not why:
            moved = moves.make(
                connection,
                row,
                prospect,
                by=boost.asked_by,
                reason=f"invoice {invoice.id}",
                at=now,
                clock=clock,
                caps=context.caps,
                invoice=invoice.id,
            )
            # Every place: it may have had this one before its money went back.
            outbox.plan_placements(context, connection, [moved])
            boosts.change(
                connection,
                boost.marker,
                BoostState.GRANTED,
                turn=row.turns,
                place_given=prospect.after,
                why="",
            )
            return
    if invoice.paid <= 0:
        boosts.change(connection, boost.marker, BoostState.CANCELLED, why=why)
        return
    credit = Credit(
        boost.client_id,
        invoice.paid,
        f"Deskside: ticket {boost.ticket_id} was not moved, so what was paid with invoice {invoice.id} comes back",
        boost.marker,
    )
    outbox.plan_credit(context, connection, _key(EffectKind.CREDIT, boost.marker), boost.desk, boost.ticket_id, credit)
    boosts.change(connection, boost.marker, BoostState.RETURNING, why=why, returned=str(invoice.paid))


def _why_not(
    connection: sa.Connection, boost: Row, row: Row, prospect: moves.Prospect, now: datetime, context: Context
) -> str:
    """Why a waiting ticket does not get the place that was paid for; empty when it does."""
    if row.ordinary_key is not None:
        return "bought"
    if not prospect.helps:
        return "same"
    if boosts.is_held(boost, now):
        return ""
    return moves.refusal(connection, row, now, context.calendar(row.calendar), besides=boost.marker)


def _revoke(context: Context, connection: sa.Connection, boost: Row, row: Row | None, invoice: Invoice) -> None:
    """Take the place back, if the ticket still waits in it."""
    boosts.change(connection, boost.marker, BoostState.REVOKED, why=invoice.state.value)
    if row is None or row.turns != boost.turn:
        return
    back = moves.take_back(
        connection,
        row,
        by=boost.desk,
        reason=f"invoice {invoice.id}",
        at=utc_now(),
        clock=context.calendar(row.calendar),
        caps=context.caps,
    )
    if back is not None:
        outbox.plan_placements(context, connection, [back])


def _key(kind: str, marker: str) -> str:
    return f"{kind}:{marker}"
