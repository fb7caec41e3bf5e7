"""The handbook that visitors of the demonstration see: whole, linked, small, and about what the clients write."""

import posixpath
import re
from pathlib import Path

import frontmatter
import pytest

from deskside.demo import cast
from deskside.demo.handbook import FOLDER, copy_to

LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
PAGES = {path.relative_to(FOLDER).as_posix(): path.read_text() for path in FOLDER.rglob("*.md")}
# A word or two of each kind of ticket, and the article that answers it.
ANSWERS = {
    "does not respond": "Servers/server-down.md", "is down": "Servers/server-down.md",
    "load slowly": "Servers/slow-site.md", "certificate warning": "Domains/certificates.md",
    "502": "Servers/bad-gateway.md", "room is left": "Servers/disk-space.md",
    "strange address": "Servers/strange-requests.md", "invoice": "Billing/invoices.md",
    "next plan": "Billing/change-plan.md", "control panel": "Billing/team-access.md", "HTTP/3": "Servers/http3.md",
    "Не отвечает": "Servers/server-down.ru.md", "сертификат": "Domains/certificates.ru.md",
    "ssh": "Servers/ssh-access.ru.md", "сайт {other} работает": "Servers/server-down.ru.md",
    "акт": "Billing/invoices.ru.md", "добавить коллегу": "Billing/team-access.ru.md",
    "тариф": "Billing/change-plan.ru.md",
}  # fmt: skip


def test_every_document_says_who_it_is_once() -> None:
    known = {path: frontmatter.loads(text) for path, text in PAGES.items()}
    originals = {path: page for path, page in known.items() if not path.endswith(".ru.md")}
    ids = [page["id"] for page in originals.values()]
    assert len(ids) == len(set(ids)) >= 14
    assert all(page["title"] and page["labels"] for page in known.values())
    translated = {path.removesuffix(".ru.md") + ".md" for path in known if path.endswith(".ru.md")}
    assert len(translated) >= 4
    assert translated <= set(originals)


@pytest.mark.parametrize("path", sorted(PAGES))
def test_every_link_and_image_leads_somewhere(path: str) -> None:
    for target in LINK.findall(PAGES[path]):
        if "://" not in target:
            assert (FOLDER / posixpath.normpath(posixpath.join(posixpath.dirname(path), target))).is_file(), target


def test_images_are_few_and_small() -> None:
    images = sorted((FOLDER / "images").glob("*.png"))
    assert 2 <= len(images) <= 4
    assert all(image.stat().st_size < 30_000 for image in images)
    assert all(any(image.name in text for text in PAGES.values()) for image in images)


def test_what_clients_of_the_demonstration_ask_has_an_article() -> None:
    groups = (cast.DOWN, cast.ABOUT_A_SERVER, cast.GENERAL)
    groups += (cast.DOWN_RUSSIAN, cast.ABOUT_A_SERVER_RUSSIAN, cast.GENERAL_RUSSIAN)
    letters = "\n".join(f"{letter.subject}\n{letter.text}" for group in groups for letter in group).lower()
    for words, path in ANSWERS.items():
        assert words.lower() in letters
        assert path in PAGES


def test_a_copy_of_it_has_documents_and_images_and_no_program(tmp_path: Path) -> None:
    folder = copy_to(tmp_path / "handbook")
    copied = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert set(PAGES) < copied
    assert {Path(name).suffix for name in copied} == {".md", ".png"}
