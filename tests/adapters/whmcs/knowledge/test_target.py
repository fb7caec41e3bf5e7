"""What the target promises of articles in WHMCS, through the real addon on both databases."""

import base64
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import requests

from deskside.errors import Gone, Permanent, TargetRefuses
from deskside.model.article import Filing, Text
from tests.adapters.whmcs.knowledge.conftest import Base, target_of

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
ENGLISH = Text("en-us", "How to <set> up DNS & mail", "<p>Set the MX record.</p>")


def test_a_draft_is_nowhere_in_whmcs(base: Base) -> None:
    created = base.target.create("m-1", Filing("1", ("dns",)), ENGLISH)
    base.target.write_text(created, replace(ENGLISH, html="<p>Still secret</p>", draft=True))
    assert not base.in_whmcs("Set the MX record")
    assert not base.in_whmcs("Still secret")
    assert "DNS" not in base.visitor_sees(created)
    article = base.target.read(created)
    assert (article.texts["en-us"].html, article.texts["en-us"].draft) == ("<p>Still secret</p>", True)
    assert (article.section, article.public, article.marker, article.labels) == ("1", False, "m-1", ("dns",))
    assert base.target.sections() == {("General",): "1"}


def test_what_is_shown_is_what_was_written(base: Base) -> None:
    created = base.target.create("m-1", Filing("1", position=7), ENGLISH)
    base.target.write_text(created, ENGLISH)
    assert "<p>Set the MX record.</p>" in base.visitor_sees(created)
    article = base.target.read(created)
    assert (article.texts["en-us"].title, article.texts["en-us"].html) == (ENGLISH.title, ENGLISH.html)
    assert (article.public, article.position, article.segment) == (True, 7, "")
    assert article.url == f"{base.whmcs.base_url}/knowledgebase.php?action=displayarticle&id={created}"
    (row,) = base.stored(created)
    # Themes print titles as they are stored.
    assert row["title"] == "How to &lt;set&gt; up DNS &amp; mail"


def test_the_same_marker_is_the_same_article(base_on_each: Base) -> None:
    base = base_on_each
    first = base.target.create("m-1", Filing("1"), ENGLISH)
    assert base.target.create("m-1", Filing("1"), ENGLISH) == first
    assert base.target.find("m-1") == first
    assert base.target.find("m-2") is None
    assert len(base.whmcs.table("tblknowledgebase")) == 4


def test_two_at_once_make_one_article(base_on_mariadb: Base) -> None:
    base_on_mariadb.shown("m-0")
    start = threading.Barrier(4)

    def create() -> str:
        target = target_of(base_on_mariadb.whmcs)
        start.wait(20)
        return target.create("m-1", Filing("1"), ENGLISH)

    with ThreadPoolExecutor(4) as pool:
        made = [future.result() for future in [pool.submit(create) for _ in range(4)]]
    assert len(set(made)) == 1
    assert len(base_on_mariadb.whmcs.table("tblknowledgebase")) == 5


def test_a_marker_whose_article_a_person_deleted_makes_a_new_one(base: Base) -> None:
    first = base.target.create("m-1", Filing("1"), ENGLISH)
    base.whmcs.execute("DELETE FROM tblknowledgebase WHERE id = ?", first)
    with pytest.raises(Gone):
        base.target.read(first)
    second = base.target.create("m-1", Filing("1"), ENGLISH)
    assert base.target.read(second).texts["en-us"].html == ENGLISH.html


def test_articles_of_other_people_are_read_and_never_written(base: Base) -> None:
    before = base.whmcs.table("tblknowledgebase"), base.whmcs.table("tblknowledgebaselinks")
    assert base.target.read("1").texts["en"].title == "How to restart a server"
    for write in (
        lambda: base.target.write_text("1", ENGLISH),
        lambda: base.target.file("1", "m-1", Filing("1", ("mine",))),
        lambda: base.target.archive("1"),
    ):
        with pytest.raises(Permanent, match="not made by Deskside"):
            write()
    assert (base.whmcs.table("tblknowledgebase"), base.whmcs.table("tblknowledgebaselinks")) == before
    assert base.whmcs.table("tblknowledgebasetags") == []


def test_archiving_hides_and_coming_back_keeps_address_views_and_votes(base_on_each: Base) -> None:
    base = base_on_each
    ours = base.shown("m-1")
    base.whmcs.execute("UPDATE tblknowledgebase SET views = 40, useful = 3, votes = 4 WHERE id = ?", ours)
    base.target.archive(ours)
    base.target.archive(ours)
    assert "How it is done" not in base.visitor_sees(ours)
    assert ours not in [article.id for article in base.target.listing()]
    with pytest.raises(Gone):
        base.target.read(ours)
    base.target.write_text(ours, Text("en", "Again", "<p>Back</p>"))
    assert "<p>Back</p>" in base.visitor_sees(ours)
    assert base.sections_of(ours) == [1]
    (row,) = base.stored(ours)
    assert (row["views"], row["useful"], row["votes"]) == (40, 3, 4)


