"""A desk that writes invoices, for tests of what clients pay for."""

from dataclasses import dataclass, field, replace
from decimal import Decimal

from deskside.errors import Gone
from deskside.model.billing import Bill, Credit, Invoice, InvoiceState
from deskside.model.effect import Receipt
from tests.jobs.desk import FakeDesk


@dataclass
class SellingDesk(FakeDesk):
    """Its invoices are paid by a test's hand."""

    invoices: dict[str, Invoice] = field(default_factory=dict)
    bills: dict[str, Bill] = field(default_factory=dict)
    credits: list[Credit] = field(default_factory=list)

    def has_account(self, client_id: str) -> bool:
        return not client_id.startswith("guest")

    def create_invoice(self, bill: Bill) -> Receipt:
        number = str(100 + len(self.invoices))

        def write() -> None:
            self.invoices[number] = Invoice(number, InvoiceState.OPEN, Decimal(0))
            self.bills[number] = bill

        self._write(write)
        return Receipt(number)

    def find_invoice(self, client_id: str, marker: str) -> Receipt | None:
        found = (n for n, bill in self.bills.items() if (bill.client_id, bill.marker) == (client_id, marker))
        return next(map(Receipt, found), None)

    def read_invoice(self, invoice_id: str) -> Invoice:
        if invoice_id not in self.invoices:
            raise Gone(f"there is no invoice {invoice_id}")
        return self.invoices[invoice_id]

    def cancel_invoice(self, invoice_id: str) -> Receipt:
        self._write(lambda: self.become(invoice_id, InvoiceState.CANCELLED))
        return Receipt(invoice_id)

    def add_credit(self, credit: Credit) -> Receipt:
        self._write(lambda: self.credits.append(credit))
        return Receipt()

    def find_credit(self, client_id: str, marker: str) -> Receipt | None:
        found = any((credit.client_id, credit.marker) == (client_id, marker) for credit in self.credits)
        return Receipt() if found else None

    def invoice_url(self, invoice_id: str, *, for_client: bool) -> str:
        return f"https://desk.example/{'pay' if for_client else 'invoice'}/{invoice_id}"

    def become(self, invoice_id: str, state: InvoiceState, paid: Decimal | None = None) -> None:
        """Put an invoice into this state; what was paid stays as it was unless it is said."""
        known = self.invoices[invoice_id]
        self.invoices[invoice_id] = replace(known, state=state, paid=known.paid if paid is None else paid)

    def pay(self, invoice_id: str) -> None:
        self.become(invoice_id, InvoiceState.PAID, self.bills[invoice_id].amount)

    def refund(self, invoice_id: str) -> None:
        self.become(invoice_id, InvoiceState.REFUNDED, Decimal(0))
