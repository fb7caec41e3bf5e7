"""A hash of the meaning: blind for how a text is written, and for nothing else."""

import re
from collections.abc import Callable, Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from deskside.markup.addresses import article, attachment_id, media_id
from deskside.markup.allowed import clean
from deskside.markup.meaning import compare, semantic_hash
from deskside.markup.tree import siblings
from tests.markup.corpus import own, real
from tests.markup.reserialise import RESERIALISERS, ULID


@pytest.mark.parametrize("way", RESERIALISERS)
@pytest.mark.parametrize("name", own())
def test_a_text_that_is_only_written_anew_means_the_same(name: str, way: str) -> None:
    body = own()[name]
    written = RESERIALISERS[way](body)
    assert compare(body, written).text() == compare(body, body).text()
    assert semantic_hash("a", written) == semantic_hash("a", body)


@pytest.mark.parametrize("way", [way for way in RESERIALISERS if way != "as it is"])
def test_every_way_of_writing_changes_some_bytes(way: str) -> None:
    plain = RESERIALISERS["as it is"]
    assert any(RESERIALISERS[way](body) != plain(body) for body in own().values())


@pytest.mark.parametrize("way", RESERIALISERS)
def test_the_articles_of_a_real_help_centre_mean_the_same_however_they_are_written(way: str) -> None:
    changed = [body for body in real() if semantic_hash("a", RESERIALISERS[way](body)) != semantic_hash("a", body)]
    assert changed == []


def test_two_ways_at_once_are_no_change_either() -> None:
    for body in own().values():
        written = body
        for rewrite in RESERIALISERS.values():
            written = rewrite(written)
        assert semantic_hash("a", written) == semantic_hash("a", body)


def _word(html: str) -> str | None:
    """One word between two tags becomes another."""
    changed = re.sub(r">([^<&]*?)([^\W\d_]{3,})", r">\1word", html, count=1)
    return changed if changed != html else None


def _attribute(selector: str, name: str, value: str) -> Callable[[str], str | None]:
    def mutate(html: str) -> str | None:
        tree = LexborHTMLParser(html, is_fragment=True)
        found = tree.css_first(selector)
        if found is None or found.attributes.get(name) == value:
            return None
        found.attrs[name] = value
        return tree.html

    return mutate


def _removed(selector: str) -> Callable[[str], str | None]:
    def mutate(html: str) -> str | None:
        tree = LexborHTMLParser(html, is_fragment=True)
        found = tree.css_first(selector)
        if found is None or not (found.text().strip() or found.tag in {"img", "iframe"}):
            return None
        found.decompose()
        return tree.html

    return mutate


def _renamed(old: str, new: str) -> Callable[[str], str | None]:
    return lambda html: re.sub(rf"<(/?){old}\b", rf"<\1{new}", html) if f"<{old}" in html else None


def _turned(html: str) -> str | None:
    """The first two items of a list change places."""
    tree = LexborHTMLParser(html, is_fragment=True)
    for first in tree.css("li"):
        second = next((node for node in siblings(first.next) if node.tag == "li"), None)
        if second is not None and second.text().split() != first.text().split():
            second.insert_after(first, move=True)
            return tree.html
    return None


MUTATIONS: dict[str, Callable[[str], str | None]] = {
    "a word": _word,
    "the target of a link": _attribute("a[href]", "href", "https://example.org/other"),
    "the article of a link": _attribute("a[href]", "href", "/hc/en-us/articles/99"),
    "the part of a link": _attribute("a[href]", "href", "#other"),
    "an image": _attribute("img", "src", "/hc/article_attachments/99"),
    "the description of an image": _attribute("img", "alt", "another"),
    "an item gone": _removed("li"),
    "an image gone": _removed("img"),
    "a cell gone": _removed("td"),
    "a frame gone": _removed("iframe"),
    "items turned": _turned,
    "the level of a heading": _renamed("h2", "h3"),
    "strong to emphasised": _renamed("strong", "em"),
    "numbers to bullets": _renamed("ol", "ul"),
    "a class": _attribute("div, p", "class", "kb-warning"),
    "a style": _attribute("p, td", "style", "color:blue"),
    "the id of a heading": _attribute("h2", "id", "another"),
    "cells joined": _attribute("td", "colspan", "7"),
    "a line of code": lambda html: html.replace("</pre>", "\nx</pre>", 1) if "</pre>" in html else None,
    "indented code": lambda html: re.sub(r"(<pre[^<]*(?:<code[^<]*>)?)", r"\1  ", html) if "<pre" in html else None,
}


@pytest.mark.parametrize("kind", MUTATIONS)
def test_what_a_person_would_see_is_seen(kind: str) -> None:
    assert _seen(MUTATIONS[kind], own().values()) > 0


@pytest.mark.parametrize("kind", MUTATIONS)
def test_what_a_person_would_see_is_seen_in_a_real_help_centre(kind: str) -> None:
    _seen(MUTATIONS[kind], real())


