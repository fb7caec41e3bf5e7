"""A look at a feed over real HTTP: only what changed is asked for, and trouble has a name."""

from collections.abc import Iterator

import pytest

from adapters.feeds import plugin
from adapters.feeds.source import FeedSource
from deskside.errors import AddressForbidden, Permanent, Transient
from deskside.guard import AddressGuard
from deskside.ports import Environment
from tests.web import Answer, Web

FEED = (
    '<rss version="2.0"><channel><title>T</title><item><guid>1</guid><title>A</title>'
    "<link>https://e.org/1</link></item></channel></rss>"
)


@pytest.fixture
def web() -> Iterator[Web]:
    web = Web()
    yield web
    web.close()


@pytest.fixture
def source() -> FeedSource:
    return plugin.build(Environment({}, AddressGuard(allow=["127.0.0.0/8"])))


def test_the_second_look_asks_only_for_what_changed(web: Web, source: FeedSource) -> None:
    validators = {"ETag": '"v1"', "Last-Modified": "Sun, 22 Nov 2026 10:00:00 GMT"}
    url = web.on("/feed", Answer(FEED, headers=validators), Answer(status=304))
    first = source.look({"url": url}, "")
    assert [entry.title for entry in first.entries] == ["A"]
    second = source.look({"url": url}, first.cursor)
    assert second.entries == ()
    assert second.cursor == first.cursor
    assert "if-none-match" not in web.asked[0].headers
    assert web.asked[1].headers["if-none-match"] == '"v1"'
    assert web.asked[1].headers["if-modified-since"] == validators["Last-Modified"]


def test_the_validators_of_another_address_are_not_used(web: Web, source: FeedSource) -> None:
    first = source.look({"url": web.on("/old", Answer(FEED, headers={"ETag": '"v1"'}))}, "")
    source.look({"url": web.on("/new", Answer(FEED))}, first.cursor)
    assert "if-none-match" not in web.asked[1].headers


@pytest.mark.parametrize("cursor", ["nonsense", "[1]", "null", "{}"])
def test_a_cursor_that_cannot_be_read_asks_for_everything(web: Web, source: FeedSource, cursor: str) -> None:
    assert len(source.look({"url": web.on("/feed", Answer(FEED))}, cursor).entries) == 1


@pytest.mark.parametrize(("status", "kind"), [(404, Permanent), (401, Permanent), (500, Transient), (429, Transient)])
def test_what_the_server_says_decides_whether_to_try_again(
    web: Web, source: FeedSource, status: int, kind: type[Exception]
) -> None:
    with pytest.raises(kind, match=str(status)):
        source.look({"url": web.on("/feed", Answer("no", status))}, "")


def test_a_feed_inside_our_own_network_is_not_read(web: Web) -> None:
    guarded = plugin.build(Environment({}, AddressGuard()))
    with pytest.raises(AddressForbidden):
        guarded.look({"url": web.on("/feed", Answer(FEED))}, "")


def test_an_address_that_is_none_is_refused_when_it_is_entered() -> None:
    assert plugin.schema().validate({"url": "https://blog.example/feed"}) == {}
    assert "url" in plugin.schema().validate({"url": "file:///etc/passwd"})
    assert "url" in plugin.schema().validate({})
