"""What the rows of articles say."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.zendesk.guide.articles import label_of, read_article, stamped, unstamped
from deskside.errors import Permanent
from deskside.markup.allowed import clean
from tests.adapters.zendesk.guide.shapes import article_row, translation_row


def test_an_article_is_read_with_every_language() -> None:
    russian = translation_row(locale="ru", title="Счёт", draft=True, outdated=True, updated_at="2026-11-19T10:00:00Z")
    article = read_article(article_row(7, translation_row(locale="en-US"), russian, label_names=["a", "deskside-m.1"]))
    assert (article.id, article.section, article.labels, article.marker) == ("7", "31", ("a",), "m.1")
    assert list(article.texts) == ["en-us", "ru"]
    text = article.texts["ru"]
    assert (text.title, text.draft, text.outdated, text.edited_at) == ("Счёт", True, True, "2026-11-19T10:00:00Z")
    assert article.public and not article.locked


@pytest.mark.parametrize(
    ("changes", "segment"),
    [
        ({"user_segment_id": 41}, "41"),
        ({"user_segment_id": "41"}, "41"),
        ({"user_segment_id": None, "user_segment_ids": [41, 42]}, "41, 42"),
        ({"user_segment_id": None, "user_segment_ids": None}, ""),
    ],
)
def test_an_article_with_a_segment_is_not_public(changes: dict[str, Any], segment: str) -> None:
    article = read_article(article_row(**changes))
    assert (article.segment, article.public) == (segment, not segment)


@pytest.mark.parametrize("draft", [True, None])
def test_a_text_that_is_not_surely_shown_is_a_draft(draft: bool | None) -> None:
    assert read_article(article_row(7, translation_row(draft=draft))).texts["en-us"].draft


@pytest.mark.parametrize("changes", [{"translations": []}, {"translations": None}, {"id": None}, {"section_id": None}])
def test_a_row_that_is_not_whole_is_an_error(changes: dict[str, Any]) -> None:
    with pytest.raises(Permanent):
        read_article(article_row(**changes))


def test_an_article_that_people_keep_programs_away_from_is_locked() -> None:
    assert "no-sync" in read_article(article_row(label_names=["no-sync"]), "no-sync").locked
    blocks = translation_row(body='<div class="x" data-content-block="01H">text</div>')
    assert "content blocks" in read_article(article_row(7, blocks)).locked
    told = translation_row(body="<p>How a content-block is made, in <code>data-content-block</code></p>")
    assert not read_article(article_row(7, told)).locked


@given(
    st.text(max_size=80).map(lambda text: f"<p>{text.replace('<', '')}</p>"),
    st.from_regex(r"[A-Za-z0-9._-]{1,64}", fullmatch=True),
)
def test_a_marker_in_a_body_comes_out_again_and_leaves_the_body(html: str, marker: str) -> None:
    body = stamped(html, marker)
    assert unstamped(body) == (html, marker)
    assert unstamped(clean(body).html) == (clean(html).html, marker)


@pytest.mark.parametrize("around", ["<p>{}</p>", "<p dir='auto'>&nbsp;{} </p>", "{}", "\n{}"])
def test_a_marker_that_guide_has_put_into_a_paragraph_leaves_nothing_behind(around: str) -> None:
    assert unstamped("<p>a</p>" + around.format(stamped("", "m"))) == ("<p>a</p>", "m")


@pytest.mark.parametrize("marker", ["", "a,b", 'a"b', "a b", "x" * 65])
def test_a_marker_that_a_label_cannot_carry_is_refused(marker: str) -> None:
    with pytest.raises(Permanent):
        label_of(marker)
