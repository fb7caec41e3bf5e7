"""The minutes of the factors that a person may change, and what other minutes make of a ticket's head start.

A factor says which share of its weight a ticket earned (`Contribution.share`), and that does not depend on the weight.
So a ticket can be weighed again from what was kept of it, without asking the desk: minutes = weight * share, rounded
down as the factor does. Two weights meet in one contribution, that of a ticket that came back: `reopened_minutes` times
its share, and what it waited before, up to `carried_minutes`. A waiting ticket's earlier wait is kept with the ticket,
so that it too can be weighed exactly; of a wait that is over only what counted is known, which is cut at the new limit
but cannot grow beyond the old one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from deskside.model.place import Contribution, Scale, part
from deskside.order import key as order
from deskside.order.key import Caps

REOPENED, CARRIED = "reopened_minutes", "carried_minutes"
_RETURNED = "reopened"


@dataclass(frozen=True, slots=True)
class Weight:
    """One number of `[queue]`: its name there, the factor it belongs to, and the cap its minutes fall under."""

    name: str
    factor: str
    label: str
    scale: Scale = Scale.COMMERCIAL


WEIGHTS = (
    Weight("vip_minutes", "vip_tag", "VIP"),
    Weight("spend_minutes", "spend", "Monthly spend, at most"),
    Weight("tenure_minutes", "tenure", "Years as a client, at most"),
    Weight("seldom_minutes", "asks_seldom", "Seldom asks, at most"),
    Weight("contact_minutes", "contact", "Authorised contact"),
    Weight("complaint_minutes", "complaint", "Complaint"),
    Weight("incident_minutes", "open_incident", "Known incident"),
    Weight(REOPENED, _RETURNED, "Reopened"),
    Weight(CARRIED, _RETURNED, "Earlier wait, at most"),
)
_BY_FACTOR = {weight.factor: weight.name for weight in WEIGHTS if weight.factor != _RETURNED}


@dataclass(frozen=True, slots=True)
class Weighed:
    """A waiting ticket as it was weighed. `key` and `arrived` in working seconds, `head_start` in seconds."""

    key: int
    arrived: int
    head_start: int
    contributions: tuple[Contribution, ...]
    pinned: bool
    carried_minutes: int
    solved_before: bool


def configured(options: Mapping[str, Any]) -> dict[str, int]:
    """The configuration's own minutes, from the settings of the queue section."""
    return {weight.name: int(options[weight.name]) for weight in WEIGHTS}


def highest(own: Mapping[str, int], caps: Caps) -> dict[str, int]:
    """The most each weight may have: more than the cap does nothing, but the configuration's own is always allowed."""
    return {weight.name: max(caps.commercial, own[weight.name]) for weight in WEIGHTS}


def wrong(minutes: Mapping[str, int], most: Mapping[str, int]) -> tuple[str, ...]:
    """The weights that are unknown, missing, above `most`, or below 0: a penalty would widen the window of others."""
    unknown = sorted(set(minutes) - set(most))
    return (*unknown, *(name for name in most if name not in minutes or not 0 <= minutes[name] <= most[name]))


def reweigh(
    contributions: Sequence[Contribution],
    before: Mapping[str, int],
    minutes: Mapping[str, int],
    *,
    earlier: tuple[int, bool] | None = None,
) -> tuple[Contribution, ...]:
    """The same contributions under other minutes; `before` are those they were weighed with.

    `earlier` are the minutes waited in earlier turns and whether it was solved then, where they are known. What a
    factor left out because its minutes came to 0 left no trace, and stays out. What no weight decides does not change.
    """
    return tuple(
        _came_back(item, before, minutes, earlier) if item.factor == _RETURNED else _scaled(item, before, minutes)
        for item in contributions
    )


def again(ticket: Weighed, before: Mapping[str, int], minutes: Mapping[str, int], caps: Caps) -> Weighed:
    """A waiting ticket under other minutes than those `before`, which it was weighed with.

    Its key moves by as much as its head start changes: who was weighed at the arrival then has `arrived - head start`,
    and who earned something later keeps the moment it counts from. Nobody is put behind the own arrival. A pinned
    ticket stays where it is, and one that a person moved forward is never put back. An emergency's own minutes are no
    weight.
    """
    earlier = (ticket.carried_minutes, ticket.solved_before)
    contributions = reweigh(ticket.contributions, before, minutes, earlier=earlier)
    change = _head_start(contributions, caps) - _head_start(ticket.contributions, caps)
    head_start = max(0, ticket.head_start + change)
    whole = ticket.arrived - head_start
    if ticket.pinned:
        key = ticket.key
    elif ticket.arrived - ticket.key > ticket.head_start:
        key = min(ticket.key, whole)
    else:
        key = min(ticket.arrived, ticket.key + ticket.head_start - head_start)
    return replace(ticket, key=key, head_start=head_start, contributions=contributions)


