"""A dry run: one person's way through a chain on a line of time, by the same gates that judge the real sends."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from push.chains import timing
from push.chains.definition import Definition, Step
from push.model import Kind, Person
from push.sending import gates, windows
from push.sending.gates import Defer, Facts, Manners, Skip

# A row that is put off this often is put off for ever: its window never opens.
_MOST_DEFERRALS = 50


@dataclass(frozen=True, slots=True)
class Moment:
    """What becomes of one step: when it is due, when it goes out (None: it does not), and what moved it there."""

    step: Step
    due_at: datetime
    sent_at: datetime | None
    reasons: tuple[str, ...]


def rehearse(
    definition: Definition,
    person: Person,
    manners: Manners,
    entered_at: datetime,
    *,
    clicks: frozenset[str] = frozenset(),
) -> tuple[Moment, ...]:
    """Every step this person would get who entered then, if nothing but this chain is sent to them.

    `clicks` are the keys of the steps they click, at once.
    """
    zone = windows.zone(person.zone) or manners.zone
    moments: list[Moment] = []
    sent: list[datetime] = []
    anchor, step = entered_at, definition.first
    while True:
        due = timing.due(step, anchor, zone, manners.window)
        moment = _try(step, due, person, manners, sent)
        moments.append(moment)
        anchor = moment.sent_at or due.not_after
        if moment.sent_at is not None:
            sent.append(moment.sent_at)
        clicked = moment.sent_at is not None and step.key in clicks
        if clicked and "clicked" in definition.exits:
            return tuple(moments)
        following = definition.next_after(step.key, clicked=clicked)
        if following is None:
            return tuple(moments)
        step = following


def _try(step: Step, due: timing.Due, person: Person, manners: Manners, sent: list[datetime]) -> Moment:
    now = due.at
    reasons: list[str] = []
    zone = windows.zone(person.zone) or manners.zone
    for _ in range(_MOST_DEFERRALS):
        week = windows.week(now, zone)
        found = gates.judge(
            Facts(
                now=now,
                kind=Kind.STEP,
                person=person,
                manners=manners,
                not_after=due.not_after,
                window=step.window,
                last_at=max(sent, default=None),
                taken=sum(windows.week(at, zone) == week for at in sent),
            )
        )
        if isinstance(found, Skip):
            return Moment(step, due.at, None, (*reasons, found.reason))
        if not isinstance(found, Defer):
            return Moment(step, due.at, now, tuple(reasons))
        reasons.append(found.reason)
        now = max(found.until, now + timedelta(minutes=1))
    return Moment(step, due.at, None, tuple(reasons))
