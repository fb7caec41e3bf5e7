"""What is sent to a help centre, request by request."""

from typing import Any

import pytest

from adapters.zendesk.guide.target import LIMITS, GuideTarget
from deskside.errors import Gone, Permanent, TargetRefuses, UnknownOutcome
from deskside.model.article import Filing, Text
from tests.adapters.zendesk.account import Account, Answer, Seen
from tests.adapters.zendesk.guide.conftest import Build
from tests.adapters.zendesk.guide.shapes import (
    ARTICLES,
    GROUPS,
    LABELS,
    ROOT,
    article_row,
    furnish,
    one,
    page,
    translation_row,
)

CREATE = f"{ROOT}/sections/31/articles.json"
ARTICLE = f"{ROOT}/articles/7.json"
TRANSLATIONS = f"{ROOT}/articles/7/translations"
NO_LABELS = page("labels", [])
REFUSED = Answer({"error": {"title": "Forbidden", "message": "not part of the plan"}}, 403)

TEXT = Text("en-US", "Pay an invoice", "<p>Pay it.</p>")
FILING = Filing("31", labels=("billing",))


def keep(seen: Seen) -> Answer:
    """A plan that has labels."""
    return Answer({"article": {"id": 7, **seen.json["article"]}}, 201)


def drop(seen: Seen) -> Answer:
    """A plan that passes labels over in silence."""
    return Answer({"article": {"id": 7, **seen.json["article"], "label_names": []}}, 201)


def refuse(seen: Seen) -> Answer:
    """A plan that refuses labels."""
    if "label_names" in seen.json["article"]:
        return Answer({"errors": {"label_names": ["are not part of the plan"]}}, 400)
    return drop(seen)


def test_an_article_is_made_as_a_draft_of_which_nobody_hears(account: Account, target: GuideTarget) -> None:
    furnish(account)
    account.on("POST", CREATE, keep)
    assert target.create("m1", Filing("31", ("billing",), position=3), TEXT) == "7"
    (seen,) = account.asked("POST")
    assert seen.json == {
        "article": {
            "title": "Pay an invoice",
            "locale": "en-us",
            "body": '<p>Pay it.</p><a data-deskside="m1"></a>',
            "draft": True,
            "permission_group_id": 11,
            "user_segment_id": None,
            "position": 3,
            "label_names": ["billing", "deskside-m1"],
        },
        "notify_subscribers": False,
    }


@pytest.mark.parametrize(
    ("section", "filing", "segment", "group"),
    [
        ({}, Filing("31", segment="Partners"), 42, 11),
        ({}, Filing("31", segment="99"), 99, 11),
        ({"segment": "Agents and admins"}, Filing("31"), 41, 11),
        ({"segment": "Agents and admins"}, Filing("31", segment="42"), 42, 11),
        ({"permission_group": "Admins"}, Filing("31"), None, 12),
        ({"permission_group": "77"}, Filing("31"), None, 77),
    ],
)
def test_readers_and_editors_are_named_or_numbered(
    account: Account, build: Build, section: dict[str, Any], filing: Filing, segment: int | None, group: int
) -> None:
    furnish(account)
    account.on("POST", CREATE, keep)
    build(**section).create("m1", filing, TEXT)
    (seen,) = account.asked("POST")
    assert (seen.json["article"]["user_segment_id"], seen.json["article"]["permission_group_id"]) == (segment, group)


def test_a_misspelt_segment_makes_nothing_public(account: Account, target: GuideTarget) -> None:
    furnish(account)
    with pytest.raises(Permanent, match="'Partner'; there are: 'Agents and admins', 'Partners'"):
        target.create("m1", Filing("31", segment="Partner"), TEXT)
    assert not account.asked("POST")


