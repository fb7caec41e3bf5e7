"""The repair of what no webhook told: the desk's listing of changes, read with a stored cursor."""

import logging
from datetime import timedelta

import sqlalchemy as sa

from deskside.model.ticket import Changes, Sighting
from deskside.store import cursors, tickets
from deskside.store.database import reading
from jobs.context import Context
from jobs.engine.tasks import Run, Settle, task

log = logging.getLogger(__name__)

# Between our request and the desk's own clock.
SLACK = timedelta(seconds=2)


@task("desk.reconcile", max_attempts=3)
def reconcile(run: Run, desk: str) -> Settle:
    """Read the next page of changes and look at every ticket that differs from what we know."""
    context: Context = run.context
    with reading(context.database) as connection:
        cursor = cursors.get(connection, desk)
    page = context.desk(desk).changes(cursor)

    def settle(connection: sa.Connection) -> None:
        _store(context, connection, desk, page)

    return settle


def _store(context: Context, connection: sa.Connection, desk: str, page: Changes) -> None:
    known = tickets.digests(connection, desk, [sighting.ticket_id for sighting in page.sightings])
    missed = [sighting for sighting in page.sightings if _missed(sighting, known.get(sighting.ticket_id))]
    for sighting in missed:
        context.engine.enqueue(
            connection,
            "ticket.refresh",
            lane=f"ticket:{desk}:{sighting.ticket_id}",
            desk=desk,
            ticket_id=sighting.ticket_id,
        )
    if missed:
        log.info("reconcile of %s found %d tickets that no webhook told of", desk, len(missed))
    cursors.put(connection, desk, page.cursor)
    if page.more:
        context.engine.enqueue(connection, "desk.reconcile", lane=f"clock:reconcile:{desk}", desk=desk)


def _missed(sighting: Sighting, known: tickets.Known | None) -> bool:
    if known is None:
        return sighting.status.waiting
    if sighting.digest != known.digest:
        return True
    # The same facts with a later time: a comment we did not hear of, unless it was our own writing.
    return sighting.updated_at > max(known.updated_at, known.own_write_at) + SLACK
