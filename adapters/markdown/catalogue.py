"""Which documents the files are: identities, languages, folders, and what each document's version depends on."""

import hashlib
import json
import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import unescape
from urllib.parse import unquote

from adapters.markdown.files import Tree, folded, is_page
from adapters.markdown.pages import Page, parse
from deskside.errors import Permanent

# What may be the last part of a path in a text; a file name that is none is taken to be in every text.
_NAME = re.compile(r"[^\s/()<>\[\]\"'#?|=]{1,255}\.[A-Za-z0-9]{1,8}")
_ABOUT = ("_index", "index")


@dataclass(frozen=True, slots=True)
class Entry:
    """One document: its pages, the original first; `identified` where its front matter says its id."""

    id: str
    pages: tuple[Page, ...]
    version: str
    path: tuple[str, ...]
    parent: str | None
    identified: bool


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All documents at one moment. `ids` and `actual` find a document and a file by a path in any case (`folded`)."""

    entries: Mapping[str, Entry]
    ids: Mapping[str, str]
    actual: Mapping[str, str]
    versions: Mapping[str, str]
    stamp: str


@dataclass(frozen=True, slots=True)
class Languages:
    """The language of a file that says none, and those a file name may end in."""

    default: str
    others: frozenset[str]

    def split(self, path: str) -> tuple[str, str]:
        """A path without the language at its end, and the language: `a/b.ru.md` is `a/b.md` and `ru`."""
        stem, extension = posixpath.splitext(path)
        base, dot, language = stem.rpartition(".")
        known = dot and posixpath.basename(base) and language.lower() in self.others | {self.default}
        return (base + extension, language.lower()) if known else (path, "")


def catalogue(tree: Tree, languages: Languages) -> Catalogue:
    """Read every page of a tree.

    Raises `Permanent` when a page cannot be read, when two files claim one id and language, or when there is no page.
    """
    parsed = [parse(path, tree.versions[path], content) for path, content in tree.pages.items()]
    about = {page.path for page, _ in parsed if _stem(languages.split(page.path)[0]) == "_index"}
    titles = _folder_titles([page for page, _ in parsed], languages)
    groups: dict[str, list[Page]] = {}
    texts: dict[str, str] = {}
    for page, text in parsed:
        if page.path not in about:
            placed = _placed(page, languages)
            groups.setdefault(_identity(placed, languages, tree), []).append(placed)
            texts[page.path] = text
    if not groups:
        raise Permanent("there is no Markdown file: an empty folder is not taken for one whose documents are gone")
    ids = {folded(page.path): id for id, pages in groups.items() for page in pages}
    references = _References(tree, ids)
    entries = {}
    for id, pages in groups.items():
        ordered = _original_first(id, pages)
        entry = _entry(id, ordered, ids, titles)
        used = sorted({name for page in ordered for name in references.of(texts[page.path])})
        entries[id] = replace(entry, version=_version(entry, used))
    actual = {folded(path): path for path in tree.versions}
    return Catalogue(entries, ids, actual, tree.versions, tree.stamp)


def _stem(path: str) -> str:
    return posixpath.splitext(posixpath.basename(path))[0].lower()


def _placed(page: Page, languages: Languages) -> Page:
    """The page with its language, and without what contradicts itself."""
    language = page.language or languages.split(page.path)[1] or languages.default
    if page.translation_of and page.id:
        raise Permanent(f"'{page.path}' has both an id and translation_of: a translation has the id of its original")
    return replace(page, language=language)


def _identity(page: Page, languages: Languages, tree: Tree) -> str:
    """By the front matter; else that of the file beside it in the first language; else the path."""
    if page.id or page.translation_of:
        return page.id or page.translation_of
    base, suffix = languages.split(page.path)
    if suffix and base in tree.pages:
        original, _ = parse(base, "", tree.pages[base])
        return original.id or original.translation_of or base
    return base


def _original_first(id: str, pages: Sequence[Page]) -> tuple[Page, ...]:
    seen: dict[str, Page] = {}
    for page in pages:
        other = seen.setdefault(page.language, page)
        if other is not page:
            raise Permanent(f"'{other.path}' and '{page.path}' both are '{id}' in {page.language}: one must change")
    ordered = sorted(pages, key=lambda page: (bool(page.translation_of), not page.id, len(page.path), page.path))
    if ordered[0].translation_of:
        raise Permanent(f"'{ordered[0].path}' is a translation of '{id}', and no file has that id")
    return tuple(ordered)


def _folder_titles(pages: Sequence[Page], languages: Languages) -> dict[str, str]:
    """Titles of folders, from `_index.md`, or else `index.md`, in the first language."""
    found: dict[str, str] = {}
    for name in reversed(_ABOUT):
        for page in pages:
            base, suffix = languages.split(page.path)
            if _stem(base) == name and suffix in {"", languages.default} and (page.title or page.heading):
                found[posixpath.dirname(base)] = page.title or page.heading
    return found


def _entry(id: str, pages: tuple[Page, ...], ids: Mapping[str, str], titles: Mapping[str, str]) -> Entry:
    original = pages[0]
    folder = posixpath.dirname(original.path)
    above = [folder]
    while above[-1]:
        above.append(posixpath.dirname(above[-1]))
    path = tuple(titles.get(part, posixpath.basename(part)) for part in above[-2::-1])
    # A folder's index stands above the other files of the folder, and below the next index further out.
    indexes = (ids.get(folded(posixpath.join(part, "index.md"))) for part in above)
    parent = next((index for index in indexes if index is not None and index != id), None)
    return Entry(id, pages, "", path, parent, bool(original.id))


def _version(entry: Entry, used: Sequence[str]) -> str:
    files = [(page.path, page.version, page.language) for page in entry.pages]
    depends = json.dumps([entry.id, entry.path, entry.parent, files, list(used)])
    return hashlib.sha256(depends.encode()).hexdigest()[:32]


class _References:
    """What a text may refer to by a file's name: its version, or the id of its document, is part of the text's.

    By the last part of a path alone, so too much rather than too little, and without converting the text.
    """

    def __init__(self, tree: Tree, ids: Mapping[str, str]) -> None:
        self._by_name: dict[str, list[str]] = {}
        self._always: list[str] = []
        for path in sorted(tree.versions):
            value = ids.get(folded(path), path) if is_page(path) else tree.versions[path]
            names = _NAME.findall(folded(posixpath.basename(path)))
            found = self._by_name.setdefault(names[-1], []) if names else self._always
            found.append(f"{path}={value}")

    def of(self, text: str) -> list[str]:
        """The files a text may mean, each with what would change the text."""
        if "&" in text:
            text = unescape(text)
        if "%" in text:
            text = unquote(text)
        names = {folded(name) for name in _NAME.findall(text.replace("\\", ""))}
        return [*self._always, *(found for name in names for found in self._by_name.get(name, ()))]
