"""A Markdown folder or checkout as a source of documents."""

import posixpath
import re
from collections.abc import Mapping, Sequence
from mimetypes import MimeTypes
from pathlib import Path
from typing import Any

from adapters.markdown.catalogue import Catalogue, Entry, Languages, catalogue
from adapters.markdown.checkout import Checkout
from adapters.markdown.conversion import CONVERTER, Surroundings, convert
from adapters.markdown.files import Files, Selection, folded
from adapters.markdown.folder import Folder
from adapters.markdown.pages import Page, parse
from deskside.errors import DesksideError, Gone, Transient
from deskside.markup.symbols import refs
from deskside.model.article import Asset, Document, Listed, Listing
from deskside.ports import CheckResult

# Without the machine's own tables: a file has the same type wherever it is read.
_TYPES = MimeTypes()
_TYPES.add_type("image/webp", ".webp")
_TYPES.add_type("image/avif", ".avif")
_REF = re.compile(r"([0-9a-f]{40,64})/(.+)", re.S)


class MarkdownSource:
    """Documents in Markdown files. One thread at a time; what the last listing saw is remembered for `read`."""

    converter = CONVERTER

    def __init__(self, name: str, settings: Mapping[str, Any]) -> None:
        self.name = name
        self.title = name
        root = Path(settings["folder"]).expanduser()
        selection = Selection(tuple(settings["ignore"]))
        self._files: Files = Checkout(root, selection) if settings["git"] else Folder(root, selection)
        self._languages = Languages(settings["language"], frozenset(settings["languages"]))
        self._url: str = settings["url"]
        self._known: Catalogue | None = None

    def changes(self, watermark: str) -> Listing:
        """All documents: files are cheap to look at, and a complete listing misses nothing."""
        return self.listing()

    def listing(self) -> Listing:
        """As `KnowledgeSource.listing`. A folder that is missing, empty, or not readable in full is an error."""
        known = self._scan()
        documents = tuple(Listed(entry.id, entry.version) for entry in known.entries.values())
        return Listing(documents, complete=True, watermark=known.stamp)

    def read(self, document_id: str) -> Sequence[Document]:
        """As `KnowledgeSource.read`. `Gone` is only said after a new look at all files."""
        known = self._known
        if known is not None and document_id in known.entries:
            try:
                return self._documents(known, known.entries[document_id])
            except Gone:
                # A file was changed or moved since.
                known = None
        fresh = self._scan()
        if document_id not in fresh.entries:
            raise Gone(f"no file of {self.name} is '{document_id}' any more")
        try:
            return self._documents(fresh, fresh.entries[document_id])
        except Gone as error:
            raise Transient(f"the files of '{document_id}' are being changed") from error

    def fetch(self, asset: Asset) -> bytes:
        """As `KnowledgeSource.fetch`; bytes other than those the reference names are `Gone`."""
        found = _REF.fullmatch(asset.ref)
        if found is None:
            raise Gone(f"'{asset.filename}' has no reference of {self.name}")
        if self._known is None:
            self._scan()
        return self._files.read(found[2], found[1])

    def check(self) -> Sequence[CheckResult]:
        """Read everything once."""
        what = f"knowledge source {self.name}"
        try:
            known = self._scan()
        except DesksideError as error:
            return [CheckResult(what, False, str(error), "Put it right, or change the section's folder.")]
        languages = {page.language for entry in known.entries.values() for page in entry.pages}
        return [CheckResult(what, True, f"{len(known.entries)} documents in {', '.join(sorted(languages))}")]

    def _scan(self) -> Catalogue:
        self._known = catalogue(self._files.scan(), self._languages)
        return self._known

    def _documents(self, known: Catalogue, entry: Entry) -> list[Document]:
        return [self._document(known, entry, page) for page in entry.pages]

    def _document(self, known: Catalogue, entry: Entry, page: Page) -> Document:
        _, text = parse(page.path, page.version, self._files.read(page.path, page.version))

        def document(path: str) -> str | None:
            found = known.ids.get(folded(path))
            return found if found is not None else known.ids.get(folded(posixpath.join(path, "index.md")))

        def file(path: str) -> tuple[str, str] | None:
            actual = known.actual.get(folded(path))
            return None if actual is None else (actual, known.versions[actual])

        converted = convert(text, page.title, Surroundings(page.path, page.language, document, file))
        original = entry.pages[0]
        stem = self._languages.split(posixpath.basename(page.path))[0]
        title = page.title or converted.heading
        warnings = list(converted.warnings)
        if not entry.identified:
            warnings.append("The front matter has no id: a file that is renamed is taken for another document.")
        if not title:
            warnings.append("There is neither a title nor a heading of level 1: the file's name is the title.")
        return Document(
            id=entry.id,
            language=page.language,
            version=entry.version,
            title=title or posixpath.splitext(stem)[0],
            html=converted.html,
            url=self._url.replace("{path}", page.path) if self._url else "",
            space=entry.path[0] if entry.path else "",
            path=entry.path,
            labels=page.labels or original.labels,
            names=tuple(page.path for page in entry.pages),
            parent=entry.parent,
            position=page.position or original.position,
            draft=page.draft,
            assets=tuple(_asset(ref) for ref in refs(converted.html)),
            warnings=tuple(warnings),
            source_language=original.language,
        )


def _asset(ref: str) -> Asset:
    filename = posixpath.basename(ref)
    return Asset(ref, filename, _TYPES.guess_type(filename)[0] or "application/octet-stream")
