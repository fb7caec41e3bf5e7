"""Articles are looked up for a new ticket, once."""

import pytest

from deskside.knowledge.search import coverage, synonyms
from deskside.model.ticket import Status
from deskside.store.database import Row, reading
from tests.jobs.desk import DESK, Bench, make_bench
from tests.knowledge.search.shelf import article, put

ARTICLES = (
    article(1, "Outlook does not send mail", "<p>Use port 587 and sign in with the address of the mailbox.</p>"),
    article(2, "Renew a certificate", "<p>Open the control panel and press Renew.</p>"),
    article(3, "Pay an invoice", "<p>By card or by bank transfer.</p>"),
)


@pytest.fixture
def stocked(bench: Bench) -> Bench:
    put(bench.database, *ARTICLES)
    return bench


def known(bench: Bench) -> Row | None:
    with reading(bench.database) as connection:
        return coverage.known(connection, DESK, "1")


def offered(bench: Bench) -> list[str]:
    with reading(bench.database) as connection:
        return [item.title for item in coverage.suggestions(connection, DESK, "1")]


def test_a_new_ticket_is_offered_what_answers_it(stocked: Bench) -> None:
    stocked.put(subject="Outlook", text="Hello, our Outlook does not send mail.")
    stocked.look()
    assert offered(stocked)[0] == "Outlook does not send mail"
    assert known(stocked).answer == coverage.OFFERED


def test_a_ticket_about_something_else_is_offered_nothing(stocked: Bench) -> None:
    stocked.put(
        subject="Printer on fire",
        text="The machine in our office burns green and the colleagues from the second floor complain about smoke.",
    )
    stocked.look()
    assert offered(stocked) == []
    assert known(stocked).answer == coverage.NONE


def test_it_is_looked_up_once(stocked: Bench) -> None:
    stocked.put(subject="Outlook cannot send mail")
    stocked.look()
    before = known(stocked)
    put(stocked.database, article(4, "Outlook cannot send mail"))
    stocked.put(subject="Something else")
    stocked.look()
    assert known(stocked) == before


def test_a_ticket_that_does_not_wait_is_not_looked_up(stocked: Bench) -> None:
    stocked.put(subject="Outlook", status=Status.PENDING)
    stocked.look()
    assert known(stocked) is None


def test_without_any_article_there_is_nothing_to_cover(bench: Bench) -> None:
    bench.put(subject="Outlook")
    bench.look()
    assert known(bench) is None


def test_the_teams_own_words_are_understood(bench: Bench) -> None:
    put(bench.database, *ARTICLES)
    told = make_bench(bench.database, desk=bench.desk, synonyms=synonyms.read([["thunderbird", "outlook"]]))
    told.put(subject="Thunderbird does not send mail", text="")
    told.look()
    assert offered(told) == ["Outlook does not send mail"]
