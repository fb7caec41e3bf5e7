"""What help centres do not show is turned into what they do, or named."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from deskside.markup.allowed import clean
from deskside.markup.plain import text
from deskside.markup.vocabulary import ELEMENTS, FRAME_HOSTS, SCHEMES, frame_host, scheme, takes, words


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<b>a</b> <i class='x'>b</i>", '<strong>a</strong> <em class="x">b</em>'),
        ("<u>a</u>", '<span style="text-decoration:underline">a</span>'),
        ("<strike>a</strike><tt>b</tt>", "<s>a</s><code>b</code>"),
        ('<font color="red">a</font>', '<span style="color:red">a</span>'),
        ("<center>a</center>", '<div style="text-align:center">a</div>'),
        ('<p align="center" style="color:red">a</p>', '<p style="text-align:center;color:red">a</p>'),
        ("<menu><li>a</li></menu>", "<ul><li>a</li></ul>"),
        ('<ul data-children="42" data-depth="2"></ul>', '<ul data-children="42" data-depth="2"></ul>'),
        ('<input type="checkbox" checked> a <input type="checkbox"> b', "☑ a ☐ b"),
        ("<picture><source srcset='a.webp'><img src='a.png'></picture>", '<img src="a.png">'),
        ('<a href="doc:a%2Fb#c" target="_blank">a</a>', '<a href="doc:a%2Fb#c" target="_blank">a</a>'),
        ('<img src="asset:a.png" alt="a">', '<img src="asset:a.png" alt="a">'),
        (
            '<iframe src="//www.youtube.com/embed/1"></iframe>',
            '<iframe src="https://www.youtube.com/embed/1"></iframe>',
        ),
        ('<td style="text-align:right">a', "a"),
        ("<details open><summary>a</summary>b</details>", '<details open=""><summary>a</summary>b</details>'),
    ],
)
def test_what_has_an_equal_is_rewritten_and_nothing_is_said(html: str, expected: str) -> None:
    assert clean(html).html == expected
    assert clean(html).lost == ()


@pytest.mark.parametrize(
    ("html", "expected", "lost"),
    [
        ("a<script>b()</script>c", "ac", "a script"),
        ("a<style>b{}</style>c", "ac", "a style sheet"),
        ("a<svg><text>b</text></svg>c", "ac", "a drawing inside the text (svg)"),
        ("<form>a</form>", "<div>a</div>", "<form>"),
        ("<button>a</button>", "<strong>a</strong>", "<button>"),
        ('<input value="a">', "a", "<input>"),
        ("<textarea>a <b>", "<pre>a &lt;b&gt;</pre>", "<textarea>"),
        ("<select><option>a<option>b</select>", "a / b", "<select>"),
        ("<blink>a</blink>", "a", "<blink>"),
        ('<p onclick="a()">b</p>', "<p>b</p>", "the attribute onclick of <p>"),
        ('<p style="position:fixed;color:red">a</p>', '<p style="color:red">a</p>', "the style position of <p>"),
        ('<p style="margin:1px">a</p>', '<p style="">a</p>', "the style margin of <p>"),
        ('<p style="background:url(//b)">a</p>', '<p style="">a</p>', "the style background of <p>"),
        ('<a href="java\tscript:b">a</a>', "<a>a</a>", "an address that begins with javascript:"),
        ('<img alt="a" src="data:image/png;base64,AA">', '<img alt="a">', "an address that begins with data:"),
        (
            '<iframe src="https://b.example/c" title="a"></iframe>',
            '<a href="https://b.example/c">a</a>',
            "a frame of b.example: now a link",
        ),
    ],
)
def test_what_has_no_equal_is_named_and_its_text_stays(html: str, expected: str, lost: str) -> None:
    cleaned = clean(html)
    assert cleaned.html == expected
    assert cleaned.lost == (lost,)


def test_each_loss_is_said_once() -> None:
    assert clean("<script>a</script><script>b</script>").lost == ("a script",)


def test_a_margin_is_for_tables_and_a_float_for_figures() -> None:
    html = '<table style="margin:1px"></table><figure style="float:left"></figure><ol style="list-style:none"></ol>'
    assert clean(html).html == html


@pytest.mark.parametrize(
    "address",
    [
        "https://www.youtube.com.evil.example/",
        "https://evil.example/www.youtube.com",
        "https://www.youtube.com@evil.example/",
        "https://user@www.youtube.com/",
        "http://www.youtube.com/embed/1",
        "https://[::1/",
        "https://www.youtube.com:99999/",
    ],
)
def test_a_frame_of_a_host_that_only_looks_listed_becomes_a_link(address: str) -> None:
    assert "<iframe" not in clean(f'<iframe src="{address}"></iframe>').html


def test_text_as_deep_as_anybody_may_nest_it_is_read() -> None:
    assert "word" in clean("<div>" * 3000 + "word").html


_NAMES = sorted(
    words("""
    a b i u p div span table td tr th ul li pre h2 form input button select option svg math style script iframe
    template noscript textarea title xmp plaintext font center details img br source picture nobr marquee
