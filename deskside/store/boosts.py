"""Places in the queue that clients pay for: asked for, paid, given, taken back."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from deskside.model.boost import BoostState, Offer
from deskside.store.database import Row, utc_now
from deskside.store.tables import boost, ticket

# So long a place that was asked for is kept free of others: long enough to pay an invoice.
RESERVED = timedelta(minutes=30)
# So long the poll looks at what seems to be over: money may still come, or be on its way.
LINGER = timedelta(days=1)

OPEN = (BoostState.ASKED, BoostState.INVOICED)
# Money that comes for one of these buys the place, or goes back.
PAYABLE = (*OPEN, BoostState.CANCELLED, BoostState.REVOKED)


def ask(connection: sa.Connection, row: Row, offer: Offer, *, by: str, at: datetime) -> str:
    """Write down that somebody wants this for a ticket; its marker."""
    marker = f"boost-{secrets.token_hex(8)}"
    connection.execute(
        sa.insert(boost).values(
            marker=marker,
            desk=row.desk,
            ticket_id=row.ticket_id,
            turn=row.turns,
            client_id=row.client_id,
            kind=offer.kind,
            price=str(offer.price),
            currency=offer.currency,
            state=BoostState.ASKED.value,
            place_before=offer.before,
            place_shown=offer.after,
            asked_by=by[:120],
            asked_at=at,
            changed_at=at,
        )
    )
    return marker


def get(connection: sa.Connection, marker: str, *, lock: bool = False) -> Row | None:
    """The row of a boost; with `lock` nobody else changes it in this transaction."""
    query = sa.select(boost).where(boost.c.marker == marker)
    return connection.execute(query.with_for_update() if lock else query).first()


def change(connection: sa.Connection, marker: str, state: BoostState | None = None, **values: Any) -> None:
    """Change some columns, and the state if one is given."""
    if state is not None:
        values |= {"state": state.value, "changed_at": utc_now()}
    connection.execute(sa.update(boost).where(boost.c.marker == marker).values(**values))


def invoiced(connection: sa.Connection, marker: str, invoice_id: str) -> None:
    """The invoice is written and waits for the payment."""
    state = sa.case((boost.c.state == BoostState.ASKED.value, BoostState.INVOICED.value), else_=boost.c.state)
    connection.execute(
        sa.update(boost)
        .where(boost.c.marker == marker)
        .values(invoice_id=invoice_id, state=state, changed_at=utc_now())
    )


def by_invoice(connection: sa.Connection, desk: str, invoice_id: str) -> str | None:
    """The marker of the boost this invoice is for; None for an invoice that is for something else."""
    found: str | None = connection.scalar(
        sa.select(boost.c.marker).where(boost.c.desk == desk, boost.c.invoice_id == invoice_id)
    )
    return found


def held(connection: sa.Connection, now: datetime, besides: str = "") -> Sequence[Row]:
    """Desk and client of the boosts that were asked for a moment ago and may still be paid for, but `besides`."""
    return connection.execute(
        sa.select(boost.c.desk, boost.c.client_id).where(
            _in(OPEN), boost.c.asked_at > now - RESERVED, boost.c.marker != besides
        )
    ).all()


def is_held(row: Row, now: datetime) -> bool:
    """Whether the place is still kept for whoever asked for this boost."""
    return row.state in OPEN and bool(row.asked_at > now - RESERVED)


def open_of(connection: sa.Connection, desk: str, ticket_id: str) -> Row | None:
    """The boost of this ticket that waits for its invoice or its payment."""
    return connection.execute(
        sa.select(boost).where(boost.c.desk == desk, boost.c.ticket_id == ticket_id, _in(OPEN)).limit(1)
    ).first()


def of_ticket(connection: sa.Connection, desk: str, ticket_id: str, limit: int = 20) -> Sequence[Row]:
    """The boosts of one ticket, newest first."""
    return connection.execute(
        sa.select(boost)
        .where(boost.c.desk == desk, boost.c.ticket_id == ticket_id)
        .order_by(boost.c.asked_at.desc(), boost.c.marker)
        .limit(limit)
    ).all()


def to_watch(connection: sa.Connection, desk: str, now: datetime) -> Sequence[str]:
    """The markers of the boosts whose invoice may have changed without our hearing of it."""
    waits = sa.exists().where(ticket.c.desk == boost.c.desk, ticket.c.ticket_id == boost.c.ticket_id, ticket.c.waiting)
    return connection.scalars(
        sa.select(boost.c.marker)
        .where(
            boost.c.desk == desk,
            sa.or_(
                _in((*OPEN, BoostState.RETURNING)),
                sa.and_(_in((BoostState.GRANTED,)), waits),
                sa.and_(
                    _in((BoostState.GRANTED, BoostState.CANCELLED, BoostState.REVOKED)),
                    boost.c.changed_at > now - LINGER,
                ),
            ),
        )
        .order_by(boost.c.asked_at)
    ).all()


def _in(states: Sequence[BoostState]) -> sa.ColumnElement[bool]:
    return boost.c.state.in_([state.value for state in states])
