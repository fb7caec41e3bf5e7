"""Articles that should be written: the question of a ticket and what an agent answered, ready to be edited."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import frontmatter
import sqlalchemy as sa

from deskside.store.database import Row, insert_new
from deskside.store.knowledge_tables import kb_candidate

# The desk is still to be read; ready; an article came of it; nobody wants one.
ASKED, OPEN, WRITTEN, DROPPED = "asked", "open", "written", "dropped"
_CANDIDATE = kb_candidate.c


def ask(connection: sa.Connection, desk: str, ticket_id: str, title: str, by: str, now: datetime) -> int | None:
    """Ask for an article about a ticket: its number; None when one was asked for already and is not dropped."""
    values = {"title": title, "state": ASKED, "error": "", "made_by": by, "made_at": now}
    row = of_ticket(connection, desk, ticket_id)
    if row is not None and row.state == DROPPED:
        connection.execute(sa.update(kb_candidate).where(_CANDIDATE.id == row.id).values(**values))
        return int(row.id)
    if row is not None or not insert_new(connection, kb_candidate, desk=desk, ticket_id=ticket_id, **values):
        return None
    return int(of_ticket(connection, desk, ticket_id).id)  # type: ignore[union-attr]


def fill(connection: sa.Connection, number: int, title: str, question: str, answer: str, language: str) -> None:
    """Keep what the desk told."""
    values = {"title": title, "question": question, "answer": answer, "language": language, "state": OPEN, "error": ""}
    connection.execute(
        sa.update(kb_candidate).where(_CANDIDATE.id == number, _CANDIDATE.state == ASKED).values(**values)
    )


def failed(connection: sa.Connection, number: int, error: str) -> None:
    """Keep why the desk told nothing; what was asked for stays in the list."""
    connection.execute(
        sa.update(kb_candidate)
        .where(_CANDIDATE.id == number, _CANDIDATE.state == ASKED)
        .values(state=OPEN, error=error)
    )


def settle(connection: sa.Connection, number: int, state: str) -> bool:
    """Say what became of one: WRITTEN or DROPPED; false when there is none that is open."""
    changed = connection.execute(
        sa.update(kb_candidate)
        .where(_CANDIDATE.id == number, _CANDIDATE.state.in_((ASKED, OPEN)))
        .values(state=state)
        .returning(_CANDIDATE.id)
    )
    return changed.first() is not None


def open(connection: sa.Connection, limit: int = 100) -> Sequence[Row]:
    """Those that nobody has settled yet, the newest first."""
    chosen = sa.select(kb_candidate).where(_CANDIDATE.state.in_((ASKED, OPEN)))
    return connection.execute(chosen.order_by(_CANDIDATE.id.desc()).limit(limit)).all()


def get(connection: sa.Connection, number: int) -> Row | None:
    """One candidate, or None."""
    return connection.execute(sa.select(kb_candidate).where(_CANDIDATE.id == number)).first()


def of_ticket(connection: sa.Connection, desk: str, ticket_id: str) -> Row | None:
    """The candidate that was asked for on a ticket, or None."""
    chosen = sa.select(kb_candidate).where(_CANDIDATE.desk == desk, _CANDIDATE.ticket_id == ticket_id)
    return connection.execute(chosen).first()


def markdown(row: Row) -> str:
    """A candidate as a file for a folder of articles: a draft, so that nothing is published before it is edited."""
    about: dict[str, Any] = {"id": f"{row.desk}-{row.ticket_id}", "title": row.title, "draft": True}
    if row.language:
        about["language"] = row.language
    body = f"{_quoted(row.question)}\n\n{_plain(row.answer)}".strip()
    return frontmatter.dumps(frontmatter.Post(body, **about)) + "\n"


def _plain(text: str) -> str:
    # What people wrote is text: nothing in it may become HTML.
    return text.strip().replace("&", "&amp;").replace("<", "&lt;")


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in _plain(text).splitlines())
