"""The double does what the real ones were seen to do."""

from collections.abc import Iterator

import pytest
import requests

from tests.doubles.confluence.server import running
from tests.doubles.confluence.wiki import CLOUD_ID, EMAIL, TOKEN, Wiki

BASIC = (EMAIL, TOKEN)
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def wiki() -> Wiki:
    wiki = Wiki()
    wiki.space("DOC")
    wiki.pages[wiki.page("DOC", "Old")].status = "archived"
    return wiki


@pytest.fixture
def address(wiki: Wiki) -> Iterator[str]:
    with running(wiki) as address:
        yield address


def test_archived_pages_come_unless_only_current_ones_are_asked_for(wiki: Wiki, address: str) -> None:
    url = f"{address}/wiki/api/v2/spaces/{wiki.spaces['DOC']}/pages"
    everything = requests.get(url, auth=BASIC, timeout=5).json()["results"]
    current = requests.get(url, {"status": "current"}, auth=BASIC, timeout=5).json()["results"]
    assert (len(everything), len(current)) == (2, 1)


def test_old_pages_are_gone_behind_the_gateway_and_there_on_the_site(address: str) -> None:
    behind = requests.get(f"{address}/ex/confluence/{CLOUD_ID}/wiki/rest/api/content", headers=BEARER, timeout=5)
    on_site = requests.get(f"{address}/wiki/rest/api/content", auth=BASIC, timeout=5)
    assert (behind.status_code, on_site.status_code) == (410, 200)


def test_a_cursor_is_good_for_the_limit_it_was_made_with_alone(wiki: Wiki, address: str) -> None:
    for number in range(5):
        wiki.page("DOC", f"Page {number}")
    url = f"{address}/wiki/api/v2/spaces/{wiki.spaces['DOC']}/pages"
    following = requests.get(url, {"limit": 2}, auth=BASIC, timeout=5).json()["_links"]["next"]
    cursor = following.partition("cursor=")[2].partition("&")[0]
    assert requests.get(url, {"limit": 3, "cursor": cursor}, auth=BASIC, timeout=5).status_code == 400
    assert requests.get(url, {"limit": 2, "cursor": "guessed"}, auth=BASIC, timeout=5).status_code == 400
    assert requests.get(url, {"limit": 2, "cursor": cursor}, auth=BASIC, timeout=5).ok


def test_a_data_center_cuts_limits_without_a_word(wiki: Wiki, address: str) -> None:
    wiki.space("OPS")
    wiki.cap = 1
    answer = requests.get(f"{address}/rest/api/space", {"limit": 500}, headers=BEARER, timeout=5).json()
    assert len(answer["results"]) == 1
    assert answer["_links"]["next"]


def test_cql_reads_minutes_of_the_servers_own_zone(wiki: Wiki, address: str) -> None:
    wiki.zone = "Asia/Tokyo"
    url = f"{address}/rest/api/content/search"
    # The home page was made at 12:00 UTC, which is 21:00 in Tokyo.
    for stated, found in (("20:59", 2), ("21:00", 2), ("21:01", 0)):
        cql = f'type = page and space = "DOC" and lastmodified >= "2026-11-01 {stated}" order by lastmodified desc'
        assert len(requests.get(url, {"cql": cql}, headers=BEARER, timeout=5).json()["results"]) == found


def test_each_place_takes_its_own_kind_of_token(address: str) -> None:
    site, center = f"{address}/wiki/rest/api/user/current", f"{address}/rest/api/user/current"
    assert requests.get(site, headers=BEARER, timeout=5).status_code == 401
    assert requests.get(center, auth=BASIC, timeout=5).status_code == 401
