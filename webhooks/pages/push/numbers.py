"""Whole numbers as people type them."""

from deskside.errors import Malformed


def read_number(text: str, otherwise: int) -> int:
    """A number of at most five digits; `otherwise` for whatever else was typed."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else otherwise


def read_whole(text: str, what: str) -> int:
    """A whole number. Raises Malformed naming `what` it should have been for."""
    found = read_number(text.strip(), -1)
    if found < 0:
        raise Malformed(f"{what} must be a whole number")
    return found
