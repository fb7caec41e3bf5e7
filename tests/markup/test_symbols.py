"""Symbolic links are made, listed and resolved."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from deskside.markup.allowed import clean
from deskside.markup.symbols import (
    Child,
    asset_link,
    asset_ref,
    children_list,
    document_link,
    document_name,
    names,
    refs,
    resolve,
)

BODY = (
    f'<p>See <a href="{document_link("guides/first page", "set up")}">the <em>first</em> page</a> and '
    f'<a href="{asset_link("f/price list.pdf")}">prices</a>.<img src="{asset_link("a b.png")}" alt="A plug"></p>'
    + children_list("guides/all", 2)
)


def nothing(*_: object) -> None:
    return None


def no_children(_name: str, _depth: int) -> Sequence[Child]:
    return ()


def test_links_and_files_are_listed_in_the_order_of_the_text() -> None:
    assert names(BODY + BODY) == ("guides/first page",)
    assert refs(BODY) == ("f/price list.pdf", "a b.png")


def test_a_body_with_answers_has_only_real_addresses() -> None:
    asked: list[tuple[str, int]] = []

    def children(name: str, depth: int) -> Sequence[Child]:
        asked.append((name, depth))
        return [Child("One & <all>", "/hc/1?a=1&b=2", [Child("Two", "/hc/2")])]

    resolved = resolve(BODY, lambda name, part: f"/{name}#{part}", lambda ref: f"/media/{ref}", children)
    assert resolved.unresolved == ()
    assert resolved.html == (
        '<p>See <a href="/guides/first page#set up">the <em>first</em> page</a> and '
        '<a href="/media/f/price list.pdf">prices</a>.<img src="/media/a b.png" alt="A plug"></p>'
        '<ul><li><a href="/hc/1?a=1&amp;b=2">One &amp; &lt;all&gt;</a>'
        '<ul><li><a href="/hc/2">Two</a></li></ul></li></ul>'
    )
    assert asked == [("guides/all", 2)]


def test_what_has_no_answer_becomes_text_and_is_named() -> None:
    resolved = resolve(BODY, nothing, nothing, no_children)
    assert resolved.html == "<p>See the <em>first</em> page and prices.A plug</p>"
    assert resolved.unresolved == (
        "doc:guides%2Ffirst%20page#set%20up",
        "asset:f%2Fprice%20list.pdf",
        "asset:a%20b.png",
    )


def test_a_link_around_an_image_loses_each_by_itself() -> None:
    html = f'<a href="{document_link("a")}"><img src="{asset_link("b")}" alt="c"></a>'
    assert resolve(html, nothing, lambda ref: "/b", no_children).html == '<img src="/b" alt="c">'
    assert resolve(html, lambda name, part: "/a", nothing, no_children).html == '<a href="/a">c</a>'


def test_text_without_symbols_comes_back_as_it_is() -> None:
    assert resolve("<p>a<br/>b", nothing, nothing, no_children).html == "<p>a<br/>b"


def test_an_address_cannot_leave_its_attribute() -> None:
    html = resolve('<a href="doc:a">b</a>', lambda name, part: '"><script>', nothing, no_children).html
    assert "<script>" not in html
    assert html.count("<a") == 1


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
def test_every_name_survives_the_link_and_the_cleaning(name: str, part: str) -> None:
    html = clean(f'<a href="{document_link(name, part)}">a</a><img src="{asset_link(name)}">').html
    found: list[tuple[str, str]] = []
    resolve(html, lambda *asked: found.append(asked), lambda ref: "", no_children)
    assert found == [(name, part)]
    assert refs(html) == (name,)


def test_other_addresses_are_none_of_ours() -> None:
    assert document_name("https://example.org/doc:a") is None
    assert asset_ref("/asset:a") is None
