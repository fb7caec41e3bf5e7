"""What the index knows of articles: entries, one for each language that readers see, and their terms."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from deskside import text as foreign
from deskside.knowledge.search import bm25, corpus, tokens
from deskside.markup import plain
from deskside.model.article import Article
from deskside.store.database import Row
from deskside.store.knowledge_tables import kb_entry, kb_term

_ENTRY = kb_entry.c
# How many terms a text and a title have in most help centres.
_USUAL_LENGTH = 300
_USUAL_TITLE_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Face:
    """What the index knows of an entry besides its text. While all of it is the same, the entry needs no `put`."""

    edited_at: str
    public: bool
    url: str
    tokeniser: str = tokens.VERSION


def put(
    connection: sa.Connection,
    target: str,
    article: Article,
    now: datetime,
    address: Callable[[str, str], str] | None = None,
) -> None:
    """Make the index say what readers of this article see: its languages that are no drafts, and no others.

    Only a text that changed is read for its terms again. `address` is the target's `url`, which knows an address for
    each language; without it all languages have the one of the article.
    """
    shown = {language: text for language, text in article.texts.items() if not text.draft}
    there = {row.language: row for row in connection.execute(_of(target, article.id))}
    for language in there.keys() - shown.keys():
        _remove(connection, target, article.id, language)
    for language, text in shown.items():
        url = address(article.id, language) if address else article.url
        title, body = foreign.clean(text.title), foreign.clean(plain.text(text.html))
        values = {
            "title": title,
            "url": url,
            "public": article.public,
            "edited_at": text.edited_at,
            "indexed_hash": _hash(title, body),
            "tokeniser": tokens.VERSION,
        }
        before = there.get(language)
        if before is None or any(getattr(before, name) != values[name] for name in ("indexed_hash", "tokeniser")):
            key = {"target": target, "article_id": article.id, "language": language}
            _index(connection, key, {**values, "indexed_at": now}, body)
        elif any(getattr(before, name) != value for name, value in values.items()):
            connection.execute(sa.update(kb_entry).where(_ENTRY.id == before.id).values(**values))
            if before.public != article.public:
                terms = sa.update(kb_term).where(kb_term.c.entry == before.id)
                connection.execute(terms.values(public=article.public))


def remove(connection: sa.Connection, target: str, article_id: str) -> None:
    """Forget an article that readers no longer see; one that is not known is no error."""
    for row in connection.execute(_of(target, article_id)).all():
        _remove(connection, target, article_id, row.language)


def known(connection: sa.Connection, target: str) -> Mapping[tuple[str, str], str]:
    """`edited_at` of everything the index knows of a target, by article id and language."""
    rows = connection.execute(
        sa.select(_ENTRY.article_id, _ENTRY.language, _ENTRY.edited_at).where(_ENTRY.target == target)
    )
    return {(row.article_id, row.language): row.edited_at for row in rows}


def faces(connection: sa.Connection, target: str) -> Mapping[tuple[str, str], Face]:
    """What the index knows of a target without its texts, by article id and language."""
    columns = (_ENTRY.article_id, _ENTRY.language, _ENTRY.edited_at, _ENTRY.public, _ENTRY.url, _ENTRY.tokeniser)
    rows = connection.execute(sa.select(*columns).where(_ENTRY.target == target))
    return {(row.article_id, row.language): Face(*row[2:]) for row in rows}


def get(connection: sa.Connection, entry: int) -> Row | None:
    """An entry without its text, or None."""
    columns = (column for column in kb_entry.columns if column.name != "text")
    return connection.execute(sa.select(*columns).where(_ENTRY.id == entry)).first()


def _index(connection: sa.Connection, key: Mapping[str, str], values: Mapping[str, Any], body: str) -> None:
    corpus.lock(connection)
    title_terms, body_terms = Counter(tokens.terms(values["title"])), Counter(tokens.terms(body))
    lengths = {"length": body_terms.total(), "title_length": title_terms.total()}
    entry = _write(connection, key, {**values, **lengths, "text": body})
    connection.execute(sa.delete(kb_term).where(kb_term.c.entry == entry))
    rows = [
        {
            "entry": entry,
            "term": term,
            "count": body_terms[term],
            "title_count": title_terms[term],
            "level": _level(body_terms[term], title_terms[term], **lengths),
            "public": values["public"],
        }
        for term in sorted(title_terms.keys() | body_terms.keys())
    ]
    if rows:
        connection.execute(sa.insert(kb_term), rows)
    corpus.changed(connection)


def _level(count: int, title_count: int, length: int, title_length: int) -> int:
    """How much an entry is about a term, in hundredths: BM25 without rarity, as if the average were always the same."""
    in_text = bm25.impact(count, length, _USUAL_LENGTH)
    return round(100 * (in_text + bm25.impact(title_count, title_length, _USUAL_TITLE_LENGTH)))


def _write(connection: sa.Connection, key: Mapping[str, str], values: Mapping[str, Any]) -> int:
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(kb_entry).values(**key, **values)
    changes = {name: statement.excluded[name] for name in values}
    written = statement.on_conflict_do_update(index_elements=list(key), set_=changes).returning(_ENTRY.id)
    return int(connection.execute(written).scalar_one())


def _remove(connection: sa.Connection, target: str, article_id: str, language: str) -> None:
    corpus.lock(connection)
    connection.execute(
        sa.delete(kb_entry).where(_ENTRY.target == target, _ENTRY.article_id == article_id, _ENTRY.language == language)
    )
    corpus.changed(connection)


def _of(target: str, article_id: str) -> sa.Select[tuple[object, ...]]:
    columns = (_ENTRY.id, _ENTRY.language, _ENTRY.title, _ENTRY.url, _ENTRY.public, _ENTRY.edited_at)
    return sa.select(*columns, _ENTRY.indexed_hash, _ENTRY.tokeniser).where(
        _ENTRY.target == target, _ENTRY.article_id == article_id
    )


def _hash(title: str, body: str) -> str:
    return hashlib.sha256(f"{title}\0{body}".encode()).hexdigest()
