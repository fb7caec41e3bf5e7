"""From a history to lines that can be replayed: working seconds, handling times, and who was there."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import groupby, pairwise
from statistics import median

from deskside.backtest.history import HistoryTicket
from deskside.backtest.replay import Session, always
from deskside.errors import Malformed
from deskside.order.calendar import WorkingTime

LONGEST_GAP = 2 * 3600
"""Working seconds between two tickets of an agent after which the agent did something else meanwhile."""


class Source(StrEnum):
    """Where a handling time comes from."""

    GIVEN = "given in the history"
    FINISHED = "from taken to finished"
    NEXT = "until the agent's next ticket, which already waited"
    MEDIAN = "unknown; the median of the others"


@dataclass(frozen=True, slots=True)
class Day:
    """A working day: its date, and where it begins and ends in working seconds."""

    date: date
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Job:
    """A ticket to replay. Working seconds; `within` is the promised wait, `day` an index into the days."""

    ticket: HistoryTicket
    arrived: int
    taken: int
    handling: int
    within: float | None
    day: int

    @property
    def waited(self) -> int:
        """Working seconds from arrival until an agent took it."""
        return self.taken - self.arrived


@dataclass(frozen=True, slots=True)
class Line:
    """One pool: its tickets in order of arrival, and the presence of its agents by day.

    `agents` is a number of agents who are always there; then `sessions` is empty.
    """

    pool: str
    jobs: tuple[Job, ...]
    sessions: tuple[tuple[int, Session], ...]
    agents: int = 0

    def presence(self) -> list[Session]:
        """The sessions for the replay. The last day never ends, so that everybody is served."""
        if self.agents:
            return always(self.agents)
        last = max(day for day, _ in self.sessions)
        return [replace(session, end=float("inf")) if day == last else session for day, session in self.sessions]

    def capacity(self, days: Sequence[Day]) -> float:
        """The agents' time in working seconds."""
        if self.agents:
            return self.agents * sum(day.end - day.start for day in days)
        return sum(session.end - session.start for _, session in self.sessions)


@dataclass(frozen=True, slots=True)
class Desk:
    """All lines over the same days, and how many handling times come from where."""

    lines: tuple[Line, ...]
    days: tuple[Day, ...]
    sources: Mapping[Source, int]


@dataclass(slots=True)
class _Draft:
    ticket: HistoryTicket
    arrived: int
    first: int
    handling: int | None = None
    source: Source = Source.MEDIAN


def make_desk(tickets: Sequence[HistoryTicket], calendar: WorkingTime, agents: Mapping[str, int] | None = None) -> Desk:
    """The lines of a history.

    `agents` has the number of agents of each pool; a pool that is not in it has the agents of the history, each from
    the first ticket of a day to the last. Raises Malformed when nothing tells who worked, or how long a ticket takes.
    """
    agents = agents or {}
    drafts = [
        _Draft(ticket, calendar.seconds(ticket.arrived), calendar.seconds(first))
        for ticket in tickets
        if (first := ticket.taken or ticket.replied) is not None
    ]
    if not drafts:
        raise Malformed("no ticket of the history was ever answered")
    days = _days([draft.ticket for draft in drafts], calendar)
    starts = [day.start for day in days]
    _handling(drafts, calendar, starts)
    pools: dict[str, list[Job]] = defaultdict(list)
    for draft in drafts:
        pools[draft.ticket.pool].append(_job(draft, starts))
    sessions = _sessions([job for jobs in pools.values() for job in jobs], starts)
    lines = []
    for pool in sorted(pools):
        given = agents.get(pool, 0)
        if not given and not sessions[pool]:
            raise Malformed(
                f"nothing tells who worked in {pool or 'the desk'}: name the column of the agent (--agent-column) "
                "or say how many there were (--agents)"
            )
        jobs = sorted(pools[pool], key=lambda job: (job.arrived, job.ticket.arrived))
        lines.append(Line(pool, tuple(jobs), () if given else tuple(sessions[pool]), given))
    return Desk(tuple(lines), days, Counter(draft.source for draft in drafts))


