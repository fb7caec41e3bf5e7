"""Every wait of every ticket, kept when it ends: what the estimates, the charts and the back-test learn from."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from deskside.store import queue
from deskside.store.database import Row, insert_new
from deskside.store.tables import queue_entry, ticket, turn


def end(
    connection: sa.Connection, row: Row, *, served_at: datetime, waited: int, agent_id: str, replied_at: datetime
) -> bool:
    """Keep that the wait of this ticket ended; `row` is its row from before, still in the queue.

    `waited` is in working seconds. False when this turn was kept already.
    """
    return insert_new(
        connection,
        turn,
        desk=row.desk,
        ticket_id=row.ticket_id,
        number=row.turns + 1,
        pool=row.pool,
        calendar=row.calendar,
        client_id=row.client_id,
        band=row.band,
        contributions=row.contributions,
        model=row.model,
        arrived_at=row.arrived_at,
        arrived=row.arrived,
        key=row.key,
        head_start=row.head_start,
        shadow_key=row.shadow_key,
        served_at=served_at,
        waited=waited,
        overtaken=row.overtaken,
        position=queue.position(connection, row) - 1,
        shadow_position=_before_in_shadow(connection, row),
        agent_id=agent_id,
        due_at=row.due_at,
        replied_at=replied_at,
    )


def pool_names(connection: sa.Connection) -> tuple[str, ...]:
    """Every pool in which a ticket ever waited, by name."""
    return queue.names_in(connection, turn.c.pool)


def _before_in_shadow(connection: sa.Connection, row: Row) -> int | None:
    if row.shadow_key is None:
        return None
    earlier = sa.or_(
        ticket.c.shadow_key < row.shadow_key, sa.and_(ticket.c.shadow_key == row.shadow_key, ticket.c.id < row.id)
    )
    query = (
        sa.select(sa.func.count())
        .select_from(queue_entry.join(ticket, ticket.c.id == queue_entry.c.ticket))
        .where(queue_entry.c.pool == row.pool, earlier)
    )
    return int(connection.scalar(query) or 0)


def since(connection: sa.Connection, at: datetime) -> Sequence[Row]:
    """The waits that ended at `at` or later, in the order in which they ended."""
    return connection.execute(sa.select(turn).where(turn.c.served_at >= at).order_by(turn.c.served_at, turn.c.id)).all()
