"""Invoices and credit: written with a marker by which they are found again, read as what became of them.

WHMCS's API has no way to pay money back through a gateway (only people have, in the admin area): what Deskside does not
earn comes back as credit on the client's account. Source: developers.whmcs.com, CreateInvoice, GetInvoice, AddCredit.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from adapters.whmcs import notes
from adapters.whmcs.client import Client
from adapters.whmcs.rows import InvoiceRow, TransactionRow
from adapters.whmcs.settings import Settings
from deskside.errors import Gone, Permanent
from deskside.model.billing import Bill, Credit, Invoice, InvoiceState
from deskside.model.effect import Receipt
from deskside.text import identifier

# Draft, Unpaid, Collections, Payment Pending: not paid.
_STATES: Mapping[str, InvoiceState] = {
    "paid": InvoiceState.PAID,
    "refunded": InvoiceState.REFUNDED,
    "cancelled": InvoiceState.CANCELLED,
}
_LONGEST = 250


def create(client: Client, settings: Settings, bill: Bill) -> Receipt:
    """Write an unpaid invoice, due today, and have WHMCS mail it to the client."""
    account = client.account(bill.client_id)
    if account.currency.upper() != bill.currency:
        raise Permanent(f"the client pays in {account.currency or 'another currency'}, not in {bill.currency}")
    number = client.create_invoice(
        bill.client_id,
        datetime.now(settings.zone).date(),
        notes.harmless(bill.description)[:_LONGEST],
        bill.amount,
        notes.stamp(bill.marker),
        taxed=bill.taxed,
    )
    return Receipt(number)


def find(client: Client, client_id: str, marker: str) -> Receipt | None:
    """Look through the client's invoices for one whose notes carry this marker."""
    found = (row for row in client.invoices(client_id) if notes.has_stamp(row.notes, marker))
    return next((Receipt(row.id) for row in found), None)


def read(client: Client, invoice_id: str) -> Invoice:
    """An invoice. When it is paid, what its lines come to was paid, partly from credit perhaps; a partial refund leaves
    it paid.
    """
    row, transactions = client.invoice(invoice_id)
    state = _STATES.get(row.status.strip().lower(), InvoiceState.OPEN)
    return Invoice(row.id, state, max(Decimal(0), _came_in(row, transactions, state) - _went_out(transactions)))


def _came_in(row: InvoiceRow, transactions: list[TransactionRow], state: InvoiceState) -> Decimal:
    if state is InvoiceState.PAID:
        return row.total + row.credit
    return sum((item.amount_in for item in transactions), Decimal(0))


def _went_out(transactions: list[TransactionRow]) -> Decimal:
    return sum((item.amount_out for item in transactions), Decimal(0))


def cancel(client: Client, invoice_id: str) -> Receipt:
    """Cancel an invoice that is freshly seen to be open and untouched."""
    found = read(client, invoice_id)
    if found.state is InvoiceState.OPEN and not found.paid:
        client.cancel_invoice(invoice_id)
    return Receipt(invoice_id)


def give_back(client: Client, credit: Credit) -> Receipt:
    """Add credit; its description is for administrators."""
    client.add_credit(
        credit.client_id, credit.amount, f"{notes.harmless(credit.description)} {notes.stamp(credit.marker)}"
    )
    return Receipt()


def find_credit(client: Client, client_id: str, marker: str) -> Receipt | None:
    """Look through the client's credit log for an entry whose description carries this marker."""
    found = (row for row in client.credits(client_id) if notes.has_stamp(row.description, marker))
    return next((Receipt(row.id) for row in found), None)


def has_account(client_id: str) -> bool:
    """Whether it is an account's number; a guest's id is made of an address."""
    return identifier(client_id) is not None


def url(settings: Settings, invoice_id: str, *, for_client: bool) -> str:
    """The invoice in the client area, or in the admin area."""
    if identifier(invoice_id) is None:
        raise Gone("there is no such invoice: its id is not a number")
    if for_client:
        return f"{settings.url}/viewinvoice.php?id={invoice_id}"
    return f"{settings.url}/{settings.admin_path}/invoices.php?action=edit&id={invoice_id}"
