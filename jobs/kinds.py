"""The kinds of effects: how each is put on a desk, how it is found there again, and what follows once it is settled."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from deskside.errors import Permanent
from deskside.model.billing import Bill, Credit
from deskside.model.effect import EffectKind, Note, Placement, Receipt, TagChange
from deskside.ports import Billing, Desk
from deskside.store import boosts, tickets
from deskside.store.database import Row, utc_now
from jobs.context import Context


@dataclass(frozen=True, slots=True)
class Kind:
    """`priority` decides between kinds wherever they wait for the same limit. `find` looks for what an earlier attempt
    may have written; a kind without it may be written twice without harm. `settled` runs in the transaction that
    settles an effect, with what the desk answered, or None where it took nothing.
    """

    priority: int
    apply: Callable[[Desk, Row], Receipt]
    settled: Callable[[Context, sa.Connection, Row, Receipt | None], None]
    find: Callable[[Desk, Row], Receipt | None] | None = None
    # Nobody misses what was to be written to something that is gone: but money is missed.
    matters_when_gone: bool = False


def bill_json(bill: Bill) -> dict[str, Any]:
    """An invoice to be written, as a payload."""
    return {**asdict(bill), "amount": str(bill.amount)}


def credit_json(credit: Credit) -> dict[str, Any]:
    """Credit to be given, as a payload."""
    return {**asdict(credit), "amount": str(credit.amount)}


def advance(context: Context, connection: sa.Connection, marker: str) -> None:
    """Let a boost be looked at: one look at a time, so that no older answer of the desk is believed over a newer."""
    context.engine.enqueue(connection, "boost.advance", lane=f"boost:{marker}", priority=20, marker=marker)


def _billing(desk: Desk) -> Billing:
    if not isinstance(desk, Billing):
        raise Permanent(f"the desk '{desk.name}' writes no invoices")
    return desk


def _note(desk: Desk, row: Row) -> Receipt:
    return desk.add_note(row.ticket_id, Note(row.payload["marker"], tuple(row.payload["lines"])))


def _find_note(desk: Desk, row: Row) -> Receipt | None:
    return desk.find_note(row.ticket_id, row.payload["marker"])


def _tags(desk: Desk, row: Row) -> Receipt:
    return desk.change_tags(row.ticket_id, TagChange(tuple(row.payload["add"]), tuple(row.payload["remove"])))


def _place(desk: Desk, row: Row) -> Receipt:
    return desk.set_placement(row.ticket_id, Placement(row.payload["band"], row.payload["sort_key"]))


def _invoice(desk: Desk, row: Row) -> Receipt:
    return _billing(desk).create_invoice(Bill(**{**row.payload, "amount": Decimal(row.payload["amount"])}))


def _find_invoice(desk: Desk, row: Row) -> Receipt | None:
    return _billing(desk).find_invoice(row.payload["client_id"], row.payload["marker"])


def _credit(desk: Desk, row: Row) -> Receipt:
    return _billing(desk).add_credit(Credit(**{**row.payload, "amount": Decimal(row.payload["amount"])}))


def _find_credit(desk: Desk, row: Row) -> Receipt | None:
    return _billing(desk).find_credit(row.payload["client_id"], row.payload["marker"])


def _cancel(desk: Desk, row: Row) -> Receipt:
    return _billing(desk).cancel_invoice(row.payload["invoice_id"])


def _own_write(context: Context, connection: sa.Connection, row: Row, receipt: Receipt | None) -> None:
    if receipt is not None:
        tickets.update(connection, row.desk, row.ticket_id, own_write_at=utc_now())


def _invoiced(context: Context, connection: sa.Connection, row: Row, receipt: Receipt | None) -> None:
    # Before it the invoice may have been paid already: then the event about it found nobody to tell.
    if receipt is not None:
        boosts.invoiced(connection, row.payload["marker"], receipt.reference)
    advance(context, connection, row.payload["marker"])


def _moved_money(context: Context, connection: sa.Connection, row: Row, receipt: Receipt | None) -> None:
    advance(context, connection, row.payload["marker"])


KINDS: Mapping[EffectKind, Kind] = {
    EffectKind.INVOICE: Kind(20, _invoice, _invoiced, _find_invoice, matters_when_gone=True),
    EffectKind.NOTE: Kind(15, _note, _own_write, _find_note),
    EffectKind.CREDIT: Kind(12, _credit, _moved_money, _find_credit, matters_when_gone=True),
    EffectKind.TAGS: Kind(10, _tags, _own_write),
    EffectKind.CANCEL: Kind(5, _cancel, _moved_money),
    EffectKind.PLACE: Kind(0, _place, _own_write),
}
