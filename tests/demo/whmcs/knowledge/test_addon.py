"""What the addon does in WHMCS's knowledge base, by the protocol of docs/whmcs-addon.md."""

import base64
import hashlib
from typing import Any

import pytest
import requests

from deskside.demo.whmcs import SimulatedWhmcs
from tests.demo.whmcs.knowledge.tools import PATH, Addon

KEY = "kb_" + "0" * 32
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


@pytest.mark.parametrize(
    ("how", "error"),
    [
        ({"secret": "whsec_c29tZXRoaW5nIGVsc2U="}, "bad_signature"),
        ({"late": 301}, "too_old"),
        ({"key": "evt_1"}, "unsigned"),
    ],
)
def test_only_what_deskside_signed_lately_is_let_in(addon: Addon, how: dict[str, Any], error: str) -> None:
    answer = addon.send({"op": "describe"}, **how)
    assert (answer.status_code, answer.json()["error"]) == (401, error)


def test_a_request_is_done_once(addon: Addon) -> None:
    assert addon.send({"op": "describe"}, key=KEY).status_code == 200
    assert addon.send({"op": "describe"}, key=KEY).json()["error"] == "replayed"


def test_an_addon_that_is_off_or_asked_otherwise_says_so(whmcs: SimulatedWhmcs, addon: Addon) -> None:
    assert requests.get(whmcs.url + PATH, timeout=10).json()["error"] == "only_post"
    assert addon.error("dance") == (400, "unknown_operation")
    assert addon.send([1]).json()["error"] == "malformed"
    whmcs.addon.on = False
    assert addon.error("describe") == (503, "inactive")


def test_a_draft_is_nowhere_in_the_table_of_whmcs(whmcs: SimulatedWhmcs, addon: Addon) -> None:
    article_id = addon.create()
    assert "money" not in repr(whmcs.knowledge.rows)
    assert not whmcs.visible(article_id)
    found = addon.ask("read", id=article_id)["article"]
    assert (found["category"], found["private"], found["public"]) == (addon.category_id, False, False)
    (text,) = found["texts"]
    assert (text["html"], text["tag"], text["draft"]) == ("<p>With money.</p>", "en-us", True)


def test_writing_shows_it_and_a_draft_hides_it_again(whmcs: SimulatedWhmcs, addon: Addon) -> None:
    article_id = addon.create()
    shown = addon.write(article_id, html="<p>New.</p>")
    assert (shown["public"], shown["texts"][0]["draft"]) == (True, False)
    assert whmcs.shown(article_id) == "<p>New.</p>"
    assert whmcs.place(article_id) == ["Billing & more"]
    hidden = addon.write(article_id, draft=True)
    assert (hidden["public"], hidden["texts"][0]["html"]) == (False, "<p>With money.</p>")
    assert whmcs.shown(article_id) == ""


def test_a_marker_that_was_used_answers_its_article(addon: Addon) -> None:
    article_id = addon.create("m-1")
    again = addon.ask("create", marker="m-1", **addon.text(category=addon.category_id, title="Other"))
    assert again == {"id": article_id, "made": False}
    assert addon.ask("find", marker="m-1") == {"id": article_id}
    assert addon.ask("find", marker="m-2") == {"id": None}


def test_an_article_that_a_person_deleted_is_gone_and_its_marker_is_free(whmcs: SimulatedWhmcs, addon: Addon) -> None:
    article_id = addon.shown()
    whmcs.delete_article(article_id)
    assert addon.error("read", id=article_id) == (404, "gone")
    assert addon.ask("find", marker="m-1") == {"id": None}
    assert addon.ask("create", marker="m-1", **addon.text(category=addon.category_id))["made"] is True


def test_articles_of_other_people_are_read_and_never_written(whmcs: SimulatedWhmcs, addon: Addon) -> None:
    article_id = whmcs.add_article(addon.category_id, "Theirs <b>", "<p onclick='x()'>raw</p>", labels=["old"])
    found = addon.ask("read", id=article_id)["article"]
    assert (found["marker"], found["tags"], found["texts"][0]["title"]) == ("", ["old"], "Theirs <b>")
    given = {"id": article_id, "draft": False, **addon.text()}
    assert addon.error("write", **given) == (403, "not_ours")
    assert addon.error("archive", id=article_id) == (403, "not_ours")
    assert whmcs.shown(article_id) == "<p onclick='x()'>raw</p>"


