"""Promises of the search on the pages: the words that were asked for are marked, and nothing else is markup."""

from flask.testing import FlaskClient

from tests.knowledge.library import Library
from tests.webhooks.desk import text


def test_answers_have_their_words_marked(agent: FlaskClient, library: Library) -> None:
    library.article("pay")
    page = text(agent, "/kb/search?q=invoices")
    assert "<mark>invoice</mark>" in page and "guide" in page and "en-us" in page


def test_no_answer_says_so(agent: FlaskClient, library: Library) -> None:
    assert "No article answers this" in text(agent, "/kb/search?q=nothing")
    assert "Type a question" in text(agent, "/kb/search?q=+")


def test_every_screen_of_the_room_has_the_search(agent: FlaskClient) -> None:
    for path in ("/kb", "/kb/decisions", "/kb/documents", "/kb/coverage", "/kb/search"):
        assert 'action="/kb/search"' in text(agent, path)
