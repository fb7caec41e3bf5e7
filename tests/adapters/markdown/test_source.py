"""A folder of Markdown is a source: identities, languages, folders, files, and no short answers."""

import os
import re
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from adapters.markdown import plugin
from adapters.markdown.folder import Folder
from deskside.errors import Gone, Permanent, Transient
from deskside.markup.meaning import semantic_hash
from deskside.markup.symbols import names
from deskside.model.article import Asset
from deskside.ports import KnowledgeSource, KnowledgeSourcePlugin
from tests.adapters.markdown.writing import only, source, write
from tests.shared import shared

PNG = b"\x89PNG\r\n\x1a\n-"


def test_the_plugin_fits_its_port(tmp_path: Path) -> None:
    found: KnowledgeSourcePlugin = plugin
    opened: KnowledgeSource = source(write(tmp_path, {"a.md": "# A"}))
    assert (found.name, opened.name) == ("markdown", "handbook")


def test_front_matter_says_everything(tmp_path: Path) -> None:
    text = (
        "---\nid: 0012\ntitle: No\nlanguage: en_GB\nlabels: [billing, 'two words']\ntags: a, b\ndraft: yes\n"
        "position: 7\nother: {x: 1}\n---\n\nText.\n"
    )
    document = only(write(tmp_path, {"Billing/a.md": text}), url="https://git.example.com/{path}")
    assert (document.id, document.title, document.language) == ("0012", "No", "en-gb")
    assert document.labels == ("billing", "two words", "a", "b")
    assert (document.draft, document.position, document.path, document.space) == (True, 7, ("Billing",), "Billing")
    assert (document.html, document.names, document.warnings) == ("<p>Text.</p>", ("Billing/a.md",), ())
    assert document.url == "https://git.example.com/Billing/a.md"


def test_without_front_matter_the_path_is_the_id_and_a_heading_the_title(tmp_path: Path) -> None:
    document = only(write(tmp_path, {"a/b.md": "# The *title*\n\nText."}))
    assert (document.id, document.title, document.html) == ("a/b.md", "The title", "<p>Text.</p>")
    assert document.warnings == ("The front matter has no id: a file that is renamed is taken for another document.",)


def test_a_renamed_file_with_an_id_is_the_same_document(tmp_path: Path) -> None:
    write(tmp_path, {"old/a.md": "---\nid: x\n---\n# A", "b.md": "---\nid: y\n---\n# B\n[a](old/a.md#part)"})
    opened = source(tmp_path)
    before = {listed.id: listed.version for listed in opened.listing().documents}
    (linking,) = opened.read("y")
    assert names(linking.html) == ("x",)
    (tmp_path / "new").mkdir()
    (tmp_path / "old/a.md").rename(tmp_path / "new/a.md")
    after = {listed.id: listed.version for listed in opened.listing().documents}
    assert set(after) == set(before)
    # Its path changed, and the other's link leads nowhere now.
    assert after["x"] != before["x"]
    assert after["y"] != before["y"]
    assert opened.read("x")[0].path == ("new",)
    assert any("old/a.md" in warning for warning in opened.read("y")[0].warnings)


def test_languages_by_suffix_and_by_front_matter_are_one_document(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "a.md": "---\nid: a\nlabels: [x]\nposition: 3\n---\n# A",
            "a.ru.md": "# А",
            "de/anderer-name.md": "---\ntranslation_of: a\nlanguage: de\n---\n# B",
            "notes.old.md": "# Not a language",
        },
    )
    opened = source(tmp_path, languages=["ru", "de"])
    assert {listed.id for listed in opened.listing().documents} == {"a", "notes.old.md"}
    documents = opened.read("a")
    assert [(document.language, document.title) for document in documents] == [("en-us", "A"), ("ru", "А"), ("de", "B")]
    assert {document.source_language for document in documents} == {"en-us"}
    assert {(document.labels, document.position) for document in documents} == {(("x",), 3)}
    assert len({document.version for document in documents}) == 1


def test_a_folder_has_the_title_of_its_index(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "billing/_index.md": "---\ntitle: Bills and money\n---\n",
            "billing/index.md": "---\nid: top\n---\n# Another title",
            "billing/cards/index.md": "---\nid: cards\n---\n# Cards",
            "billing/cards/lost.md": "---\nid: lost\n---\n# Lost",
            "billing/vat.md": "---\nid: vat\n---\n# VAT",
        },
    )
    opened = source(tmp_path)
    assert len(opened.listing().documents) == 4
    found = {id: opened.read(id)[0] for id in ("top", "cards", "lost", "vat")}
    assert found["lost"].path == ("Bills and money", "Cards")
    assert {id: document.parent for id, document in found.items()} == {
        "top": None,
        "cards": "top",
        "lost": "cards",
        "vat": "top",
    }


