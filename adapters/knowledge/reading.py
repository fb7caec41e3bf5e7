"""Reading a source: what changed is read, converted text is stored, its files are known by their content.

Nothing that a listing leaves out is removed here: it is only noted as missing, and asked for alone. Every error leaves
what is stored as it was; one document that cannot be read stops no other, and the watermark stays before it.
"""

import hashlib
import logging
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

import sqlalchemy as sa

from adapters.knowledge import guard
from adapters.knowledge.settings import KnowledgeSettings
from deskside.errors import DesksideError, Gone, Permanent, TargetRefuses, Transient
from deskside.knowledge import documents
from deskside.knowledge.documents import File, Known
from deskside.markup import meaning, symbols
from deskside.model.article import Asset, Document, Listing
from deskside.ports import KnowledgeSource
from deskside.store.database import reading, utc_now

log = logging.getLogger(__name__)

GOOD, FAILED, SHRUNK = "good", "failed", "shrunk"
# More missing documents than these are asked for in the next run.
PROOFS_AT_ONCE = 200
# A source that does not answer so often in a row is left alone until the next run.
SILENT = 3

# A tag as the sanitiser prints it; text has no `<` of its own.
_TAG = re.compile(r'<[a-z][a-z0-9]*(?: [^\s"=<>]+(?:="[^"]*")?)+ ?/?>')
_ASSET = re.compile(r'(?<==")asset:([^"#?]*)(?=")')
_LIST = re.compile(r'<ul\b[^>]*\bdata-children="([^"]*)"[^>]*>')
_DEPTH = re.compile(r'\bdata-depth="([0-9]{1,2})"')


@dataclass
class Refreshed:
    """What a look at a source came to: what was read anew, and what could not be read, with the reason."""

    state: str = GOOD
    error: str = ""
    read: set[str] = field(default_factory=set)
    unreadable: dict[str, str] = field(default_factory=dict)


