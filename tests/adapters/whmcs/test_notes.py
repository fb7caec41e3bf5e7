"""A note that is safe however WHMCS shows it, and found again however WHMCS answers it."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.whmcs import notes
from adapters.whmcs.normalise import text
from deskside.errors import Permanent
from deskside.model.effect import Note

MARKERS = st.from_regex(r"[A-Za-z0-9._:/+=@-]{1,40}", fullmatch=True)


def test_lines_stay_lines_and_the_marker_is_the_last() -> None:
    assert notes.render(Note("abc", ("first", "second"))) == "first\nsecond\n\n[deskside abc]"


@given(st.lists(st.text(), max_size=6).map(tuple), MARKERS)
def test_nothing_in_a_note_is_markup_raw_or_decoded(lines: tuple[str, ...], marker: str) -> None:
    rendered = notes.render(Note(marker, lines))
    for _ in range(3):
        assert not set("<>") & set(rendered)
        rendered = text(rendered)


@pytest.mark.parametrize("attack", ["<script>alert(1)</script>", "&lt;script&gt;", "&amp;lt;b&amp;gt;", "&#60;b&#x3e;"])
def test_an_attack_in_a_host_name_stays_text(attack: str) -> None:
    rendered = notes.render(Note("abc", (attack,)))
    for _ in range(3):
        assert not set("<>") & set(rendered)
        rendered = text(rendered)


def test_an_ordinary_ampersand_stays() -> None:
    assert notes.harmless("R&D, a=1&b=2") == "R&D, a=1&b=2"


@given(st.lists(st.text(), max_size=4).map(tuple), MARKERS, st.integers(0, 2))
def test_a_note_is_found_by_its_marker_however_often_it_was_encoded(
    lines: tuple[str, ...], marker: str, times: int
) -> None:
    stored = notes.render(Note(marker, lines))
    for _ in range(times):
        stored = html.escape(stored)
    assert notes.has_stamp(text(stored), marker)


def test_one_marker_is_not_found_inside_a_longer_one() -> None:
    assert not notes.has_stamp("[deskside abcd]", "abc")


@pytest.mark.parametrize("marker", ["", "a b", "a]", "ä", "x" * 201])
def test_a_marker_that_could_not_be_found_again_is_refused(marker: str) -> None:
    with pytest.raises(Permanent):
        notes.render(Note(marker, ()))


@given(st.integers(1, 4), st.sampled_from("aя漢<😀"))
def test_too_long_a_note_keeps_its_marker(size: int, letter: str) -> None:
    rendered = notes.render(Note("abc", (letter * (size * 15_000),)))
    assert len(rendered.encode()) <= notes.MAX_BYTES
    assert rendered.endswith("[deskside abc]")
    assert (notes.SHORTENED in rendered) == (
        size * 15_000 * len(notes.harmless(letter).encode()) > notes.MAX_BYTES - 16
    )
