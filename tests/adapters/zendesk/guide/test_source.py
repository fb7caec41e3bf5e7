"""A help centre as a source: everything that is published there, and nothing that is not, or that we put there."""

from collections.abc import Callable
from typing import Any

import pytest

from adapters.zendesk.guide.source import OVERLAP_SECONDS, GuideSource
from deskside.errors import Gone, Permanent, TargetRefuses
from deskside.model.article import Asset
from tests.adapters.zendesk.account import Account, Answer, Seen
from tests.adapters.zendesk.guide.shapes import ARTICLES, ROOT, article_row, furnish, one, page, translation_row

CHANGES = f"{ROOT}/incremental/articles.json"
ARTICLE = f"{ROOT}/articles/7.json"
OURS = translation_row(body='<p>x</p><a data-deskside="m1"></a>')
EDITED = 1_795_255_200  # 2026-11-21T10:00:00Z, of `article_row`


@pytest.fixture(autouse=True)
def _furnished(account: Account) -> None:
    furnish(account)


def listed(account: Account, source: GuideSource, *rows: dict[str, Any]) -> list[str]:
    account.on("GET", ARTICLES, page("articles", rows))
    return [item.id for item in source.listing().documents]


def version(account: Account, source: GuideSource, row: dict[str, Any]) -> str:
    account.on("GET", ARTICLES, page("articles", [row]))
    return source.listing().documents[0].version


def test_a_full_listing_is_complete_and_goes_on_from_zendesks_own_time(account: Account, source: GuideSource) -> None:
    account.on("GET", ARTICLES, page("articles", [article_row(7), article_row(8)]))
    listing = source.listing()
    assert ([item.id for item in listing.documents], listing.complete) == (["7", "8"], True)
    assert listing.watermark == str(EDITED)
    assert source.changes("") == listing


@pytest.mark.parametrize(
    "row",
    [
        article_row(7, label_names=["deskside-m1"]),
        article_row(7, OURS),
        article_row(7, translation_row(draft=True)),
        article_row(7, user_segment_id=41),
        article_row(7, user_segment_ids=[41, 42]),
    ],
)
def test_what_is_ours_hidden_or_restricted_is_left_out(
    account: Account, source: GuideSource, row: dict[str, Any]
) -> None:
    assert listed(account, source, row, article_row(8)) == ["8"]
    account.on("GET", ARTICLE, one(row))
    with pytest.raises(Gone, match="not taken"):
        source.read("7")


def test_what_is_hidden_or_restricted_is_taken_where_that_is_wanted(
    account: Account, build_source: Callable[..., GuideSource]
) -> None:
    source = build_source(drafts=True, restricted=True)
    draft = article_row(7, translation_row(draft=True), user_segment_id=41)
    assert listed(account, source, draft, article_row(8, OURS)) == ["7"]
    account.on("GET", ARTICLE, one(draft))
    (document,) = source.read("7")
    assert document.draft
    assert document.warnings == ("At the source only user segment 41 may read it.",)


def test_changes_are_asked_for_with_an_overlap_and_say_nothing_of_the_rest(
    account: Account, source: GuideSource
) -> None:
    account.on("GET", CHANGES, Answer({"articles": [article_row(7)], "end_time": EDITED, "next_page": None}))
    listing = source.changes("1700000000")
    assert ([item.id for item in listing.documents], listing.complete) == (["7"], False)
    assert listing.watermark == str(EDITED)
    (seen,) = account.asked(path=CHANGES)
    assert seen.query["start_time"] == str(1_700_000_000 - OVERLAP_SECONDS)


def test_no_change_leaves_the_watermark_where_it_was(account: Account, source: GuideSource) -> None:
    account.on("GET", CHANGES, Answer({"articles": [], "end_time": 1, "next_page": None}))
    assert source.changes("1700000000").watermark == "1700000000"


def test_pages_of_changes_are_followed_by_their_time(account: Account, source: GuideSource) -> None:
    more = {"next_page": "https://elsewhere.example/?start_time=1700009999", "end_time": 1_700_001_000}
    pages = [
        Answer({"articles": [article_row(7)], **more}),
        Answer({"articles": [article_row(7), article_row(8)], "end_time": 1_700_002_000, "next_page": None}),
    ]
    account.on("GET", CHANGES, *pages)
    assert [item.id for item in source.changes("1700000000").documents] == ["7", "8"]
    assert [seen.query["start_time"] for seen in account.asked(path=CHANGES)] == ["1699999400", "1700001000"]


def test_more_changes_in_a_second_than_a_page_holds_are_answered_with_everything(
    account: Account, source: GuideSource
) -> None:
    stuck = Answer({"articles": [article_row(7)], "end_time": 1_699_999_400, "next_page": "https://x.example/"})
    account.on("GET", CHANGES, stuck)
    account.on("GET", ARTICLES, page("articles", [article_row(7), article_row(8)]))
    listing = source.changes("1700000000")
    assert listing.complete and len(listing.documents) == 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer({"error": "x"}), Permanent),
        (Answer({"error": "Couldn't authenticate you"}, 401), TargetRefuses),
        (Answer({"error": {"title": "Forbidden"}}, 403), TargetRefuses),
    ],
)
def test_an_answer_that_is_none_is_never_an_empty_source(
    account: Account, source: GuideSource, answer: Answer, error: type[Exception]
) -> None:
    for path in (CHANGES, ARTICLES):
        account.on("GET", path, answer)
    with pytest.raises(error):
        source.changes("1700000000")
    with pytest.raises(error):
        source.listing()