def test_an_archived_article_is_private_and_hidden_and_a_person_brings_it_back(
    whmcs: SimulatedWhmcs, addon: Addon
) -> None:
    article_id = addon.shown()
    assert addon.ask("archive", id=article_id) == {"archived": True}
    assert addon.error("read", id=article_id) == (404, "gone")
    assert addon.ask("list", after=0, limit=10) == {"articles": [], "next": None}
    assert whmcs.article(article_id)["archived"]
    assert not whmcs.visible(article_id)
    whmcs.restore_article(article_id, addon.category_id)
    assert addon.ask("read", id=article_id)["article"]["public"]
    assert addon.ask("archive", id=4711) == {"archived": False}


def test_publishing_an_archived_article_again_brings_it_back_too(whmcs: SimulatedWhmcs, addon: Addon) -> None:
    article_id = addon.shown()
    addon.ask("archive", id=article_id)
    assert addon.write(article_id)["public"]


def test_translations_are_rows_of_their_own_and_as_drafts_none(whmcs: SimulatedWhmcs, addon: Addon) -> None:
    article_id = addon.shown()
    russian = {"language": "russian", "tag": "ru", "title": "Как платить", "html": "<p>Деньгами.</p>"}
    addon.write(article_id, **russian)
    assert whmcs.visible(article_id, "russian")
    assert whmcs.shown(article_id, "russian") == "<p>Деньгами.</p>"
    texts = addon.write(article_id, **russian, draft=True)["texts"]
    assert [(text["tag"], text["draft"]) for text in texts] == [("en-us", False), ("ru", True)]
    assert not whmcs.visible(article_id, "russian")


def test_one_language_has_one_tag(addon: Addon) -> None:
    article_id = addon.create()
    given = {"id": article_id, "draft": False, **addon.text(tag="en")}
    assert addon.error("write", **given) == (422, "language_taken")


def test_a_hand_edit_changes_what_tells_of_edits_and_a_vote_does_not(whmcs: SimulatedWhmcs, addon: Addon) -> None:
    article_id = addon.shown()

    def edited() -> str:
        return str(addon.ask("read", id=article_id)["article"]["texts"][0]["edited"])

    before = edited()
    whmcs.vote(article_id)
    whmcs.label_article(article_id, "hot")
    assert edited() == before
    whmcs.edit_article(article_id, body="<p>By hand.</p>")
    assert edited() != before


def test_views_and_votes_are_never_touched(whmcs: SimulatedWhmcs, addon: Addon) -> None:
    article_id = addon.shown()
    whmcs.vote(article_id)
    requests.get(f"{whmcs.url}/knowledgebase.php?action=displayarticle&id={article_id}", timeout=10)
    addon.write(article_id, title="Other")
    found = whmcs.article(article_id)
    assert (found["views"], found["votes"], found["useful"]) == (1, 1, 1)


def test_filing_moves_orders_and_tags_and_leaves_other_peoples_tags(whmcs: SimulatedWhmcs, addon: Addon) -> None:
    article_id = addon.shown(tags=["ours", "old"])
    whmcs.label_article(article_id, "ours", "old", "theirs")
    other = addon.ask("create_category", path=["Servers", "Mail"])
    assert other["made"] == 2
    filing = {
        "category": other["id"],
        "private": True,
        "order": 7,
        "tags": ["ours", "new"],
        "tags_before": ["ours", "old"],
    }
    found = addon.ask("file", id=article_id, **filing)["article"]
    assert (found["category"], found["private"], found["order"]) == (other["id"], True, 7)
    assert sorted(found["tags"]) == ["new", "ours", "theirs"]
    assert whmcs.place(article_id) == ["Servers", "Mail"]
    assert not whmcs.visible(article_id)


def test_the_same_path_is_made_once(addon: Addon) -> None:
    first = addon.ask("create_category", path=["A & B", "C"])
    assert addon.ask("create_category", path=["A & B", "C"]) == {"id": first["id"], "made": 0}
    names = {row["name"] for row in addon.ask("categories")["categories"]}
    assert names == {"Billing & more", "A & B", "C"}


