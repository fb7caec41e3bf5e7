"""The local index as a target: articles that Deskside keeps itself."""

import pytest
import sqlalchemy as sa

from adapters.index import plugin
from adapters.index.target import IndexTarget
from deskside.errors import Gone
from deskside.guard import AddressGuard
from deskside.model.article import Filing, Text
from deskside.ports import Surface

HTML = "<p>Press <strong>Renew</strong></p>"


@pytest.fixture
def target(database: sa.Engine) -> IndexTarget:
    return plugin.build("inside", {}, Surface({}, AddressGuard(), database, "https://side.example"))


@pytest.fixture
def section(target: IndexTarget) -> str:
    return target.create_section(("Billing", "Invoices / bills"), "en")


def make(target: IndexTarget, section: str, marker: str = "m1", *, draft: bool = False) -> str:
    number = target.create(marker, Filing(section, labels=("ours",)), Text("en", "Renew", HTML, draft=True))
    target.write_text(number, Text("en", "Renew", HTML, draft=draft))
    return number


def test_an_article_is_read_back_as_it_was_written(target: IndexTarget, section: str) -> None:
    number = make(target, section)
    target.write_text(number, Text("ru", "Продлить", "<p>Да</p>", outdated=True))
    article = target.read(number)
    assert (article.marker, article.labels, article.public) == ("m1", ("ours",), False)
    assert article.url == f"https://side.example/kb/internal/{number}"
    assert (article.texts["en"].title, article.texts["en"].html, article.texts["en"].draft) == ("Renew", HTML, False)
    assert article.texts["ru"].outdated
    assert list(target.listing()) == [article]
    assert target.sections() == {("Billing", "Invoices / bills"): section}


def test_it_is_made_hidden(target: IndexTarget, section: str) -> None:
    number = target.create("m1", Filing(section), Text("en", "Renew", HTML, draft=True))
    assert target.read(number).texts["en"].draft


def test_the_same_marker_makes_no_twin(target: IndexTarget, section: str) -> None:
    number = make(target, section)
    assert make(target, section) == number == target.find("m1")
    assert len(list(target.listing())) == 1
    assert target.find("m2") is None


def test_an_edit_is_never_older_than_the_last(target: IndexTarget, section: str) -> None:
    number = make(target, section)
    seen = [target.read(number).texts["en"].edited_at]
    for title in ("Renew", "Renew it", "Renew"):
        target.write_text(number, Text("en", title, HTML))
        seen.append(target.read(number).texts["en"].edited_at)
    assert seen[0] == seen[1] < seen[2] < seen[3]


def test_what_is_archived_is_gone_and_comes_back_under_its_id(target: IndexTarget, section: str) -> None:
    number = make(target, section)
    target.archive(number)
    target.archive(number)
    assert list(target.listing()) == []
    for ask in (
        lambda: target.read(number),
        lambda: target.write_text(number, Text("en", "x", "")),
        lambda: target.file(number, "m1", Filing(section)),
    ):
        with pytest.raises(Gone):
            ask()
    assert target.redirect(number, "https://help.example/1")
    assert make(target, section) == number
    assert not target.redirect(number, "https://help.example/1")


@pytest.mark.parametrize("number", ["", "0", "x", "9" * 30, "-1", "²"])
def test_what_is_no_id_is_gone(target: IndexTarget, number: str) -> None:
    with pytest.raises(Gone):
        target.read(number)


def test_articles_of_another_index_are_not_its_own(target: IndexTarget, section: str, database: sa.Engine) -> None:
    number = make(target, section)
    other = plugin.build("other", {}, Surface({}, AddressGuard(), database))
    other.archive(number)
    with pytest.raises(Gone):
        other.read(number)
    assert target.read(number).id == number


def test_filing_keeps_other_peoples_labels_and_the_order(target: IndexTarget, section: str) -> None:
    number = make(target, section)
    target.file(number, "m1", Filing(section, labels=("ours", "theirs"), position=4))
    elsewhere = target.create_section(("Elsewhere",), "en")
    target.file(number, "m1", Filing(elsewhere, labels=("new",), labels_before=("ours",)))
    article = target.read(number)
    assert (article.section, article.labels, article.position) == (elsewhere, ("new", "theirs"), 4)


def test_what_could_run_is_taken_out_before_it_is_kept(target: IndexTarget, section: str) -> None:
    number = target.create("m1", Filing(section), Text("en", "x", "<p onclick='x()'>a<script>alert(1)</script></p>"))
    assert target.read(number).texts["en"].html == "<p>a</p>"


def test_the_same_file_is_kept_once(target: IndexTarget) -> None:
    one, two = (target.upload(name, "image/png", b"\x89PNG") for name in ("a.png", "b.png"))
    assert one == two
    assert one.url == f"https://side.example/kb/files/{one.reference}"


def test_nothing_outside_is_asked(target: IndexTarget) -> None:
    assert all(result.ok for result in target.preflight(["en", "ja"]))
    assert target.requests == 0
