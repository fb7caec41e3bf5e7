"""Values of a client's fields, as people and other programs write them."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation

MOST = Decimal(10**9)


def day(text: str) -> date | None:
    """A day in ISO 8601, also with a time; None for anything else: 03/04/2020 is two different days."""
    try:
        return datetime.fromisoformat(text.strip()).date()
    except ValueError:
        return None


def amount(text: str) -> Decimal | None:
    """A plain number with a point; None for anything else, and for what no client pays."""
    try:
        found = Decimal(text.strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() and 0 <= found <= MOST else None
