"""Feeds as they are: RSS, RDF and Atom, with the habits of their publishers."""

from datetime import UTC, datetime

import pytest

from adapters.feeds.reading import read_feed
from deskside.errors import Permanent
from deskside.model.digest import Entry

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
URL = "https://blog.example/feed.xml"


def rss(*items: str, language: str = "en-GB") -> bytes:
    inner = "".join(f"<item>{item}</item>" for item in items)
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title><link>https://blog.example/</link>'
        f"<language>{language}</language>{inner}</channel></rss>"
    ).encode()


def read(body: bytes) -> tuple[Entry, ...]:
    return read_feed(body, "application/rss+xml", URL, NOW)


def test_an_item_of_rss_is_plain_text_with_an_aware_date() -> None:
    (entry,) = read(
        rss(
            "<guid isPermaLink='false'>g1</guid><link>https://blog.example/1</link>"
            "<title>Faster &lt;b&gt;disks&lt;/b&gt; &amp;amp; more</title>"
            "<description><![CDATA[<p>All <b>new</b>.</p><script>alert(1)</script>]]></description>"
            "<pubDate>Sun, 22 Nov 2026 10:30:00 +0200</pubDate><category>Hardware</category>"
            "<author>ann@example.com (Ann)</author>"
        )
    )
    assert (entry.guid, entry.url, entry.language, entry.section) == (
        "g1",
        "https://blog.example/1",
        "en-gb",
        "Hardware",
    )
    assert entry.title == "Faster disks & more"
    assert entry.summary == "All new."
    assert entry.published_at == datetime(2026, 11, 22, 8, 30, tzinfo=UTC)


def test_an_entry_of_atom_is_read_as_well_and_its_link_is_made_whole() -> None:
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title>T</title>
      <entry><id>urn:1</id><title>Neu</title><link href="/neu"/><updated>2026-11-22T10:00:00Z</updated></entry>
    </feed>"""
    (entry,) = read(body)
    assert (entry.guid, entry.url) == ("urn:1", "https://blog.example/neu")


def test_an_item_without_a_date_or_with_one_to_come_is_of_now() -> None:
    found = read(
        rss(
            "<guid>1</guid><link>https://e.org/1</link><title>A</title>",
            "<guid>2</guid><link>https://e.org/2</link><title>B</title><pubDate>1 Jan 2030 00:00 GMT</pubDate>",
            "<guid>3</guid><link>https://e.org/3</link><title>C</title><pubDate>yesterday-ish</pubDate>",
        )
    )
    assert [entry.published_at for entry in found] == [NOW] * 3


def test_a_guid_that_several_items_share_names_none_of_them() -> None:
    found = read(
        rss(
            "<guid isPermaLink='false'>latest</guid><link>https://e.org/1</link><title>A</title>",
            "<guid isPermaLink='false'>latest</guid><link>https://e.org/2</link><title>B</title>",
            "<guid isPermaLink='false'>own</guid><link>https://e.org/3</link><title>C</title>",
        )
    )
    assert [entry.guid for entry in found] == ["https://e.org/1", "https://e.org/2", "own"]


@pytest.mark.parametrize(
    "item",
    ["<title>No link</title>", "<link>https://e.org/1</link>", "<title>A</title><link>javascript:alert(1)</link>",
     "<title>A</title><link>ftp://e.org/1</link>", "<title>A</title><link>https://u:p@e.org/</link>"],
)  # fmt: skip
def test_an_item_without_title_or_public_link_is_left_out(item: str) -> None:
    assert read(rss(item)) == ()


@pytest.mark.parametrize("body", [b"", b"<html><body>Sign in</body></html>", b"\x00\xff not xml", b'{"json": 1}'])
def test_what_is_no_feed_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(Permanent, match="no RSS or Atom feed"):
        read(body)


def test_an_empty_feed_is_a_feed() -> None:
    assert read(rss()) == ()


def test_entities_that_would_grow_without_end_do_not() -> None:
    bomb = b"""<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
      <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY x SYSTEM "file:///etc/passwd">]>
      <rss version="2.0"><channel><item><title>A &c; &x;</title><link>https://e.org/1</link></item></channel></rss>"""
    for entry in read(bomb):
        assert "root:" not in entry.title
        assert len(entry.title) < 300


def test_a_long_summary_ends_at_a_word() -> None:
    (entry,) = read(rss(f"<title>A</title><link>https://e.org/1</link><description>{'word ' * 300}</description>"))
    assert len(entry.summary) <= 400
    assert entry.summary.endswith("word…")
