"""A ticket's place in the queue: one static key, and why it is what it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Scale(StrEnum):
    """Which cap a factor's minutes fall under."""

    COMMERCIAL = "commercial"
    CONTRACT = "contract"
    EMERGENCY = "emergency"


class Band(StrEnum):
    """The coarse place, for desks whose views can only filter by a drop-down."""

    EMERGENCY = "emergency"
    AHEAD = "ahead"
    NORMAL = "normal"


@dataclass(frozen=True, slots=True)
class Contribution:
    """One factor's part: minutes of head start (never negative) and the reason in English words.

    Where the reason was made by `because`, `template` and `values` are what it was made from, so that it can be said
    in another language. `share` is how much of its weight's minutes that is, 0 to 1, whatever the weight is: with it
    the part can be worked out under other weights. None where no weight of the queue section decides.
    """

    factor: str
    minutes: int
    scale: Scale
    reason: str
    template: str = ""
    values: Mapping[str, str | int] = field(default_factory=dict)
    share: float | None = field(default=None, compare=False)


def because(
    factor: str, minutes: int, scale: Scale, template: str, *, share: float | None = None, **values: str | int
) -> Contribution:
    """A contribution whose reason is `template` with `values` in its places, as in "asked %(times)s times"."""
    return Contribution(factor, minutes, scale, template % values, template, values, share)


def stored(item: Mapping[str, Any]) -> Contribution:
    """A contribution as the store gives it back."""
    return Contribution(
        item["factor"],
        int(item["minutes"]),
        Scale(item["scale"]),
        item["reason"],
        item.get("template", ""),
        item.get("values", {}),
        item.get("share"),
    )


def part(minutes: int, share: float) -> int:
    """A share of a weight, in whole minutes, rounded down; an error of floats costs none."""
    return int(minutes * share + 1e-9)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ticket stands. `key` is in working seconds: smaller is served first, within one pool.

    `arrived` is the arrival in working seconds, `head_start` the seconds granted at arrival after the caps.
    """

    key: int
    arrived: int
    head_start: int
    band: Band
    contributions: tuple[Contribution, ...]