def refresh(
    database: sa.Engine,
    source: KnowledgeSource,
    settings: KnowledgeSettings,
    *,
    full: bool = False,
    stopping: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Refreshed:
    """Bring what is stored of a source up to date; `full` lists it completely though that is not due."""
    done = Refreshed()
    try:
        listing = _list(database, source, settings, full=full)
        _read_changed(database, source, listing, done, stopping, progress)
        if listing.complete:
            _note_missing(database, source, settings, listing, done)
        for gone in listing.gone:
            with database.begin() as connection:
                documents.proved(connection, source.name, gone, guard.GONE, utc_now())
        _ask_for_missing(database, source, stopping)
    except DesksideError as error:
        done.state, done.error = FAILED, str(error)
        log.warning("the knowledge source %s: %s", source.name, error)
        with database.begin() as connection:
            documents.note_source(connection, source.name, state=FAILED, error=done.error, read_at=utc_now())
        return done
    if done.unreadable and not done.error:
        shown = "; ".join(f"{name}: {why}" for name, why in sorted(done.unreadable.items())[:5])
        done.error = f"{len(done.unreadable)} documents could not be read: {shown}"
    values = {} if done.unreadable or stopping() else {"watermark": listing.watermark}
    with database.begin() as connection:
        documents.note_source(connection, source.name, state=done.state, error=done.error, read_at=utc_now(), **values)
    return done


def _list(database: sa.Engine, source: KnowledgeSource, settings: KnowledgeSettings, *, full: bool) -> Listing:
    now = utc_now()
    with reading(database) as connection:
        row = documents.source(connection, source.name)
        missing = documents.missing(connection, source.name)
    # One that is missing needs another complete listing before it is believed to be.
    wanted = any(listings < settings.guard.listings for listings, _ in missing.values())
    if full or wanted or row is None or row.full_at is None or now - row.full_at >= settings.full_listing:
        return source.listing()
    return source.changes(row.watermark)


def _read_changed(
    database: sa.Engine,
    source: KnowledgeSource,
    listing: Listing,
    done: Refreshed,
    stopping: Callable[[], bool],
    progress: Callable[[int, int], None],
) -> None:
    with reading(database) as connection:
        stored = documents.versions(connection, source.name)
    wanted = {item.id for item in listing.documents if stored.get(item.id) != (item.version, source.converter)}
    # A new converter makes other HTML of what did not change, too.
    listed = {item.id for item in listing.documents}
    stale = {name for name, (_, converter) in stored.items() if converter != source.converter}
    wanted |= stale & listed if listing.complete else stale
    with reading(database) as connection:
        around = documents.dependents(connection, source.name, wanted) if wanted else set()
    versions = {item.id: item.version for item in listing.documents}
    names = sorted(wanted | around)
    silent = 0
    for number, name in enumerate(names):
        if stopping():
            return
        progress(number, len(names))
        try:
            _read_one(database, source, name, versions.get(name))
            done.read.add(name)
            silent = 0
        except TargetRefuses:
            raise
        except Gone:
            with database.begin() as connection:
                documents.proved(connection, source.name, name, guard.GONE, utc_now())
        except Permanent as error:
            done.unreadable[name] = str(error)
        except Transient as error:
            done.unreadable[name] = str(error)
            silent += 1
            if silent >= SILENT:
                raise
    progress(len(names), len(names))


def _read_one(database: sa.Engine, source: KnowledgeSource, name: str, version: str | None) -> None:
    read = source.read(name)
    if not read:
        raise Permanent("the source answers with no text in any language")
    _store(database, source, [replace(item, version=version or item.version) for item in read])


def _store(database: sa.Engine, source: KnowledgeSource, read: Sequence[Document]) -> None:
    known, texts = [], {}
    for item in read:
        files, lost = _files(database, source, item)
        texts[item.language] = html = _by_content(item.html, files)
        known.append(_known(source, item, html, files, lost))
    with database.begin() as connection:
        documents.replace(connection, known, texts, utc_now())


def _files(database: sa.Engine, source: KnowledgeSource, document: Document) -> tuple[list[File], list[str]]:
    """The files of a document by their content, and a sentence for each that could not be fetched for good."""
    with reading(database) as connection:
        stored = documents.assets(connection, source.name, [asset.ref for asset in document.assets])
    files, lost = [], []
    for asset in document.assets:
        row = stored.get(asset.ref)
        if row is not None:
            files.append(File(asset.ref, asset.filename, asset.content_type, row.sha256))
            continue
        try:
            files.append(_fetch(database, source, asset))
        except TargetRefuses:
            raise
        except Permanent as error:
            files.append(File(asset.ref, asset.filename, asset.content_type, ""))
            lost.append(f"The file {asset.filename} could not be fetched: {error}.")
    return files, lost


def _fetch(database: sa.Engine, source: KnowledgeSource, asset: Asset) -> File:
    content = source.fetch(asset)
    file = File(asset.ref, asset.filename, asset.content_type, hashlib.sha256(content).hexdigest())
    with database.begin() as connection:
        documents.put_asset(connection, source.name, file, len(content))
    return file


def _by_content(html: str, files: Iterable[File]) -> str:
    """The HTML with the files named by their content; those that could not be fetched have no answer in any target."""
    sums = {file.ref: file.sha256 for file in files if file.sha256}

    def named(tag: re.Match[str]) -> str:
        return _ASSET.sub(lambda found: symbols.asset_link(sums.get(unquote(found[1]), "")), tag[0])

    return _TAG.sub(named, html) if "asset:" in html else html


def _known(source: KnowledgeSource, document: Document, html: str, files: Sequence[File], lost: Sequence[str]) -> Known:
    return Known(
        source=source.name,
        id=document.id,
        language=document.language,
        version=document.version,
        converter=source.converter,
        title=document.title,
        content_hash=meaning.semantic_hash(document.title, html),
        url=document.url,
        space=document.space,
        path=document.path,
        labels=document.labels,
        names=document.names,
        links=symbols.names(html),
        lists=tuple(_lists(html)),
        files=tuple(files),
        depends=document.depends,
        warnings=(*document.warnings, *lost),
        parent=document.parent,
        position=document.position,
        draft=document.draft,
        source_language=document.source_language or document.language,
        modified_at=document.modified_at,
    )


def _lists(html: str) -> Iterable[tuple[str, int]]:
    for found in _LIST.finditer(html):
        depth = _DEPTH.search(found[0])
        yield unquote(found[1]), int(depth[1]) if depth else 1


def _note_missing(
    database: sa.Engine, source: KnowledgeSource, settings: KnowledgeSettings, listing: Listing, done: Refreshed
) -> None:
    listed = {item.id for item in listing.documents}
    now = utc_now()
    with database.begin() as connection:
        stored = set(documents.versions(connection, source.name))
        missing = stored - listed
        documents.seen(connection, source.name, stored & listed)
        documents.missed(connection, source.name, missing, now)
        if guard.shrunk(settings.guard, len(stored), len(missing)):
            done.state = SHRUNK
            done.error = f"its complete listing has {len(stored) - len(missing)} of the {len(stored)} documents known"
        documents.note_source(connection, source.name, full_at=now, full_count=len(listed), state=done.state)


def _ask_for_missing(database: sa.Engine, source: KnowledgeSource, stopping: Callable[[], bool]) -> None:
    with reading(database) as connection:
        missing = documents.missing(connection, source.name)
    for name in _unsure(missing):
        if stopping():
            return
        proof = ask(source, name)
        with database.begin() as connection:
            documents.proved(connection, source.name, name, proof, utc_now())
        if proof == guard.DENIED:
            # It will refuse the next one too, and nothing is archived on a refusal.
            return


def _unsure(missing: dict[str, tuple[int, str]]) -> Collection[str]:
    return [name for name, (_, proof) in sorted(missing.items()) if proof != guard.GONE][:PROOFS_AT_ONCE]


def ask(source: KnowledgeSource, name: str) -> str:
    """What a source says of one document: gone, there, denied, or unclear when it does not answer."""
    try:
        source.read(name)
    except Gone:
        return guard.GONE
    except TargetRefuses:
        return guard.DENIED
    except DesksideError as error:
        log.info("%s of %s is missing, and cannot be asked for: %s", name, source.name, error)
        return "unclear"
    return guard.THERE
