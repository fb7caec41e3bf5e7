"""The journal: what is about to be made on a target is written before the request, what came of it after the answer.

An intent that has no end was killed, or its answer never came: what it made, if it did, is looked for by its marker
before anything is made again.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from deskside.store.database import upsert
from deskside.store.knowledge_tables import kb_journal, kb_upload

SECTION, ARTICLE, ASSET, ARCHIVE, REDIRECT = "section", "article", "asset", "archive", "redirect"
INTENT, DONE, FAILED = "intent", "done", "failed"

_JOURNAL = kb_journal.c


@dataclass(frozen=True, slots=True)
class Intent:
    """Something that was begun: `key` says what it is about, `marker` finds what it made."""

    id: int
    step: str
    key: str
    marker: str


def intend(
    connection: sa.Connection, plan: int | None, target: str, step: str, key: str, now: datetime, marker: str = ""
) -> int:
    """Write what is about to be made; the number of this entry."""
    written = connection.execute(
        sa.insert(kb_journal)
        .values(plan=plan, target=target, step=step, key=key, marker=marker, state=INTENT, at=now)
        .returning(_JOURNAL.id)
    )
    return int(written.scalar_one())


def done(connection: sa.Connection, entry: int, result: str, now: datetime) -> None:
    """Write what was made."""
    _end(connection, entry, DONE, result, now)


def failed(connection: sa.Connection, entry: int, why: str, now: datetime) -> None:
    """Write that nothing was made."""
    _end(connection, entry, FAILED, why, now)


def unfinished(connection: sa.Connection, target: str) -> list[Intent]:
    """What was begun on a target and has no end, oldest first."""
    rows = connection.execute(
        sa.select(_JOURNAL.id, _JOURNAL.step, _JOURNAL.key, _JOURNAL.marker)
        .where(_JOURNAL.target == target, _JOURNAL.state == INTENT)
        .order_by(_JOURNAL.id)
    )
    return [Intent(*row) for row in rows]


def results(connection: sa.Connection, target: str, step: str) -> dict[str, str]:
    """What was made last in steps of this kind, by key."""
    rows = connection.execute(
        sa.select(_JOURNAL.key, _JOURNAL.result)
        .where(_JOURNAL.target == target, _JOURNAL.state == DONE, _JOURNAL.step == step)
        .order_by(_JOURNAL.id)
    )
    return {row.key: row.result for row in rows}


def put_upload(connection: sa.Connection, target: str, sha256: str, reference: str, url: str, now: datetime) -> None:
    """Note that a target has taken a file."""
    upsert(connection, kb_upload, target=target, sha256=sha256, reference=reference, url=url, at=now)


def purge(connection: sa.Connection, before: datetime) -> None:
    """Delete what ended before this time, but for sections: their ids outlast their names."""
    connection.execute(
        sa.delete(kb_journal).where(_JOURNAL.state != INTENT, _JOURNAL.done_at < before, _JOURNAL.step != SECTION)
    )


def _end(connection: sa.Connection, entry: int, state: str, result: str, now: datetime) -> None:
    connection.execute(
        sa.update(kb_journal).where(_JOURNAL.id == entry).values(state=state, result=result, done_at=now)
    )
