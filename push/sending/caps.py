"""How many courteous messages a person gets in a week: each takes a numbered slot, a row that can exist only once.

Taking a slot in the transaction that claims the send is what makes a cap hold when two campaigns run at once; counting
and then sending does not. Two who decide at once both want the lowest free number: one waits for the other's commit,
is beaten, and decides anew. So the newest slot also says truly when the person last got something.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from deskside.store.database import insert_all_new
from deskside.store.push_tables import cap_slot


@dataclass(slots=True)
class Slots:
    """What one person has taken: the numbers by week, when, and which sends have them."""

    numbers: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    last_at: datetime | None = None
    sends: set[int] = field(default_factory=set)

    def take(self, slot: "Slot") -> None:
        """Note that a slot was taken."""
        self.numbers[slot.week].add(slot.number)
        self.sends.add(slot.send)
        self.last_at = slot.at if self.last_at is None else max(self.last_at, slot.at)

    def free(self, week: str, cap: int) -> int | None:
        """The lowest free number of a week, None when the week is full."""
        return next((number for number in range(1, cap + 1) if number not in self.numbers[week]), None)


@dataclass(frozen=True, slots=True)
class Slot:
    """Number `number` of what a person may get in a week, taken by a send."""

    subscriber: int
    week: str
    number: int
    send: int
    at: datetime


def of(connection: sa.Connection, people: Collection[int], since: datetime) -> dict[int, Slots]:
    """What these people have taken since then."""
    found: dict[int, Slots] = {person: Slots() for person in people}
    query = sa.select(cap_slot).where(cap_slot.c.subscriber.in_(people), cap_slot.c.at >= since)
    for row in connection.execute(query):
        found[row.subscriber].take(Slot(row.subscriber, row.period, row.n, row.send, row.at))
    return found


def take(connection: sa.Connection, slots: Sequence[Slot]) -> set[int]:
    """Take these slots; the sends that got theirs. Who is missing was beaten to it."""
    rows = [
        {"subscriber": slot.subscriber, "period": slot.week, "n": slot.number, "send": slot.send, "at": slot.at}
        # In one order everywhere: two who insert the same slots wait for each other, not in a circle.
        for slot in sorted(slots, key=lambda slot: (slot.subscriber, slot.week, slot.number))
    ]
    return set(insert_all_new(connection, cap_slot, rows, cap_slot.c.send))


def give_back(connection: sa.Connection, sends: Collection[int]) -> None:
    """Free the slots of sends of which nothing was accepted."""
    if sends:
        connection.execute(sa.delete(cap_slot).where(cap_slot.c.send.in_(sends)))


def purge(connection: sa.Connection, before: datetime) -> None:
    """Forget slots of weeks long past."""
    connection.execute(sa.delete(cap_slot).where(cap_slot.c.at < before))
