"""The back-test: calibrate on one part of the history, verify on the other, and only then change the weights.

Audit the rule that was really kept; replay it; fit one number, the pace, so that the mean wait of window A is met; see
whether the waits of window B, which took no part in the fit, come out class by class; then replay other weights with
the same arrivals, handling times and agents.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import compress
from statistics import fmean

from deskside.backtest.audit import Audit, audit, known_rule
from deskside.backtest.bootstrap import with_intervals
from deskside.backtest.comparison import Group, Order, Outcome, compare, credited, replay, weighted
from deskside.backtest.lines import Desk
from deskside.backtest.measures import quantile
from deskside.backtest.weights import Weights
from deskside.errors import Malformed
from deskside.order.unfairness import budget

TOLERANCE = 0.25
"""How far off a class's wait on window B may be, as a part of the real one."""
TOLERANCE_SECONDS = 60
FEWEST_CHECKED = 30
_PACES = (0.05, 20.0)
_STEPS = 18

Stage = Callable[[str, int, int], None]


class Verdict(StrEnum):
    """Whether the replay may be believed."""

    REPRODUCED = "reproduced"
    NOT_REPRODUCED = "not reproduced"
    NOT_CALIBRATED = "not calibrated"


@dataclass(frozen=True, slots=True)
class Check:
    """Waits of window B, in working minutes: as they were and as the replay has them. `kind` None is everybody.

    The mean alone would not do: with one class it hardly depends on the order. `holds` says whether both the mean and
    the wait that nine in ten do not exceed are right; it is None where there are too few tickets to say.
    """

    kind: str | None
    tickets: int
    actual: float
    replayed: float
    actual_p90: float
    replayed_p90: float
    holds: bool | None

    @property
    def off(self) -> float:
        """The error of the mean as a part of the real one."""
        return _off(self.actual, self.replayed)

    @property
    def off_p90(self) -> float:
        """The same of the wait of nine in ten."""
        return _off(self.actual_p90, self.replayed_p90)