@dataclass(frozen=True, slots=True)
class Makings:
    """What a head start is made of before it is weighed: shares of weights, and minutes that no weight decides.

    `carried` is what it waited before.
    """

    shares: tuple[tuple[str, float], ...] = ()
    carried: int = 0
    commercial: int = 0
    contract: int = 0
    emergency: int = 0


def makings(contributions: Sequence[Contribution], before: Mapping[str, int]) -> Makings:
    """What the head start of these contributions is made of, `before` being the minutes they were weighed with."""
    shares: list[tuple[str, float]] = []
    carried = 0
    fixed = dict.fromkeys(Scale, 0)
    for item in contributions:
        name = _BY_FACTOR.get(item.factor)
        if item.factor == _RETURNED and item.share is not None:
            carried += _carried(item, before)
            shares.append((REOPENED, item.share))
        elif name is not None:
            shares.append((name, _share(item, before[name])))
        else:
            fixed[item.scale] += item.minutes
    return Makings(
        tuple(sorted(shares)), carried, fixed[Scale.COMMERCIAL], fixed[Scale.CONTRACT], fixed[Scale.EMERGENCY]
    )


def ordinary(made: Makings, minutes: Mapping[str, int], caps: Caps) -> int:
    """The minutes of head start without what an emergency adds."""
    weighed = sum(part(minutes[name], share) for name, share in made.shares)
    commercial = weighed + min(minutes[CARRIED], made.carried) + made.commercial
    return min(caps.contract, min(caps.commercial, commercial) + made.contract)


def whole(made: Makings, minutes: Mapping[str, int], caps: Caps) -> int:
    """All minutes of head start."""
    return min(caps.emergency, ordinary(made, minutes, caps) + made.emergency)


def lower(
    cost: Callable[[Mapping[str, int]], float], minutes: Mapping[str, int], limit: float
) -> tuple[str, int | None]:
    """The weight whose lowering helps most when `cost(minutes)` is above `limit`, and how far it must go.

    None where even 0 minutes of it are not enough. `cost` must not fall when a weight grows.
    """
    heaviest = min(minutes, key=lambda name: cost({**minutes, name: 0}))
    if cost({**minutes, heaviest: 0}) > limit:
        return heaviest, None
    fits, exceeds = 0, minutes[heaviest]
    while exceeds - fits > 1:
        middle = (fits + exceeds) // 2
        if cost({**minutes, heaviest: middle}) > limit:
            exceeds = middle
        else:
            fits = middle
    return heaviest, fits


def _scaled(item: Contribution, before: Mapping[str, int], minutes: Mapping[str, int]) -> Contribution:
    name = _BY_FACTOR.get(item.factor)
    if name is None:
        return item
    share = _share(item, before[name])
    return replace(item, minutes=part(minutes[name], share), share=share)


def _share(item: Contribution, weight: int) -> float:
    # What was stored before shares were is scaled by its minutes.
    if item.share is not None:
        return item.share
    return min(1.0, item.minutes / weight) if weight else 0.0


def _came_back(
    item: Contribution, before: Mapping[str, int], minutes: Mapping[str, int], earlier: tuple[int, bool] | None
) -> Contribution:
    if earlier is not None:
        carried, share = max(0, earlier[0]), float(earlier[1])
    elif item.share is not None:
        carried, share = _carried(item, before), item.share
    else:
        return item
    weighed = min(minutes[CARRIED], carried) + part(minutes[REOPENED], share)
    return replace(item, minutes=weighed, share=share)


def _carried(item: Contribution, before: Mapping[str, int]) -> int:
    return max(0, item.minutes - part(before[REOPENED], item.share or 0.0))


def _head_start(contributions: Sequence[Contribution], caps: Caps) -> int:
    return order.place(0, contributions, caps).head_start