def _seen(mutate: Callable[[str], str | None], bodies: Iterable[str]) -> int:
    """How many bodies were changed; each change is seen by the hash, and shown."""
    count = 0
    for body in bodies:
        changed = mutate(body)
        if changed is not None:
            assert semantic_hash("a", changed) != semantic_hash("a", body), body
            assert compare(body, changed), body
            count += 1
    return count


def test_the_title_counts() -> None:
    assert semantic_hash("a", "<p>b") != semantic_hash("b", "<p>b")
    assert semantic_hash(" a\xa0 b", "<p>c") == semantic_hash("a b", "<p>c")


def test_a_link_to_a_heading_is_followed_by_the_place_of_the_heading() -> None:
    body = '<h2 id="{0}">A</h2><h2 id="{1}">B</h2><p><a href="#{1}">to B</a></p>'
    one, two, three, four = (ULID.format(number) for number in range(4))
    assert semantic_hash("a", body.format(one, two)) == semantic_hash("a", body.format(three, four))
    elsewhere = body.replace('href="#{1}"', 'href="#{0}"')
    assert semantic_hash("a", body.format(one, two)) != semantic_hash("a", elsewhere.format(one, two))


def test_addresses_of_a_target_mean_what_is_symbolic() -> None:
    def links(address: str) -> str:
        if (named := article(address)) and named.id == "12":
            return f"doc:guide{'#' + named.part if named.part else ''}"
        if attachment_id(address) == "34" or media_id(address) == "01HF4YQ5ZB8N3M7K2P9R6T0ABC":
            return "asset:plug.png"
        return address

    symbolic = '<a href="doc:guide#setup">a</a><img src="asset:plug.png">'
    for link in ("https://help.example.com/hc/en-us/articles/12-A-guide#setup", "/hc/en-us/articles/12#setup"):
        for image in ("/hc/article_attachments/34/plug.png", "/guide-media/01HF4YQ5ZB8N3M7K2P9R6T0ABC"):
            shown = f'<a href="{link}">a</a><img src="{image}">'
            assert semantic_hash("a", shown, links) == semantic_hash("a", symbolic)
    assert semantic_hash("a", symbolic.replace("setup", "other")) != semantic_hash("a", symbolic)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a<strong></strong>b", "ab"),
        ("<p>a <b>b </b></p>", "<p>a <strong>b</strong></p>"),
        ("<p>a<br/> b</p>", "<p>a<br>b</p>"),
        ("<!-- a --><p>b</p>", "<p>b</p>"),
        ("<pre><code>a\n</code></pre>", "<pre><code>a</code></pre>"),
        ('<td colspan="1">a', "<td>a"),
        ('<table><tr><td colspan="1">a</table>', "<table><tbody><tr><td>a</td></tr></tbody></table>"),
        ('<img src="a b.png" alt="">', '<img src="a%20b.png">'),
        ('<p style="COLOR: Red;margin:0 1px ;">a', '<p style="margin:0  1px;color:red">a'),
        ('<iframe src="//a.example/b">', '<iframe src="https://a.example/b">'),
        ("<details open='open'>a</details>", "<details open>a</details>"),
    ],
)
def test_small_things_that_nobody_sees_are_no_change(one: str, other: str) -> None:
    assert semantic_hash("t", one) == semantic_hash("t", other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a b", "ab"),
        ("<p>a</p><p>b</p>", "<p>a b</p>"),
        ("<pre>a  b</pre>", "<pre>a b</pre>"),
        ("<p>a <img src=x> b</p>", "<p>a<img src=x>b</p>"),
        ("<strong>a</strong>", "a"),
        ('<p id="x"></p>', ""),
        ('<a href="/hc/en-us/articles/1">a</a>', '<a href="/hc/de/articles/1">a</a>'),
        ("<details open>a</details>", "<details>a</details>"),
    ],
)
def test_small_things_that_somebody_sees_are_a_change(one: str, other: str) -> None:
    assert semantic_hash("t", one) != semantic_hash("t", other)


_INSIDE = st.text("ab \n\xa0<&é", max_size=6).map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;"))
_TREES = st.recursive(
    _INSIDE,
    lambda inside: st.builds(
        lambda tag, name, children: f"<{tag}{name}>{''.join(children)}</{tag}>",
        st.sampled_from(
            ["p", "div", "b", "em", "span", "ul", "li", "h2", "pre", "table", "td", "a", "blockquote", "br"]
        ),
        st.sampled_from(["", "", ' id="x"', ' class="y wysiwyg-z"', ' href="#x"', ' style="color:red"']),
        st.lists(inside, max_size=3),
    ),
    max_leaves=12,
)


@given(_TREES, _TREES)
@settings(max_examples=300, deadline=None)
def test_a_comparison_is_empty_exactly_when_the_meaning_is_the_same(one: str, other: str) -> None:
    assert bool(compare(one, other)) == (semantic_hash("a", one) != semantic_hash("a", other))
    assert not compare(one, one)


@given(_TREES)
@settings(max_examples=200, deadline=None)
def test_cleaning_and_printing_do_not_change_what_is_meant(html: str) -> None:
    cleaned = clean(html).html
    assert semantic_hash("a", RESERIALISERS["as it is"](cleaned)) == semantic_hash("a", cleaned)
