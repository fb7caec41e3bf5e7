"""The audit: which order a desk really kept, read from who was taken while others waited.

Each time an agent took a ticket while tickets of a class and of others waited, the choice speaks for or against a
credit: if the class's tickets are served as if they had come `c` seconds earlier, the smallest arrival less credit was
taken.
The share of such choices that a credit explains is its obedience; the audit finds the credit that explains most.
No choice is explained by any credit when somebody was taken who was not even the oldest of his own class.
"""

import math
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from deskside.backtest.lines import Desk, Job, Line

FEWEST = 100
"""Choices below which nothing is said."""
LEAST_OBEDIENCE = 0.7
LEAST_GAIN = 0.02
_CLEARLY, _ABOUT = 3.0, 2.0  # standard errors: of a credit against none, of credits among themselves
MOST_KINDS = 12
OTHERS = "(others)"
_POINTS = 121


class Rule(StrEnum):
    """What the choices show about a class."""

    FCFS = "first come, first served"
    CREDIT = "credit"
    FIRST = "always first"
    LAST = "always last"
    UNCLEAR = "no rule found"
    TOO_FEW = "too few choices"


@dataclass(frozen=True, slots=True)
class Choice:
    """One dispatch: the class taken, whether it was the oldest of its class, and the oldest arrival of each class."""

    at: int
    kind: str
    oldest: bool
    heads: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a set of choices says about one class against the rest.

    `credit` is in working seconds (infinite: always first), `low` and `high` bound the credits that explain the choices
    about as well; `obedience` is the share explained by the credit, `fcfs` the share that no credit at all explains.
    """

    choices: int
    rule: Rule
    credit: float
    low: float
    high: float
    obedience: float
    fcfs: float


@dataclass(frozen=True, slots=True)
class Finding:
    """One class: the evidence as a whole and by month ("2026-03"), and obedience by credit for a chart."""

    kind: str
    tickets: int
    overall: Evidence
    months: tuple[tuple[str, Evidence], ...]
    curve: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Audit:
    """The findings by class, the credits that explain the choices best together, and how many choices there were.

    `head_first` is the share of all choices between waiting tickets in which the oldest of some class was taken: the
    others were picked by hand.
    """

    findings: tuple[Finding, ...]
    credits: Mapping[str, float]
    choices: int
    head_first: float
    obedience: float


def audit(desk: Desk) -> Audit:
    """What rule the desk kept, for each class against the rest. Needs two classes; with one there is no finding."""
    sizes = Counter(job.ticket.kind for line in desk.lines for job in line.jobs)
    names = dict(sizes.most_common(MOST_KINDS))
    choices = [choice for line in desk.lines for choice in _choices(line, names)]
    starts = [day.start for day in desk.days]
    months: dict[str, list[Choice]] = defaultdict(list)
    for choice in choices:
        day = desk.days[max(0, bisect_right(starts, choice.at) - 1)]
        months[day.date.strftime("%Y-%m")].append(choice)
    kinds = list(names) if len(names) > 1 else []
    findings = tuple(
        Finding(
            kind=kind,
            tickets=sizes[kind],
            overall=weigh(bounds := list(_bounds(choices, kind, {}))),
            months=tuple((month, weigh(list(_bounds(found, kind, {})))) for month, found in sorted(months.items())),
            curve=_curve(bounds),
        )
        for kind in kinds
    )
    credit = _together(choices, kinds)
    mixed = [choice for choice in choices if len(choice.heads) > 1]
    return Audit(
        findings=findings,
        credits=credit,
        choices=len(mixed),
        head_first=_share(choice.oldest for choice in choices),
        obedience=_share(_obeys(choice, credit) for choice in mixed),
    )


def weigh(bounds: Sequence[tuple[float, float]]) -> Evidence:
    """The credit that most choices allow.

    `bounds` has for each choice the least and the most credit that explains it; where the least is above the most, none
    does.
    """
    count = len(bounds)
    if count < FEWEST:
        return Evidence(count, Rule.TOO_FEW, 0, -math.inf, math.inf, 0, 0)
    explained = _Explained(bounds)
    points = explained.points()
    counts = [explained.by(point) for point in points]
    most = max(counts)
    best = [point for point, found in zip(points, counts, strict=True) if found == most]
    credit = best[len(best) // 2]
    near = [point for point in points if explained.lead(credit, point) <= _ABOUT]
    low, high = min(near), max(near)
    fcfs = explained.by(0) / count
    if most / count < LEAST_OBEDIENCE:
        rule = Rule.UNCLEAR
    elif explained.lead(credit, 0) <= _CLEARLY or most / count - fcfs < LEAST_GAIN:
        rule, credit = Rule.FCFS, 0.0
    elif high == math.inf:
        rule, credit = Rule.FIRST, math.inf
    elif low == -math.inf:
        rule, credit = Rule.LAST, -math.inf
    else:
        rule = Rule.CREDIT
    return Evidence(count, rule, credit, low, high, explained.by(credit) / count, fcfs)


class _Explained:
    """How many choices a credit explains: each allows the credits between two bounds."""

    def __init__(self, bounds: Iterable[tuple[float, float]]) -> None:
        possible = [(low, high) for low, high in bounds if low <= high]
        self.lows = sorted(low for low, _ in possible)
        self.highs = sorted(high for _, high in possible)

    def by(self, credit: float) -> int:
        return bisect_right(self.lows, credit) - bisect_left(self.highs, credit)

    def lead(self, better: float, other: float) -> float:
        """How much more `better` explains, in standard errors; only choices that tell the two apart count."""
        low, high = min(better, other), max(better, other)
        for_high = bisect_right(self.lows, high) - bisect_right(self.lows, low)
        for_low = bisect_left(self.highs, high) - bisect_left(self.highs, low)
        lead = for_high - for_low if better == high else for_low - for_high
        return lead / math.sqrt(for_high + for_low) if for_high + for_low else 0.0

    def points(self) -> list[float]:
        """Where the count can change, and infinity on both sides."""
        return sorted({-math.inf, 0.0, math.inf, *self.lows, *self.highs})


def _choices(line: Line, names: Mapping[str, int]) -> Iterable[Choice]:
    """All dispatches of a pool with at least one other ticket waiting."""
    arriving = [(job, job.ticket.kind if job.ticket.kind in names else OTHERS) for job in line.jobs]
    dispatched = sorted(range(len(arriving)), key=lambda number: (arriving[number][0].taken, number))
    waiting: dict[str, deque[int]] = defaultdict(deque)
    gone = [False] * len(arriving)
    upcoming = present = 0
    for number in dispatched:
        job, kind = arriving[number]
        while upcoming < len(arriving) and arriving[upcoming][0].arrived <= job.taken:
            waiting[arriving[upcoming][1]].append(upcoming)
            upcoming += 1
            present += 1
        heads = {}
        for name, queue in waiting.items():
            while queue and gone[queue[0]]:
                queue.popleft()
            if queue:
                heads[name] = arriving[queue[0]][0].arrived
        if present > 1:
            yield Choice(job.taken, kind, heads[kind] == job.arrived, heads)
        gone[number] = True
        present -= 1


def _bounds(choices: Iterable[Choice], kind: str, credit: Mapping[str, float]) -> Iterable[tuple[float, float]]:
    """For each choice between `kind` and others: the credits of `kind` that explain it, those of the others given."""
    for choice in choices:
        if kind not in choice.heads or len(choice.heads) < 2:
            continue
        rest = {name: came - credit.get(name, 0) for name, came in choice.heads.items() if name != kind}
        others = min(rest.values())
        if not choice.oldest or (choice.kind != kind and rest[choice.kind] > others):
            yield math.inf, -math.inf
        elif choice.kind == kind:
            yield choice.heads[kind] - others, math.inf
        else:
            yield -math.inf, choice.heads[kind] - rest[choice.kind]


def _together(choices: Sequence[Choice], kinds: Sequence[str]) -> dict[str, float]:
    """A credit for each class, the largest class having none: each is found in turn while the others stay.

    At least 0 in the end: only differences matter.
    """
    credit: dict[str, float] = dict.fromkeys(kinds, 0.0)
    for _ in range(4):
        before = dict(credit)
        for kind in kinds[1:]:
            bounds = list(_bounds(choices, kind, credit))
            found = weigh(bounds)
            if found.rule in (Rule.FCFS, Rule.CREDIT, Rule.FIRST, Rule.LAST):
                finite = [abs(value) for pair in bounds for value in pair if abs(value) != math.inf]
                most = max(finite, default=0.0) + 1
                credit[kind] = max(-most, min(most, found.credit))
        if credit == before:
            break
    least = min(credit.values(), default=0.0)
    return {kind: value - least for kind, value in credit.items()}


def _obeys(choice: Choice, credit: Mapping[str, float]) -> bool:
    best = min(came - credit.get(name, 0) for name, came in choice.heads.items())
    return choice.oldest and choice.heads[choice.kind] - credit.get(choice.kind, 0) == best


def _share(values: Iterable[bool]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else 1.0


def _curve(bounds: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Obedience by credit, over the range in which nine tenths of the bounds lie."""
    finite = sorted(value for pair in bounds if pair[0] <= pair[1] for value in pair if abs(value) != math.inf)
    if not finite:
        return ()
    low, high = min(0.0, finite[len(finite) // 20]), max(0.0, finite[-1 - len(finite) // 20])
    explained = _Explained(bounds)
    step = (high - low) / (_POINTS - 1) or 1
    return tuple(
        (point, explained.by(point) / len(bounds)) for point in (low + step * number for number in range(_POINTS))
    )


def known_rule(found: Audit, job: Job) -> float:
    """The head start (seconds) that the audit found for a ticket."""
    return found.credits.get(job.ticket.kind if job.ticket.kind in found.credits else OTHERS, 0.0)
