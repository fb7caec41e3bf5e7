"""The sources, and what becomes of what they bring.

What was seen is written down before anything else happens with it, in the transaction that moves the cursor: a worker
that dies in between looks again and finds the same things new. The first look is a baseline: whatever is there then
was there before us, and is not news.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from deskside.model.digest import Entry, Found
from deskside.store.database import Row, insert_new
from deskside.store.push_tables import candidate, digest_source
from push.digests import identity, options
from push.digests.identity import Identity

NEW, USED, OLD = "new", "used", "old"
_LONGEST_ERROR = 200


def add(connection: sa.Connection, kind: str, name: str, checked: Mapping[str, Any]) -> int:
    """A new source with options that `options.check` let through; its name must be unique."""
    row = digest_source.insert().values(kind=kind, name=name, options=dict(checked)).returning(digest_source.c.id)
    return int(connection.execute(row).scalar_one())


def change(connection: sa.Connection, source_id: int, checked: Mapping[str, Any], *, active: bool) -> None:
    """Other options. Where these lead elsewhere, what is found there first is a baseline again."""
    row = get(connection, source_id)
    if row is None:
        return
    values: dict[str, Any] = {"options": dict(checked), "active": active}
    if dict(row.options).get("own") != dict(checked).get("own"):
        values |= {"baseline_at": None, "cursor": ""}
    connection.execute(digest_source.update().where(digest_source.c.id == source_id).values(**values))


def remove(connection: sa.Connection, source_id: int) -> None:
    """A source, with all its candidates."""
    connection.execute(digest_source.delete().where(digest_source.c.id == source_id))


def get(connection: sa.Connection, source_id: int) -> Row | None:
    """One source."""
    return connection.execute(digest_source.select().where(digest_source.c.id == source_id)).one_or_none()


def every(connection: sa.Connection, *, active: bool = False) -> Sequence[Row]:
    """All sources, or the active ones, by name."""
    query = digest_source.select().order_by(digest_source.c.name)
    return connection.execute(query.where(digest_source.c.active) if active else query).all()


def keep(connection: sa.Connection, source_id: int, found: Found, now: datetime) -> Sequence[int]:
    """Write down what a look brought, and the cursor; the ids of the candidates that are new.

    Entries of which guid, address or title is known are not new; what changed of a candidate that waits is taken over,
    but for its date, which publishers like to renew.
    """
    source = get(connection, source_id)
    if source is None:
        return ()
    told = options.read(source.options)
    known = _known(connection, source_id)
    fresh = identity.unseen(found.entries, known)
    state = NEW if source.baseline_at is not None else OLD
    _renew(connection, source_id, found.entries, told)
    ids = [row for entry in fresh if (row := _insert(connection, source_id, entry, told, state, now)) is not None]
    connection.execute(
        digest_source.update()
        .where(digest_source.c.id == source_id)
        .values(cursor=found.cursor, fetched_at=now, baseline_at=source.baseline_at or now, error="")
    )
    return ids if state == NEW else ()


def failed(connection: sa.Connection, source_id: int, error: str, now: datetime) -> None:
    """Keep why a look came to nothing; the cursor stays where it was."""
    connection.execute(
        digest_source.update()
        .where(digest_source.c.id == source_id)
        .values(error=error[:_LONGEST_ERROR], fetched_at=now)
    )


def _known(connection: sa.Connection, source_id: int) -> Sequence[Identity]:
    rows = connection.execute(
        sa.select(candidate.c.guid, candidate.c.url, candidate.c.title_hash).where(candidate.c.source == source_id)
    )
    return [Identity(row.guid, identity.canonical(row.url), row.title_hash) for row in rows]


def _insert(
    connection: sa.Connection, source_id: int, entry: Entry, told: options.Options, state: str, now: datetime
) -> int | None:
    own = identity.identify(entry)
    inserted = insert_new(
        connection,
        candidate,
        source=source_id,
        guid=own.guid,
        url=entry.url,
        title=entry.title,
        title_hash=own.title,
        summary=entry.summary,
        image=entry.image,
        language=(entry.language or told.language).lower()[:16],
        topic=told.topic_of(entry.section),
        section=entry.section[:120],
        author=entry.author[:120],
        published_at=min(entry.published_at, now),
        found_at=now,
        public=False,
        state=state,
    )
    if not inserted:
        return None
    return connection.scalar(
        sa.select(candidate.c.id).where(candidate.c.source == source_id, candidate.c.guid == own.guid)
    )


def _renew(connection: sa.Connection, source_id: int, entries: Sequence[Entry], told: options.Options) -> None:
    """Titles and summaries as they are now, found again by guid: a typo that was mended must not go out."""
    by_guid = {identity.identify(entry).guid: entry for entry in entries}
    waiting = connection.execute(
        candidate.select().where(candidate.c.source == source_id, candidate.c.state == NEW)
    ).all()
    for row in waiting:
        entry = by_guid.get(row.guid)
        # One whose address changed too may be another thing under a guid that is given again and again.
        if entry is None or identity.canonical(entry.url) != identity.canonical(row.url):
            continue
        values = {
            "title": entry.title,
            "title_hash": identity.title_hash(entry.title),
            "summary": entry.summary,
            "image": entry.image,
            "section": entry.section[:120],
            "topic": told.topic_of(entry.section),
        }
        if any(getattr(row, name) != value for name, value in values.items()):
            connection.execute(candidate.update().where(candidate.c.id == row.id).values(**values))
