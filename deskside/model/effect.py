"""What Deskside wants to change on a desk. Each becomes one outbox row with an idempotency key."""

from dataclasses import dataclass
from enum import StrEnum


class EffectKind(StrEnum):
    """What a row of the outbox intends: a note, a change of tags, a place written where views sort by it; an invoice
    to be written or cancelled, money to be given back as credit.
    """

    NOTE = "note"
    TAGS = "tags"
    PLACE = "place"
    INVOICE = "invoice"
    CREDIT = "credit"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Note:
    """A private note. `marker` is unique and findable on the ticket; `lines` are plain text, escaped by the adapter."""

    marker: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TagChange:
    """Tags to add and to remove, leaving all others alone."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Placement:
    """The band for views, and the key as fixed-width text that sorts as the queue does."""

    band: str
    sort_key: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the desk answered: its own reference of what was written, if it has one."""

    reference: str = ""
