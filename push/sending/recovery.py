"""What a worker that died has left: what certainly did not leave is due again, the rest is judged by its kind.

A courteous message that may have left is never sent again by itself: it is listed as unknown until its browser reports
it or a person settles it. An insistent one is sent again, and replaces the first in the browser.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa

from deskside.store.database import Row
from deskside.store.push_tables import push, send
from push.model import INSISTENT, Kind
from push.sending import caps, ledger
from push.sending.ending import finish
from push.sending.ledger import Change
from push.sending.messages import After, Settled, settled
from push.sending.outcome import of_send

_OPEN = sa.text("send.state IN ('claimed', 'sending')")
_UNKNOWN = sa.text("push.state = 'unknown'")
_DIED = "the worker died before it was known whether it left"


def recover(connection: sa.Connection, after: After, now: datetime, limit: int = 1000) -> int:
    """Settle what was left behind by leases that ran out; how many sends that were."""
    expired = sa.select(send).where(_OPEN, send.c.lease_until < now).order_by(send.c.lease_until).limit(limit)
    rows = connection.execute(expired.with_for_update(skip_locked=True)).all()
    if not rows:
        return 0
    left = [row for row in rows if row.state == "sending"]
    insisting = [row.id for row in left if Kind(row.kind) in INSISTENT]
    _turn(connection, insisting, "again", now)
    _turn(connection, [row.id for row in left if row.id not in set(insisting)], "unknown", now)
    states = _states(connection, [row.id for row in left])
    changes = [
        Change(row.id, row.owner, "due", "the worker died before it left") for row in rows if row.state == "claimed"
    ]
    ended: list[Settled] = []
    for row in left:
        ending = of_send(Kind(row.kind), states[row.id], _DIED, now, row.not_after, 0.0)
        accepted_at = now if "accepted" in states[row.id] else None
        changes.append(Change(row.id, row.owner, ending.state, ending.reason, ending.due_at, accepted_at))
        if ending.state != "due":
            ended.append(settled(row, ending.state, ending.reason, now))
    finish(connection, changes, ended, after, now)
    return len(rows)


def unknown(connection: sa.Connection, limit: int = 100, campaign: int | None = None) -> Sequence[Row]:
    """The copies of which nobody knows whether they arrived, the oldest first, with whose and of what they are.

    Of all, or of one campaign.
    """
    columns = (send.c.kind, send.c.campaign, send.c.enrollment, send.c.step_key, send.c.subscriber)
    query = sa.select(push.c.id, push.c.send, push.c.origin, push.c.tried_at, push.c.error, *columns)
    which = (_UNKNOWN,) if campaign is None else (_UNKNOWN, send.c.campaign == campaign)
    return connection.execute(
        query.join(send, send.c.id == push.c.send).where(*which).order_by(push.c.id).limit(limit)
    ).all()


def believe(connection: sa.Connection, now: datetime) -> int:
    """Settle as accepted what its browser reported after all; how many copies that were."""
    reported = sa.or_(push.c.shown_at.is_not(None), push.c.clicked_at.is_not(None), push.c.closed_at.is_not(None))
    seen = sa.update(push).where(_UNKNOWN, reported).values(state="accepted", settled_at=now)
    sends = connection.scalars(seen.returning(push.c.send)).all()
    _accept(connection, sends, "its browser reported it", now)
    return len(sends)


def settle_unknown(connection: sa.Connection, copies: Collection[int], as_: str, by: str, now: datetime) -> int:
    """Settle unknown copies as a person says: `accepted`, `failed`, or `again` to send them once more; how many."""
    if as_ not in ("accepted", "failed", "again"):
        raise ValueError(f"{as_} is nothing an unknown push can be settled as")
    settled_at = None if as_ == "again" else now
    chosen = sa.update(push).where(push.c.id.in_(copies), _UNKNOWN)
    sends = connection.scalars(chosen.values(state=as_, settled_at=settled_at).returning(push.c.send)).all()
    if as_ == "accepted":
        _accept(connection, sends, f"settled as arrived by {by}", now)
    else:
        _end(connection, sends, as_, by, now)
    return len(sends)


def _end(connection: sa.Connection, sends: Collection[int], as_: str, by: str, now: datetime) -> None:
    chosen = sa.update(send).where(send.c.id.in_(sends))
    if as_ == "again":
        # Also of one that arrived at another browser.
        values = {"state": "due", "reason": f"sent again by {by}"[: ledger.REASON_LENGTH], "due_at": now}
        connection.execute(chosen.where(send.c.state.in_(["unknown", "sent"])).values(values))
        return
    values = {"state": "failed", "reason": f"settled as lost by {by}"[: ledger.REASON_LENGTH], "decided_at": now}
    ended = chosen.where(send.c.state == "unknown").values(values).returning(send.c.id)
    caps.give_back(connection, connection.scalars(ended).all())


def _accept(connection: sa.Connection, sends: Collection[int], reason: str, now: datetime) -> None:
    values = {"state": "sent", "reason": reason[: ledger.REASON_LENGTH], "sent_at": send.c.decided_at}
    still = sa.and_(send.c.id.in_(sends), send.c.state == "unknown")
    connection.execute(sa.update(send).where(still).values(values))


def _turn(connection: sa.Connection, sends: Collection[int], state: str, now: datetime) -> None:
    if sends:
        was = sa.and_(push.c.send.in_(sends), push.c.state == "sending")
        values = {"state": state, "error": _DIED, "settled_at": None if state == "again" else now}
        connection.execute(sa.update(push).where(was).values(values))


def _states(connection: sa.Connection, sends: Collection[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    if sends:
        for number, state in connection.execute(sa.select(push.c.send, push.c.state).where(push.c.send.in_(sends))):
            found[number].append(state)
    return found
