"""Invoices and money, whoever moves it; what happens to an invoice fires its hooks."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from deskside.demo.whmcs.errors import ApiError
from deskside.demo.whmcs.state import Actor, Credited, Invoice, Item, Json, State, Transaction

Tell = Callable[[str, Json, Actor | None], None]
DUE_DAYS = 7


class Books:
    """The money operations over a `State`."""

    def __init__(self, state: State, tell: Tell) -> None:
        self.state = state
        self.tell = tell

    def invoice(self, invoice_id: int) -> Invoice:
        """An invoice. Raises ApiError."""
        invoice = self.state.invoices.get(invoice_id)
        if invoice is None:
            raise ApiError("Invoice ID Not Found")
        return invoice

    def create(
        self,
        client_id: int,
        lines: Sequence[tuple[str, Decimal, bool]],
        *,
        status: str = "Unpaid",
        method: str = "mailin",
        taxrate: Decimal = Decimal(0),
        day: date | None = None,
        due: date | None = None,
        notes: str = "",
        use_credit: bool = False,
    ) -> Invoice:
        """A new invoice of lines as (description, amount, taxed); an unpaid one of nothing is paid at once."""
        state = self.state
        with state.lock:
            today = state.today()
            items = [Item(state.next_id("item"), text, amount, taxed) for text, amount, taxed in lines]
            first, last = day or today, due or today + timedelta(days=DUE_DAYS)
            invoice = Invoice(
                state.next_id("invoice"), client_id, first, last, items, status, method, notes, taxrate=taxrate
            )
            state.invoices[invoice.id] = invoice
            client = state.clients[client_id]
            if use_credit and client.credit > 0:
                invoice.credit = min(client.credit, invoice.total)
                client.credit -= invoice.credit
            if invoice.status == "Unpaid" and invoice.total <= 0:
                self._paid(invoice)
            return invoice

    def pay(self, invoice_id: int, fees: Decimal = Decimal(0)) -> Transaction:
        """The client pays what is left of an invoice."""
        with self.state.lock:
            invoice = self.invoice(invoice_id)
            paid = self.record(invoice.userid, self.balance(invoice), invoice_id=invoice_id, fees=fees)
            self._paid(invoice)
            return paid

    def refund(self, invoice_id: int) -> Transaction:
        """The money goes back; the invoice is Refunded."""
        with self.state.lock:
            invoice = self.invoice(invoice_id)
            known = list(self.state.transactions.values())
            paid = [row for row in known if row.invoiceid == invoice_id and row.amountin > 0]
            total = sum((row.amountin for row in paid), Decimal(0))
            back = self.record(invoice.userid, -total, invoice_id=invoice_id, refunds=paid[0].id if paid else 0)
            invoice.status = "Refunded"
            self._tell("invoice.refunded", invoice)
            return back

    def cancel(self, invoice_id: int) -> None:
        """The invoice is Cancelled."""
        with self.state.lock:
            invoice = self.invoice(invoice_id)
            invoice.status = "Cancelled"
            self._tell("invoice.cancelled", invoice)

    def unpay(self, invoice_id: int) -> None:
        """A paid invoice is Unpaid again, as after a charge-back."""
        with self.state.lock:
            invoice = self.invoice(invoice_id)
            invoice.status, invoice.datepaid = "Unpaid", None
            self._tell("invoice.unpaid", invoice)

    def give_credit(self, client_id: int, amount: Decimal, description: str) -> Decimal:
        """Put money on a client's account, or take some off; the new balance."""
        state = self.state
        with state.lock:
            client = state.clients[client_id]
            client.credit += amount
            state.credits.append(Credited(state.next_id("credit"), client_id, state.today(), description, amount))
            return client.credit

    def record(
        self,
        client_id: int,
        amount: Decimal,
        *,
        invoice_id: int = 0,
        refunds: int = 0,
        fees: Decimal = Decimal(0),
        rate: Decimal = Decimal(1),
        days_ago: int = 0,
    ) -> Transaction:
        """A transaction; a negative amount goes out."""
        state = self.state
        with state.lock:
            row = Transaction(
                state.next_id("transaction"),
                client_id,
                state.clock() - timedelta(days=days_ago),
                max(amount, Decimal(0)),
                max(-amount, Decimal(0)),
                state.code(20),
                invoice_id,
                refunds,
                fees,
                rate,
                description="Refund" if refunds else "Invoice Payment",
            )
            state.transactions[row.id] = row
            return row

    def balance(self, invoice: Invoice) -> Decimal:
        """What is left to pay."""
        rows = [row for row in self.state.transactions.values() if row.invoiceid == invoice.id]
        return invoice.total - sum((row.amountin - row.amountout for row in rows), Decimal(0))

    def _paid(self, invoice: Invoice) -> None:
        invoice.status, invoice.datepaid = "Paid", self.state.clock()
        self._tell("invoice.paid", invoice)

    def _tell(self, kind: str, invoice: Invoice) -> None:
        self.tell(kind, {"invoice": str(invoice.id)}, None)
