"""Starting, pausing and ending a chain: what it means for those inside."""

from datetime import datetime

import sqlalchemy as sa

from deskside.errors import Permanent
from deskside.store.database import Row
from deskside.store.push_tables import chain, enrollment, send
from push.chains import store

_ALLOWED = {
    store.ACTIVE: (store.DRAFT, store.PAUSED),
    store.PAUSED: (store.ACTIVE,),
    store.ARCHIVED: (store.DRAFT, store.ACTIVE, store.PAUSED),
}


_AGAIN = (
    sa.update(send)
    .where(send.c.id == sa.bindparam("row"))
    .values(
        state="due",
        reason="",
        due_at=sa.bindparam("at", type_=send.c.due_at.type),
        not_after=sa.bindparam("until", type_=send.c.not_after.type),
    )
)


def activate(connection: sa.Connection, chain_id: int) -> None:
    """Let people in. Raises Permanent."""
    _go(connection, chain_id, store.ACTIVE, paused_at=None)


def pause(connection: sa.Connection, chain_id: int, now: datetime, *, freezes: bool | None = None) -> None:
    """Send nothing and let nobody in until `resume`; what is planned is held. Raises Permanent.

    `freezes` says whether the pause stops the time of those inside; None leaves it as the chain has it.
    """
    _go(connection, chain_id, store.PAUSED, paused_at=now)
    if freezes is not None:
        connection.execute(sa.update(chain).where(chain.c.id == chain_id).values(freezes=freezes))
    hold(connection, chain_id)


def resume(connection: sa.Connection, chain_id: int, now: datetime) -> None:
    """Go on. Where the pause stopped time, everybody's next step moves by as long as it lasted; else what came due
    meanwhile is judged by its late limit. Raises Permanent.
    """
    row = _go(connection, chain_id, store.ACTIVE, paused_at=None)
    held = sa.and_(send.c.enrollment.in_(_inside(chain_id)), send.c.state == "held")
    if not row.freezes:
        connection.execute(sa.update(send).where(held).values(state="due", reason=""))
        return
    lasted = now - row.paused_at
    moved = [
        {"row": one.id, "at": one.due_at + lasted, "until": one.not_after and one.not_after + lasted}
        for one in connection.execute(sa.select(send.c.id, send.c.due_at, send.c.not_after).where(held))
    ]
    if moved:
        connection.execute(_AGAIN, moved)


def archive(connection: sa.Connection, chain_id: int, now: datetime) -> None:
    """End it for everybody; nothing of it is sent any more. Raises Permanent."""
    _go(connection, chain_id, store.ARCHIVED, paused_at=None)
    reason = "the chain was ended"
    connection.execute(
        sa.update(send)
        .where(send.c.enrollment.in_(_inside(chain_id)), send.c.state.in_(("due", "held")))
        .values(state="skipped", reason=reason, decided_at=now)
    )
    connection.execute(
        sa.update(enrollment)
        .where(enrollment.c.chain == chain_id, enrollment.c.state == "active")
        .values(state="exited", exit_reason=reason, left_at=now)
    )


def hold(connection: sa.Connection, chain_id: int) -> None:
    """Keep what is planned for those inside from coming due."""
    connection.execute(
        sa.update(send)
        .where(send.c.enrollment.in_(_inside(chain_id)), send.c.state == "due")
        .values(state="held", reason="the chain is paused")
    )


def _inside(chain_id: int) -> sa.Select[tuple[int]]:
    return sa.select(enrollment.c.id).where(enrollment.c.chain == chain_id)


def _go(connection: sa.Connection, chain_id: int, state: str, *, paused_at: datetime | None) -> Row:
    """Put the chain into `state`; its row as it was before."""
    row = store.get(connection, chain_id, lock=True)
    if row is None:
        raise Permanent(f"there is no chain {chain_id}")
    if row.state not in _ALLOWED[state]:
        raise Permanent(f"the chain '{row.name}' is {row.state}")
    connection.execute(sa.update(chain).where(chain.c.id == chain_id).values(state=state, paused_at=paused_at))
    return row