def test_permission_groups_are_asked_for_at_the_accounts_own_host(account: Account, build: Build) -> None:
    brand = Account()
    try:
        furnish(account)
        furnish(brand)
        brand.on("GET", GROUPS, Answer(None, 302, {"Location": f"{account.url}{GROUPS}"}))
        brand.on("POST", CREATE, keep)
        assert build(brand=brand.url).create("m1", FILING, TEXT) == "7"
        assert [seen.path for seen in account.asked()] == [GROUPS]
    finally:
        brand.close()


def test_no_answer_to_the_making_is_an_unknown_outcome(account: Account, target: GuideTarget) -> None:
    furnish(account)
    account.on("POST", CREATE, Answer("<html>", 504))
    with pytest.raises(UnknownOutcome):
        target.create("m1", FILING, TEXT)
    account.on("POST", CREATE, Answer({"article": {}}, 201))
    with pytest.raises(UnknownOutcome):
        target.create("m1", FILING, TEXT)


def test_text_goes_by_the_translation_and_title_body_and_draft_go_together(
    account: Account, target: GuideTarget
) -> None:
    furnish(account)
    account.on("PUT", f"{TRANSLATIONS}/en-us.json", Answer({"translation": translation_row()}))
    target.write_text("7", TEXT)
    (seen,) = account.asked("PUT")
    assert seen.json == {
        "translation": {"title": "Pay an invoice", "body": "<p>Pay it.</p>", "draft": False, "outdated": False},
        "notify_subscribers": False,
    }


def test_a_language_that_is_not_there_is_added(account: Account, target: GuideTarget) -> None:
    furnish(account)
    account.on("PUT", f"{TRANSLATIONS}/ru.json", Answer({"error": "RecordNotFound"}, 404))
    account.on("POST", f"{TRANSLATIONS}.json", Answer({"translation": translation_row(locale="ru")}, 201))
    target.write_text("7", Text("ru", "Оплата", "<p>Так.</p>", draft=True, outdated=True))
    (seen,) = account.asked("POST")
    assert seen.json["translation"] == {
        "title": "Оплата", "body": "<p>Так.</p>", "draft": True, "outdated": True, "locale": "ru"
    }  # fmt: skip


def test_a_text_of_an_article_that_is_gone_is_not_written(account: Account, target: GuideTarget) -> None:
    furnish(account)
    account.on("PUT", f"{TRANSLATIONS}/ru.json", Answer({"error": "RecordNotFound"}, 404))
    account.on("POST", f"{TRANSLATIONS}.json", Answer({"error": "RecordNotFound"}, 404))
    with pytest.raises(Gone):
        target.write_text("7", Text("ru", "Оплата", "<p>Так.</p>"))


def test_labels_of_other_people_stay_and_ours_of_before_go(account: Account, target: GuideTarget) -> None:
    furnish(account)
    row = article_row(label_names=["theirs", "old", "deskside-m1"], section_id=31)
    account.on("GET", ARTICLE, one(row))
    account.on("PUT", ARTICLE, one(row))
    target.file("7", "m1", Filing("32", labels=("new",), labels_before=("old",), position=4))
    (seen,) = account.asked("PUT")
    assert seen.json == {
        "article": {"section_id": 32, "position": 4, "label_names": ["theirs", "deskside-m1", "new"]},
        "notify_subscribers": False,
    }


def test_what_is_filed_already_is_not_written_again(account: Account, target: GuideTarget) -> None:
    furnish(account)
    account.on("GET", ARTICLE, one(article_row(label_names=["billing", "deskside-m1"], position=4)))
    target.file("7", "m1", Filing("31", labels=("billing",), position=4))
    target.file("7", "m1", Filing("31", labels=("billing",)))
    assert not account.asked("PUT")


@pytest.mark.parametrize(
    ("row", "filing", "segment"),
    [
        ({"user_segment_id": 41, "user_segment_ids": [41]}, FILING, None),
        ({"user_segment_id": 41, "user_segment_ids": [41, 42]}, Filing("31", ("billing",), segment="41"), 41),
    ],
)
def test_who_may_read_is_sent_even_when_it_is_everybody(
    account: Account, target: GuideTarget, row: dict[str, Any], filing: Filing, segment: int | None
) -> None:
    furnish(account)
    account.on("GET", ARTICLE, one(article_row(label_names=["billing", "deskside-m1"], **row)))
    account.on("PUT", ARTICLE, one(article_row()))
    target.file("7", "m1", filing)
    (seen,) = account.asked("PUT")
    assert seen.json["article"]["user_segment_id"] == segment
    assert "user_segment_id" in seen.json["article"]


