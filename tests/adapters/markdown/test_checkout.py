"""A git checkout is read at its commit, and refused where it is not all there."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from deskside.errors import Gone, Permanent
from tests.adapters.markdown.writing import commit, git, source, write

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
FILES: dict[str, str | bytes] = {"docs/a.md": "---\nid: a\n---\n# A\n![i](i.png)", "docs/i.png": b"one", "src/x.py": ""}


def test_a_clean_checkout_is_read_at_its_commit(tmp_path: Path) -> None:
    root = commit(tmp_path, FILES)
    opened = source(root / "docs", git=True)
    listing = opened.listing()
    assert [listed.id for listed in listing.documents] == ["a"]
    assert (listing.complete, listing.watermark) == (True, git(root, "rev-parse", "HEAD"))
    (document,) = opened.read("a")
    assert (document.title, document.path, document.names) == ("A", (), ("a.md",))
    assert opened.fetch(document.assets[0]) == b"one"


def test_the_version_is_that_of_the_files_not_of_the_commit(tmp_path: Path) -> None:
    opened = source(commit(tmp_path, FILES), git=True)
    before = opened.listing()
    commit(tmp_path, {"src/x.py": "other"})
    after = opened.listing()
    assert after.documents == before.documents
    assert after.watermark != before.watermark
    commit(tmp_path, {"docs/i.png": b"two"})
    assert opened.listing().documents != before.documents


def test_what_was_listed_is_read_even_after_the_next_commit(tmp_path: Path) -> None:
    opened = source(commit(tmp_path, FILES), git=True)
    opened.listing()
    (before,) = opened.read("a")
    git(tmp_path, "mv", "docs/a.md", "docs/b.md")
    commit(tmp_path, {"docs/i.png": b"two"})
    assert opened.read("a") == [before]
    assert opened.fetch(before.assets[0]) == b"one"
    assert [listed.id for listed in opened.listing().documents] == ["a"]
    assert opened.read("a")[0].names == ("docs/b.md",)


def test_a_checkout_that_is_not_clean_is_refused(tmp_path: Path) -> None:
    opened = source(commit(tmp_path, FILES), git=True)
    write(tmp_path, {"docs/new.md": "# New"})
    with pytest.raises(Permanent, match="not committed"):
        opened.listing()
    (tmp_path / "docs/new.md").unlink()
    (tmp_path / "docs/a.md").unlink()
    with pytest.raises(Permanent, match="not committed"):
        opened.listing()
    git(tmp_path, "checkout", "--", ".")
    assert len(opened.listing().documents) == 1


def test_a_shallow_clone_is_refused(tmp_path: Path) -> None:
    commit(tmp_path / "origin", FILES)
    commit(tmp_path / "origin", {"docs/b.md": "# B"})
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{tmp_path}/origin", "shallow")
    with pytest.raises(Permanent, match="shallow"):
        source(tmp_path / "shallow", git=True).listing()


def test_a_repository_without_a_commit_or_a_page_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "none", {})
    (tmp_path / "none").mkdir()
    git(tmp_path / "none", "init", "--quiet")
    with pytest.raises(Permanent, match="git rev-parse"):
        source(tmp_path / "none", git=True).listing()
    with pytest.raises(Permanent, match="no Markdown file"):
        source(commit(tmp_path / "code", {"x.py": ""}), git=True).listing()


def test_a_folder_that_is_no_repository_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", str(commit(tmp_path / "other", FILES) / ".git"))
    with pytest.raises(Permanent, match="not a git repository"):
        source(write(tmp_path / "plain", {"a.md": "# A"}), git=True).listing()


def test_links_are_followed_inside_and_refused_outside(tmp_path: Path) -> None:
    root = commit(tmp_path, {"docs/a.md": "# A", "out.md": "# Out"})
    (root / "docs/b.md").symlink_to("a.md")
    (root / "docs/all").symlink_to(".")
    commit(root)
    opened = source(root / "docs", git=True)
    assert {listed.id for listed in opened.listing().documents} == {"a.md", "b.md"}
    assert opened.read("b.md")[0].title == "A"
    for target, said in (("../out.md", "leaves the folder"), ("/etc/passwd", "leaves"), ("none.md", "leads nowhere")):
        (root / "docs/c.md").symlink_to(target)
        commit(root)
        with pytest.raises(Permanent, match=said):
            opened.listing()
        (root / "docs/c.md").unlink()


def test_a_repository_cannot_have_programs_run(tmp_path: Path) -> None:
    root = commit(tmp_path, FILES)
    ran = tmp_path.parent / f"{tmp_path.name}-ran"
    script = write(root / ".git", {"run.sh": f"#!/bin/sh\ntouch '{ran}'\n"}) / "run.sh"
    script.chmod(0o755)
    git(root, "config", "core.fsmonitor", str(script))
    shutil.copy(script, root / ".git/hooks/post-index-change")
    os.utime(root / "docs/a.md")
    assert len(source(root, git=True).listing().documents) == 1
    assert not ran.exists()


def test_a_version_git_does_not_have_is_gone(tmp_path: Path) -> None:
    opened = source(commit(tmp_path, FILES), git=True)
    opened.listing()
    (document,) = opened.read("a")
    commit(tmp_path, {"docs/a.md": "---\nid: a\n---\n# A"})
    asset = document.assets[0]
    for ref in ("0" * 40 + "/docs/i.png", "HEAD/docs/i.png", "--help/docs/i.png"):
        with pytest.raises(Gone):
            opened.fetch(replace(asset, ref=ref))
