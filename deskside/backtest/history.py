"""A history: what a desk knows of tickets that were answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class HistoryTicket:
    """A ticket of the past. Times are aware; `handling_minutes` is an agent's own working time on it.

    `taken` is when an agent began with it, `replied` when the first reply was out; one of the two is needed.
    `finished` is when the agent was done with it, never when it was closed by a rule. `kind` is the ticket's class,
    `sla_minutes` the working minutes within which it was to be taken (replied to, where `taken` is None). `values`
    has whatever other columns the weights name.
    """

    ticket: str
    arrived: datetime
    taken: datetime | None = None
    replied: datetime | None = None
    finished: datetime | None = None
    handling_minutes: float | None = None
    agent: str = ""
    pool: str = ""
    kind: str = ""
    client: str = ""
    tags: frozenset[str] = frozenset()
    sla_minutes: float | None = None
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unusable:
    """Rows left out for one reason; `examples` name the first few."""

    reason: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class History:
    """The tickets that can be replayed, how many rows there were, what was left out, and how the rest was read."""

    tickets: tuple[HistoryTicket, ...]
    rows: int
    unusable: tuple[Unusable, ...] = ()
    remarks: tuple[str, ...] = ()
