"""The articles that Deskside keeps itself, for signed-in people only: the local index as a target, and its files."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from deskside.model.article import Filing, Text
from deskside.store.database import Row, insert_new
from deskside.store.knowledge_tables import kb_file, kb_internal

_ARTICLE = kb_internal.c


def section_of(path: tuple[str, ...]) -> str:
    """The id of a section: the names on the way to it."""
    return json.dumps(path, ensure_ascii=False)


def path_of(section: str) -> tuple[str, ...]:
    """The names on the way to a section; see `section_of`."""
    return tuple(json.loads(section))


def sections(connection: sa.Connection, target: str) -> Sequence[str]:
    """The sections in which there are articles."""
    chosen = sa.select(_ARTICLE.section).where(_ARTICLE.target == target, ~_ARTICLE.archived).distinct()
    return connection.scalars(chosen.order_by(_ARTICLE.section)).all()


def listing(connection: sa.Connection, target: str) -> Sequence[Row]:
    """Every article that is not archived."""
    chosen = sa.select(kb_internal).where(_ARTICLE.target == target, ~_ARTICLE.archived)
    return connection.execute(chosen.order_by(_ARTICLE.id)).all()


def get(connection: sa.Connection, article_id: str, *, lock: bool = False) -> Row | None:
    """One article, archived or not; None for an id that is none."""
    if not article_id.isascii() or not article_id.isdigit() or len(article_id) > 18:
        return None
    chosen = sa.select(kb_internal).where(_ARTICLE.id == int(article_id))
    return connection.execute(chosen.with_for_update() if lock else chosen).first()


def find(connection: sa.Connection, target: str, marker: str) -> str | None:
    """The id of the article that was made with this marker, archived ones too."""
    found = connection.scalar(sa.select(_ARTICLE.id).where(_ARTICLE.target == target, _ARTICLE.marker == marker))
    return None if found is None else str(found)


def create(connection: sa.Connection, target: str, marker: str, filing: Filing, text: Text, now: datetime) -> str:
    """Make an article; one of this marker that is there is answered, and is shown again if it was archived."""
    texts = {text.language: _text(text, {}, now)}
    if not insert_new(
        connection, kb_internal, target=target, marker=marker, texts=texts, archived=False, **_place(filing)
    ):
        connection.execute(
            sa.update(kb_internal)
            .where(_ARTICLE.target == target, _ARTICLE.marker == marker, _ARTICLE.archived)
            .values(texts=texts, archived=False, moved_to="", **_place(filing))
        )
    found = find(connection, target, marker)
    assert found is not None
    return found


def write(connection: sa.Connection, row: Row, text: Text, now: datetime) -> None:
    """Write one language of an article."""
    texts = {**row.texts, text.language: _text(text, row.texts.get(text.language, {}), now)}
    connection.execute(sa.update(kb_internal).where(_ARTICLE.id == row.id).values(texts=texts))


def file(connection: sa.Connection, row: Row, filing: Filing) -> None:
    """Move, label and order an article. Labels that are neither ours nor were so stay."""
    others = [label for label in row.labels if label not in {*filing.labels, *filing.labels_before}]
    values = {**_place(filing), "labels": [*filing.labels, *others]}
    if filing.position is None:
        values["position"] = row.position
    connection.execute(sa.update(kb_internal).where(_ARTICLE.id == row.id).values(**values))


def archive(connection: sa.Connection, target: str, article_id: str) -> None:
    """Show an article no longer."""
    row = get(connection, article_id)
    if row is not None and row.target == target:
        connection.execute(sa.update(kb_internal).where(_ARTICLE.id == row.id).values(archived=True))


def redirect(connection: sa.Connection, target: str, article_id: str, to: str) -> bool:
    """Note where readers of an archived article are sent; false when it is not archived."""
    row = get(connection, article_id)
    if row is None or row.target != target or not row.archived:
        return False
    connection.execute(sa.update(kb_internal).where(_ARTICLE.id == row.id).values(moved_to=to))
    return True


def keep_file(connection: sa.Connection, digest: str, filename: str, content_type: str, content: bytes) -> None:
    """Keep the bytes of a file by their SHA-256, once."""
    insert_new(connection, kb_file, sha256=digest, filename=filename, content_type=content_type, content=content)


def get_file(connection: sa.Connection, digest: str) -> Row | None:
    """A file by the SHA-256 of its bytes, or None."""
    return connection.execute(sa.select(kb_file).where(kb_file.c.sha256 == digest)).first()


def _place(filing: Filing) -> dict[str, Any]:
    return {
        "section": filing.section,
        "segment": filing.segment,
        "labels": list(filing.labels),
        "position": filing.position,
    }


def _text(text: Text, before: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    edited_at = before.get("edited_at", "")
    if (before.get("title"), before.get("html")) != (text.title, text.html):
        # A clock that was set back must not make an edit look older than the last.
        last = datetime.fromisoformat(edited_at) + timedelta(microseconds=1) if edited_at else now
        edited_at = max(now, last).isoformat(timespec="microseconds")
    return {
        "title": text.title,
        "html": text.html,
        "edited_at": edited_at,
        "draft": text.draft,
        "outdated": text.outdated,
    }
