"""What people may set in motion: each writes rows and returns; a worker does the rest."""

from datetime import timedelta

from deskside.model.effect import EffectKind
from deskside.store import effects, inbox, tickets
from deskside.store.database import utc_now
from jobs import budgets, outbox
from jobs.check import client_of, reason_of, targets_of
from jobs.context import Context
from jobs.deliveries import PRIORITY
from jobs.refresh import ACCESS_GIVEN, ask_for_check, new_request

BETWEEN_CHECKS = timedelta(minutes=1)


def check_again(context: Context, desk: str, ticket_id: str, asked_by: str) -> bool:
    """Ask for a fresh check.

    False when the ticket is unknown, when one was asked for less than a minute ago (of this ticket, or of the same
    server by another one), or when the looks of this minute are used up.
    """
    with context.database.begin() as connection:
        row = tickets.get(connection, desk, ticket_id)
        now = utc_now()
        if row is None or (row.check_asked_at and now - row.check_asked_at < BETWEEN_CHECKS):
            return False
        request = new_request()
        refusal = budgets.take(
            connection,
            context.budgets,
            client=client_of(row),
            targets=targets_of(row),
            asked_by=asked_by,
            reason=reason_of(row, request),
            now=now,
        )
        if refusal is not None:
            return False
        tickets.update(connection, desk, ticket_id, check_asked_at=now)
        ask_for_check(context, connection, desk, ticket_id, asked_by=asked_by, request=request)
    return True


def access_given(context: Context, desk: str, ticket_id: str) -> None:
    """Look at once with the access a client has just given: the link is used up, so nobody can ask so twice."""
    with context.database.begin() as connection:
        ask_for_check(context, connection, desk, ticket_id, asked_by=ACCESS_GIVEN)


def replay_delivery(context: Context, inbox_id: int) -> bool:
    """Handle a delivery again as if it had just come; its effects keep their keys, so nothing is sent twice."""
    with context.database.begin() as connection:
        row = inbox.get(connection, inbox_id)
        if row is None or row.state == "waiting":
            return False
        inbox.reopen(connection, inbox_id)
        lane = f"ticket:{row.source}:{row.ticket_id}" if row.ticket_id else None
        context.engine.enqueue(connection, "delivery.handle", lane=lane, priority=PRIORITY, inbox_id=inbox_id)
    return True


def replay_effect(context: Context, key: str) -> bool:
    """Send a dead effect again."""
    with context.database.begin() as connection:
        if not effects.replan(connection, key):
            return False
        row = effects.get(connection, key)
        assert row is not None
        outbox.enqueue(context, connection, key, row.desk, row.ticket_id, EffectKind(row.kind))
    return True
