"""A listing is complete or an error, and a refusal says what it refuses."""

from typing import Any

import pytest

from adapters.zendesk.client import Clients
from adapters.zendesk.guide.api import HelpCenter, NotAllowed, NotOffered
from adapters.zendesk.settings import Settings
from deskside.errors import Gone, Permanent, TargetRefuses, Transient, UnknownOutcome
from tests.adapters.zendesk.account import Account, Answer
from tests.adapters.zendesk.guide.shapes import ARTICLES, page

LIST = "help_center/articles.json"


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def center(settings: Settings, waits: list[float]) -> HelpCenter:
    return HelpCenter(Clients(settings), wait=waits.append)


def ids(center: HelpCenter) -> list[int]:
    return [row["id"] for row in center.rows(LIST, "articles")]


def test_a_listing_follows_cursors_and_never_the_links_beside_them(account: Account, center: HelpCenter) -> None:
    first, second = [{"id": 1}, {"id": 2}], [{"id": 2}, {"id": 3}]
    account.on("GET", ARTICLES, page("articles", first, more="b"), page("articles", second))
    assert ids(center) == [1, 2, 3]
    assert [seen.query.get("page[after]") for seen in account.asked(path=ARTICLES)] == [None, "b"]
    assert center.requests == 2


@pytest.mark.parametrize(
    ("answers", "what"),
    [
        ([Answer({"meta": {"has_more": False}})], "holds no 'articles'"),
        ([Answer({"articles": None, "meta": {"has_more": False}})], "holds no 'articles'"),
        ([Answer({"articles": [{"id": 1}, None], "meta": {"has_more": False}})], "holds no 'articles'"),
        ([Answer({"articles": []})], "does not say whether there is more"),
        ([Answer({"articles": [], "next_page": "https://x.example/?page=2"})], "does not say whether there is more"),
        ([Answer({"articles": [{"id": 1}], "meta": {"has_more": True}})], "tells no cursor"),
        ([page("articles", [], more="b")], "brings nothing new"),
        ([page("articles", [{"id": 1}], more="b"), page("articles", [], more="c")], "brings nothing new"),
        ([page("articles", [{"id": 1}], more="b"), page("articles", [{"id": 1}], more="c")], "brings nothing new"),
        ([page("articles", [{"id": 1}], more="b"), page("articles", [{"id": 2}], more="b")], "brings nothing new"),
    ],
)
def test_a_listing_that_is_not_whole_is_an_error(
    account: Account, center: HelpCenter, answers: list[Answer], what: str
) -> None:
    account.on("GET", ARTICLES, *answers)
    with pytest.raises(Permanent, match=what):
        ids(center)


def test_a_listing_by_number_that_is_at_its_end_is_whole(account: Account, center: HelpCenter) -> None:
    account.on("GET", ARTICLES, Answer({"articles": [{"id": 1}], "next_page": None, "count": 1}))
    assert ids(center) == [1]


def test_a_page_is_waited_for_instead_of_starting_over(
    account: Account, center: HelpCenter, waits: list[float]
) -> None:
    full = Answer("too many requests", 429, {"Retry-After": "7"})
    account.on("GET", ARTICLES, page("articles", [{"id": 1}], more="b"), full, full, page("articles", [{"id": 2}]))
    assert ids(center) == [1, 2]
    assert waits == [7.0, 7.0]


def test_a_page_that_never_comes_is_given_up(account: Account, center: HelpCenter, waits: list[float]) -> None:
    full = Answer("too many requests", 429, {"Retry-After": "3600"})
    account.on("GET", ARTICLES, page("articles", [{"id": 1}], more="b"), full)
    with pytest.raises(Transient) as raised:
        ids(center)
    assert raised.value.retry_after == 3600
    assert waits == [60.0] * 5


def test_a_listing_that_has_not_begun_is_not_waited_for(
    account: Account, center: HelpCenter, waits: list[float]
) -> None:
    account.on("GET", ARTICLES, Answer("too many requests", 429, {"Retry-After": "7"}))
    with pytest.raises(Transient):
        ids(center)
    assert not waits


def test_a_write_is_never_waited_for(account: Account, center: HelpCenter, waits: list[float]) -> None:
    account.on("POST", ARTICLES, Answer("too many requests", 429, {"Retry-After": "7"}))
    with pytest.raises(Transient) as raised:
        center.ask("POST", LIST, json={})
    assert (raised.value.retry_after, isinstance(raised.value, UnknownOutcome), waits) == (7.0, False, [])


def test_four_tenths_of_the_minute_are_left_to_others(account: Account, center: HelpCenter) -> None:
    left = {"X-Rate-Limit": "100", "X-Rate-Limit-Remaining": "39", "ratelimit-reset": "30"}
    account.on("PUT", ARTICLES, Answer({}, 200, left))
    center.ask("PUT", LIST, json={})
    with pytest.raises(Transient, match="39 of 100") as raised:
        center.ask("PUT", LIST, json={})
    assert raised.value.retry_after is not None and 0 < raised.value.retry_after <= 30
    assert len(account.asked("PUT")) == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer({"error": "Couldn't authenticate you"}, 401), TargetRefuses),
        (Answer({"error": {"title": "Forbidden", "message": "no"}}, 403), NotAllowed),
        (Answer({"errors": [{"code": "Forbidden", "status": "403"}]}, 403), NotAllowed),
        (Answer({"error": "InvalidEndpoint"}, 404), NotOffered),
        (Answer({"error": "RecordNotFound"}, 404), Gone),
        (Answer({"error": "RecordInvalid", "details": {"title": [{"description": "is too long"}]}}, 422), Permanent),
        (Answer({"errors": {"locale": ["is not enabled"]}}, 400), Permanent),
        (Answer("<html>", 502), UnknownOutcome),
    ],
)
def test_a_refusal_says_whether_one_article_is_meant_or_all(
    account: Account, center: HelpCenter, answer: Answer, kind: type[Exception]
) -> None:
    account.on("DELETE", f"{ARTICLES}", answer)
    with pytest.raises(Exception) as raised:
        center.ask("DELETE", LIST)
    assert type(raised.value) is kind


@pytest.mark.parametrize("body", [{"error": "invalid_client"}, {"error": "invalid_scope"}])
def test_a_client_that_gets_no_token_is_refused_altogether(
    account: Account, center: HelpCenter, body: dict[str, Any]
) -> None:
    account.on("POST", "/oauth/tokens", Answer(body, 400))
    with pytest.raises(TargetRefuses):
        center.ask("GET", LIST)


def test_a_brand_is_asked_at_its_own_host_with_the_accounts_token(account: Account, settings: Settings) -> None:
    brand = Account()
    try:
        brand.on("GET", ARTICLES, page("articles", [{"id": 5}]))
        home = Clients(settings)
        assert [row["id"] for row in HelpCenter(home.beside(brand.url)).rows(LIST, "articles")] == [5]
        assert [seen.path for seen in account.seen] == ["/oauth/tokens"]
        assert [seen.path for seen in brand.seen] == [ARTICLES]
        assert home.beside(brand.url).budget is not home.budget
    finally:
        brand.close()
