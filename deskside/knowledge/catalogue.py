"""The documents, for the screens: found by their words, with where each of them stands. Only reads."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from deskside.knowledge import journal
from deskside.knowledge.overview import has_warnings
from deskside.store.database import Row
from deskside.store.knowledge_tables import kb_binding, kb_document, kb_entry, kb_journal

# What a list may be narrowed to.
ONLY = ("", "unpublished", "warned", "failed", "drafts", "missing")

_DOCUMENT, _BINDING, _ENTRY, _JOURNAL = kb_document.c, kb_binding.c, kb_entry.c, kb_journal.c
_KEPT = ("live", "draft")
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Published:
    """One language of a document on one target; `url` is empty where the index does not know the article."""

    binding: int
    target: str
    language: str
    article_id: str
    state: str
    decision: str
    error: str
    changed_at: datetime
    url: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A document in a list: the words of its first language, and all that is told of the others."""

    source: str
    id: str
    title: str
    path: tuple[str, ...]
    languages: tuple[str, ...]
    draft: bool
    missing_since: datetime | None
    warnings: int
    published: tuple[Published, ...]


def find(
    connection: sa.Connection, *, text: str = "", source: str = "", only: str = "", limit: int = 50, offset: int = 0
) -> list[Item]:
    """Documents by title, of all sources or of one: those with all words of `text` in title, path or id.

    `only` is one of ONLY: "unpublished" has no article on any target, "failed" an article that was refused.
    """
    keys = _keys(connection, text, source, only)[offset : offset + limit]
    return _items(connection, keys)


def source_names(connection: sa.Connection) -> Sequence[str]:
    """The sources that documents are known of, by name."""
    return connection.execute(sa.select(_DOCUMENT.source).distinct().order_by(_DOCUMENT.source)).scalars().all()


def languages(connection: sa.Connection, source: str, document: str) -> Sequence[Row]:
    """A document in each of its languages, the one it was written in first; empty when there is none."""
    rows = connection.execute(
        sa.select(kb_document).where(_DOCUMENT.source == source, _DOCUMENT.id == document).order_by(_DOCUMENT.language)
    ).all()
    return sorted(rows, key=lambda row: row.language != row.source_language)


def published(connection: sa.Connection, keys: Collection[Key]) -> Mapping[Key, Sequence[Published]]:
    """Where these documents stand, or stood."""
    found: dict[Key, list[Published]] = defaultdict(list)
    if not keys:
        return found
    entry = sa.and_(
        _ENTRY.target == _BINDING.target,
        _ENTRY.article_id == _BINDING.article_id,
        _ENTRY.language == _BINDING.language,
    )
    query = (
        sa.select(
            _BINDING.source,
            _BINDING.document,
            _BINDING.id,
            _BINDING.target,
            _BINDING.language,
            _BINDING.article_id,
            _BINDING.state,
            _BINDING.decision,
            _BINDING.error,
            _BINDING.changed_at,
            sa.func.coalesce(_ENTRY.url, ""),
        )
        .select_from(kb_binding.outerjoin(kb_entry, entry))
        .where(sa.tuple_(_BINDING.source, _BINDING.document).in_(sorted(keys)))
        .order_by(_BINDING.target, _BINDING.language)
    )
    for row in connection.execute(query):
        found[row[0], row[1]].append(Published(*row[2:]))
    return found


def history(connection: sa.Connection, source: str, document: str, limit: int) -> Sequence[Row]:
    """What was begun for a document on any target, newest first: articles by their marker, archiving by their id."""
    bound = sa.and_(_BINDING.source == source, _BINDING.document == document)
    made = sa.select(_BINDING.marker).where(bound, _BINDING.marker != "")
    archived = sa.and_(
        _JOURNAL.step == journal.ARCHIVE,
        sa.tuple_(_JOURNAL.target, _JOURNAL.key).in_(sa.select(_BINDING.target, _BINDING.article_id).where(bound)),
    )
    return connection.execute(
        sa.select(kb_journal)
        .where(sa.or_(_JOURNAL.marker.in_(made), archived))
        .order_by(_JOURNAL.id.desc())
        .limit(limit)
    ).all()


def _keys(connection: sa.Connection, text: str, source: str, only: str) -> list[Key]:
    """The documents that are meant, by title. Case is folded here: SQLite folds only ASCII."""
    columns = [
        _DOCUMENT.source,
        _DOCUMENT.id,
        _DOCUMENT.title,
        sa.case((_DOCUMENT.language == _DOCUMENT.source_language, 0), else_=1).label("rank"),
    ]
    words = text.casefold().split()
    if words:
        columns.append(_DOCUMENT.path)
    query = sa.select(*columns).order_by(_DOCUMENT.source, _DOCUMENT.id, sa.text("rank"), _DOCUMENT.language)
    if source:
        query = query.where(_DOCUMENT.source == source)
    if only in _ONLY:
        query = query.where(_ONLY[only])
    titles: dict[Key, str] = {}
    hits: set[Key] = set()
    for row in connection.execute(query):
        key = row.source, row.id
        titles.setdefault(key, row.title.casefold())
        if words:
            said = " ".join((row.title, row.id, *row.path)).casefold()
            if all(word in said for word in words):
                hits.add(key)
    return sorted(hits if words else titles, key=lambda key: (titles[key], key))


def _items(connection: sa.Connection, keys: Sequence[Key]) -> list[Item]:
    if not keys:
        return []
    columns = ("source", "id", "language", "source_language", "title", "path", "draft", "missing_since", "warnings")
    rows = connection.execute(
        sa.select(*(_DOCUMENT[name] for name in columns))
        .where(sa.tuple_(_DOCUMENT.source, _DOCUMENT.id).in_(sorted(keys)))
        .order_by(_DOCUMENT.language)
    )
    texts: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        texts[row.source, row.id].append(row)
    where = published(connection, keys)
    return [_item(key, texts[key], where.get(key, ())) for key in keys if key in texts]


def _item(key: Key, texts: Sequence[Row], where: Sequence[Published]) -> Item:
    first = next((row for row in texts if row.language == row.source_language), texts[0])
    return Item(
        *key,
        title=first.title,
        path=tuple(first.path),
        languages=tuple(row.language for row in texts),
        draft=all(row.draft for row in texts),
        missing_since=first.missing_since,
        warnings=sum(len(row.warnings) for row in texts),
        published=tuple(where),
    )


def _bound(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.exists().where(_BINDING.source == _DOCUMENT.source, _BINDING.document == _DOCUMENT.id, *conditions)


_ONLY = {
    "unpublished": ~_bound(_BINDING.state.in_(_KEPT)),
    "warned": has_warnings(),
    "failed": _bound(_BINDING.error != ""),
    "drafts": _DOCUMENT.draft,
    "missing": _DOCUMENT.missing_since.is_not(None),
}
