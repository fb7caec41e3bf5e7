"""A change of the weights that somebody decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from deskside.errors import Conflict, Permanent


class Apply(StrEnum):
    """What becomes of the minutes: tried beside those in force, in force for tickets that come, or for all at once.

    `END` ends the trial and changes nothing else.
    """

    TRY = "try"
    NEW = "new"
    ALL = "all"
    END = "end"


@dataclass(frozen=True, slots=True)
class Seen:
    """The versions somebody looked at when they decided: in force, and tried (0 for none)."""

    active: int
    shadow: int


@dataclass(frozen=True, slots=True)
class Change:
    """Minutes for the weights (None: the configuration's own), who wants them, and what they looked at."""

    apply: Apply
    minutes: Mapping[str, int] | None
    by: str
    seen: Seen
    note: str = ""


class Superseded(Conflict):
    """Somebody else changed the weights meanwhile."""


class Unfair(Permanent):
    """The minutes would cost tickets without a head start more than `[queue] unfairness_minutes` allows.

    `found` and `limit` are minutes. `weight` is the one whose lowering helps most, `most` how many minutes it may have
    then, None where even 0 would not do.
    """

    def __init__(self, found: float, limit: float, weight: str, most: int | None) -> None:
        cure = f"{weight} would have to be {most} at most" if most is not None else f"lower {weight}, and others too"
        super().__init__(f"unfairness of {found:.1f} min is above the limit of {limit:.0f} min: {cure}")
        self.found, self.limit, self.weight, self.most = found, limit, weight, most