def test_archiving_what_is_gone_is_no_error(base: Base) -> None:
    base.target.archive("999")


def test_a_person_brings_an_archived_article_back_in_whmcs(base: Base) -> None:
    ours = base.shown("m-1")
    base.target.archive(ours)
    base.whmcs.execute("UPDATE tblknowledgebase SET private = '' WHERE id = ?", ours)
    base.whmcs.execute("UPDATE tblknowledgebaselinks SET categoryid = 1 WHERE articleid = ?", ours)
    assert base.target.read(ours).public


def test_translations_are_rows_of_their_own_and_a_draft_of_one_is_none(base_on_each: Base) -> None:
    base = base_on_each
    ours = base.shown("m-1")
    russian = Text("ru", "Как это сделать", "<p>Вот так</p>")
    base.target.write_text(ours, russian)
    base.target.write_text(ours, replace(russian, html="<p>Иначе</p>"))
    row = next(row for row in base.stored(ours) if row["parentid"])
    assert (row["language"], row["article"], row["private"]) == ("russian", "<p>Иначе</p>", "")
    assert set(base.target.read(ours).texts) == {"ru", "en"}
    base.target.write_text(ours, replace(russian, draft=True))
    assert len(base.stored(ours)) == 1
    text = base.target.read(ours).texts["ru"]
    assert (text.html, text.draft) == ("<p>Вот так</p>", True)


def test_two_tags_of_one_language_are_one_text_in_whmcs(base: Base) -> None:
    ours = base.shown("m-1", language="en-us")
    with pytest.raises(Permanent, match="already, as en-us"):
        base.target.write_text(ours, Text("en-gb", "T", "<p>x</p>"))
    other = base.shown("m-2", language="en-gb")
    assert set(base.target.read(other).texts) == {"en-gb"}


def test_a_language_whmcs_does_not_have_is_refused(base: Base) -> None:
    with pytest.raises(Permanent, match="ja"):
        base.target.create("m-1", Filing("1"), Text("ja", "T", "<p>x</p>"))


def test_filing_moves_and_leaves_what_other_people_added(base_on_each: Base) -> None:
    base = base_on_each
    ours = base.shown("m-1")
    theirs, ours_next = base.target.create_section(("Theirs",), "en"), base.target.create_section(("A", "B & C"), "en")
    base.whmcs.insert("tblknowledgebaselinks", {"categoryid": int(theirs), "articleid": int(ours)})
    base.whmcs.insert("tblknowledgebasetags", {"articleid": int(ours), "tag": "theirs"})
    base.target.file(ours, "m-1", Filing("1", ("old", "kept")))
    base.target.file(ours, "m-1", Filing(ours_next, ("kept", "new"), ("old", "kept"), "clients", 5))
    article = base.target.read(ours)
    assert (article.section, article.segment, article.position, article.public) == (ours_next, "clients", 5, False)
    assert set(article.labels) == {"theirs", "kept", "new"}
    assert base.sections_of(ours) == sorted([int(theirs), int(ours_next)])
    assert "How it is done" not in base.visitor_sees(ours)
    base.target.file(ours, "m-1", Filing(ours_next))
    assert base.target.read(ours).public
    assert base.target.read(ours).position == 5


def test_a_draft_goes_where_it_was_filed_once_it_is_shown(base: Base) -> None:
    created = base.target.create("m-1", Filing("1"), ENGLISH)
    section = base.target.create_section(("Later",), "en")
    base.target.file(created, "m-1", Filing(section, segment="clients"))
    article = base.target.read(created)
    assert (article.section, article.segment, article.texts["en-us"].draft) == (section, "clients", True)
    base.target.write_text(created, ENGLISH)
    assert base.sections_of(created) == [int(section)]
    assert base.stored(created)[0]["private"] == "on"


def test_sections_are_made_once(base: Base) -> None:
    made = base.target.create_section(("Billing & <more>", "Invoices"), "en")
    assert base.target.create_section(("Billing & <more>", "Invoices"), "ru") == made
    assert base.target.sections()["Billing & <more>", "Invoices"] == made
    assert len(base.whmcs.table("tblknowledgebasecats")) == 3


@pytest.mark.parametrize(
    "filing",
    [Filing("999"), Filing("none"), Filing("1", segment="staff"), Filing("1", ("x" * 65,)), Filing("1", ("",))],
)
def test_a_filing_that_whmcs_cannot_have_is_refused(base: Base, filing: Filing) -> None:
    ours = base.shown("m-1")
    before = base.target.read(ours)
    with pytest.raises(Permanent):
        base.target.file(ours, "m-1", filing)
    assert base.target.read(ours) == before


def test_an_edit_by_hand_shows(base: Base) -> None:
    ours = base.shown("m-1")
    before = base.target.read(ours).texts["en"].edited_at
    base.whmcs.execute("UPDATE tblknowledgebase SET views = views + 1 WHERE id = ?", ours)
    assert base.target.read(ours).texts["en"].edited_at == before
    base.whmcs.execute("UPDATE tblknowledgebase SET article = '<p>By hand</p>' WHERE id = ?", ours)
    after = base.target.read(ours).texts["en"]
    assert (after.html, after.edited_at == before) == ("<p>By hand</p>", False)


