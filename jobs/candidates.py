"""Drafts of articles that are missing: the question and the answer of a ticket, read from its desk."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from deskside.errors import Permanent
from deskside.knowledge.search import candidates, coverage
from deskside.model.ticket import Reply
from deskside.ports import Correspondence
from deskside.store import tickets
from deskside.store.database import reading, utc_now
from jobs.context import Context
from jobs.engine.tasks import Run, Settle, task


def ask(context: Context, desk: str, ticket_id: str, by: str) -> bool:
    """Note that no article answers a ticket, and have a draft made of it; false when one was asked for before."""
    now = utc_now()
    with context.database.begin() as connection:
        row = tickets.get(connection, desk, ticket_id)
        if row is None:
            return False
        coverage.missing(connection, desk, ticket_id, row.subject, now)
        number = candidates.ask(connection, desk, ticket_id, row.subject, by, now)
        if number is None:
            return False
        context.engine.enqueue(connection, "knowledge.candidate", lane=f"candidate:{desk}:{ticket_id}", number=number)
    return True


def _dead(connection: sa.Connection, error: str, args: dict[str, Any]) -> None:
    candidates.failed(connection, args["number"], error)


@task("knowledge.candidate", max_attempts=10, on_dead=_dead)
def candidate(run: Run, number: int) -> Settle | None:
    """Read what was said on the ticket, in public, and keep the first question and the last answer."""
    context: Context = run.context
    with reading(context.database) as connection:
        row = candidates.get(connection, number)
    if row is None or row.state != candidates.ASKED:
        return None
    desk = context.desk(row.desk)
    if not isinstance(desk, Correspondence):
        raise Permanent(f"{desk.title} does not tell what was said on a ticket")
    ticket = desk.read_ticket(row.ticket_id)
    replies = desk.replies(row.ticket_id)
    question = next((reply.text for reply in replies if not reply.from_agent and reply.text), ticket.text)
    answer = _last_answer(replies)
    return lambda connection: candidates.fill(connection, number, ticket.subject, question, answer, ticket.language)


def _last_answer(replies: Sequence[Reply]) -> str:
    """The last public word of our side; empty while there is none."""
    return next((reply.text for reply in reversed(replies) if reply.from_agent and reply.text), "")
