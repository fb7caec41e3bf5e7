"""Invoices, as far as Deskside writes and reads them."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class InvoiceState(StrEnum):
    """What became of an invoice; `OPEN` is not paid, whatever the desk calls that."""

    OPEN = "open"
    PAID = "paid"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Bill:
    """An invoice to be written: one line. `currency` is an ISO 4217 code, `marker` is unique and findable.

    With `taxed` the desk adds its tax to the amount.
    """

    client_id: str
    amount: Decimal
    currency: str
    description: str
    marker: str
    taxed: bool = False


@dataclass(frozen=True, slots=True)
class Credit:
    """Money to be put on a client's account at the desk; `marker` is unique and findable."""

    client_id: str
    amount: Decimal
    description: str
    marker: str


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice as the desk has it. `paid` is what came in for it and was not paid back, in its own currency."""

    id: str
    state: InvoiceState
    paid: Decimal
