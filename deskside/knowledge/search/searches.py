"""What was asked of the index, and what was opened of its answers: new pairs to judge the ranking by."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from deskside import text
from deskside.knowledge.search.query import Hit
from deskside.store.database import Row, insert_new
from deskside.store.knowledge_tables import kb_click, kb_coverage, kb_entry, kb_search

# Who asked; TICKET is what Deskside asked by itself for a ticket.
AGENT, CLIENT, PROGRAM, TICKET = "agent", "client", "program", "ticket"
_LONGEST_KEPT = 500
_SEARCH = kb_search.c


def note(
    connection: sa.Connection,
    query: str,
    hits: Sequence[Hit],
    asked_by: str,
    now: datetime,
    *,
    language: str = "",
    desk: str = "",
    ticket_id: str = "",
) -> int:
    """Keep a question and its answers; its number, which links to the answers carry."""
    statement = sa.insert(kb_search).values(
        at=now,
        query=text.clean(query)[:_LONGEST_KEPT],
        language=text.clean(language)[:16],
        asked_by=asked_by,
        desk=desk,
        ticket_id=ticket_id,
        answers=[hit.entry for hit in hits],
    )
    return int(connection.execute(statement.returning(_SEARCH.id)).scalar_one())


def answer(connection: sa.Connection, search: int, entry: int) -> Row | None:
    """Address and publicity of an entry that was an answer to this question; None for anything else."""
    answers = connection.scalar(sa.select(_SEARCH.answers).where(_SEARCH.id == search))
    if entry not in (answers or ()):
        return None
    columns = (kb_entry.c.url, kb_entry.c.public)
    return connection.execute(sa.select(*columns).where(kb_entry.c.id == entry)).first()


def opened(connection: sa.Connection, search: int, entry: int, now: datetime) -> None:
    """Keep, once, that an answer was opened; where it was suggested for a ticket, that the ticket had an answer."""
    row = connection.execute(
        sa.select(_SEARCH.answers, _SEARCH.desk, _SEARCH.ticket_id).where(_SEARCH.id == search)
    ).first()
    if row is None or entry not in row.answers:
        return
    if not insert_new(connection, kb_click, search=search, entry=entry, rank=row.answers.index(entry) + 1, at=now):
        return
    if row.ticket_id:
        connection.execute(
            sa.update(kb_coverage)
            .where(
                kb_coverage.c.desk == row.desk,
                kb_coverage.c.ticket_id == row.ticket_id,
                kb_coverage.c.answer.in_(("none", "offered")),
            )
            .values(answer="opened")
        )


def purge(connection: sa.Connection, before: datetime) -> None:
    """Delete what was asked before this time, with what was opened of it."""
    connection.execute(sa.delete(kb_search).where(_SEARCH.at < before))