def test_a_listing_that_breaks_off_is_an_error(account: Account, source: GuideSource) -> None:
    account.on("GET", ARTICLES, page("articles", [article_row(7)], more="b"), Answer("<html>", 500))
    with pytest.raises(Exception, match="500"):
        source.listing()


def test_the_version_is_another_when_the_document_is_and_the_same_when_somebody_votes(
    account: Account, source: GuideSource
) -> None:
    before = version(account, source, article_row(7))
    assert version(account, source, article_row(7, updated_at="2026-11-22T09:00:00Z", vote_sum=5)) == before
    changed = [
        article_row(7, translation_row(updated_at="2026-11-22T09:00:00Z")),
        article_row(7, translation_row(), translation_row(locale="ru")),
        article_row(7, label_names=["a"]),
        article_row(7, position=2),
        article_row(7, section_id=32),
    ]
    versions = [version(account, source, row) for row in changed]
    assert len({before, *versions}) == len(changed) + 1
    account.on("GET", CHANGES, Answer({"articles": [article_row(7)], "next_page": None}))
    assert source.changes("1700000000").documents[0].version == before
    account.on("GET", ARTICLE, one(article_row(7)))
    assert source.read("7")[0].version == before


def test_an_article_is_read_in_its_languages_with_symbolic_links_and_its_files(
    account: Account, source: GuideSource
) -> None:
    body = (
        '<p><a href="/hc/en-us/articles/8-Other#h_1">other</a> <a href="/hc/article_attachments/99">form</a></p>'
        '<script>alert("x")</script>'
    )
    russian = translation_row(locale="ru", title="Счёт", body="<p>Так.</p>")
    hidden = translation_row(locale="ja", draft=True)
    account.on("GET", ARTICLE, one(article_row(7, translation_row(body=body), russian, hidden, label_names=["pay"])))
    files = page("article_attachments", [{"id": 99, "file_name": "form.pdf", "content_type": "application/pdf"}])
    account.on("GET", f"{ROOT}/articles/7/attachments.json", files)
    english, second = source.read("7")
    assert (english.id, english.language, second.language, second.title) == ("7", "en-us", "ru", "Счёт")
    assert 'href="doc:8#h_1"' in english.html and "script" not in english.html
    assert english.assets == (Asset("/hc/article_attachments/99", "form.pdf", "application/pdf"),)
    assert (english.space, english.path, english.labels) == ("Billing", ("Billing", "Invoices"), ("pay",))
    assert english.url == f"{account.url}/hc/en-us/articles/7"
    assert english.source_language == "en-us"
    assert any(warning.startswith("lost: ") for warning in english.warnings)
    assert english.modified_at is not None and english.modified_at.isoformat() == "2026-11-20T10:00:00+00:00"


def test_an_article_that_was_archived_is_gone(account: Account, source: GuideSource) -> None:
    account.on("GET", ARTICLE, Answer({"error": "RecordNotFound"}, 404))
    for article in ("7", "seven"):
        with pytest.raises(Gone):
            source.read(article)


FILE = Asset("/hc/article_attachments/99", "form.pdf", "application/pdf")


def test_a_file_is_fetched_with_our_token_and_from_elsewhere_without(account: Account, source: GuideSource) -> None:
    store = Account()
    try:
        account.on("GET", FILE.ref, Answer("%PDF-1", 200, {"Content-Type": "application/pdf"}))
        assert source.fetch(FILE) == b"%PDF-1"
        account.on("GET", FILE.ref, Answer(None, 302, {"Location": f"{store.url}/signed?x=1"}))
        store.on("GET", "/signed", Answer("%PDF-2", 200, {"Content-Type": "application/pdf"}))
        assert source.fetch(FILE) == b"%PDF-2"
        assert all("authorization" not in seen.headers for seen in store.seen)
        store.on("GET", "/signed", Answer("<Error/>", 404))
        with pytest.raises(Gone):
            source.fetch(FILE)
        store.on("GET", "/signed", Answer("<Error/>", 403))
        with pytest.raises(Permanent, match="403"):
            source.fetch(FILE)
    finally:
        store.close()


@pytest.mark.parametrize(
    "answer",
    [
        Answer("<html>Sign in</html>", 200, {"Content-Type": "text/html; charset=utf-8"}),
        Answer(None, 302, {"Location": "/hc/en-us/signin"}),
        Answer(None, 302, {"Location": "http://files.example/form.pdf"}),
        Answer(None, 302, {"Location": "https://169.254.169.254/latest"}),
        Answer("Not found", 404),
    ],
)
def test_what_is_not_the_file_is_never_taken_for_it(account: Account, source: GuideSource, answer: Answer) -> None:
    account.on("GET", FILE.ref, answer)
    with pytest.raises(Permanent):
        source.fetch(FILE)


def test_nothing_but_files_is_fetched(account: Account, source: GuideSource) -> None:
    with pytest.raises(Gone):
        source.fetch(Asset("/api/v2/users.json", "x", "application/json"))
    assert not account.asked()


def test_a_source_that_cannot_be_read_is_told_with_its_cure(account: Account, source: GuideSource) -> None:
    account.on("GET", ARTICLES, page("articles", []))
    assert [result.ok for result in source.check()] == [True]
    account.on("GET", f"{ROOT}/user_segments.json", Answer({"error": {"title": "Forbidden"}}, 403))
    (result,) = source.check()
    assert not result.ok and "hc:read" in result.cure


def test_the_sections_are_read_once_a_listing(account: Account, source: GuideSource) -> None:
    asked: list[Seen] = []
    account.on("GET", ARTICLES, page("articles", [article_row(number) for number in range(1, 101)]))
    source.listing()
    asked = account.asked()
    assert len(asked) == 3
