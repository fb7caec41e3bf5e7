"""Web push in the worker: the tick that looks what is to be started, and the runs that send what is due.

There is one chain of runs at a time. Each tick begins a new one by writing its mark; a run that finds another mark than
its own when its time is up does not ask for the next.
"""

import time
from datetime import datetime
from uuid import uuid4

import sqlalchemy as sa

from deskside.store import cursors
from deskside.store.database import reading, utc_now
from jobs import messages
from jobs.clock import NODE
from jobs.context import Context
from jobs.engine.tasks import Run, Settle, task
from push.campaigns import control
from push.sending import facts, ledger, recovery
from push.sending.gates import manners
from push.sending.run import Sending, run_batch
from push.settings import PushSettings

TICK_SECONDS = 15
RUN_SECONDS = 10.0
LANE = "push"
# Below the looks at tickets: whoever waits for an agent comes first.
PRIORITY = -10
_LOOKED, _MARK = "push.looked", "push.mark"


@task("push.tick", max_attempts=1)
def tick(run: Run) -> Settle | None:
    """Start what is due, hold what is late, recover what a dead worker left; then have sent what is due."""
    context: Context = run.context
    if context.push is None:
        return None
    now = utc_now()
    look(context, context.push, now)
    with reading(context.database) as connection:
        if not ledger.anything_due(connection, now):
            return None
    return lambda connection: send_soon(context, connection)


@task("push.send", max_attempts=1)
def send(run: Run, mark: str) -> Settle | None:
    """Send for some seconds what is due; while more is, and no newer chain of runs has begun, go on."""
    context: Context = run.context
    sending = sending_of(context)
    if sending is None:
        return None
    end = time.monotonic() + RUN_SECONDS
    claimed = 1
    while claimed and time.monotonic() < end and not context.stopping.is_set():
        claimed = run_batch(sending)
    if not claimed:
        return None

    def settle(connection: sa.Connection) -> None:
        if cursors.get(connection, _MARK) == mark:
            context.engine.enqueue(connection, "push.send", lane=LANE, priority=PRIORITY, mark=mark)

    return settle


def send_soon(context: Context, connection: sa.Connection) -> None:
    """Have sent what is due, with the commit of this transaction instead of at the next tick."""
    mark = uuid4().hex
    cursors.put(connection, _MARK, mark)
    context.engine.enqueue(connection, "push.send", lane=LANE, priority=PRIORITY, mark=mark)


def look_soon(context: Context, connection: sa.Connection) -> None:
    """Have the tick look, with the commit of this transaction, what is to be started and sent."""
    if context.push is not None:
        context.engine.enqueue(connection, "push.tick", lane="clock:push")


def look(context: Context, settings: PushSettings, now: datetime) -> None:
    """Bring all campaigns and leases to what they should be at this instant."""
    with context.database.begin() as connection:
        if facts.stopped_by(connection) is not None:
            # Time that passes while everything is stopped is time in which nobody looked.
            return
        control.hold_late(connection, _instant(cursors.get(connection, _LOOKED)), now)
        cursors.put(connection, _LOOKED, now.isoformat())
        while recovery.recover(connection, messages.after(settings, context.digesting), now):
            pass
        recovery.believe(connection, now)
        control.finish(connection, now)
        waiting = control.anything_to_start(connection, now)
    while waiting:
        # Each alone: what is wrong with one campaign is not in the way of the rest above.
        with context.database.begin() as connection:
            waiting = control.start_next(connection, manners(settings), now) is not None


def sending_of(context: Context) -> Sending | None:
    """What a run works with, None where push is switched off."""
    if context.push is None or context.fanout is None:
        return None
    return Sending(
        database=context.database,
        deliverer=context.fanout,
        manners=manners(context.push),
        messages_of=messages.messages_of(context.digesting),
        after=messages.after(context.push, context.digesting),
        now=utc_now,
        node=NODE,
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
