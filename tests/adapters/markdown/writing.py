"""Writes folders of Markdown and opens them as sources."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from adapters.markdown import plugin
from adapters.markdown.source import MarkdownSource
from deskside.model.article import Document
from deskside.ports import Surface


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Put files below `root`, which is made where it is not there."""
    for path, content in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def source(root: Path, **settings: Any) -> MarkdownSource:
    """The source of a folder, with settings as they stand in the configuration."""
    loaded = plugin.schema().load({"folder": str(root), **settings})
    return plugin.build("handbook", loaded, cast(Surface, None))


def only(root: Path, **settings: Any) -> Document:
    """The one document, in one language, of a folder."""
    opened = source(root, **settings)
    (listed,) = opened.listing().documents
    (document,) = opened.read(listed.id)
    return document


def git(root: Path, *command: str) -> str:
    """Run git in a repository, as nobody in particular."""
    people = {f"GIT_{role}_{part}": "a@example.com" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    clean = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "PATH": os.environ["PATH"], **people}
    return subprocess.run(
        ["git", *command], cwd=root, env=clean, check=True, capture_output=True, text=True
    ).stdout.strip()


def commit(root: Path, files: Mapping[str, str | bytes] | None = None) -> Path:
    """Write files and commit everything; the repository is made where it is not there."""
    write(root, files or {})
    if not (root / ".git").exists():
        git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--message", "change")
    return root
