"""Articles that may answer a new ticket, looked up once from what its requester wrote."""

import sqlalchemy as sa

from deskside.knowledge.search import coverage, query
from deskside.model.ticket import Ticket
from deskside.store.database import reading, utc_now
from jobs.context import Context
from jobs.engine.tasks import Settle

MOST = 3
# The beginning says what a ticket is about; quoted mails and signatures come later.
_BEGINNING = 600
# Below this part of a perfect answer an article shares only words that every ticket has. Measured on the articles of
# arduino/help-center-content: tickets about other things reach 0.05 to 0.09, those that are answered 0.11 and more.
GOOD_ENOUGH = 0.1


def look_up(context: Context, ticket: Ticket) -> Settle:
    """Search for a ticket that waits and was never looked up; the function returned stores what was found."""
    if not ticket.status.waiting:
        return _nothing
    with reading(context.database) as connection:
        if coverage.known(connection, ticket.desk, ticket.id) is not None or not query.any_entries(connection):
            return _nothing
        question = f"{ticket.subject}\n{ticket.text[:_BEGINNING]}"
        found = query.find(connection, question, ticket.language, limit=MOST, synonyms=context.synonyms)
    hits = [hit for hit in found if hit.part >= GOOD_ENOUGH]
    now = utc_now()

    def settle(connection: sa.Connection) -> None:
        coverage.offer(connection, ticket.desk, ticket.id, ticket.subject, hits, now)

    return settle


def _nothing(connection: sa.Connection) -> None:
    """There is nothing to store."""
