"""Notes: whatever a text holds, it is shown as text; and the marker is found again, and only there."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.zendesk.notes import MAX_BYTES, SHORTENED, has_any_stamp, has_stamp, render, stamp
from deskside.errors import Permanent
from deskside.model.effect import Note

MARKER = "health:5158:1"


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert attrs == []

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


def test_lines_become_paragraphs_and_the_marker_comes_small_at_the_end() -> None:
    html = render(Note(MARKER, ("web-1 is down", "since 10:02\nand still")))
    assert html == ("<p>web-1 is down</p><p>since 10:02<br>and still</p><p><small>[deskside health:5158:1]</small></p>")


@pytest.mark.parametrize(
    "nasty",
    ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "<!--", "]]>", "&lt;b&gt;", "{{ticket.requester}}",
     "</p></small><a href='javascript:x'>", "\x00\x07\x1b[31m", "a\r\nb", "\ud800", "\u202etxt"],
)  # fmt: skip
def test_a_nasty_line_is_shown_and_not_obeyed(nasty: str) -> None:
    reader = read(render(Note(MARKER, (nasty, "end"))))
    assert set(reader.tags) <= {"p", "br", "small"}
    assert "end" in reader.text
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e]", reader.text)


@given(st.lists(st.text(max_size=300), max_size=6))
def test_any_lines_are_only_paragraphs_of_text(lines: list[str]) -> None:
    html = render(Note(MARKER, tuple(lines)))
    assert set(read(html).tags) <= {"p", "br", "small"}
    assert has_stamp(html, MARKER)


@pytest.mark.parametrize("sign", ["a", "&", "日", "🔥", "<"])
def test_an_endless_line_is_shortened_to_what_zendesk_takes_and_keeps_its_marker(sign: str) -> None:
    html = render(Note(MARKER, ("first", sign * 20_000, sign * 80_000, "never seen")))
    assert len(html.encode()) <= MAX_BYTES
    reader = read(html)
    assert reader.text.startswith("first")
    assert SHORTENED in reader.text
    assert "never seen" not in reader.text
    assert has_stamp(html, MARKER)


def test_a_line_of_20_000_characters_fits_whole() -> None:
    assert "x" * 20_000 in render(Note(MARKER, ("x" * 20_000,)))


def test_a_marker_is_not_found_inside_a_longer_one() -> None:
    html = render(Note("note:1", ("x",)))
    assert has_stamp(html, "note:1")
    assert not has_stamp(html, "note:12")
    assert not has_stamp(render(Note("note:12", ("x",))), "note:1")


def test_a_marker_is_found_in_plain_text_and_in_rewritten_html_too() -> None:
    assert has_stamp("all well\n\n[deskside note:1]\n", "note:1")
    assert has_stamp('<div class="zd-comment"><p dir="auto">[deskside <b>note:1</b>]</p></div>', "note:1")
    assert has_any_stamp("text [deskside note:1]")
    assert not has_any_stamp("text [deskside] note:1")


@pytest.mark.parametrize("marker", ["", "a b", "a]b", "<b>", "a\nb", "x" * 201])
def test_a_marker_that_could_not_be_found_again_is_refused(marker: str) -> None:
    with pytest.raises(Permanent):
        stamp(marker)
