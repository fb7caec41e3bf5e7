"""What is done with campaigns that run: started when they are due, paused, resumed, cancelled, finished; and the
switch that stops everything.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from deskside.errors import Conflict
from deskside.store.database import Row, upsert
from deskside.store.push_tables import campaign, push_switch, send
from push.campaigns import ab, drafts
from push.campaigns.audience import reach
from push.model import Kind
from push.sending import ledger
from push.sending.facts import STOPPED
from push.sending.gates import Manners
from push.sending.ledger import NewSend

_OPEN = ("due", "claimed", "sending", "held")
_NEEDS_WORD = "the campaign is late and waits for somebody to confirm it"


def anything_to_start(connection: sa.Connection, now: datetime) -> bool:
    """Whether a campaign is due."""
    return bool(connection.scalar(sa.select(sa.exists(sa.select(campaign.c.id).where(*_due(now))))))


def start_next(connection: sa.Connection, manners: Manners, now: datetime) -> Row | None:
    """Start the campaign that is due longest; its row, None when there is none.

    Later than its late limit, it is not started but becomes `unconfirmed`. The audience is written down as it is now,
    with the variant and the time of each, in the transaction that makes it `running`: it starts once or not at all.
    """
    due = (
        sa.select(campaign)
        .where(*_due(now))
        .order_by(campaign.c.start_at, campaign.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = connection.execute(due).first()
    if row is None:
        return None
    if now > row.start_at + timedelta(minutes=row.late_minutes):
        return drafts.turn(connection, row.id, ("scheduled",), "unconfirmed", updated_at=now)
    draft = drafts.read(row)
    reached = reach(connection, draft, row.seed, manners, now)
    ledger.plan(
        connection,
        [
            NewSend(
                dedupe_key=f"campaign:{row.id}:{one.id}",
                kind=Kind(row.kind),
                subscriber=one.id,
                due_at=one.slot.due_at,
                not_after=one.slot.not_after,
                campaign=row.id,
                variant=ab.assign(row.seed, one.id, len(draft.variants)),
            )
            for one in reached.addressees
        ],
    )
    last = max((one.slot.not_after for one in reached.addressees), default=row.end_at)
    values: dict[str, Any] = {
        "started_at": now,
        "waterfall": [list(step) for step in reached.waterfall],
        "end_at": last,
    }
    return drafts.turn(connection, row.id, ("scheduled",), "running", **values)


def pause(connection: sa.Connection, number: int, by: str) -> int:
    """Stop a running campaign where it is; how many people still wait. What is on its way arrives. Raises Conflict."""
    drafts.turn(connection, number, ("running",), "paused", stopped_by=by)
    return ledger.hold(connection, _of(number), f"the campaign was paused by {by}")


def resume(connection: sa.Connection, number: int, by: str, now: datetime) -> int:
    """Go on with a paused campaign, or with one that was held for being late; how many people still wait.

    A pause does not stop the time: who was due in it is due now, unless it is of no use any more. What was held for
    being late is confirmed by this: its times begin anew. Raises Conflict.
    """
    row = drafts.get(connection, number)
    if row.state not in ("paused", "unconfirmed") or row.started_at is None:
        raise Conflict(f"the campaign is {row.state}")
    later = timedelta()
    if row.state == "unconfirmed":
        first = connection.scalar(sa.select(sa.func.min(send.c.due_at)).where(_of(number), send.c.state == "held"))
        later = max(now - first, timedelta()) if first is not None else later
    drafts.turn(connection, number, (row.state,), "running", stopped_by=by, end_at=row.end_at and row.end_at + later)
    return ledger.release(connection, _of(number), later)


def cancel(connection: sa.Connection, number: int, by: str, now: datetime) -> int:
    """End a campaign for good; how many people do not get it any more. Raises Conflict."""
    before = ("draft", "scheduled", "unconfirmed", "running", "paused")
    drafts.turn(connection, number, before, "cancelled", stopped_by=by, finished_at=now)
    return len(ledger.drop(connection, _of(number), f"the campaign was cancelled by {by}", now))


def finish(connection: sa.Connection, now: datetime) -> Sequence[int]:
    """End every running campaign of which nothing is left to send; which these are."""
    running = connection.execute(sa.select(campaign).where(campaign.c.state == "running")).all()
    ready = [row for row in running if not _unsent(connection, row.id)]
    for row in ready:
        reached = connection.scalar(
            sa.select(sa.func.count())
            .select_from(send)
            .where(_of(row.id), send.c.state == "sent", send.c.kind != Kind.TEST.value)
        )
        steps = [*row.waterfall, ["reached", int(reached or 0)]]
        drafts.turn(connection, row.id, ("running",), "done", finished_at=now, waterfall=steps)
    return [row.id for row in ready]


def hold_late(connection: sa.Connection, looked_at: datetime | None, now: datetime) -> Sequence[int]:
    """After a time in which nobody looked, hold the running campaigns whose people have waited beyond the late limit.

    `looked_at` is when somebody last did. A person resumes or cancels them: nothing old goes out by itself.
    """
    if looked_at is None:
        return ()
    held = []
    for row in connection.execute(sa.select(campaign).where(campaign.c.state == "running")).all():
        limit = timedelta(minutes=row.late_minutes)
        overdue = sa.exists().where(_of(row.id), send.c.state == "due", send.c.due_at < now - limit)
        if now - looked_at > limit and connection.scalar(sa.select(overdue)):
            drafts.turn(connection, row.id, ("running",), "unconfirmed")
            ledger.hold(connection, _of(row.id), _NEEDS_WORD)
            held.append(row.id)
    return held


def stop_all(connection: sa.Connection, by: str, now: datetime) -> None:
    """Stop all sending until `allow_all`: campaigns, chains, digests, incidents, tests."""
    upsert(connection, push_switch, name=STOPPED, by=by, at=now)


def allow_all(connection: sa.Connection) -> None:
    """Let everything go on."""
    connection.execute(sa.delete(push_switch).where(push_switch.c.name == STOPPED))


def _due(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return campaign.c.state == "scheduled", campaign.c.start_at <= now


def _unsent(connection: sa.Connection, number: int) -> bool:
    # From the last one on: what is not sent yet is mostly there.
    query = sa.select(send.c.id).where(_of(number), send.c.state.in_(_OPEN), send.c.kind != Kind.TEST.value)
    return connection.scalar(query.order_by(send.c.id.desc()).limit(1)) is not None


def _of(number: int) -> sa.ColumnElement[bool]:
    return send.c.campaign == number