def _days(tickets: Sequence[HistoryTicket], calendar: WorkingTime) -> tuple[Day, ...]:
    moments = [moment for ticket in tickets for moment in (ticket.arrived, ticket.taken or ticket.replied) if moment]
    day = min(moments).astimezone(calendar.zone).date()
    # A ticket that came after the last closing belongs to the day the desk opens again.
    last = max(moments).astimezone(calendar.zone).date() + timedelta(days=14)
    found = []
    start = _midnight(calendar, day)
    latest = calendar.seconds(max(moments))
    while day <= last:
        end = _midnight(calendar, day + timedelta(days=1))
        if end > start:
            found.append(Day(day, start, end))
        if end > latest:
            break
        day, start = day + timedelta(days=1), end
    if not found:
        raise Malformed("the desk was never open in the time of the history: see [queue.calendar]")
    return tuple(found)


def _midnight(calendar: WorkingTime, day: date) -> int:
    return calendar.seconds(datetime.combine(day, time(), calendar.zone))


def _handling(drafts: list[_Draft], calendar: WorkingTime, starts: Sequence[int]) -> None:
    for draft in drafts:
        ticket = draft.ticket
        if ticket.handling_minutes is not None:
            draft.handling, draft.source = round(ticket.handling_minutes * 60), Source.GIVEN
        elif ticket.finished is not None and ticket.taken is not None:
            draft.handling, draft.source = calendar.seconds(ticket.finished) - draft.first, Source.FINISHED
    for (agent, _), found in groupby(
        sorted(drafts, key=lambda draft: (draft.ticket.agent, draft.first)),
        key=lambda draft: (draft.ticket.agent, bisect_right(starts, draft.first)),
    ):
        if agent:
            _gaps(list(found))
    known: dict[str, list[int]] = defaultdict(list)
    for draft in drafts:
        if draft.handling is not None:
            known[draft.ticket.kind].append(draft.handling)
    if not known:
        raise Malformed(
            "nothing tells how long a ticket keeps an agent: name a column with handling minutes "
            "(--handling-minutes-column), the end of the work (--finished-column) or the agent (--agent-column)"
        )
    overall = median([value for values in known.values() for value in values])
    typical = {kind: median(values) for kind, values in known.items() if len(values) >= 30}
    for draft in drafts:
        if draft.handling is None:
            draft.handling = round(typical.get(draft.ticket.kind, overall))


def _gaps(drafts: list[_Draft]) -> None:
    """Handling times from what one agent took in one day, where the next ticket already waited meanwhile."""
    for before, after in pairwise(drafts):
        gap = after.first - before.first
        # Between two replies lies the work on the second, between two beginnings that on the first.
        draft = before if before.ticket.taken is not None else after
        if draft.handling is None and after.arrived <= before.first and 0 < gap <= LONGEST_GAP:
            draft.handling, draft.source = gap, Source.NEXT


def _job(draft: _Draft, starts: Sequence[int]) -> Job:
    ticket, handling = draft.ticket, max(1, draft.handling or 0)
    within = None if ticket.sla_minutes is None else ticket.sla_minutes * 60
    taken = draft.first
    if ticket.taken is None:
        # Only the reply is known: the work lies before it.
        taken = max(draft.arrived, draft.first - handling)
        within = None if within is None else within - handling
    return Job(ticket, draft.arrived, taken, handling, within, max(0, bisect_right(starts, draft.arrived) - 1))


def _sessions(jobs: Sequence[Job], starts: Sequence[int]) -> dict[str, list[tuple[int, Session]]]:
    """Each agent's presence, by pool: from the first ticket of a day to the end of the last.

    Who works in several pools is in each while tickets of it are taken.
    """
    sessions: dict[str, list[tuple[int, Session]]] = defaultdict(list)
    named = sorted((job for job in jobs if job.ticket.agent), key=lambda job: (job.ticket.agent, job.taken))
    for (_, day), found in groupby(
        named, key=lambda job: (job.ticket.agent, max(0, bisect_right(starts, job.taken) - 1))
    ):
        runs = [list(run) for _, run in groupby(found, key=lambda job: job.ticket.pool)]
        for number, run in enumerate(runs):
            last = number + 1 == len(runs)
            end = run[-1].taken + run[-1].handling if last else runs[number + 1][0].taken
            if end > run[0].taken:
                sessions[run[0].ticket.pool].append((day, Session(run[0].taken, end)))
    return sessions