def test_content_tags_join_those_that_are_there(account: Account, build: Build) -> None:
    furnish(account)
    tags = "/api/v2/guide/content_tags"
    account.on("GET", tags, page("records", [{"id": "01A", "name": "Billing help"}, {"id": "01B", "name": "billing"}]))
    account.on("GET", ARTICLE, one(article_row(content_tag_ids=["01X"], label_names=["billing", "deskside-m1"])))
    account.on("PUT", ARTICLE, one(article_row()))
    target = build(content_tags=["Billing"])
    target.file("7", "m1", FILING)
    (seen,) = account.asked("PUT")
    assert seen.json["article"] == {"content_tag_ids": ["01X", "01B"], "label_names": ["billing", "deskside-m1"]}


@pytest.mark.parametrize(
    ("labels", "answering", "posts"),
    [(REFUSED, drop, 1), (NO_LABELS, drop, 1), (NO_LABELS, refuse, 2)],
)
def test_without_labels_the_marker_stands_in_the_body(
    account: Account, build: Build, labels: Answer, answering: Any, posts: int
) -> None:
    target = build()
    furnish(account, labels=labels)
    account.on("POST", CREATE, answering)
    assert target.create("m1", FILING, TEXT) == "7"
    sent = account.asked("POST")
    assert len(sent) == posts
    made = sent[-1].json["article"]["body"]
    assert target.limits().labels == 0

    account.on("GET", ARTICLE, one(article_row(7, translation_row(body=made, draft=True))))
    account.on("PUT", f"{TRANSLATIONS}/en-us.json", Answer({"translation": translation_row()}))
    target.write_text("7", TEXT)
    (seen,) = account.asked("PUT")
    assert seen.json["translation"]["body"] == '<p>Pay it.</p><a data-deskside="m1"></a>'

    rows = [article_row(6), article_row(7, translation_row(body=seen.json["translation"]["body"]))]
    account.on("GET", ARTICLES, page("articles", rows))
    assert target.find("m1") == "7"
    assert target.find("m2") is None
    (read, *_) = [article for article in target.listing() if article.id == "7"]
    assert (read.marker, read.texts["en-us"].html) == ("m1", "<p>Pay it.</p>")
    later = build()
    assert len(list(later.listing())) == 2
    assert later.limits().labels == 0


def test_without_labels_none_is_sent_or_missed(account: Account, target: GuideTarget) -> None:
    furnish(account, labels=REFUSED)
    account.on("GET", ARTICLE, one(article_row()))
    account.on("PUT", ARTICLE, one(article_row()))
    target.file("7", "m1", FILING)
    assert not account.asked("PUT")
    target.file("7", "m1", Filing("32", ("billing",)))
    (seen,) = account.asked("PUT")
    assert seen.json["article"] == {"section_id": 32}


def test_a_right_that_is_missing_is_not_taken_for_a_plan_without_labels(account: Account, target: GuideTarget) -> None:
    furnish(account, labels=NO_LABELS)
    account.on("POST", CREATE, REFUSED)
    with pytest.raises(TargetRefuses):
        target.create("m1", FILING, TEXT)
    assert target.limits() == LIMITS


def test_a_marker_is_found_by_its_whole_label(account: Account, target: GuideTarget) -> None:
    furnish(account)
    rows = [article_row(6, label_names=["deskside-m10"]), article_row(7, label_names=["deskside-m1"])]
    account.on("GET", ARTICLES, page("articles", rows))
    assert target.find("m1") == "7"
    (seen,) = account.asked(path=ARTICLES)
    assert seen.query["label_names"] == "deskside-m1"


