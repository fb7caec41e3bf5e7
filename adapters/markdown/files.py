"""The files of a source, wherever they lie: their paths in one form, and what may not be among them."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Protocol

from deskside.errors import Permanent

_PAGES = {".md", ".markdown"}


@dataclass(frozen=True, slots=True)
class Tree:
    """All files at one moment. Paths are relative, with `/`, in NFC; versions name the bytes, in hex.

    `pages` are the bytes of the Markdown files; `stamp` is another text whenever anything changed.
    """

    versions: Mapping[str, str]
    pages: Mapping[str, bytes]
    stamp: str


class Files(Protocol):
    """Where the files lie."""

    def scan(self) -> Tree:
        """Everything there is. Raises `Permanent` or `Transient` rather than leave out what cannot be read."""

    def read(self, path: str, version: str) -> bytes:
        """The bytes of a file, in this version. Raises `Gone` where there are none."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which files are looked at: none whose name, or whose folder's name, begins with a dot."""

    ignore: tuple[str, ...]

    def takes(self, path: str) -> bool:
        """Whether the file is one of the source's."""
        hidden = path.startswith(".") or "/." in path
        return not hidden and not any(fnmatchcase(path, pattern) for pattern in self.ignore)


def is_page(path: str) -> bool:
    """Whether a file is Markdown."""
    return PurePosixPath(path).suffix.lower() in _PAGES


def folded(path: str) -> str:
    """The path as a file system that ignores case and composition sees it."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def distinct(paths: Iterable[str]) -> dict[str, str]:
    """NFC form of each path as it is on the disk. Raises `Permanent` for two that some file systems take for one."""
    found: dict[str, str] = {}
    seen: dict[str, str] = {}
    for path in paths:
        other = seen.setdefault(folded(path), path)
        if other != path:
            raise Permanent(f"'{other}' and '{path}' are the same file where case is ignored: rename one of them")
        found[unicodedata.normalize("NFC", path)] = path
    return found
