"""Moving a waiting ticket forward, because somebody paid for it, granted it, or has reason to complain."""

import sqlalchemy as sa

from deskside.store import moves, tickets, weights
from deskside.store.database import Row, reading, utc_now
from jobs import outbox
from jobs.context import Context


def move(
    context: Context,
    desk: str,
    ticket_id: str,
    kind: str,
    by: str,
    reason: str,
    *,
    dry_run: bool = False,
    expected: int | None = None,
) -> moves.Answer | None:
    """Move a ticket as `kind` (one of `moves.FORWARD`) says, write its new place to the desk, and log who and why.

    `dry_run` only says what would come of it. `expected` is the place that was shown to whoever decided: another one
    is refused. Nothing is changed either when the place would stay the same. None for a ticket that does not wait.
    """
    if dry_run:
        with reading(context.database) as connection:
            row = tickets.get(connection, desk, ticket_id)
            return _answer(context, connection, row, kind, expected) if row is not None and row.waiting else None
    with context.database.begin() as connection:
        weights.hold(connection)
        moves.lock(connection)
        row = tickets.get(connection, desk, ticket_id, lock=True)
        if row is None or not row.waiting:
            return None
        answer = _answer(context, connection, row, kind, expected)
        if answer.refused or not answer.prospect.helps:
            return answer
        clock, now = context.calendar(row.calendar), utc_now()
        moved = moves.make(
            connection, row, answer.prospect, by=by, reason=reason, at=now, clock=clock, caps=context.caps
        )
        outbox.plan_placement(context, connection, moved)
    return moves.Answer(answer.prospect, made=True)


def _answer(context: Context, connection: sa.Connection, row: Row, kind: str, expected: int | None) -> moves.Answer:
    clock, now = context.calendar(row.calendar), utc_now()
    prospect = moves.foresee(connection, row, kind, clock.seconds(now), context.caps)
    if expected is not None and prospect.after != expected:
        return moves.Answer(prospect, refused="changed")
    return moves.Answer(prospect, refused=moves.refusal(connection, row, now, clock))
