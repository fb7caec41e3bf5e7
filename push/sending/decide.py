"""The decision over a claimed batch, in the transaction of its claim: gates, and the slots of the caps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from deskside.store.database import Row
from push.model import Kind, Person
from push.sending import caps, facts
from push.sending.caps import Slot
from push.sending.ending import finish
from push.sending.facts import Known
from push.sending.gates import Defer, Manners, Send, Skip, judge
from push.sending.ledger import Change
from push.sending.messages import After, Message, MessagesOf, Settled, settled


@dataclass(frozen=True, slots=True)
class Approved:
    """A send that may go out now, until `expires`."""

    row: Row
    message: Message
    person: Person
    expires: datetime


def decide(
    connection: sa.Connection,
    rows: Sequence[Row],
    messages_of: MessagesOf,
    after: After,
    manners: Manners,
    now: datetime,
) -> list[Approved]:
    """What of these claimed rows may go out; the others are deferred or skipped, each with its reason."""
    ids = {row.subscriber for row in rows}
    known = Known(connection, ids, manners, now)
    messages = messages_of(connection, rows)
    approved: list[Approved] = []
    objections: list[tuple[Row, Defer | Skip]] = []
    waiting = list(rows)
    while waiting:
        allowed, refused, slots = _judge(known, messages, waiting)
        objections += refused
        taken = caps.take(connection, slots)
        beaten = {slot.send for slot in slots} - taken
        approved += [one for one in allowed if one.row.id not in beaten]
        waiting = [one.row for one in allowed if one.row.id in beaten]
        if waiting:
            # Somebody else gave them something at this moment: what the gates say is another now.
            known.slots |= caps.of(connection, {row.subscriber for row in waiting}, now - facts.SLOTS_BACK)
    refuse(connection, objections, after, now)
    return approved


def refuse(
    connection: sa.Connection, objections: Sequence[tuple[Row, Defer | Skip]], after: After, now: datetime
) -> None:
    """Defer or skip these rows; who is skipped gives the slot back."""
    changes: list[Change] = []
    ended: list[Settled] = []
    for row, found in objections:
        if isinstance(found, Defer):
            changes.append(Change(row.id, row.owner, "due", found.reason, found.until))
            continue
        # One of its browsers may have had it already.
        state = "sent" if row.sent_at is not None else "skipped"
        changes.append(Change(row.id, row.owner, state, found.reason))
        ended.append(settled(row, state, found.reason, now))
    finish(connection, changes, ended, after, now)


def _judge(
    known: Known, messages: Mapping[int, Message], rows: Sequence[Row]
) -> tuple[list[Approved], list[tuple[Row, Defer | Skip]], list[Slot]]:
    allowed: list[Approved] = []
    refused: list[tuple[Row, Defer | Skip]] = []
    slots: list[Slot] = []
    for row in rows:
        message, person = messages.get(row.id), known.people.get(row.subscriber)
        if message is None or person is None:
            refused.append((row, Skip("its message is gone" if person else "the person is gone")))
            continue
        found = known.facts(message, Kind(row.kind), person.id, row.not_after, row.id)
        decision = judge(found)
        if not isinstance(decision, Send):
            refused.append((row, decision))
            continue
        allowed.append(Approved(row, message, person, decision.expires))
        theirs = known.slots[person.id]
        if found.courteous and not found.granted:
            number = theirs.free(found.week, found.cap)
            if number is None:
                raise AssertionError("the gate of the cap let a full week pass")
            slot = Slot(person.id, found.week, number, row.id, known.now)
            # The next one for the same person in this batch sees it.
            theirs.take(slot)
            slots.append(slot)
    return allowed, refused, slots
