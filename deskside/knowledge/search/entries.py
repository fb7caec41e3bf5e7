"""What the index knows of articles: entries, one for each language that readers see, and their terms."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from deskside import text as foreign
from deskside.knowledge.search import corpus, tokens
from deskside.markup import plain
from deskside.model.article import Article, ArticleText
from deskside.store.database import Row
from deskside.store.knowledge_tables import kb_entry, kb_term

_ENTRY = kb_entry.c
_ROWS_AT_ONCE = 1000


def put(connection: sa.Connection, target: str, article: Article, now: datetime) -> None:
    """Make the index say what readers of this article see: its languages that are no drafts, and no others.

    Only a text that changed is read for its terms again. `now` is when its target was asked.
    """
    shown = {language: text for language, text in article.texts.items() if not text.draft}
    there = {row.language: row for row in connection.execute(_of(target, article.id))}
    for language in there.keys() - shown.keys():
        _remove(connection, target, article.id, language)
    for language, text in shown.items():
        _put(connection, target, article, language, text, there.get(language))


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


def get(connection: sa.Connection, entry: int) -> Row | None:
    """An entry without its text, or None."""
    columns = (column for column in kb_entry.columns if column.name != "text")
    return connection.execute(sa.select(*columns).where(_ENTRY.id == entry)).first()


def _put(
    connection: sa.Connection, target: str, article: Article, language: str, text: ArticleText, before: Row | None
) -> None:
    title = foreign.clean(text.title)
    body = foreign.clean(plain.text(text.html))
    values = {
        "title": title,
        "url": article.url if before is None or not article.url == "" else before.url,
        "public": article.public,
        "edited_at": text.edited_at,
        "indexed_hash": _hash(title, body),
    }
    if before is not None and before.indexed_hash == values["indexed_hash"]:
        if any(getattr(before, name) != value for name, value in values.items()):
            connection.execute(sa.update(kb_entry).where(_ENTRY.id == before.id).values(**values))
        return
    corpus.lock(connection)
    title_terms, body_terms = Counter(tokens.terms(title)), Counter(tokens.terms(body))
    values |= {"text": body, "length": body_terms.total(), "title_length": title_terms.total()}
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(kb_entry).values(target=target, article_id=article.id, language=language, **values)
    written = statement.on_conflict_do_update(
        index_elements=["target", "article_id", "language"], set_={name: statement.excluded[name] for name in values}
    )
    entry = connection.execute(written.returning(_ENTRY.id)).scalar_one()
    connection.execute(sa.delete(kb_term).where(kb_term.c.entry == entry))
    rows = [
        {
            "term": term,
            "entry": entry,
            "count": body_terms[term],
            "title_count": title_terms[term],
            "length": values["length"],
            "title_length": values["title_length"],
        }
        for term in sorted(title_terms.keys() | body_terms.keys())
    ]
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        connection.execute(sa.insert(kb_term), rows[start : start + _ROWS_AT_ONCE])
    corpus.changed(connection)


def _remove(connection: sa.Connection, target: str, article_id: str, language: str) -> None:
    corpus.lock(connection)
    connection.execute(
        sa.delete(kb_entry).where(
            _ENTRY.target == target, _ENTRY.article_id == article_id, _ENTRY.language == language
        )
    )
    corpus.changed(connection)


def _of(target: str, article_id: str) -> sa.Select[tuple[object, ...]]:
    columns = (_ENTRY.id, _ENTRY.language, _ENTRY.title, _ENTRY.url, _ENTRY.public, _ENTRY.edited_at)
    return sa.select(*columns, _ENTRY.indexed_hash).where(_ENTRY.target == target, _ENTRY.article_id == article_id)


def _hash(title: str, body: str) -> str:
    return hashlib.sha256("\0".join((tokens.VERSION, title, body)).encode()).hexdigest()
