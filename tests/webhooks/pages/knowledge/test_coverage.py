"""Promises about coverage: what had no article is seen, and what should be written is ready to be edited."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from deskside.knowledge.search import candidates, coverage
from deskside.store.database import reading
from tests.knowledge.library import Library
from tests.webhooks.desk import HOSTILE, post, text


@pytest.fixture
def candidate(library: Library) -> int:
    """An agent said that there was no article for ticket 7."""
    with library.database.begin() as connection:
        number = candidates.ask(connection, "zendesk", "7", "Pay by crypto", "ann", library.now)
        assert number is not None
        candidates.fill(connection, number, "Pay by crypto", f"Can I? {HOSTILE}", "No, not yet.", "en")
    return number


def test_before_any_ticket_the_page_says_what_it_is_for(agent: FlaskClient) -> None:
    assert "No ticket was looked up yet" in text(agent, "/kb/coverage")


def test_tickets_without_an_article_are_grouped_by_what_they_are_about(agent: FlaskClient, library: Library) -> None:
    with library.database.begin() as connection:
        for number, subject in enumerate(["Refund for May", "A refund please", "IPv6", "Pay"]):
            at = library.now - timedelta(days=number)
            coverage.offer(connection, "zendesk", str(number), subject, (), at)
        coverage.missing(connection, "zendesk", "9", "Refund again", library.now)
        coverage.offer(connection, "zendesk", "old", "Long ago", (), library.now - timedelta(days=31))
    page = text(agent, "/kb/coverage")
    assert "refund" in page.lower() and "/tickets/zendesk/0" in page and "an agent missed one" in page
    assert "Long ago" not in page and "0 %" in page


def test_a_candidate_is_read_downloaded_and_settled(ops: FlaskClient, library: Library, candidate: int) -> None:
    page = text(ops, "/kb/coverage")
    assert "Pay by crypto" in page and "No, not yet." in page and "<script>alert" not in page
    answer = ops.get(f"/kb/candidates/{candidate}.md")
    assert answer.mimetype == "text/markdown" and "<script>" not in answer.get_data(as_text=True)
    assert post(ops, f"/kb/candidates/{candidate}/written").location == "/kb/coverage#candidates"
    with reading(library.database) as connection:
        row = candidates.get(connection, candidate)
    assert row is not None and row.state == "written"
    post(ops, f"/kb/candidates/{candidate}/dropped")
    assert "Somebody has settled it already" in text(ops, "/kb/coverage")


def test_agents_may_read_candidates_and_not_settle_them(agent: FlaskClient, candidate: int) -> None:
    page = text(agent, "/kb/coverage")
    assert "Download as Markdown" in page and "Drop it" not in page
    assert post(agent, f"/kb/candidates/{candidate}/dropped").status_code == 403


def test_a_candidate_that_is_still_being_read_says_so(agent: FlaskClient, library: Library) -> None:
    with library.database.begin() as connection:
        candidates.ask(connection, "zendesk", "8", "Soon", "ann", library.now)
    page = text(agent, "/kb/coverage")
    assert "The ticket is still being read" in page and "Download as Markdown" not in page


def test_numbers_that_no_candidate_has_are_not_found(ops: FlaskClient) -> None:
    for number in (0, 7, 2**70):
        assert ops.get(f"/kb/candidates/{number}.md").status_code == 404
        assert post(ops, f"/kb/candidates/{number}/written").status_code == 404