def test_a_document_is_listed_as_changed_with_what_it_shows(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "g/a.md": "---\nid: a\n---\n![x](../img/a%20b.png)",
        "g/b.md": "---\nid: b\n---\ntext",
        "img/a b.png": PNG,
    }
    opened = source(write(tmp_path, files))

    def changed(path: str, content: str | bytes) -> set[str]:
        before = {(listed.id, listed.version) for listed in opened.listing().documents}
        write(tmp_path, {path: content})
        after = {(listed.id, listed.version) for listed in opened.listing().documents}
        return {id for id, _ in after - before}

    assert changed("unrelated.txt", "x") == set()
    assert changed("img/a b.png", PNG + b"2") == {"a"}
    assert changed("g/b.md", "---\nid: b\n---\nother") == {"b"}
    assert changed("g/_index.md", "---\ntitle: Group\n---") == {"a", "b"}


def test_files_are_fetched_as_they_were_when_they_were_read(tmp_path: Path) -> None:
    write(tmp_path, {"g/a.md": "![x](../img/a%20b.png)\n[p](/f/p.pdf)", "img/a b.png": PNG, "f/p.pdf": b"%PDF"})
    opened = source(tmp_path)
    (document,) = opened.read("g/a.md")
    picture, paper = document.assets
    assert (picture.filename, picture.content_type, opened.fetch(picture)) == ("a b.png", "image/png", PNG)
    assert (paper.filename, paper.content_type, opened.fetch(paper)) == ("p.pdf", "application/pdf", b"%PDF")
    write(tmp_path, {"img/a b.png": b"other"})
    with pytest.raises(Gone):
        opened.fetch(picture)
    (document,) = opened.read("g/a.md")
    assert document.assets[0].ref == picture.ref, "the listing still is the earlier one"
    opened.listing()
    (document,) = opened.read("g/a.md")
    assert document.assets[0].ref != picture.ref


@pytest.mark.parametrize(
    "link", ["../secret.txt", "..%2Fsecret.txt", "a/../../secret.txt", ".hidden", "%2e%2e/secret.txt"]
)
def test_nothing_outside_of_the_folder_and_nothing_hidden_is_served(tmp_path: Path, link: str) -> None:
    write(tmp_path, {"secret.txt": "secret", "root/a.md": f"# A\n[x]({link})\n![y]({link})", "root/.hidden": "secret"})
    opened = source(tmp_path / "root")
    (document,) = opened.read("a.md")
    assert document.assets == ()
    assert "href" not in document.html
    assert "src" not in document.html
    assert any("left out" in warning for warning in document.warnings)
    version = "0" * 64
    for path in (link, "../secret.txt", ".hidden", str(tmp_path / "secret.txt")):
        with pytest.raises(Gone):
            opened.fetch(Asset(f"{version}/{path}", "x", "text/plain"))


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a.md": "---\nid: x\n---", "b/c.md": "---\nid: x\n---"}, "'a.md' and 'b/c.md' both are 'x'"),
        ({"a.md": "---\nid: [\n---"}, "'a.md': the front matter is not YAML"),
        ({"a.md": "---\nid: [1]\n---"}, "'a.md': id is to be one text"),
        ({"a.md": "---\ndraft: perhaps\n---"}, "'a.md': draft is 'perhaps'"),
        ({"a.md": "---\nposition: 1.5\n---"}, "'a.md': position is '1.5'"),
        ({"a.md": "---\nlabels: {a: b}\n---"}, "'a.md': labels are to be"),
        ({"a.md": "---\nlanguage: English!\n---"}, "'a.md': language 'english!'"),
        ({"a.md": "---\njust a text\n---\n"}, "'a.md': the front matter is no list of keys"),
        ({"a.md": "---\ntranslation_of: x\nlanguage: ru\n---"}, "no file has that id"),
        ({"a.md": "---\ntranslation_of: x\nid: y\n---"}, "has both"),
        ({"a.md": b"\xff\xfe"}, "'a.md' is not text in UTF-8"),
        ({"A.md": "a", "a.md": "b"}, "'A.md' and 'a.md' are the same file"),
        ({"é.png": "a", unicodedata.normalize("NFD", "É.png"): "b", "a.md": ""}, "are the same file"),
        ({"a.md": "---\nid: x\n# A"}, "'a.md': the front matter has no end"),
    ],
)
def test_what_cannot_be_read_is_an_error_of_the_whole_listing(
    tmp_path: Path, files: dict[str, str | bytes], said: str
) -> None:
    opened = source(write(tmp_path, {"good.md": "# Good", **files}))
    with pytest.raises(Permanent, match=re.escape(said)) as caught:
        opened.listing()
    (result,) = opened.check()
    assert (result.ok, result.message) == (False, str(caught.value))


@pytest.mark.parametrize("path", ["a.txt", ".hidden/a.md", "_index.md"])
def test_a_folder_without_a_page_is_an_error(tmp_path: Path, path: str) -> None:
    with pytest.raises(Permanent, match="there is no Markdown file"):
        source(write(tmp_path, {path: "text"})).listing()


def test_a_folder_that_is_missing_or_is_none_is_not_an_empty_source(tmp_path: Path) -> None:
    for root in (tmp_path / "missing", write(tmp_path, {"file": ""}) / "file"):
        with pytest.raises(Permanent, match="is not a folder"):
            source(root).listing()