def test_the_listing_has_every_article_with_its_texts(base_on_each: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    base = base_on_each
    monkeypatch.setattr("adapters.whmcs.knowledge.target.PAGE", 2)
    shown, draft = base.shown("m-1"), base.target.create("m-2", Filing("1"), ENGLISH)
    base.target.write_text(shown, Text("de", "So geht es", "<p>So</p>"))
    gone = base.shown("m-3")
    base.target.archive(gone)
    listed = {article.id: article for article in base.target.listing()}
    assert listed.keys() == {"1", "2", "3", shown, draft}
    assert set(listed[shown].texts) == {"en", "de"}
    assert listed[draft].texts["en-us"].draft
    assert base.target.requests > 3


def test_markup_is_cleaned_before_it_is_sent(base: Base) -> None:
    harmful = '<p onclick="steal()">Read <b>this</b></p><script>steal()</script><a href="javascript:steal()">x</a>'
    ours = base.shown("m-1", harmful)
    assert not base.in_whmcs("steal")
    assert "Read" in base.visitor_sees(ours)


def test_an_image_is_taken_once_and_served_as_what_it_is(base: Base) -> None:
    first = base.target.upload("screenshot of mine.png", "image/png", PNG)
    assert base.target.upload("another.png", "application/x-php", PNG) == first
    answer = requests.get(first.url, timeout=10)
    assert (answer.status_code, answer.content, answer.headers["Content-Type"]) == (200, PNG, "image/png")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer.headers["Cache-Control"]
    again = requests.get(first.url, headers={"If-None-Match": answer.headers["ETag"]}, timeout=10)
    assert (again.status_code, again.content) == (304, b"")
    folder = base.whmcs.root / "modules/addons/deskside/files"
    assert sorted(file.name for file in folder.iterdir()) == [".htaccess", first.reference]


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
        b"<?php system('id');",
        b"<!doctype html><script>1</script>",
        b"plain text",
        PNG[:8],
    ],
)
def test_what_is_no_image_and_no_pdf_is_refused_whatever_it_says(base: Base, content: bytes) -> None:
    with pytest.raises(Permanent, match="png"):
        base.target.upload("picture.png", "image/png", content)


@pytest.mark.parametrize("name", ["../deskside_config.php", "..%2f..%2f", "", "0" * 64 + ".php", ".htaccess"])
def test_only_files_of_articles_are_given_out(base: Base, name: str) -> None:
    url = f"{base.whmcs.base_url}/modules/addons/deskside/file.php"
    answer = requests.get(url, params={"name": name}, timeout=10)
    assert (answer.status_code, answer.text) == (404, "There is no such file.")


def test_the_limits_are_those_of_the_database(base_on_each: Base) -> None:
    base = base_on_each
    limits = base.target.limits()
    on_mariadb = limits.body_bytes is not None
    assert (limits.body_bytes, limits.title_characters) == ((65535, 16383) if on_mariadb else (None, None))
    assert limits.four_byte_characters
    assert limits.label_characters == 64
    assert limits.asset_bytes == (8 * 1024 * 1024 - 1024) * 3 // 4


def test_the_preflight_names_what_will_not_work(base: Base) -> None:
    (base.whmcs.root / "lang").mkdir()
    for name in ("english", "russian"):
        (base.whmcs.root / f"lang/{name}.php").write_text("<?php\n")
    found = {result.name: result for result in base.target.preflight(["en-us", "ru", "de", "ja"])}
    assert found["billing: WHMCS knowledge base"].message.startswith("addon 1.")
    assert found["billing: language en-us"].ok
    assert found["billing: language ru"].message == "is russian"
    assert not found["billing: language de"].ok
    assert not found["billing: language ja"].ok
    assert found["billing: database"].ok


def test_the_preflight_of_another_secret_says_what_to_do(base: Base) -> None:
    (result,) = target_of(base.whmcs, "another secret of somebody").preflight(["en"])
    assert not result.ok
    assert "deskside connect whmcs" in result.cure


def test_while_the_secret_is_changed_both_are_tried(base: Base) -> None:
    both = target_of(base.whmcs, "the next secret of mine", "whsec_YSBzZWNyZXQgdGhhdCBvbmx5IHRlc3RzIGtub3c=")
    assert both.sections() == {("General",): "1"}


def test_the_addon_that_is_off_takes_nothing_and_forgets_nothing(base: Base) -> None:
    ours = base.shown("m-1")
    base.whmcs.deactivate("deskside")
    with pytest.raises(TargetRefuses, match="activate"):
        base.target.read(ours)
    base.whmcs.activate("deskside", {"settings_roles": "1"})
    assert base.target.read(ours).marker == "m-1"


def test_there_are_no_redirects(base: Base) -> None:
    assert base.target.redirect("1", "https://elsewhere.example") is False
