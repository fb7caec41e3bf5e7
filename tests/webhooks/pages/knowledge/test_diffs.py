"""Promises about differences: what a plan printed is shown as it was compared."""

from hypothesis import given
from hypothesis import strategies as st

from deskside.markup import meaning
from deskside.markup.difference import Change, Diff, Part, difference
from webhooks.pages.knowledge import diffs

LINES = st.lists(st.text("ab cä語.", min_size=1, max_size=12), max_size=8)


@given(LINES, LINES)
def test_a_printed_difference_is_read_back(before: list[str], after: list[str]) -> None:
    diff = Diff(difference(before, after))
    assert diffs.read(diff.text()).lines == diff.excerpt()


def test_a_changed_word_keeps_both_texts() -> None:
    (line,) = diffs.read(meaning.compare("<p>two days</p>", "<p>three days</p>").text()).lines
    assert (line.before, line.after) == ("two days", "three days")


def test_what_nobody_printed_stands_as_it_is() -> None:
    assert diffs.read("odd") == Diff((Change("same", (Part("same", "odd"),)),))
    assert not diffs.read("")