@dataclass(frozen=True, slots=True)
class Fit:
    """The calibration. `pace` multiplies every handling time; window A ends before `split`, where window B begins."""

    pace: float
    split: date
    actual: float
    replayed: float
    checks: tuple[Check, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Burden:
    """A pool: the part of its agents' time that is needed, and the budget of unfairness in minutes, before and after.

    See `deskside.order.unfairness.budget`.
    """

    pool: str
    load: float
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Study:
    """All that a back-test found. `outcomes` has every measured ticket in both orders; `years` were resampled.

    `groups` and `outcomes` are empty where the replay may not be believed and nobody asked for them even so.
    `rule_given` says that the order of the past was told, not found by the audit.
    """

    desk: Desk
    audit: Audit
    fit: Fit
    groups: tuple[Group, ...]
    burdens: tuple[Burden, ...]
    outcomes: tuple[Outcome, ...]
    years: int
    warm_up: int
    rule_given: bool


def study(
    desk: Desk,
    weights: Weights,
    past: Weights | None = None,
    split: date | None = None,
    warm_up: int | None = None,
    years: int = 200,
    even_so: bool = False,
    stage: Stage = lambda _name, _done, _total: None,
) -> Study:
    """Back-test `weights` on a desk.

    `past` are the weights it worked by, where they are known; else the audit's credits are taken. `split` is the first
    day of window B (the middle, if not said). The first `warm_up` days are replayed but not measured, because nobody
    knows who already waited (1 day of ten or more, if not said). `years` histories are resampled for the intervals.
    Where the replay does not reproduce window B the orders are not compared, unless `even_so`. Raises Malformed when a
    window would be empty.
    """
    stage("audit", 0, 1)
    audited = audit(desk)
    stage("audit", 1, 1)
    warm_up = (1 if len(desk.days) >= 10 else 0) if warm_up is None else warm_up
    measured = [number >= warm_up for number in range(len(desk.days))]
    before = weighted(desk, past) if past else credited(desk, lambda job: known_rule(audited, job))
    after = weighted(desk, weights)
    fit = calibrate(desk, before, measured, split, stage)
    outcomes: list[Outcome] = []
    groups: list[Group] = []
    if even_so or fit.verdict is Verdict.REPRODUCED:
        outcomes, groups = compare(desk, before, after, fit.pace, measured)
        groups = with_intervals(desk, (before, after), fit.pace, measured, groups, years, stage=stage)
    return Study(
        desk=desk,
        audit=audited,
        fit=fit,
        groups=tuple(groups),
        burdens=tuple(_burdens(desk, before, after, fit.pace)),
        outcomes=tuple(outcomes),
        years=years if groups and groups[0].mean.low is not None else 0,
        warm_up=warm_up,
        rule_given=past is not None,
    )


def calibrate(
    desk: Desk, order: Order, measured: Sequence[bool], split: date | None = None, stage: Stage = lambda *_: None
) -> Fit:
    """Fit the pace on window A and check it on window B. Raises Malformed when one of them has no tickets."""
    border = _border(desk, measured, split)
    window_a = [counts and number < border for number, counts in enumerate(measured)]
    window_b = [counts and number >= border for number, counts in enumerate(measured)]
    real = [job.waited for line in desk.lines for job in line.jobs]
    in_a = [window_a[job.day] for line in desk.lines for job in line.jobs]
    if not any(in_a) or not any(window_b[job.day] for line in desk.lines for job in line.jobs):
        raise Malformed("the history must have tickets on both sides of the split; choose it with --split")
    target = fmean(compress(real, in_a))

    def replayed(pace: float) -> list[float]:
        return [
            start - job.arrived
            for number, line in enumerate(desk.lines)
            for job, start in zip(line.jobs, replay(line, order, number, pace).starts, strict=True)
        ]

    low, high = _PACES
    for step in range(_STEPS):
        stage("pace", step, _STEPS)
        middle = math.sqrt(low * high)
        if fmean(compress(replayed(middle), in_a)) < target:
            low = middle
        else:
            high = middle
    stage("pace", _STEPS, _STEPS)
    pace = math.sqrt(low * high)
    waits = replayed(pace)
    reached = fmean(compress(waits, in_a))
    checks = _checks(desk, window_b, waits)
    verdict = Verdict.REPRODUCED if all(check.holds is not False for check in checks) else Verdict.NOT_REPRODUCED
    if not _close(target, reached):
        verdict = Verdict.NOT_CALIBRATED
    return Fit(pace, desk.days[border].date, target / 60, reached / 60, tuple(checks), verdict)


def _border(desk: Desk, measured: Sequence[bool], split: date | None) -> int:
    if split is None:
        first = measured.index(True) if True in measured else 0
        return (first + len(desk.days)) // 2
    border = sum(day.date < split for day in desk.days)
    if not 0 < border < len(desk.days):
        span = f"{desk.days[0].date} to {desk.days[-1].date}"
        raise Malformed(f"the split {split} must lie inside the history, which goes from {span}")
    return border


def _checks(desk: Desk, window: Sequence[bool], waits: Sequence[float]) -> list[Check]:
    found: dict[str | None, list[tuple[float, float]]] = defaultdict(list)
    jobs = [job for line in desk.lines for job in line.jobs]
    for job, wait in zip(jobs, waits, strict=True):
        if window[job.day]:
            found[None].append((job.waited, wait))
            found[job.ticket.kind].append((job.waited, wait))
    checks = []
    for kind, pairs in sorted(found.items(), key=lambda item: (item[0] is not None, -len(item[1]))):
        first, second = (sorted(pair[side] for pair in pairs) for side in (0, 1))
        actual, replayed = fmean(first), fmean(second)
        actual_p90, replayed_p90 = quantile(first, 0.9), quantile(second, 0.9)
        holds = _close(actual, replayed) and _close(actual_p90, replayed_p90) if len(pairs) >= FEWEST_CHECKED else None
        checks.append(Check(kind, len(pairs), actual / 60, replayed / 60, actual_p90 / 60, replayed_p90 / 60, holds))
    return checks


def _off(actual: float, replayed: float) -> float:
    return (replayed - actual) / actual if actual else math.inf if replayed else 0.0


def _close(actual: float, replayed: float) -> bool:
    return abs(replayed - actual) <= max(TOLERANCE * actual, TOLERANCE_SECONDS)


def _burdens(desk: Desk, before: Order, after: Order, pace: float) -> list[Burden]:
    found = []
    for number, line in enumerate(desk.lines):
        capacity = line.capacity(desk.days)
        loads = [job.handling * pace / capacity for job in line.jobs]
        sides = [
            budget([(load, start / 60) for load, start in zip(loads, order.head_starts[number], strict=True)])
            for order in (before, after)
        ]
        found.append(Burden(line.pool, sum(loads), sides[0], sides[1]))
    return found
