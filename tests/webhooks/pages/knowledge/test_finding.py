"""Promises of the search on the pages: the words that were asked for are marked, and nothing else is markup."""

import re

import sqlalchemy as sa
from flask.testing import FlaskClient

from deskside.store.database import reading
from deskside.store.knowledge_tables import kb_click, kb_search
from tests.knowledge.library import Library
from tests.webhooks.desk import text


def test_answers_have_their_words_marked(agent: FlaskClient, library: Library) -> None:
    library.article("pay")
    page = text(agent, "/kb/search?q=invoices")
    assert "<mark>invoice</mark>" in page and "guide" in page and "en-us" in page


def test_a_search_is_kept_and_its_links_count_what_is_opened(agent: FlaskClient, library: Library) -> None:
    library.article("pay")
    page = text(agent, "/kb/search?q=invoices")
    with reading(library.database) as connection:
        (kept,) = connection.execute(sa.select(kb_search)).all()
    assert (kept.query, kept.asked_by) == ("invoices", "agent")
    (link,) = re.findall(r'href="(/kb/open/[^"]+)"', page)
    answer = agent.get(link)
    assert answer.location == "https://guide.example/a-pay"
    with reading(library.database) as connection:
        assert len(connection.execute(sa.select(kb_click)).all()) == 1


def test_no_answer_says_so(agent: FlaskClient, library: Library) -> None:
    assert "No article answers this" in text(agent, "/kb/search?q=nothing")
    assert "Type a question" in text(agent, "/kb/search?q=+")


def test_every_screen_of_the_room_has_the_search(agent: FlaskClient) -> None:
    for path in ("/kb", "/kb/decisions", "/kb/documents", "/kb/coverage", "/kb/search"):
        assert 'action="/kb/search"' in text(agent, path)