def test_where_no_label_was_ever_seen_a_marker_is_looked_for_in_bodies_too(
    account: Account, target: GuideTarget
) -> None:
    furnish(account, labels=NO_LABELS)
    stamped = article_row(8, translation_row(body='<p>a</p><a data-deskside="m1"></a>', draft=True))

    def listing(seen: Seen) -> Answer:
        return page("articles", [] if "label_names" in seen.query else [article_row(6), stamped])

    account.on("GET", ARTICLES, listing)
    assert target.find("m1") == "8"


def test_an_article_that_was_archived_before_is_archived(account: Account, target: GuideTarget) -> None:
    account.on("DELETE", ARTICLE, Answer(None, 204), Answer({"error": "RecordNotFound"}, 404))
    target.archive("7")
    target.archive("7")
    account.on("DELETE", ARTICLE, Answer({"error": "InvalidEndpoint"}, 404))
    with pytest.raises(TargetRefuses):
        target.archive("7")


def test_an_article_that_is_gone_is_gone_and_a_help_centre_that_is_gone_is_not_that(
    account: Account, target: GuideTarget
) -> None:
    account.on("GET", ARTICLE, Answer({"error": "RecordNotFound"}, 404))
    with pytest.raises(Gone):
        target.read("7")
    account.on("GET", ARTICLE, Answer({"error": "InvalidEndpoint"}, 404))
    with pytest.raises(TargetRefuses):
        target.read("7")
    with pytest.raises(Gone):
        target.read("../users/1")


def test_an_article_that_is_shown_without_its_texts_is_asked_for_them(account: Account, target: GuideTarget) -> None:
    account.on("GET", ARTICLE, one(article_row(translations=None)))
    account.on("GET", f"{TRANSLATIONS}.json", page("translations", [translation_row(), translation_row(locale="ru")]))
    assert list(target.read("7").texts) == ["en-us", "ru"]


def test_a_redirect_is_set_for_each_language_and_needs_a_guide_admin(account: Account, target: GuideTarget) -> None:
    furnish(account)
    rules = "/api/v2/guide/redirect_rules"
    account.on("POST", rules, Answer(None, 204))
    assert target.redirect("7", "https://acme.zendesk.com/hc/en-us/articles/9")
    assert [seen.json["redirect_rule"]["redirect_from"] for seen in account.asked("POST")] == [
        "/hc/en-us/articles/7", "/hc/ru/articles/7"
    ]  # fmt: skip
    account.on("POST", rules, Answer({"errors": [{"code": "Forbidden", "status": "403"}]}, 403))
    assert not target.redirect("7", "https://acme.zendesk.com/hc/en-us/articles/9")
    account.on("POST", rules, Answer({"error": "Couldn't authenticate you"}, 401))
    with pytest.raises(TargetRefuses):
        target.redirect("7", "https://acme.zendesk.com/hc/en-us/articles/9")


def test_five_thousand_articles_with_their_sections_take_55_requests_at_most(
    account: Account, target: GuideTarget
) -> None:
    furnish(account)

    def articles(seen: Seen) -> Answer:
        start = int(seen.query.get("page[after]", "0"))
        size = int(seen.query["page[size]"])
        rows = [article_row(number + 1) for number in range(start, start + size)]
        return page("articles", rows, more=str(start + size) if start + size < 5000 else None)

    account.on("GET", ARTICLES, articles)
    assert sum(1 for _ in target.listing()) == 5000
    assert target.sections() == {("Billing", "Invoices"): "31"}
    assert target.requests <= 55
    assert target.requests == len(account.asked())
    assert LIMITS.articles_per_section == 5000


def test_the_list_of_labels_is_asked_once(account: Account, target: GuideTarget) -> None:
    furnish(account)
    account.on("GET", ARTICLES, page("articles", []))
    for _ in range(3):
        assert target.find("m1") is None
    assert len(account.asked(path=LABELS)) == 1