@contextmanager
def as_nobody() -> Iterator[None]:
    """Without the rights of root, who may read everything."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


def test_a_file_or_folder_that_may_not_be_read_is_an_error() -> None:
    # Not in `tmp_path`, whose parents nobody else may enter.
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o755)
        write(root, {"a.md": "# A", "b/c.md": "# C"})
        for path in (root / "a.md", root / "b"):
            mode = path.stat().st_mode
            path.chmod(0)
            try:
                with as_nobody(), pytest.raises(Permanent, match="cannot be read"):
                    source(root).listing()
            finally:
                path.chmod(mode)
        with as_nobody():
            assert len(source(root).listing().documents) == 2


def test_links_of_the_file_system_stay_inside(tmp_path: Path) -> None:
    write(tmp_path, {"root/a.md": "# A", "root/sub/b.md": "# B", "outside.md": "# Out"})
    root = tmp_path / "root"
    (root / "c.md").symlink_to("sub/b.md")
    (root / "again").symlink_to("sub")
    assert {listed.id for listed in source(root).listing().documents} == {"a.md", "c.md", "sub/b.md"}
    (root / "out.md").symlink_to("../outside.md")
    with pytest.raises(Permanent, match=r"'out.md' is a link that leaves"):
        source(root).listing()
    (root / "out.md").unlink()
    for target in ("missing.md", "nowhere.md"):
        (root / "nowhere.md").symlink_to(target)
        with pytest.raises(Permanent, match=r"'nowhere.md' is a link that leads nowhere"):
            source(root).listing()
        (root / "nowhere.md").unlink()


def test_paths_are_composed_and_found_in_any_case(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "é.md")
    write(tmp_path, {decomposed: "# E", "a.md": "---\nid: a\n---\n[e](É.md) ![i](IMG.PNG)", "img.png": PNG})
    opened = source(tmp_path)
    assert {listed.id for listed in opened.listing().documents} == {"a", "é.md"}
    (document,) = opened.read("a")
    assert names(document.html) == ("é.md",)
    assert opened.fetch(document.assets[0]) == PNG


def test_ignored_files_are_no_documents(tmp_path: Path) -> None:
    write(tmp_path, {"README.md": "#", "a.md": "#", "drafts/b.md": "#", "x/README.md": "#"})
    listed = source(tmp_path, ignore=["README.md", "*/README.md", "drafts/*"]).listing().documents
    assert [document.id for document in listed] == ["a.md"]


def test_a_document_is_gone_only_after_a_new_look(tmp_path: Path) -> None:
    opened = source(write(tmp_path, {"a.md": "# A", "b.md": "# B"}))
    opened.listing()
    write(tmp_path, {"c.md": "# C"})
    assert opened.read("c.md")[0].title == "C"
    (tmp_path / "b.md").unlink()
    with pytest.raises(Gone):
        opened.read("b.md")
    (tmp_path / "a.md").unlink()
    (tmp_path / "c.md").unlink()
    with pytest.raises(Permanent) as caught:
        opened.read("a.md")
    assert not isinstance(caught.value, Gone), "an emptied folder says nothing of its documents"


def test_a_file_that_changes_between_listing_and_reading_is_read_as_it_is(tmp_path: Path) -> None:
    opened = source(write(tmp_path, {"a.md": "# A"}))
    (before,) = opened.listing().documents
    write(tmp_path, {"a.md": "# B"})
    (document,) = opened.read("a.md")
    assert document.title == "B"
    assert document.version != before.version
    assert document.version == opened.listing().documents[0].version


def test_a_file_that_changes_all_the_time_is_tried_again_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def changed(self: Folder, path: str, version: str) -> bytes:
        raise Gone("changed")

    opened = source(write(tmp_path, {"a.md": "# A"}))
    monkeypatch.setattr(Folder, "read", changed)
    with pytest.raises(Transient):
        opened.read("a.md")


def test_a_listing_is_complete_and_its_stamp_changes_with_any_file(tmp_path: Path) -> None:
    opened = source(write(tmp_path, {"a.md": "# A"}))
    first, again = opened.changes(""), opened.changes("x")
    assert first == again
    assert first.complete
    write(tmp_path, {"b.png": PNG})
    assert opened.changes(first.watermark).watermark != first.watermark


@pytest.mark.parametrize(
    "section",
    [
        {},
        {"folder": ""},
        {"folder": "a", "language": "English"},
        {"folder": "a", "languages": ["RU"]},
        {"folder": "a", "url": "https://git.example.com/"},
        {"folder": "a", "url": "javascript:{path}"},
        {"folder": "a", "branch": "main"},
    ],
)
def test_a_section_that_cannot_be_meant_is_refused(section: dict[str, object]) -> None:
    assert plugin.schema().validate(section)


def test_a_whole_help_centre_is_read() -> None:
    opened = source(shared("data/arduino_hc/content"))
    listed = opened.listing().documents
    assert len(listed) == 414
    documents = [document for document in listed for document in opened.read(document.id)]
    assert all(document.title and document.id.isdigit() and len(document.path) == 2 for document in documents)
    assert sum(document.draft for document in documents) == 4
    assert all(semantic_hash(document.title, document.html) for document in documents)
