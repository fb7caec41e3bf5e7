"""Promises about what people changed on a target: both texts are seen, and a decision is good for these alone."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from deskside.knowledge import decisions
from deskside.store.database import utc_now
from tests.knowledge.library import THEIRS, Library, action, drift
from tests.webhooks.desk import Asked, post, text


@pytest.fixture(autouse=True)
def earlier(library: Library) -> None:
    """Plans were made before anybody decides."""
    library.now -= timedelta(minutes=5)


def decide(library: Library, number: int, what: str) -> None:
    """Ann has decided about what is seen as "seen-1"."""
    with library.database.begin() as connection:
        assert decisions.decide(connection, number, what, "seen-1", "ann", utc_now())


def test_drift_shows_what_was_changed_there(ops: FlaskClient, library: Library) -> None:
    library.plan(drift(library.article("pay")))
    page = text(ops, "/kb/decisions/1")
    assert "A transfer takes <del>two</del><ins>up to three</ins> days." in page
    assert "the source still says what we wrote" in page
    assert "what we wrote" in page and "what stands there now" in page


def test_a_conflict_shows_what_changed_on_both_sides(ops: FlaskClient, library: Library) -> None:
    library.plan(drift(library.article("pay"), "conflict"))
    page = text(ops, "/kb/decisions/1")
    assert "<ins>up to three</ins>" in page and "<ins>code</ins>" in page
    assert "what the source says now" in page


def test_their_text_is_offered_for_the_source(ops: FlaskClient, library: Library) -> None:
    library.plan(drift(library.article("pay")))
    page = text(ops, "/kb/decisions/1")
    assert "## First\n\nYou need the number of the invoice.\n\nA transfer takes up to three days.</textarea>" in page
    assert THEIRS.replace("<", "&lt;").replace(">", "&gt;") in page


@pytest.mark.parametrize("what", ["restore", "keep", "detach"])
def test_a_decision_names_the_texts_it_is_good_for(ops: FlaskClient, library: Library, asked: Asked, what: str) -> None:
    library.plan(drift(library.article("pay")))
    answer = post(ops, f"/kb/decisions/1/{what}", seen="seen-1")
    assert (answer.status_code, answer.location) == (303, "/kb/decisions")
    assert asked.knowledge_decided == [(1, what, "seen-1", "ops")]


def test_a_decision_about_a_text_that_changed_since_is_not_taken(
    ops: FlaskClient, library: Library, asked: Asked
) -> None:
    number = library.article("pay")
    library.plan(drift(number))
    library.plan(drift(number, seen="seen-2"))
    for form in ({"seen": "seen-1"}, {}):
        answer = post(ops, "/kb/decisions/1/restore", **form)
        assert answer.location == "/kb/decisions/1"
        assert "It has changed since you looked" in text(ops, "/kb/decisions/1")
    assert asked.knowledge_decided == []


def test_what_needs_no_decision_any_more_says_so(ops: FlaskClient, library: Library, asked: Asked) -> None:
    number = library.article("pay")
    library.plan(drift(number))
    library.plan()
    assert "Nothing is to be decided here any more" in text(ops, "/kb/decisions/1")
    assert post(ops, "/kb/decisions/1/keep", seen="seen-1").location == "/kb/decisions"
    assert asked.knowledge_decided == []


def test_the_list_says_what_waits_and_what_was_decided(ops: FlaskClient, library: Library) -> None:
    pay, refund = library.article("pay"), library.article("refund")
    library.plan(
        drift(pay), drift(refund, "conflict", "refund"), action("removed", "gone", reason="a person removed it")
    )
    page = text(ops, "/kb/decisions")
    assert page.count("Look and decide") == 2 and "A person removed it." in page
    assert '<b class="count">2</b>' in page
    decide(library, pay, "keep")
    page = text(ops, "/kb/decisions")
    assert page.count("Look and decide") == 1 and "their text stays" in page
    assert '<b class="count">1</b>' in page


def test_only_overwriting_a_colleague_asks_once_more(ops: FlaskClient, library: Library) -> None:
    library.plan(drift(library.article("pay")))
    page = text(ops, "/kb/decisions/1")
    assert page.count('<details class="confirm"') == 1 and "Yes, overwrite theirs" in page


def test_an_article_that_should_leave_is_kept_or_taken_away(ops: FlaskClient, library: Library) -> None:
    library.plan(drift(library.article("pay"), "conflict", source_hash="", source_diff="", diff=""))
    page = text(ops, "/kb/decisions/1")
    assert "Leave it there" in page and "Yes, take it away" in page and "the source still says" not in page
    assert 'href="https://guide.example/a-pay"' in page


def test_nothing_waits_is_said(ops: FlaskClient, library: Library) -> None:
    assert "Nothing waits for you" in text(ops, "/kb/decisions")
    library.plan(action("update"))
    assert "Nothing waits for you" in text(ops, "/kb/decisions")


def test_a_decision_that_was_taken_is_told_until_it_is_done(ops: FlaskClient, library: Library) -> None:
    number = library.article("pay")
    library.plan(drift(number))
    decide(library, number, "restore")
    assert "our text is put back. It is done with the next look." in text(ops, "/kb/decisions/1")
    library.plan(drift(number, seen="seen-2"))
    page = text(ops, "/kb/decisions/1")
    assert "it changed before that was done, so nothing was" in page and "with the next look" in page
