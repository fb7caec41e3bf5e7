"""Bindings: which article of a target is which document, and what was written there last.

One binding is one language; the languages of a document share an article, and with it `article_id` and `marker`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from deskside.store.database import Row
from deskside.store.knowledge_tables import kb_binding, kb_upload

LIVE, DRAFT, ARCHIVED, DETACHED, GONE = "live", "draft", "archived", "detached", "gone"
# The states in which the article is there and is ours to keep.
KEPT = (LIVE, DRAFT)
# Those in which it is there, whosever it is: links may lead to it.
THERE = (LIVE, DRAFT, DETACHED)
# In the place of `rendered_hash`: the text has to be written again, though the document did not change.
STALE = "stale"

_BINDING = kb_binding.c


@dataclass(frozen=True, slots=True)
class Binding:
    """A row of `kb_binding` without the text that was read back."""

    id: int
    source: str
    document: str
    language: str
    target: str
    article_id: str
    marker: str
    section_id: str
    segment: str | None
    labels: tuple[str, ...]
    content_hash: str
    rendered_hash: str
    filed_hash: str
    readback_hash: str
    edited_at: str
    state: str
    decision: str
    decided_hash: str


_LIGHT = tuple(_BINDING[name] for name in Binding.__dataclass_fields__)


def of_target(connection: sa.Connection, target: str) -> list[Binding]:
    """Every binding of a target, in a stable order."""
    return _all(connection, _BINDING.target == target)


def of_document(connection: sa.Connection, target: str, source: str, document: str) -> list[Binding]:
    """The bindings of one document on a target."""
    return _all(
        connection, sa.and_(_BINDING.target == target, _BINDING.source == source, _BINDING.document == document)
    )


def every(connection: sa.Connection) -> list[Binding]:
    """Every binding of every target."""
    return _all(connection, sa.true())


def get(connection: sa.Connection, binding_id: int) -> Row | None:
    """One binding with the text that was read back."""
    return connection.execute(sa.select(kb_binding).where(_BINDING.id == binding_id)).first()


def readback(connection: sa.Connection, binding_id: int) -> tuple[str, str]:
    """Title and HTML that the target made of what we wrote last."""
    row = connection.execute(
        sa.select(_BINDING.readback_title, _BINDING.readback).where(_BINDING.id == binding_id)
    ).first()
    return (row.readback_title, row.readback) if row else ("", "")


def bind(
    connection: sa.Connection,
    source: str,
    document: str,
    language: str,
    target: str,
    article_id: str,
    marker: str,
    now: datetime,
) -> Binding:
    """Tie a language of a document to an article, with no base yet: nothing is known to have been written.

    A binding that was there is tied anew.
    """
    values: dict[str, Any] = {
        "article_id": article_id,
        "marker": marker,
        "section_id": "",
        "segment": None,
        "labels": [],
        "content_hash": "",
        "rendered_hash": "",
        "filed_hash": "",
        "readback_hash": "",
        "readback_title": "",
        "readback": "",
        "edited_at": "",
        "state": DRAFT,
        "decision": "",
        "decided_hash": "",
        "error": "",
        "changed_at": now,
    }
    key = (
        _BINDING.source == source,
        _BINDING.document == document,
        _BINDING.language == language,
        _BINDING.target == target,
    )
    changed = connection.execute(sa.update(kb_binding).where(*key).values(**values).returning(_BINDING.id)).first()
    if changed is None:
        connection.execute(
            sa.insert(kb_binding).values(source=source, document=document, language=language, target=target, **values)
        )
    return _all(connection, sa.and_(*key))[0]


def change(connection: sa.Connection, binding_id: int, now: datetime, **values: Any) -> None:
    """Change columns of a binding."""
    connection.execute(sa.update(kb_binding).where(_BINDING.id == binding_id).values(**values, changed_at=now))


def change_article(connection: sa.Connection, target: str, article_id: str, now: datetime, **values: Any) -> None:
    """Change columns of every binding of an article."""
    connection.execute(
        sa.update(kb_binding)
        .where(_BINDING.target == target, _BINDING.article_id == article_id)
        .values(**values, changed_at=now)
    )


def write_again(connection: sa.Connection, target: str, source: str, documents: Collection[str], now: datetime) -> None:
    """Have these documents written again: an address that stands in their text has changed."""
    wanted = sorted(set(documents))
    for start in range(0, len(wanted), 500):
        connection.execute(
            sa.update(kb_binding)
            .where(
                _BINDING.target == target,
                _BINDING.source == source,
                _BINDING.document.in_(wanted[start : start + 500]),
                _BINDING.state.in_(KEPT),
                _BINDING.rendered_hash != "",
            )
            .values(rendered_hash=STALE, changed_at=now)
        )


def decided_since(connection: sa.Connection, at: datetime) -> list[Row]:
    """The bindings that somebody decided about after this time, with `id` and `decision`."""
    query = sa.select(_BINDING.id, _BINDING.decision).where(_BINDING.decision != "", _BINDING.decided_at > at)
    return list(connection.execute(query))


def uploads(connection: sa.Connection, target: str) -> dict[str, str]:
    """The addresses of the files a target has taken, by their sha256."""
    rows = connection.execute(sa.select(kb_upload.c.sha256, kb_upload.c.url).where(kb_upload.c.target == target))
    return {row.sha256: row.url for row in rows}


def _all(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> list[Binding]:
    order = (_BINDING.target, _BINDING.source, _BINDING.document, _BINDING.language)
    rows = connection.execute(sa.select(*_LIGHT).where(condition).order_by(*order))
    return [_binding(row) for row in rows]


def _binding(row: Row) -> Binding:
    values = dict(row._mapping)
    return Binding(**{**values, "labels": tuple(values["labels"])})
