"""The geometry of the report's charts: positions in per cent of the drawing, so that they fit any width."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from deskside.backtest.audit import Finding, Rule
from deskside.backtest.comparison import Group, Outcome, Scope
from deskside.backtest.measures import quantile
from deskside.backtest.study import Check
from deskside.backtest.wording import name_of, span

_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 57600, 144000, 288000)
_MOST_TICKS, _POINTS, _MOST_CURVES = 5, 80, 6


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a chart: two values, and an interval of the second where there is one."""

    label: str
    note: str
    first: float
    second: float
    first_label: str
    second_label: str
    low: float | None = None
    high: float | None = None
    good: bool | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """Values of several groups on one axis."""

    ticks: tuple[Tick, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """One or two lines over an axis of time; `marks` are upright lines. Lines are SVG paths in a 100 × 100 field."""

    title: str
    note: str
    ticks: tuple[Tick, ...]
    lines: tuple[str, ...]
    marks: tuple[Tick, ...] = ()


def changes(groups: Sequence[Group]) -> Rows:
    """The wait of nine in ten in both orders, with the interval of the change."""
    shown = [group for group in groups if group.scope is not Scope.POOL]
    most = max((value for group in shown for value in (group.before.p90, group.after.p90)), default=0) * 60 * 1.02
    axis = _Axis(0, most)
    rows = []
    for group in shown:
        before, after, change = group.before.p90 * 60, group.after.p90 * 60, group.p90
        low = high = None
        if change.low is not None and change.high is not None:
            low, high = axis.at(before + change.low * 60), axis.at(before + change.high * 60)
        good = (after < before) if change.sure else None
        note = f"{group.after.tickets:,} tickets"
        label = name_of(group.name, group.scope)
        rows.append(Row(label, note, axis.at(before), axis.at(after), span(before), span(after), low, high, good))
    return Rows(axis.ticks(), tuple(rows))


def checks(found: Sequence[Check]) -> Rows:
    """Waits of window B, real and replayed: the mean and that of nine in ten, one row each."""
    values = (value for check in found for value in (check.actual, check.replayed))
    longest = (value for check in found for value in (check.actual_p90, check.replayed_p90))
    axis = _Axis(0, max((*values, *longest), default=0) * 60 * 1.02)
    rows = []
    for check in found:
        label = "everybody" if check.kind is None else name_of(check.kind)
        for what, actual, replayed, off in (
            ("mean", check.actual * 60, check.replayed * 60, check.off),
            ("nine in ten", check.actual_p90 * 60, check.replayed_p90 * 60, check.off_p90),
        ):
            note = f"{what}: {'too few to say' if check.holds is None else f'{off:+.0%}'}"
            bars = axis.at(actual), axis.at(replayed)
            rows.append(Row(label, note, *bars, span(actual), span(replayed), good=check.holds))
            label = ""
    return Rows(axis.ticks(), tuple(rows))


def still_waiting(outcomes: Sequence[Outcome]) -> tuple[Curve, ...]:
    """For each class: the share of tickets that still wait after some time, in both orders."""
    kinds: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for found in outcomes:
        kinds[found.job.ticket.kind].append(found.waits)
    largest = sorted(kinds, key=lambda kind: -len(kinds[kind]))[:_MOST_CURVES]
    sides = {kind: [sorted(pair[side] for pair in kinds[kind]) for side in (0, 1)] for kind in largest}
    most = max((quantile(waits, 0.99) for pair in sides.values() for waits in pair), default=0)
    axis = _Axis(0, most)
    return tuple(
        Curve(
            name_of(kind),
            f"{len(kinds[kind]):,} tickets",
            axis.ticks(),
            tuple(_waiting(waits, axis) for waits in sides[kind]),
        )
        for kind in largest
    )


def obedience(finding: Finding) -> Curve | None:
    """The share of choices that each credit explains; None where there are too few choices."""
    if not finding.curve or finding.overall.rule is Rule.TOO_FEW:
        return None
    axis = _Axis(finding.curve[0][0], finding.curve[-1][0])
    points = " L".join(f"{axis.at(credit):.2f},{100 - 100 * share:.2f}" for credit, share in finding.curve)
    best = finding.overall
    marks: tuple[Tick, ...] = ()
    if best.rule in (Rule.CREDIT, Rule.FCFS):
        credit = f"{'−' if best.credit < 0 else ''}{span(best.credit)}" if best.credit else "no credit"
        label = f"{credit}: {best.obedience:.0%}"
        marks = (Tick(min(100.0, max(0.0, axis.at(best.credit))), label),)
    return Curve(name_of(finding.kind), f"{best.choices:,} choices", axis.ticks(), (f"M{points}",), marks)


class _Axis:
    """Seconds to per cent, with round marks."""

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high if high > low else low + 1

    def at(self, value: float) -> float:
        return min(100.0, max(0.0, 100 * (value - self.low) / (self.high - self.low)))

    def ticks(self) -> tuple[Tick, ...]:
        length = self.high - self.low
        step = next((step for step in _STEPS if length / step <= _MOST_TICKS), length / _MOST_TICKS)
        first = math.ceil(self.low / step)
        return tuple(
            Tick(self.at(number * step), f"{'−' if number < 0 else ''}{span(number * step)}" if number else "0")
            for number in range(first, math.floor(self.high / step) + 1)
        )


def _waiting(ordered: Sequence[float], axis: _Axis) -> str:
    """A path through the quantiles: the longer the wait, the fewer wait as long."""
    points = []
    for number in range(_POINTS + 1):
        part = number / _POINTS
        wait = quantile(ordered, part) if part else 0.0
        points.append(f"{axis.at(wait):.2f},{100 * part:.2f}")
    return "M" + " L".join(points)
