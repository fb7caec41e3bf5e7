"""Rules of what becomes of bodies, whatever is in them."""

import json

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from selectolax.lexbor import LexborHTMLParser

from deskside.demo.zendesk.guide import markup
from tests.shared import shared

PIECES = st.sampled_from(
    [
        "<p>", "</p>", "<p></p>", "<span>", "</span>", "<i></i>", "<b>", "</b>", "<ac:link>", "</ac:link>", "<x-y>",
        "</x-y>", "<script>", "</script>", "<form>", "</form>", "<table><tr><td>", "</table>", "<h2 id='a'>", "</h2>",
        "<h3>", "</h3>", '<a href="javascript:x" onclick=y>', '<a href="/hc/en-us/articles/1-x#y">', "</a>", "text",
        " ", "&nbsp;", "&amp;lt;", "<", "é", "<img src=x onerror=y>", "<pre>\n a\n</pre>", "<!-- c -->",
    ]
)  # fmt: skip
BODIES = st.lists(PIECES, max_size=20).map("".join)


def words(body: str) -> list[str]:
    return LexborHTMLParser(f"<body>{body}</body>").text(separator=" ").split()


@given(BODIES)
def test_what_was_mended_needs_no_mending_again(body: str) -> None:
    once = markup.stored(body)
    assert markup.stored(once) == once


@given(BODIES)
def test_readers_get_nothing_that_runs(body: str) -> None:
    shown = LexborHTMLParser(f"<body>{markup.shown(body)}</body>")
    assert not shown.css("script, form, style, object")
    for node in shown.css("body *"):
        assert not any(name.startswith("on") for name in node.attributes)
        assert not (node.attributes.get("href") or "").startswith("javascript")


@given(BODIES, st.sampled_from(["mild", "heavy"]))
def test_rewriting_keeps_every_word(body: str, how: markup.Rewriting) -> None:
    assert words(markup.rewritten(body, how, "http://127.0.0.1:1")) == words(body)


def test_rewriting_keeps_every_word_of_real_articles() -> None:
    rows = json.loads(shared("data/arduino_hc/articles.json").read_text())
    markdown = MarkdownIt("commonmark", {"html": True}).enable("table")
    bodies = [markdown.render(row["body"]) for row in rows]
    assert len(bodies) > 100
    for body in bodies:
        assert words(markup.rewritten(body, "heavy", "http://127.0.0.1:1")) == words(body)
