"""Files that texts show: fetched from their source, given to the target once, whatever number of texts shows them."""

import hashlib
import re
import unicodedata
from pathlib import PurePosixPath

from adapters.knowledge.actions import Action
from adapters.knowledge.applying.work import Skip, Work
from deskside.errors import DesksideError, Permanent, Transient
from deskside.knowledge import bindings, journal
from deskside.knowledge.documents import File
from deskside.model.article import Asset
from deskside.store.database import reading, utc_now

_PLAIN = re.compile(r"[^a-z0-9]+")
LONGEST_STEM = 60


def upload(work: Work, action: Action) -> bool:
    """Give the target the files of a text that it has not. Never done with that."""
    text = work.want(action).texts[action.language]
    with reading(work.database) as connection:
        there = bindings.uploads(connection, work.target.name)
    for file in text.known.files:
        if file.sha256 and file.sha256 not in there:
            work.go_on()
            _upload(work, text.known.source, file)
            there[file.sha256] = ""
    return False


def safe_name(filename: str, sha256: str) -> str:
    """A file name that any target takes, and that two files never share."""
    path = PurePosixPath(filename.replace("\\", "/"))
    plain = unicodedata.normalize("NFKD", path.stem).encode("ascii", "ignore").decode().lower()
    stem = _PLAIN.sub("-", plain).strip("-")[:LONGEST_STEM] or "file"
    suffix = _PLAIN.sub("", path.suffix.lower())[:8]
    return f"{stem}-{sha256[:8]}" + (f".{suffix}" if suffix else "")


def _upload(work: Work, source: str, file: File) -> None:
    content = _fetch(work, source, file)
    with work.database.begin() as connection:
        entry = journal.intend(connection, work.plan, work.target.name, journal.ASSET, file.sha256, utc_now())
    try:
        taken = work.patience.call(
            work.target.upload, safe_name(file.filename, file.sha256), file.content_type, content
        )
    except Permanent as error:
        with work.database.begin() as connection:
            journal.failed(connection, entry, str(error), utc_now())
        raise
    with work.database.begin() as connection:
        now = utc_now()
        journal.put_upload(connection, work.target.name, file.sha256, taken.reference, taken.url, now)
        journal.done(connection, entry, taken.reference, now)


def _fetch(work: Work, source: str, file: File) -> bytes:
    try:
        content = work.patience.call(
            work.publishing.sources[source].fetch, Asset(file.ref, file.filename, file.content_type)
        )
    except Transient:
        raise
    except DesksideError as error:
        # Also a source that refuses us: that is no word of the target.
        raise Skip(f"its file {file.filename} cannot be fetched: {error}") from None
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise Skip(f"its file {file.filename} changed since it was read")
    return content
