"""What Zendesk Guide brings to a digest: only what everybody may read, and all of it at the first look."""

from typing import Any

import pytest

from adapters.zendesk import articles, posts
from adapters.zendesk.desk import ZendeskDesk
from deskside.errors import Permanent
from deskside.guard import AddressGuard
from deskside.ports import Environment
from tests.adapters.zendesk.account import Account, Answer, Seen

ARTICLES = "/api/v2/help_center/incremental/articles.json"
POSTS, TOPICS = "/api/v2/community/posts.json", "/api/v2/community/topics.json"


def article(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": number, "title": f"Article {number}", "body": "<p>All &amp; everything</p>", "draft": False,
        "html_url": f"https://help.example/hc/en-us/articles/{number}", "user_segment_id": None, "section_id": 9,
        "locale": "en-us", "created_at": "2026-01-01T10:00:00Z", "edited_at": "2026-11-20T10:00:00Z",
        "updated_at": "2026-11-21T10:00:00Z", "author_id": 77,
    } | changes  # fmt: skip


def post(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": number, "title": f"Post {number}", "details": "<p>Hello</p>", "topic_id": 5, "author_id": 8,
        "html_url": f"https://help.example/hc/en-us/community/posts/{number}", "created_at": "2026-11-20T10:00:00Z",
    } | changes  # fmt: skip


@pytest.fixture
def environment(desk: ZendeskDesk) -> Environment:
    return Environment({"zendesk": desk}, AddressGuard())


def test_an_article_that_everybody_may_read_is_told_of(account: Account, environment: Environment) -> None:
    account.on("GET", ARTICLES, Answer({"articles": [article(1)], "end_time": 100, "next_page": None}))
    found = articles.build(environment).look({}, "")
    (entry,) = found.entries
    assert (entry.guid, entry.title, entry.summary) == ("1", "Article 1", "All & everything")
    assert (entry.language, entry.section) == ("en-us", "section 9")
    assert entry.published_at.isoformat() == "2026-11-20T10:00:00+00:00"
    assert found.cursor == "100"


@pytest.mark.parametrize(
    "private", [{"user_segment_id": 3}, {"user_segment_ids": [3]}, {"draft": True}, {"draft": None}, {"html_url": ""}]
)
def test_an_article_that_is_not_for_everybody_is_never_told_of(
    account: Account, environment: Environment, private: dict[str, Any]
) -> None:
    account.on("GET", ARTICLES, Answer({"articles": [article(1, **private), article(2)], "end_time": 100}))
    assert [entry.guid for entry in articles.build(environment).look({}, "").entries] == ["2"]


def test_the_first_look_reads_every_page_and_the_next_goes_on_from_there(
    account: Account, environment: Environment
) -> None:
    def page(seen: Seen) -> Answer:
        start = int(seen.query["start_time"])
        if start == 300:
            return Answer({"articles": [article(4)], "end_time": 300, "next_page": "https://x/?start_time=300"})
        number = start // 100 + 1
        return Answer({"articles": [article(number)], "end_time": start + 100, "next_page": "https://x/"})

    account.on("GET", ARTICLES, page)
    source = articles.build(environment)
    found = source.look({}, "")
    assert [entry.guid for entry in found.entries] == ["1", "2", "3", "4"]
    assert found.cursor == "300"
    before = len(account.asked(path=ARTICLES))
    source.look({}, found.cursor)
    assert [seen.query["start_time"] for seen in account.asked(path=ARTICLES)[before:]] == ["300"]


def test_an_answer_that_names_its_next_start_only_in_a_link_is_followed(
    account: Account, environment: Environment
) -> None:
    first = Answer({"articles": [article(1)], "next_page": "https://x.example/api?start_time=200"})
    account.on("GET", ARTICLES, first, Answer({"articles": [article(2)], "next_page": None}))
    found = articles.build(environment).look({}, "")
    assert [entry.guid for entry in found.entries] == ["1", "2"]
    assert found.cursor == "200"


def test_posts_of_a_topic_with_a_user_segment_are_never_told_of(account: Account, environment: Environment) -> None:
    account.on(
        "GET",
        TOPICS,
        Answer(
            {
                "topics": [
                    {"id": 5, "name": "News", "user_segment_id": None},
                    {"id": 6, "name": "VIP", "user_segment_id": 1},
                ]
            }
        ),
    )
    rows = [post(1), post(2, topic_id=6), post(3, topic_id=99)]
    account.on("GET", POSTS, Answer({"posts": rows, "meta": {"has_more": False}}))
    (entry,) = posts.build(environment).look({}, "").entries
    assert (entry.guid, entry.section, entry.summary) == ("1", "News", "Hello")


def test_the_first_look_at_posts_goes_to_the_end_and_later_ones_do_not(
    account: Account, environment: Environment
) -> None:
    account.on("GET", TOPICS, Answer({"topics": [{"id": 5, "name": "News", "user_segment_id": None}]}))
    numbers = iter(range(1, 1000))

    def page(seen: Seen) -> Answer:
        more = int(seen.query.get("page[after]", "0")) < 9
        after = str(int(seen.query.get("page[after]", "0")) + 1)
        return Answer({"posts": [post(next(numbers))], "meta": {"has_more": more, "after_cursor": after}})

    account.on("GET", POSTS, page)
    source = posts.build(environment)
    first = source.look({}, "")
    assert len(first.entries) == 10
    assert len(source.look({}, first.cursor).entries) == 3


def test_an_account_that_is_not_configured_is_said_to_be_missing() -> None:
    for plugin in (articles, posts):
        with pytest.raises(Permanent, match=r"\[zendesk\]"):
            plugin.build(Environment({}, AddressGuard())).look({}, "")


def test_an_answer_of_another_form_is_no_empty_help_centre(account: Account, environment: Environment) -> None:
    account.on("GET", ARTICLES, Answer({"error": "x"}))
    with pytest.raises(Permanent, match="holds no 'articles'"):
        articles.build(environment).look({}, "")