""")
)
_ADDRESSES = st.sampled_from(
    ["javascript:alert(1)", " JavaScript:x", "java&#9;script:x", "vbscript:x", "data:text/html,x", "/hc/1", "doc:a",
     "https://www.youtube.com/embed/1", "https://evil.example/", "&#1;javascript:x", "//x/y", "mailto:a@b.example"]
)  # fmt: skip
_ATTRIBUTES = st.one_of(
    st.tuples(st.sampled_from(["href", "src", "poster", "srcset", "action", "formaction", "xlink:href"]), _ADDRESSES),
    st.tuples(
        st.sampled_from(["style", "onclick", "onerror", "id", "class", "align", "type", "title", "data-x", "srcdoc"]),
        st.sampled_from(["color:red", "position:fixed;color:red", "background:url(javascript:x)", "center", "x", ""])
        | st.text(max_size=8),
    ),
)
_PIECES = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["&lt;", "&nbsp;", "<!--", "-->", "<![CDATA[", "]]>", "<", ">", '"', "&#x202e;", "\n", "</p", "&#0;"]
    ),
    st.sampled_from(_NAMES).map(lambda name: f"</{name}>"),
    st.builds(
        lambda name, attributes: f"<{name} " + " ".join(f'{key}="{value}"' for key, value in attributes) + ">",
        st.sampled_from(_NAMES),
        st.lists(_ATTRIBUTES, max_size=3),
    ),
)
_HTML = st.lists(_PIECES, max_size=14).map("".join)


@given(_HTML)
@example("<a><table><a>x")
@example("<pre>\n\n\na</pre>")
@example("<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>")
@example("<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>")
@example("<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>")
@settings(max_examples=300, deadline=None)
def test_whatever_comes_in_only_what_readers_get_comes_out(html: str) -> None:
    cleaned = clean(html).html
    again = clean(cleaned)
    assert again.html == cleaned
    assert again.lost == ()
    for node in LexborHTMLParser(cleaned, is_fragment=True).css("*"):
        tag = node.tag or ""
        assert tag in ELEMENTS
        for name, value in node.attributes.items():
            assert takes(tag, name)
            assert not name.startswith("on")
            if name in {"href", "src", "poster"}:
                assert scheme(value or "") in SCHEMES | {""}
                assert tag != "iframe" or frame_host(value or "") in FRAME_HOSTS


_WORDS = st.text(alphabet="abcdefgхцчあ", min_size=1, max_size=8)
_SEEN = st.sampled_from(
    sorted(words("b i u font center form button fieldset main blink tt strike big label h1 p div td li menu summary"))
)


@given(st.lists(st.tuples(_SEEN, _WORDS), min_size=1, max_size=8), st.booleans())
def test_no_word_of_an_element_that_is_not_shown_gets_lost(pieces: list[tuple[str, str]], nested: bool) -> None:
    html = "".join(f"<{name}>{word}" + ("" if nested else f"</{name}>") for name, word in pieces)
    expected = "".join(word for _, word in pieces)
    assert re.sub(r"\s", "", text(clean(html).html)) == expected
