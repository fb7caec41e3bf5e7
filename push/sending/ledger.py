"""The ledger of sends: planned once, claimed with a lease, and brought to an end.

A send that is `due` may be claimed by anybody; a `claimed` one has not left and is due again when its lease runs out;
of a `sending` one nobody knows, once its worker is gone, whether it left (see `recovery`).
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from deskside.store.database import Row, insert_all_new
from deskside.store.push_tables import send
from push.model import Kind

# After this a send is of no use, where its maker does not say when.
LONGEST_USE = timedelta(days=14)
REASON_LENGTH = 200
_AT_ONCE = 5000

# Literally as in the indexes' own conditions: of a bound value no planner knows that the index holds it.
_DUE = sa.text("send.state = 'due'")
_URGENT = sa.text("send.state = 'due' AND send.kind IN ('service', 'incident', 'test')")


@dataclass(frozen=True, slots=True)
class NewSend:
    """A message for one person, to be sent once: two with the same `dedupe_key` are the same."""

    dedupe_key: str
    kind: Kind
    subscriber: int
    due_at: datetime
    not_after: datetime | None = None
    campaign: int | None = None
    enrollment: int | None = None
    step_key: str = ""
    variant: int = 0


def plan(connection: sa.Connection, sends: Sequence[NewSend]) -> int:
    """Write those that are new; how many were."""
    written = 0
    for start in range(0, len(sends), _AT_ONCE):
        rows = [
            {**asdict(new), "kind": new.kind.value, "not_after": new.not_after or new.due_at + LONGEST_USE}
            for new in sends[start : start + _AT_ONCE]
        ]
        written += len(insert_all_new(connection, send, rows, send.c.id))
    return written


def claim(connection: sa.Connection, owner: str, now: datetime, limit: int, lease: timedelta) -> list[Row]:
    """Up to `limit` rows that are due: first what cannot wait, then whatever is due longest.

    They are `owner`'s until the lease ends; two who claim at once never get the same row.
    """
    values = {"state": "claimed", "owner": owner, "lease_until": now + lease}
    claimed: list[Row] = []
    for which in (_URGENT, _DUE):
        if len(claimed) == limit:
            break
        picked = (
            sa.select(send.c.id)
            .where(which, send.c.due_at <= now)
            .order_by(send.c.due_at, send.c.id)
            .limit(limit - len(claimed))
        )
        if connection.dialect.name == "postgresql":
            picked = picked.with_for_update(skip_locked=True)
        chosen = picked.cte("picked")
        update = sa.update(send).where(send.c.id.in_(sa.select(chosen.c.id))).values(values).returning(*send.columns)
        claimed += connection.execute(update.execution_options(synchronize_session=False)).all()
    return sorted(claimed, key=lambda row: (row.due_at, row.id))


def anything_due(connection: sa.Connection, now: datetime) -> bool:
    """Whether there is anything to claim."""
    return bool(connection.scalar(sa.select(sa.exists(sa.select(send.c.id).where(_DUE, send.c.due_at <= now)))))


def next_due(connection: sa.Connection) -> datetime | None:
    """When the first send that waits is due."""
    found: datetime | None = connection.scalar(sa.select(sa.func.min(send.c.due_at)).where(_DUE))
    return found


def start(connection: sa.Connection, owner: str, ids: Collection[int], now: datetime, lease: timedelta) -> set[int]:
    """Mark as `sending` those that are still `owner`'s; who they are. Commit before anything leaves."""
    still = sa.and_(send.c.id.in_(ids), send.c.state == "claimed", send.c.owner == owner)
    values = {"state": "sending", "lease_until": now + lease, "attempts": send.c.attempts + 1, "decided_at": now}
    return set(connection.scalars(sa.update(send).where(still).values(values).returning(send.c.id)))


def renew(connection: sa.Connection, owner: str, until: datetime) -> None:
    """Keep what `owner` is sending theirs until then."""
    theirs = sa.and_(sa.text("send.state IN ('claimed', 'sending')"), send.c.owner == owner)
    connection.execute(sa.update(send).where(theirs).values(lease_until=until))


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a send that `owner` has; `due_at` only where it is due again, `sent_at` once it was accepted.

    Nothing does, when its lease ran out and somebody else has it by now.
    """

    id: int
    owner: str
    state: str
    reason: str
    due_at: datetime | None = None
    sent_at: datetime | None = None


_CHANGE = (
    sa.update(send)
    # Of what was given up as unknown more may be known by now.
    .where(
        send.c.id == sa.bindparam("row"),
        sa.or_(send.c.owner == sa.bindparam("whose"), send.c.state == "unknown"),
    )
    .values(
        state=sa.bindparam("to_state"),
        reason=sa.bindparam("why"),
        due_at=sa.func.coalesce(sa.bindparam("again_at", type_=send.c.due_at.type), send.c.due_at),
        sent_at=sa.func.coalesce(send.c.sent_at, sa.bindparam("accepted_at", type_=send.c.sent_at.type)),
        decided_at=sa.bindparam("at", type_=send.c.decided_at.type),
        owner="",
        lease_until=None,
    )
)


def change(connection: sa.Connection, changes: Sequence[Change], now: datetime) -> None:
    """Write what became of these, in one statement."""
    if not changes:
        return
    rows = [
        {
            "row": one.id,
            "whose": one.owner,
            "to_state": one.state,
            "why": one.reason[:REASON_LENGTH],
            "again_at": one.due_at,
            "accepted_at": one.sent_at,
            "at": now,
        }
        for one in changes
    ]
    connection.execute(_CHANGE, rows)


def hold(connection: sa.Connection, which: sa.ColumnElement[bool], reason: str) -> int:
    """Let what is due of these wait until `release`; how many. `which` is a condition over `push_tables.send`."""
    held = sa.update(send).where(send.c.state == "due", which).values(state="held", reason=reason[:REASON_LENGTH])
    return len(connection.execute(held.returning(send.c.id)).all())


def release(connection: sa.Connection, which: sa.ColumnElement[bool], later: timedelta = timedelta()) -> int:
    """Let what is held be due again, everything `later` by so much; how many. What is overdue is judged by its end."""
    rows = connection.execute(
        sa.select(send.c.id, send.c.due_at, send.c.not_after).where(send.c.state == "held", which)
    )
    changed = [
        {"row": row.id, "new_due": row.due_at + later, "new_end": row.not_after and row.not_after + later}
        for row in rows
    ]
    if changed:
        due, end = (
            sa.bindparam("new_due", type_=send.c.due_at.type),
            sa.bindparam("new_end", type_=send.c.not_after.type),
        )
        update = sa.update(send).where(send.c.id == sa.bindparam("row"))
        connection.execute(update.values(state="due", reason="", due_at=due, not_after=end), changed)
    return len(changed)


def drop(connection: sa.Connection, which: sa.ColumnElement[bool], reason: str, now: datetime) -> list[Row]:
    """Skip what has not begun of these, for this reason; their rows."""
    waiting = sa.update(send).where(send.c.state.in_(["due", "held"]), which)
    values = {"state": "skipped", "reason": reason[:REASON_LENGTH], "decided_at": now}
    return list(connection.execute(waiting.values(values).returning(*send.columns)))
