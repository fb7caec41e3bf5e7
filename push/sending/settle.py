"""Outcomes into the ledger, many at a time: the copies, their browsers, the push services, and what is complete."""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from deskside.store.database import Row, upsert
from deskside.store.push_tables import push, push_origin, subscription
from push.model import Kind
from push.sending.copies import Copy
from push.sending.ending import finish
from push.sending.ledger import REASON_LENGTH, Change
from push.sending.messages import After, Settled, settled
from push.sending.outcome import STOPPED_PAUSE, PushChange, of_push, of_send
from push.wire.answer import Verdict
from push.wire.fanout import Outcome

log = logging.getLogger(__name__)

# So many refusals of our key at once stop a service. One alone may be a browser that was made up to be refused.
STOPS = 3


@dataclass(slots=True)
class _Progress:
    """What is known so far of the copies of one send."""

    row: Row
    left: int = 0
    states: list[str] = field(default_factory=list)
    why: str = ""
    retry_in: float = 0.0


class Settlement:
    """Takes the outcomes of one batch. A send is settled with the last of its copies."""

    def __init__(self, rows: Sequence[Row], copies: Sequence[Copy], standing: Mapping[int, Sequence[str]]) -> None:
        self._copies = {copy.id: copy for copy in copies}
        self._sends = {row.id: _Progress(row) for row in rows}
        for copy in copies:
            self._sends[copy.ready.approved.row.id].left += 1
        for number, states in standing.items():
            self._sends[number].states += states
            if "again" in states:
                self._sends[number].retry_in = STOPPED_PAUSE
                self._sends[number].why = "the push service is not asked now"

    def settle(self, connection: sa.Connection, outcomes: Sequence[Outcome], after: After, now: datetime) -> None:
        """Write what came of these copies, and of every send that has no other left. Commit soon."""
        judged = [(self._copies[outcome.id], outcome) for outcome in outcomes]
        changes = [self._note(copy, outcome) for copy, outcome in judged]
        _write_copies(connection, judged, changes, now)
        _write_browsers(connection, judged, changes, now)
        _write_origins(connection, judged, now)
        self._complete(connection, after, now)

    def _note(self, copy: Copy, outcome: Outcome) -> PushChange:
        progress = self._sends[copy.ready.approved.row.id]
        change = of_push(outcome, Kind(progress.row.kind), copy.attempts, copy.browser.strikes, copy.shrunk)
        progress.left -= 1
        progress.states.append(change.state)
        if change.state != "accepted":
            progress.why = change.error
        if change.retry_in is not None:
            progress.retry_in = max(progress.retry_in, change.retry_in)
        return change

    def _complete(self, connection: sa.Connection, after: After, now: datetime) -> None:
        complete = [progress for progress in self._sends.values() if not progress.left]
        changes: list[Change] = []
        ended: list[Settled] = []
        for progress in complete:
            row = self._sends.pop(progress.row.id).row
            ending = of_send(Kind(row.kind), progress.states, progress.why, now, row.not_after, progress.retry_in)
            accepted_at = now if "accepted" in progress.states else None
            changes.append(Change(row.id, row.owner, ending.state, ending.reason, ending.due_at, accepted_at))
            if ending.state != "due":
                ended.append(settled(row, ending.state, ending.reason, now))
        finish(connection, changes, ended, after, now)


_COPY = (
    sa.update(push)
    # Also one that was given up as unknown meanwhile: now it is known.
    .where(push.c.id == sa.bindparam("row"), sa.text("push.state IN ('sending', 'unknown')"))
    .values(
        state=sa.bindparam("to"),
        status=sa.bindparam("answer"),
        error=sa.bindparam("why"),
        settled_at=sa.bindparam("at", type_=push.c.settled_at.type),
    )
)


def _write_copies(
    connection: sa.Connection,
    judged: Sequence[tuple[Copy, Outcome]],
    changes: Sequence[PushChange],
    now: datetime,
) -> None:
    rows = [
        {
            "row": copy.id,
            "to": change.state,
            "answer": outcome.status,
            "why": change.error[:REASON_LENGTH],
            "at": None if change.state == "again" else now,
        }
        for (copy, outcome), change in zip(judged, changes, strict=True)
    ]
    if rows:
        connection.execute(_COPY, rows)


def _write_browsers(
    connection: sa.Connection,
    judged: Sequence[tuple[Copy, Outcome]],
    changes: Sequence[PushChange],
    now: datetime,
) -> None:
    found: dict[str, list[int]] = defaultdict(list)
    for (copy, outcome), change in zip(judged, changes, strict=True):
        if outcome.verdict is Verdict.ACCEPTED:
            found["accepted"].append(copy.browser.id)
        elif change.state == "gone":
            found["gone"].append(copy.browser.id)
        elif outcome.verdict is Verdict.GONE:
            found["strike"].append(copy.browser.id)
        elif outcome.verdict is Verdict.MISMATCH:
            found["mismatch"].append(copy.browser.id)
    values: dict[str, dict[str, Any]] = {
        "accepted": {"accepted_at": now, "strikes": 0},
        "gone": {"state": "gone", "state_at": now},
        "strike": {"strikes": subscription.c.strikes + 1},
        "mismatch": {"state": "mismatch", "state_at": now},
    }
    for what, ids in found.items():
        connection.execute(sa.update(subscription).where(subscription.c.id.in_(ids)).values(values[what]))


def _write_origins(connection: sa.Connection, judged: Sequence[tuple[Copy, Outcome]], now: datetime) -> None:
    stops: dict[str, list[str]] = defaultdict(list)
    for copy, outcome in judged:
        if outcome.verdict is Verdict.STOP:
            stops[copy.browser.origin].append(outcome.reason)
    taking = {copy.browser.origin for copy, outcome in judged if outcome.verdict is Verdict.ACCEPTED}
    for origin, reasons in stops.items():
        if len(reasons) >= STOPS and origin not in taking:
            log.error("%s refuses our key or our clock: %s", origin, reasons[-1])
            upsert(connection, push_origin, origin=origin, stopped_at=now, stopped_reason=reasons[-1][:REASON_LENGTH])
    waits: dict[str, float] = {}
    for copy, outcome in judged:
        if outcome.verdict is Verdict.LATER and outcome.status == 429 and outcome.retry_after:
            waits[copy.browser.origin] = max(waits.get(copy.browser.origin, 0.0), outcome.retry_after)
    for origin, seconds in waits.items():
        upsert(connection, push_origin, origin=origin, blocked_until=now + timedelta(seconds=seconds))
