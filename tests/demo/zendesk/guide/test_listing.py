"""Lists: paging, sorting, filters, the incremental list, brands, the limit of requests, and trouble on command."""

import pytest
import requests

from deskside.demo.zendesk import SimulatedZendesk
from tests.demo.clock import SettableClock
from tests.demo.zendesk.guide.tools import Help
from tests.demo.zendesk.tools import Caller


def test_cursor_pages_reach_every_article_once(center: Help) -> None:
    made = [center.create() for _ in range(5)]
    seen: list[int] = []
    query: dict[str, object] = {"page[size]": 2}
    while True:
        page = center.call("GET", "/articles.json", params=query).json()
        seen += [row["id"] for row in page["articles"]]
        if not page["meta"]["has_more"]:
            break
        query["page[after]"] = page["meta"]["after_cursor"]
    assert seen == made


def test_a_page_has_a_hundred_rows_at_most(center: Help) -> None:
    assert center.call("GET", "/articles.json", params={"page[size]": 101}).status_code == 400


def test_numbered_pages_have_thirty_rows_unless_asked(center: Help) -> None:
    for _ in range(31):
        center.create()
    page = center.call("GET", "/articles.json").json()
    assert (len(page["articles"]), page["count"], page["page_count"], page["per_page"]) == (30, 31, 2, 30)
    assert len(requests.get(page["next_page"], headers=center.api.headers, timeout=10).json()["articles"]) == 1


def test_labels_filter_by_all_of_them_and_by_case(center: Help) -> None:
    both, one = center.create(label_names=["src:a", "b"]), center.create(label_names=["src:a"])
    assert center.listed(label_names="src:a") == [both, one]
    assert center.listed(label_names="src:a,b") == [both]
    assert center.listed(label_names="SRC:a") == []
    many = ",".join(f"l{number}" for number in range(11))
    assert center.call("GET", "/articles.json", params={"label_names": many}).status_code == 400


def test_all_languages_come_with_one_call(zendesk: SimulatedZendesk, center: Help) -> None:
    zendesk.enable_locale("ru")
    article_id = center.create()
    zendesk.translate("articles", article_id, "ru", "Как платить", "<p>Деньгами.</p>")
    (row,) = center.call("GET", "/articles.json", params={"include": "translations"}).json()["articles"]
    assert [text["locale"] for text in row["translations"]] == ["en-us", "ru"]
    assert center.listed("/ru/articles.json") == [article_id]


def test_sorting_by_the_last_edit_needs_a_locale(center: Help, clock: SettableClock) -> None:
    first, second = center.create(), center.create()
    clock.forward(5)
    center.translate(first, title="Later")
    assert center.call("GET", "/articles.json", params={"sort_by": "edited_at"}).status_code == 400
    assert center.listed("/en-us/articles.json", sort_by="edited_at", sort_order="desc") == [first, second]


def test_the_incremental_list_tells_what_changed_since(
    zendesk: SimulatedZendesk, center: Help, clock: SettableClock
) -> None:
    first, second, gone = center.create(), center.create(), center.create()
    clock.forward(100)
    since = int(clock().timestamp())
    zendesk.vote(second)
    zendesk.archive_article(gone)
    found = center.call("GET", f"/incremental/articles.json?start_time={since}").json()
    assert [row["id"] for row in found["articles"]] == [second]
    assert (found["end_time"], found["next_page"]) == (since, None)
    everything = center.call("GET", "/incremental/articles.json?start_time=0").json()
    assert [row["id"] for row in everything["articles"]] == [first, second]


def test_the_incremental_list_goes_on_by_time(zendesk: SimulatedZendesk, center: Help, clock: SettableClock) -> None:
    zendesk.guide.limits.incremental_page = 2
    made = []
    for _ in range(3):
        made.append(center.create())
        clock.forward(10)
    page = center.call("GET", "/incremental/articles.json?start_time=0").json()
    more = requests.get(page["next_page"], headers=center.api.headers, timeout=10).json()
    assert [row["id"] for row in page["articles"] + more["articles"]] == [made[0], made[1], made[1], made[2]]
    assert more["next_page"] is None


def test_the_help_centre_has_a_limit_of_its_own(
    zendesk: SimulatedZendesk, center: Help, clock: SettableClock, ticket_id: int
) -> None:
    zendesk.limits.guide = 2
    answers = [center.call("GET", "/articles.json") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["Retry-After"] == "60"
    assert center.api.call("GET", f"/tickets/{ticket_id}").status_code == 200
    clock.forward(60)
    assert center.call("GET", "/articles.json").status_code == 200


def test_every_brand_has_its_own_help_centre_at_its_own_address(
    zendesk: SimulatedZendesk, center: Help, api: Caller
) -> None:
    brand_id = zendesk.add_brand("Acme", "acme", ["de", "en-us"])
    brands = {row["id"]: row for row in api.call("GET", "/brands.json").json()["brands"]}
    assert brands[brand_id]["brand_url"] == zendesk.brand_url(brand_id) != zendesk.url
    mine = center.create()
    section_id = zendesk.add_section(zendesk.add_category("Wissen", brand_id=brand_id), "Rechnung")
    theirs = zendesk.add_article(section_id, "Zahlen", "<p>x</p>")

    def ask(path: str) -> requests.Response:
        address = f"{zendesk.brand_url(brand_id)}/api/v2/help_center{path}"
        return requests.get(address, headers=api.headers, timeout=10)

    (row,) = ask("/articles.json?page[size]=1").json()["articles"]
    assert (row["id"], row["locale"]) == (theirs, "de")
    assert row["html_url"].startswith(zendesk.brand_url(brand_id))
    assert ask(f"/articles/{mine}.json").status_code == 404
    assert ask("/locales.json").json() == {"locales": ["de", "en-us"], "default_locale": "de"}
    assert center.listed() == [mine]


@pytest.mark.parametrize(
    ("kind", "rows", "more"), [("empty_listing", 0, False), ("cut_listing", 1, False), ("empty_page", 0, True)]
)
def test_a_list_breaks_on_command(zendesk: SimulatedZendesk, center: Help, kind: str, rows: int, more: bool) -> None:
    made = [center.create() for _ in range(3)]
    zendesk.faults.next(kind, path="/help_center/articles")
    page = center.call("GET", "/articles.json?page[size]=2").json()
    assert (len(page["articles"]), page["meta"]["has_more"]) == (rows, more)
    if more:
        assert center.listed(**{"page[after]": page["meta"]["after_cursor"]}) == made
    assert center.listed() == made


@pytest.mark.parametrize(("kind", "status"), [("unauthorized", 401), ("forbidden", 403), ("server_error", 503)])
def test_access_lapses_on_command(zendesk: SimulatedZendesk, center: Help, kind: str, status: int) -> None:
    zendesk.faults.next(kind, path="/help_center/*")
    assert [center.call("GET", "/articles.json").status_code for _ in range(2)] == [status, 200]


def test_an_article_may_be_made_though_no_answer_came(zendesk: SimulatedZendesk, center: Help) -> None:
    zendesk.faults.next("drop_after", "POST", "/help_center/sections/*")
    with pytest.raises(requests.ConnectionError):
        center.post()
    assert [row["title"] for row in zendesk.articles()] == ["How to pay"]
