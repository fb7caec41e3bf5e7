"""Why a ticket stands where it stands, in words."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Standing:
    """What the comparison of two tickets needs."""

    ticket_id: str
    key: int
    arrived: int


def compare(first: Standing, second: Standing) -> str:
    """Why `first` stands before `second`: the difference in arrival against the difference in head start.

    Exact and constant while both wait, because keys are static.
    """
    minutes = round(abs(second.arrived - first.arrived) / 60)
    first_start = round((first.arrived - first.key) / 60)
    second_start = round((second.arrived - second.key) / 60)
    came = "at the same time as" if minutes == 0 else f"{_span(minutes)} {_order(first, second)}"
    reason = f"#{first.ticket_id} came {came} #{second.ticket_id}"
    if first_start == second_start == 0:
        return reason
    if first_start == second_start:
        return f"{reason}; both have {_span(first_start)} of head start"
    return f"{reason}, with {_span(first_start)} of head start against {_span(second_start)}"


def _order(first: Standing, second: Standing) -> str:
    return "before" if first.arrived < second.arrived else "after"


def _span(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"
