"""Why a ticket stands where it stands, in words."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Standing:
    """What the comparison of two tickets needs."""

    ticket_id: str
    key: int
    arrived: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Why `first` stands before `second`, as values, for who says it in another language than English.

    `minutes` is the difference in arrival, never negative; `earlier` says whether `first` came first. The head
    starts are in minutes.
    """

    first: str
    second: str
    minutes: int
    earlier: bool
    first_start: int
    second_start: int


def between(first: Standing, second: Standing) -> Comparison:
    """The difference in arrival against the difference in head start.

    Exact and constant while both wait, because keys are static.
    """
    return Comparison(
        first=first.ticket_id,
        second=second.ticket_id,
        minutes=round(abs(second.arrived - first.arrived) / 60),
        earlier=first.arrived < second.arrived,
        first_start=round((first.arrived - first.key) / 60),
        second_start=round((second.arrived - second.key) / 60),
    )


def compare(first: Standing, second: Standing) -> str:
    """Why `first` stands before `second`, in English."""
    found = between(first, second)
    order = "before" if found.earlier else "after"
    came = "at the same time as" if found.minutes == 0 else f"{_span(found.minutes)} {order}"
    reason = f"#{found.first} came {came} #{found.second}"
    if found.first_start == found.second_start == 0:
        return reason
    if found.first_start == found.second_start:
        return f"{reason}; both have {_span(found.first_start)} of head start"
    return f"{reason}, with {_span(found.first_start)} of head start against {_span(found.second_start)}"


def _span(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"
