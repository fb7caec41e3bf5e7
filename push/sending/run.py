"""One batch from claim to settlement. Whatever the moment it is killed at, nothing is sent twice by itself."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

import sqlalchemy as sa

from deskside.crash import crash_point
from deskside.errors import Permanent
from push.sending import contents, copies, facts, ledger
from push.sending.copies import Copy, Ready
from push.sending.decide import Approved, decide, refuse
from push.sending.gates import Manners, Skip
from push.sending.messages import After, Deliverer, MessagesOf
from push.sending.settle import Settlement
from push.wire.answer import Verdict
from push.wire.fanout import Outcome, Parcel

BATCH = 500
# How many outcomes are written at once: what is not written yet is unknown when the worker dies.
SETTLED_AT_ONCE = 100
# Longer than a batch may take; it is renewed with every writing.
LEASE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Sending:
    """What a run works with. `now` tells the time; `messages_of` and `after` are the makers' of messages."""

    database: sa.Engine
    deliverer: Deliverer
    manners: Manners
    messages_of: MessagesOf
    after: After
    now: Callable[[], datetime]
    node: str = ""


def run_batch(sending: Sending, limit: int = BATCH) -> int:
    """Claim up to `limit` sends that are due, decide, send, settle; how many were claimed."""
    now = sending.now()
    owner = f"{sending.node[:30]}:{uuid4().hex}"
    with sending.database.begin() as connection:
        if facts.stopped_by(connection) is not None:
            return 0
        rows = ledger.claim(connection, owner, now, limit, LEASE)
        if not rows:
            return 0
        approved = decide(connection, rows, sending.messages_of, sending.after, sending.manners, now)
    crash_point("push.claimed")
    ready, wordless = _words(approved, sending.manners.language)
    with sending.database.begin() as connection:
        started = _start(connection, approved, owner, sending.now())
        refuse(connection, [(one.row, skip) for one, skip in wordless if one.row.id in started], sending.after, now)
        batch = [one for one in ready if one.approved.row.id in started]
        written = copies.write(connection, batch, sending.now())
        settlement = Settlement([one.approved.row for one in batch], written.copies, written.standing)
        # What has no living browser any more is complete before it begins.
        settlement.settle(connection, (), sending.after, sending.now())
    crash_point("push.marked")
    _deliver(sending, owner, written.copies, settlement)
    return len(rows)


def _words(approved: Sequence[Approved], language: str) -> tuple[list[Ready], list[tuple[Approved, Skip]]]:
    ready: list[Ready] = []
    wordless: list[tuple[Approved, Skip]] = []
    for one in approved:
        try:
            ready.append(Ready(one, contents.words(one.message.variant, one.person, language)))
        except Permanent as error:
            wordless.append((one, Skip(str(error))))
    return ready, wordless


def _start(connection: sa.Connection, approved: Sequence[Approved], owner: str, now: datetime) -> set[int]:
    if facts.stopped_by(connection) is not None:
        # Stopped between the claim and now: nothing has left, and the next look gives it back.
        ledger.renew(connection, owner, now - LEASE)
        return set()
    return ledger.start(connection, owner, [one.row.id for one in approved], now, LEASE)


def _deliver(sending: Sending, owner: str, batch: Sequence[Copy], settlement: Settlement) -> None:
    unfit: list[Outcome] = []
    collected: list[Outcome] = []

    def parcels() -> Iterator[Parcel]:
        for copy in batch:
            now = sending.now()
            if copy.ready.approved.expires <= now:
                unfit.append(Outcome(copy.id, Verdict.INVALID, None, "its time ended while it waited to leave"))
                continue
            try:
                yield copies.parcel(copy, now, sending.manners.icon)
            except Permanent as error:
                unfit.append(Outcome(copy.id, Verdict.INVALID, None, str(error)))

    def write() -> None:
        done = [*unfit, *collected]
        unfit.clear()
        collected.clear()
        if done:
            now = sending.now()
            with sending.database.begin() as connection:
                settlement.settle(connection, done, sending.after, now)
                ledger.renew(connection, owner, now + LEASE)
            crash_point("push.settled")

    if batch:
        for outcome in sending.deliverer.deliver(parcels()):
            crash_point("push.answered")
            collected.append(outcome)
            if len(collected) >= SETTLED_AT_ONCE:
                write()
        write()
