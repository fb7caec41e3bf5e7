"""A checkout of a git repository: the files as they are in its last commit."""

import os
import posixpath
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from adapters.markdown.files import Selection, Tree, distinct, is_page
from deskside.errors import Gone, Permanent, Transient

_TIMEOUT = 60.0
_LINK, _SUBMODULE = "120000", "160000"
_OBJECT = re.compile(r"[0-9a-f]{40,64}")


class Checkout:
    """Files of the commit that is checked out, below a folder of the checkout, read from git's own objects.

    Nothing is read that a person has not committed, and nothing half written: what git holds for one commit does not
    change. A checkout that is shallow, empty or not clean is refused, because what is not in it would look missing.
    """

    def __init__(self, root: Path, selection: Selection) -> None:
        self._root = root
        self._selection = selection

    def scan(self) -> Tree:
        """As `Files.scan`; the ids of git's blobs are the versions, that of the commit is the stamp."""
        commit = self._clean_commit()
        blobs = self._blobs(commit)
        paths = distinct(sorted(blobs))
        versions = {path: blobs[actual] for path, actual in paths.items()}
        pages = [path for path in versions if is_page(path)]
        contents = self._contents(sorted({versions[path] for path in pages}))
        for path in pages:
            if versions[path] not in contents:
                raise Permanent(f"'{path}' is not among git's objects: fetch all of the repository")
        return Tree(versions, {path: contents[versions[path]] for path in pages}, commit)

    def read(self, path: str, version: str) -> bytes:
        """As `Files.read`; git keeps earlier versions too."""
        if not _OBJECT.fullmatch(version):
            raise Gone(f"'{path}' has no such version")
        found = self._contents([version]).get(version)
        if found is None:
            raise Gone(f"'{path}' has no such version")
        return found

    def _clean_commit(self) -> str:
        if not self._root.is_dir():
            raise Permanent(f"{self._root} is not a folder that can be read")
        shallow = self._git("rev-parse", "--is-shallow-repository").decode().strip()
        if shallow != "false":
            raise Permanent(f"{self._root} is a shallow clone: fetch all of it (git fetch --unshallow)")
        if self._git("status", "--porcelain=v1", "-z", "--", "."):
            raise Permanent(f"{self._root} has changes that are not committed: commit or remove them")
        return self._git("rev-parse", "--verify", "HEAD^{commit}").decode().strip()

    def _blobs(self, commit: str) -> dict[str, str]:
        found: dict[str, str] = {}
        links: dict[str, str] = {}
        for line in self._git("ls-tree", "-r", "-z", commit).split(b"\0")[:-1]:
            facts, _, name = line.partition(b"\t")
            mode, _, blob = facts.decode().split(" ")
            try:
                path = name.decode()
            except UnicodeDecodeError as error:
                raise Permanent(f"{ascii(name)[2:-1]} is not the name of a file in UTF-8") from error
            if not self._selection.takes(path):
                continue
            if mode == _SUBMODULE:
                raise Permanent(f"'{path}' is a submodule: make it a source of its own, and ignore it here")
            (links if mode == _LINK else found)[path] = blob
        return found | self._followed(links, found)

    def _followed(self, links: Mapping[str, str], found: Mapping[str, str]) -> dict[str, str]:
        """The blobs that links name; links to folders lead to what is listed already."""
        if not links:
            return {}
        targets = self._contents(sorted(set(links.values())))
        leads = {
            path: posixpath.normpath(
                posixpath.join(posixpath.dirname(path), targets.get(blob, b"?").decode("utf-8", "replace"))
            )
            for path, blob in links.items()
        }
        followed = {}
        for path in links:
            target = path
            for _ in range(len(leads) + 1):
                target = leads.get(target, target)
                if target.startswith(("../", "/")) or target == "..":
                    raise Permanent(f"'{path}' is a link that leaves the folder")
            if target in found:
                followed[path] = found[target]
            elif target != "." and not any(other.startswith(f"{target}/") for other in found):
                raise Permanent(f"'{path}' is a link that leads nowhere")
        return followed

    def _contents(self, blobs: Sequence[str]) -> dict[str, bytes]:
        """The bytes of blobs, without those that git does not have."""
        output = self._git("cat-file", "--batch", send="".join(f"{blob}\n" for blob in blobs).encode())
        contents, start = {}, 0
        for blob in blobs:
            end = output.index(b"\n", start)
            kind = output[start:end].decode().split(" ")
            if len(kind) != 3:
                start = end + 1
                continue
            start = end + 1 + int(kind[2])
            contents[blob] = output[end + 1 : start]
            start += 1
        return contents

    def _git(self, *command: str, send: bytes = b"") -> bytes:
        # The configuration names this folder, whoever owns it; a repository may name programs, and none is run.
        options = ["safe.directory=*", "core.fsmonitor=false", f"core.hooksPath={os.devnull}"]
        try:
            done = subprocess.run(  # noqa: S603
                ["git", *(part for option in options for part in ("-c", option)), *command],  # noqa: S607
                cwd=self._root,
                env=_environment(),
                input=send,
                capture_output=True,
                timeout=_TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise Transient(f"git {command[0]} did not answer within {_TIMEOUT:g} seconds") from error
        except OSError as error:
            raise Permanent(f"git cannot be run: {error.strerror}") from error
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise Permanent(f"git {command[0]} in {self._root}: {said[0] if said else f'code {done.returncode}'}")
        return done.stdout


def _environment() -> dict[str, str]:
    """No person's settings, no questions, nothing fetched."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
    }
