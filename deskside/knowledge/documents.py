"""What sources have: how far each was read, its documents as they were read last, and what their files are."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from deskside.store.database import Row, upsert
from deskside.store.knowledge_tables import kb_asset, kb_document, kb_source

_DOCUMENT = kb_document.c
# SQLite takes at most 32,766 values in a statement (https://www.sqlite.org/limits.html#max_variable_number).
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class File:
    """A file of a document by its content; without `sha256` it could not be fetched."""

    ref: str
    filename: str
    content_type: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Known:
    """One language of a document as it is stored, without its HTML; the words are those of `model.article.Document`.

    `links` are names of documents, `lists` are lists of children as (name, depth). `missing_proof` is what asking the
    source for it alone came to: gone, there, denied, unclear; empty while it is not missing.
    """

    source: str
    id: str
    language: str
    version: str
    converter: str
    title: str
    content_hash: str
    url: str = ""
    space: str = ""
    path: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    lists: tuple[tuple[str, int], ...] = ()
    files: tuple[File, ...] = ()
    depends: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    parent: str | None = None
    position: int = 0
    draft: bool = False
    source_language: str = ""
    modified_at: datetime | None = None
    missing_since: datetime | None = None
    missing_listings: int = 0
    missing_proof: str = ""


_LIGHT = (
    _DOCUMENT.source,
    _DOCUMENT.id,
    _DOCUMENT.language,
    _DOCUMENT.version,
    _DOCUMENT.converter,
    _DOCUMENT.title,
    _DOCUMENT.content_hash,
    _DOCUMENT.url,
    _DOCUMENT.space,
    _DOCUMENT.path,
    _DOCUMENT.labels,
    _DOCUMENT.names,
    _DOCUMENT.links,
    _DOCUMENT.lists,
    _DOCUMENT.assets,
    _DOCUMENT.depends,
    _DOCUMENT.warnings,
    _DOCUMENT.parent,
    _DOCUMENT.position,
    _DOCUMENT.draft,
    _DOCUMENT.source_language,
    _DOCUMENT.modified_at,
    _DOCUMENT.missing_since,
    _DOCUMENT.missing_listings,
    _DOCUMENT.missing_proof,
)


def sources(connection: sa.Connection) -> dict[str, Row]:
    """How far each source was read, by its name."""
    return {row.name: row for row in connection.execute(sa.select(kb_source).order_by(kb_source.c.name))}


def source(connection: sa.Connection, name: str) -> Row | None:
    """How far a source was read; None before the first look."""
    return connection.execute(sa.select(kb_source).where(kb_source.c.name == name)).first()


def note_source(connection: sa.Connection, name: str, **values: Any) -> None:
    """Store what a look at a source came to: columns of `kb_source`."""
    upsert(connection, kb_source, name=name, **values)


def versions(connection: sa.Connection, name: str) -> dict[str, tuple[str, str]]:
    """Version and converter of every document of a source that is stored, by its id."""
    rows = connection.execute(
        sa.select(_DOCUMENT.id, _DOCUMENT.version, _DOCUMENT.converter).where(_DOCUMENT.source == name)
    )
    return {row.id: (row.version, row.converter) for row in rows}


def dependents(connection: sa.Connection, name: str, changed: Collection[str]) -> set[str]:
    """The documents in whose text one of `changed` stands."""
    rows = connection.execute(sa.select(_DOCUMENT.id, _DOCUMENT.depends).where(_DOCUMENT.source == name))
    return {row.id for row in rows if not set(changed).isdisjoint(row.depends)}


def every(connection: sa.Connection) -> list[Known]:
    """Every document of every source in each of its languages, the missing ones too, in a stable order."""
    rows = connection.execute(sa.select(*_LIGHT).order_by(_DOCUMENT.source, _DOCUMENT.id, _DOCUMENT.language))
    return [_known(row) for row in rows]


def html(connection: sa.Connection, known: Known) -> str:
    """The HTML of a document, with `asset:<sha256>` for its files; empty when it is not stored any more."""
    return (
        connection.scalar(
            sa.select(_DOCUMENT.html).where(
                _DOCUMENT.source == known.source, _DOCUMENT.id == known.id, _DOCUMENT.language == known.language
            )
        )
        or ""
    )


def replace(
    connection: sa.Connection,
    known: Sequence[Known],
    texts: Mapping[str, str],
    now: datetime,
) -> None:
    """Store a document in each of its languages as it was read now; `texts` is their HTML by language.

    Languages that it does not have any more are forgotten. It is not missing.
    """
    first = known[0]
    for item in known:
        upsert(connection, kb_document, **_columns(item), html=texts[item.language], read_at=now)
    connection.execute(
        sa.delete(kb_document).where(
            _DOCUMENT.source == first.source,
            _DOCUMENT.id == first.id,
            _DOCUMENT.language.not_in([item.language for item in known]),
        )
    )


def seen(connection: sa.Connection, name: str, ids: Iterable[str]) -> None:
    """Note that these documents are listed: they are not missing."""
    for chunk in _chunks(sorted(set(ids))):
        connection.execute(
            sa.update(kb_document)
            .where(_DOCUMENT.source == name, _DOCUMENT.id.in_(chunk), _DOCUMENT.missing_since.is_not(None))
            .values(missing_since=None, missing_listings=0, missing_proof="")
        )


def missed(connection: sa.Connection, name: str, ids: Iterable[str], now: datetime) -> None:
    """Note that a complete listing did not have these documents."""
    for chunk in _chunks(sorted(set(ids))):
        connection.execute(
            sa.update(kb_document)
            .where(_DOCUMENT.source == name, _DOCUMENT.id.in_(chunk))
            .values(
                missing_since=sa.func.coalesce(_DOCUMENT.missing_since, sa.literal(now, _DOCUMENT.missing_since.type)),
                missing_listings=_DOCUMENT.missing_listings + 1,
            )
        )


def missing(connection: sa.Connection, name: str) -> dict[str, tuple[int, str]]:
    """In how many complete listings in a row a document was not, and what asking for it came to, by its id."""
    rows = connection.execute(
        sa.select(_DOCUMENT.id, _DOCUMENT.missing_listings, _DOCUMENT.missing_proof).where(
            _DOCUMENT.source == name, _DOCUMENT.missing_since.is_not(None)
        )
    )
    return {row.id: (row.missing_listings, row.missing_proof) for row in rows}


def proved(connection: sa.Connection, name: str, document: str, proof: str, now: datetime) -> None:
    """Note what asking the source for a missing document came to."""
    connection.execute(
        sa.update(kb_document)
        .where(_DOCUMENT.source == name, _DOCUMENT.id == document)
        .values(
            missing_proof=proof,
            missing_since=sa.func.coalesce(_DOCUMENT.missing_since, sa.literal(now, _DOCUMENT.missing_since.type)),
        )
    )


def forget(connection: sa.Connection, name: str, document: str) -> None:
    """Remove what is stored of a document."""
    connection.execute(sa.delete(kb_document).where(_DOCUMENT.source == name, _DOCUMENT.id == document))


def assets(connection: sa.Connection, name: str, refs: Collection[str]) -> dict[str, Row]:
    """What is known of these files of a source, by their references."""
    found: dict[str, Row] = {}
    for chunk in _chunks(sorted(set(refs))):
        rows = connection.execute(sa.select(kb_asset).where(kb_asset.c.source == name, kb_asset.c.ref.in_(chunk)))
        found |= {row.ref: row for row in rows}
    return found


def put_asset(connection: sa.Connection, name: str, file: File, size: int) -> None:
    """Store what a file is; `size` in bytes."""
    upsert(
        connection,
        kb_asset,
        source=name,
        ref=file.ref,
        sha256=file.sha256,
        filename=file.filename,
        content_type=file.content_type,
        bytes=size,
    )


def asset_sizes(connection: sa.Connection) -> dict[str, int]:
    """How many bytes each file has, by its sha256."""
    return {row.sha256: row.bytes for row in connection.execute(sa.select(kb_asset.c.sha256, kb_asset.c.bytes))}


def _known(row: Row) -> Known:
    values = dict(row._mapping)
    files = tuple(File(**file) for file in values.pop("assets"))
    lists = tuple((name, depth) for name, depth in values.pop("lists"))
    for name in ("path", "labels", "names", "links", "depends", "warnings"):
        values[name] = tuple(values[name])
    return Known(**values, lists=lists, files=files)


def _columns(known: Known) -> dict[str, Any]:
    values: dict[str, Any] = {
        name: getattr(known, name) for name in Known.__dataclass_fields__ if name not in {"files", "lists"}
    }
    for name in ("path", "labels", "names", "links", "depends", "warnings"):
        values[name] = list(values[name])
    values["lists"] = [list(item) for item in known.lists]
    values["assets"] = [
        {"ref": file.ref, "filename": file.filename, "content_type": file.content_type, "sha256": file.sha256}
        for file in known.files
    ]
    return values


def _chunks(items: Sequence[str]) -> Iterable[Sequence[str]]:
    return (items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE))
