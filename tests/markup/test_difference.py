"""What changed is shown in lines that a person reads, and nothing that changed is left out."""

from hypothesis import given
from hypothesis import strategies as st

from deskside.markup.difference import Diff, difference
from deskside.markup.meaning import blocks, compare

BODY = (
    '<h2 id="plugs">Plugs</h2><p class="note">A <b>red</b> <a href="/a">plug</a>.</p><ul><li>one<ul><li>deep</li></ul>'
    "</li><li><p>two</p><p>more</p></li></ul><ol><li>first</li></ol>"
    '<pre><code class="language-sh">ls\n  cd\n</code></pre>'
    "<table><tr><th>h</th><td>x<br>y</td></tr></table><blockquote><p>said</p></blockquote><hr>"
    '<figure><img src="a.png" alt="A plug"><figcaption>Fig</figcaption></figure>'
    '<iframe src="https://www.youtube.com/embed/1"></iframe>'
)


def test_blocks_show_what_text_alone_does_not() -> None:
    assert blocks(BODY) == (
        "## {id=plugs}Plugs",
        "{class=note}A **red** [plug](/a).",
        "- one",
        "  - deep",
        "- two",
        "  more",
        "1. first",
        "    `{class=language-sh}ls",
        "      cd`",
        "‖ h",
        "| x",
        "y",
        "> said",
        "---",
        "![A plug](a.png)",
        "Fig",
        "<iframe https://www.youtube.com/embed/1>",
    )


def changed(before: str, after: str) -> list[str]:
    return [line for line in compare(before, after).text(0).splitlines() if "…" not in line]


def test_a_changed_word_is_shown_inside_its_line() -> None:
    assert changed(BODY, BODY.replace("red", "blue")) == ["~ {class=note}A **[-red-]{+blue+}** [plug](/a)."]


def test_the_target_of_a_link_an_image_and_the_level_of_a_heading_are_shown() -> None:
    assert changed(BODY, BODY.replace('"/a"', '"/b"')) == ["~ {class=note}A **red** [plug[-](/a)-]{+](/b)+}."]
    assert changed(BODY, BODY.replace("a.png", "b.png")) == ["~ ![A plug[-](a.png)-]{+](b.png)+}"]
    assert changed(BODY, BODY.replace("h2", "h3")) == ["~ {+#+}## {id=plugs}Plugs"]


def test_lines_come_and_go() -> None:
    assert changed(BODY, BODY.replace("<li>one", "<li>one</li><li>fresh words here")) == ["+ - fresh words here"]
    assert changed(BODY, BODY.replace("<hr>", "")) == ["- ---"]


def test_what_no_line_shows_is_shown_as_markup() -> None:
    diff = compare("<div>a &lt;b&gt;</div>", "<p>a &lt;b&gt;</p>")
    assert diff.markup
    assert diff.text(0).splitlines() == ["~ <[-div-]{+p+}>", "  … 1 …", "~ </[-div-]{+p+}>"]


def test_an_excerpt_has_the_lines_around_and_counts_the_rest() -> None:
    lines = [f"the line {number}" for number in range(10)]
    diff = Diff(difference(lines, [*lines[:5], "the line 5b", *lines[6:]]))
    kinds = [(line.kind, line.count) for line in diff.excerpt(1)]
    assert kinds == [("skipped", 4), ("same", 1), ("changed", 1), ("same", 1), ("skipped", 3)]


def test_words_of_scripts_without_spaces_are_characters() -> None:
    assert changed("<p>日本語のページ", "<p>日本語の本") == ["~ 日本語の[-ページ-]{+本+}"]


_LINES = st.lists(st.text("ab c", min_size=1, max_size=6), max_size=8)


@given(_LINES, _LINES)
def test_both_texts_can_be_read_out_of_a_comparison(before: list[str], after: list[str]) -> None:
    lines = difference(before, after)
    assert [line.before for line in lines if line.kind != "added"] == before
    assert [line.after for line in lines if line.kind != "removed"] == after
