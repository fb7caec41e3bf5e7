"""A better place in the queue that a client pays for: what is offered, and what became of it."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class BoostState(StrEnum):
    """Where a boost stands.

    `ASKED`: its invoice is being written. `INVOICED`: it waits for the payment. `GRANTED`: the ticket was moved.
    `RETURNING`, `RETURNED`: it was paid but nothing was moved, so the money is on its way back, or is back.
    `REVOKED`: the money of a granted one went back, and the ticket with it. `CANCELLED`: it was never paid.
    `REFUSED`: the desk would not write the invoice.
    """

    ASKED = "asked"
    INVOICED = "invoiced"
    GRANTED = "granted"
    RETURNING = "returning"
    RETURNED = "returned"
    REVOKED = "revoked"
    CANCELLED = "cancelled"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Offer:
    """One kind of move and its price in a currency (ISO 4217); the places before and after it (1 is next)."""

    kind: str
    price: Decimal
    currency: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Offers:
    """What can be bought for a waiting ticket: only moves that would bring it further ahead.

    `refused` says why nothing can be bought now all the same: "client" (this client had or asked for a move today),
    "share" (too many of the recent arrivals were moved), "bought" (it has a paid place already), or "". With `taxed`
    the desk may add its tax to the prices.
    """

    offers: tuple[Offer, ...]
    refused: str = ""
    taxed: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """What came of asking for a boost. `refused` is as in `Offers`, or "changed" (the place is not the one that was
    shown), or "gone" (nothing of the kind is sold for this ticket now).
    """

    made: bool
    refused: str = ""
