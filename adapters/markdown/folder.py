"""A folder on this machine's disk."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from adapters.markdown.files import Selection, Tree, distinct, is_page
from deskside.errors import Gone, Permanent, Transient


class Folder:
    """Files below a folder. Links to files inside it are followed; links that leave it are an error."""

    def __init__(self, root: Path, selection: Selection) -> None:
        self._root = root
        self._selection = selection
        self._paths: dict[str, str] = {}

    def scan(self) -> Tree:
        """As `Files.scan`; every file is read and its SHA-256 is its version."""
        if not self._root.is_dir():
            raise Permanent(f"{self._root} is not a folder that can be read")
        try:
            root = self._root.resolve(strict=True)
            self._paths = distinct(sorted(self._walk(root, "", root)))
        except OSError as error:
            raise _unreadable(error) from error
        versions: dict[str, str] = {}
        pages: dict[str, bytes] = {}
        whole = hashlib.sha256()
        for path, actual in self._paths.items():
            content = self._content(actual)
            versions[path] = _version(content)
            whole.update(f"{path}\0{versions[path]}\0".encode())
            if is_page(path):
                pages[path] = content
        return Tree(versions, pages, whole.hexdigest())

    def read(self, path: str, version: str) -> bytes:
        """As `Files.read`, of a file that the last scan found."""
        if path not in self._paths:
            raise Gone(f"'{path}' is not there")
        try:
            content = (self._root / self._paths[path]).read_bytes()
        except FileNotFoundError as error:
            raise Gone(f"'{path}' is not there any more") from error
        except OSError as error:
            raise _unreadable(error) from error
        if _version(content) != version:
            raise Gone(f"'{path}' was changed")
        return content

    def _walk(self, folder: Path, prefix: str, root: Path) -> Iterator[str]:
        with os.scandir(folder) as entries:
            for entry in entries:
                path = prefix + entry.name
                if not self._selection.takes(path):
                    continue
                try:
                    path.encode()
                except UnicodeEncodeError as error:
                    raise Permanent(f"{path!a} is not the name of a file in UTF-8") from error
                if entry.is_symlink():
                    _refuse_leaving(path, entry.path, root)
                if entry.is_dir(follow_symlinks=False):
                    yield from self._walk(Path(entry.path), f"{path}/", root)
                elif entry.is_file():
                    yield path

    def _content(self, actual: str) -> bytes:
        try:
            return (self._root / actual).read_bytes()
        except FileNotFoundError as error:
            raise Transient(f"'{actual}' disappeared while the folder was read") from error
        except OSError as error:
            raise _unreadable(error) from error


def _refuse_leaving(path: str, link: str, root: Path) -> None:
    try:
        target = Path(os.path.realpath(link, strict=True))
    except OSError as error:
        raise Permanent(f"'{path}' is a link that leads nowhere") from error
    if not target.is_relative_to(root):
        raise Permanent(f"'{path}' is a link that leaves the folder")


def _version(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _unreadable(error: OSError) -> Permanent:
    return Permanent(f"'{error.filename}' cannot be read: {error.strerror or 'unknown'}")
