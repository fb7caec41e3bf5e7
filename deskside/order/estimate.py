"""When a ticket will be taken: from its place and the pool's pace, made honest by how earlier estimates came out.

The base counts the tickets with a smaller key of the same pool, adds those that will still come in ahead, takes off
those that will leave unserved, and asks how long the pool needs for the rest: a queue-length predictor (Ibrahim and
Whitt, doi 10.1287/msom.1080.0223) that knows keys. Quantiles of actual / base over the last days make it a range.
"""

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from deskside.order.pace import Pace

LEVELS = (0.5, 0.8, 0.9)
# Of what a 90 % quantile made of 50 really covers, the standard deviation is 4 points (a beta distribution); made of
# 20 it would be 7, and "nine in ten" could well be three in four.
LEAST_SCORED = 50
# Who is next errs in another way than who stands behind many. Tickets ahead: none, up to 4, up to 14, more.
BANDS = (0, 4, 14)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one estimate came out: the tickets that were ahead, and the working seconds it took over its base."""

    ahead: int
    ratio: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """The quantiles of actual / base at `LEVELS` for each band of places, and how many scored estimates there are."""

    bands: tuple[tuple[float, float, float], ...]
    scored: int


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Working seconds from now within which a half, four fifths and nine tenths of such tickets are taken."""

    q50: int
    q80: int
    q90: int


def base(ahead: int, lead: int, pace: Pace) -> int:
    """Working seconds until a ticket with `ahead` tickets before it is taken, before calibration; at least 1.

    `lead` is how many working seconds ago its key lies: its age and its head start. Who arrives `x` seconds from now
    goes ahead if its head start is more than `lead + x`. With `m` the tickets up to and with this one and `r(x)` the
    rate at which others come in ahead, it is the time until `dm/dx = r(x) - rate - leaving * m` brings `m` to zero.
    """
    coming = [(head_start - lead, rate) for head_start, rate in pace.inflow if head_start > lead]
    inflow = math.fsum(rate for _, rate in coming)
    remaining, spent = ahead + 1.0, 0.0
    for until, rate in coming:
        net = inflow - pace.rate
        if spent + _to_zero(remaining, net, pace.leaving) <= until:
            return max(1, math.ceil(spent + _to_zero(remaining, net, pace.leaving)))
        remaining = _after(remaining, net, pace.leaving, until - spent)
        spent, inflow = until, inflow - rate
    return max(1, math.ceil(spent + _to_zero(remaining, -pace.rate, pace.leaving)))


def worst(ahead: int, lead: int, pace: Pace, cap: int) -> int | None:
    """Working seconds within which a ticket is taken at the latest while the pool keeps its pace (T3).

    Until its place is frozen, `cap` seconds (the most ordinary head start) after its key, everybody who may go ahead
    does and nobody is served; then those before it are served at what emergencies leave of the pace. None when they
    leave nothing.
    """
    ordinary = math.fsum(rate * max(0, head_start - lead) for head_start, rate in pace.inflow if head_start <= cap)
    left = pace.rate - math.fsum(rate for head_start, rate in pace.inflow if head_start > cap)
    if left <= 0:
        return None
    return longest(max(0, cap - lead), ahead + ordinary, left)


def longest(frozen_in: float, ahead: float, rate: float) -> int:
    """T3: the wait of a ticket whose place is frozen in `frozen_in` seconds, with `ahead` before it by then."""
    return math.ceil(frozen_in + (ahead + 1) / rate)


def calibrate(pools: Mapping[str, Sequence[Outcome]]) -> dict[str | None, Calibration]:
    """The calibration of every pool whose estimates can be trusted, and under None the one for any other pool.

    A band of places with fewer than `LEAST_SCORED` outcomes borrows those of its whole pool, a pool with fewer those of
    all pools; where all together are fewer, there is none, and no time may be named.
    """
    everywhere = [outcome for outcomes in pools.values() for outcome in outcomes]
    whole = _ratios(everywhere)
    if whole is None:
        return {}
    by_band = tuple(_ratios(_of_band(everywhere, band)) or whole for band in range(len(BANDS) + 1))
    found: dict[str | None, Calibration] = {None: Calibration(by_band, len(everywhere))}
    for pool, outcomes in pools.items():
        own = _ratios(outcomes)
        if own is not None:
            bands = tuple(_ratios(_of_band(outcomes, band)) or own for band in range(len(BANDS) + 1))
            found[pool] = Calibration(bands, len(outcomes))
    return found


def quantiles(ahead: int, lead: int, pace: Pace, known: Calibration) -> Quantiles:
    """The calibrated estimate, rounded up to what can be said: a minute, 5 from half an hour on, 15 from 4 hours on.

    Never shorter than what the last place of a band before would get, so that moving up never makes the time longer.
    """
    band = bisect_left(BANDS, ahead)
    places = [*BANDS[:band], ahead]
    bases = [base(place, lead, pace) for place in places]
    q50, q80, q90 = (
        _rounded(max(at * known.bands[number][level] for number, at in enumerate(bases)))
        for level in range(len(LEVELS))
    )
    return Quantiles(q50, q80, q90)


def pinball(actual: float, forecast: float, level: float) -> float:
    """The loss of a quantile forecast: in the mean smallest for the true quantile (Koenker and Bassett 1978)."""
    return max(level * (actual - forecast), (level - 1) * (actual - forecast))


def quantile(ordered: Sequence[float], level: float) -> float:
    """The ceil((n + 1) level)-th smallest of `ordered`, the largest where there is none such.

    The next one of the same kind is at most that with at least this probability, whatever the distribution (split
    conformal prediction, Lei et al. 2018, doi 10.1080/01621459.2017.1307116).
    """
    return ordered[min(len(ordered), math.ceil((len(ordered) + 1) * level)) - 1]


def _ratios(outcomes: Sequence[Outcome]) -> tuple[float, float, float] | None:
    if len(outcomes) < LEAST_SCORED:
        return None
    ordered = sorted(outcome.ratio for outcome in outcomes)
    half, most, nearly_all = (quantile(ordered, level) for level in LEVELS)
    return half, most, nearly_all


def _of_band(outcomes: Sequence[Outcome], band: int) -> list[Outcome]:
    return [outcome for outcome in outcomes if bisect_left(BANDS, outcome.ahead) == band]


def _rounded(seconds: float) -> int:
    step = 60 if seconds <= 1800 else 300 if seconds <= 4 * 3600 else 900
    return math.ceil(seconds / step) * step


def _to_zero(remaining: float, net: float, leaving: float) -> float:
    if net >= 0:
        return math.inf
    return math.log1p(remaining * leaving / -net) / leaving if leaving > 0 else remaining / -net


def _after(remaining: float, net: float, leaving: float, span: float) -> float:
    if leaving <= 0:
        return remaining + net * span
    settled = net / leaving
    return settled + (remaining - settled) * math.exp(-leaving * span)