def test_the_hidden_categories_of_the_addon_are_no_place(whmcs: SimulatedWhmcs, addon: Addon) -> None:
    addon.create()
    (drafts,) = whmcs.knowledge.hidden.values()
    assert addon.error("create", marker="m-2", **addon.text(category=drafts)) == (422, "no_category")


def test_a_list_goes_on_after_an_id(addon: Addon) -> None:
    made = [addon.shown(f"m-{number}") for number in range(3)]
    first = addon.ask("list", after=0, limit=2)
    assert [row["id"] for row in first["articles"]] == made[:2]
    rest = addon.ask("list", after=first["next"], limit=2)
    assert ([row["id"] for row in rest["articles"]], rest["next"]) == (made[2:], None)


def test_text_has_65535_bytes_and_not_one_more(whmcs: SimulatedWhmcs, addon: Addon) -> None:
    article_id = addon.create()
    most = "<p>" + "я" * 32764 + "</p>"
    assert len(most.encode()) == addon.ask("describe")["article_bytes"] == 65535
    addon.write(article_id, html=most)
    given = {"id": article_id, "draft": False, **addon.text(html=most + "a")}
    assert addon.error("write", **given) == (422, "too_long")
    assert whmcs.shown(article_id) == most


def test_an_old_database_takes_no_emoji(whmcs: SimulatedWhmcs, addon: Addon) -> None:
    whmcs.knowledge.columns.four_byte_characters = False
    assert addon.ask("describe")["charset"] == "utf8mb3"
    given = addon.text(category=addon.category_id, title="🚀")
    assert addon.error("create", marker="m-1", **given) == (422, "four_byte_characters")


def test_what_a_person_writes_is_cut_where_the_database_is_not_strict(whmcs: SimulatedWhmcs, addon: Addon) -> None:
    article_id = addon.shown()
    columns = whmcs.knowledge.columns
    columns.four_byte_characters, columns.strict = False, False
    whmcs.edit_article(article_id, body="<p>before 🚀 after</p>")
    assert whmcs.shown(article_id) == "<p>before "
    whmcs.edit_article(article_id, body="я" * 40_000)
    assert whmcs.shown(article_id) == "я" * 32_767


@pytest.mark.parametrize(
    "html",
    [
        "<script>x()</script>", "<p onclick='x()'>a</p>", "<a href=' java\nscript:x()'>a</a>", "<svg></svg>",
        "<img src='data:image/png;base64,x'>", "<p", "<!-- a -->", "<a-b>x</a-b>", "<form></form>",
    ],
)  # fmt: skip
def test_what_must_never_reach_a_reader_is_refused(addon: Addon, html: str) -> None:
    given = addon.text(category=addon.category_id, html=html)
    assert addon.error("create", marker="m-1", **given) == (422, "unsafe")


def test_files_lie_under_the_hash_of_their_content(whmcs: SimulatedWhmcs, addon: Addon) -> None:
    taken = addon.ask("upload", content=base64.b64encode(PNG).decode())
    assert taken["name"] == f"{hashlib.sha256(PNG).hexdigest()}.png"
    answer = requests.get(f"{whmcs.url}/{taken['path']}", timeout=10)
    assert (answer.content, answer.headers["Content-Type"]) == (PNG, "image/png")
    assert addon.error("upload", content=base64.b64encode(b"<svg/>").decode()) == (415, "file_type")
    whmcs.knowledge.files_writable = False
    assert addon.error("upload", content=base64.b64encode(PNG).decode()) == (507, "files")


@pytest.mark.parametrize(("kind", "done"), [("drop_after", True), ("drop_before", False)])
def test_a_connection_breaks_on_command(whmcs: SimulatedWhmcs, addon: Addon, kind: str, done: bool) -> None:
    whmcs.faults.next(kind, "kb.create")
    with pytest.raises(requests.ConnectionError):
        addon.create("m-1")
    assert (addon.ask("find", marker="m-1")["id"] is not None) is done


def test_requests_are_recorded_by_their_operation(whmcs: SimulatedWhmcs, addon: Addon) -> None:
    addon.ask("find", marker="m-1")
    assert [(row.action, row.given) for row in whmcs.requests] == [("kb.find", {"marker": "m-1"})]
