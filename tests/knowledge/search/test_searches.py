"""What was asked and what was opened is kept; tickets without an answer are told."""

from datetime import timedelta

import frontmatter
import pytest
import sqlalchemy as sa

from deskside.knowledge.search import candidates, command, coverage, query, searches
from deskside.store.database import reading
from deskside.store.knowledge_tables import kb_click, kb_search
from tests.knowledge.search.shelf import NOW, article, put


@pytest.fixture
def shelf(database: sa.Engine) -> sa.Engine:
    put(database, article(1, "Renew a certificate"), article(2, "Renew a domain"))
    put(database, article(3, "Renew the certificates of our own servers", public=False))
    return database


def hits(connection: sa.Connection, words: str) -> tuple[query.Hit, ...]:
    return query.find(connection, words)


def clicks(connection: sa.Connection) -> list[tuple[int, int]]:
    return [tuple(row) for row in connection.execute(sa.select(kb_click.c.search, kb_click.c.rank))]


def test_an_answer_that_is_opened_counts_once_with_its_rank(shelf: sa.Engine) -> None:
    with shelf.begin() as connection:
        found = hits(connection, "renew domain")
        number = searches.note(connection, "renew domain", found, searches.AGENT, NOW)
        for _ in range(2):
            searches.opened(connection, number, found[1].entry, NOW)
        assert clicks(connection) == [(number, 2)]


def test_only_answers_of_a_question_are_opened_by_it(shelf: sa.Engine) -> None:
    with shelf.begin() as connection:
        (first, *_) = hits(connection, "domain")
        number = searches.note(connection, "domain", [first], searches.AGENT, NOW)
        other = next(hit for hit in hits(connection, "renew") if hit.entry != first.entry)
        assert searches.answer(connection, number, other.entry) is None
        assert searches.answer(connection, number + 1, first.entry) is None
        searches.opened(connection, number, other.entry, NOW)
        searches.opened(connection, number + 1, first.entry, NOW)
        assert clicks(connection) == []
        assert searches.answer(connection, number, first.entry).url == first.url


def test_questions_are_deleted_after_their_time_with_what_was_opened(shelf: sa.Engine) -> None:
    with shelf.begin() as connection:
        found = hits(connection, "renew")
        old = searches.note(connection, "renew", found, searches.AGENT, NOW - timedelta(days=31))
        new = searches.note(connection, "renew \0 me", found, searches.AGENT, NOW)
        searches.opened(connection, old, found[0].entry, NOW)
        searches.purge(connection, NOW - timedelta(days=30))
        assert connection.scalars(sa.select(kb_search.c.id)).all() == [new]
        assert clicks(connection) == []


def test_a_ticket_keeps_what_was_suggested_first(shelf: sa.Engine) -> None:
    with shelf.begin() as connection:
        coverage.offer(connection, "zendesk", "7", "Renew", hits(connection, "renew domain"), NOW)
        coverage.offer(connection, "zendesk", "7", "Renew", (), NOW)
        assert coverage.suggestions(connection, "zendesk", "7")[0].title == "Renew a domain"
        assert coverage.known(connection, "zendesk", "7").answer == coverage.OFFERED
        assert coverage.suggestions(connection, "zendesk", "8") == ()


def test_a_suggestion_whose_article_is_gone_is_not_shown(shelf: sa.Engine) -> None:
    from deskside.knowledge.search import entries

    with shelf.begin() as connection:
        coverage.offer(connection, "zendesk", "7", "Renew", hits(connection, "renew domain"), NOW)
        entries.remove(connection, "guide", "2")
        assert "Renew a domain" not in [item.title for item in coverage.suggestions(connection, "zendesk", "7")]


def test_an_opened_suggestion_covers_its_ticket_unless_an_agent_says_otherwise(shelf: sa.Engine) -> None:
    with shelf.begin() as connection:
        for ticket_id in ("7", "8"):
            coverage.offer(connection, "zendesk", ticket_id, "Renew", hits(connection, "domain"), NOW)
        coverage.missing(connection, "zendesk", "8", "Renew", NOW)
        for ticket_id in ("7", "8"):
            (item, *_) = coverage.suggestions(connection, "zendesk", ticket_id)
            searches.opened(connection, item.search, item.entry, NOW)
        assert coverage.known(connection, "zendesk", "7").answer == coverage.OPENED
        assert coverage.known(connection, "zendesk", "8").answer == coverage.MISSING


def test_the_summary_counts_tickets_by_what_came_of_them(shelf: sa.Engine) -> None:
    with shelf.begin() as connection:
        coverage.offer(connection, "zendesk", "1", "a", (), NOW - timedelta(days=9))
        coverage.offer(connection, "zendesk", "2", "a", (), NOW)
        coverage.offer(connection, "zendesk", "3", "a", hits(connection, "domain"), NOW)
        coverage.missing(connection, "whmcs", "3", "a", NOW)
        found = coverage.summary(connection, NOW - timedelta(days=1))
    assert found == coverage.Summary(none=1, offered=1, missing=1)
    assert (found.tickets, found.without) == (3, 2)


def test_tickets_without_an_article_are_grouped_by_what_they_share(shelf: sa.Engine) -> None:
    subjects = [
        "Outlook does not send",
        "Sending from Outlook fails",
        "How to renew my outlook profile",
        "renew the licence key",
        "",
    ]
    with shelf.begin() as connection:
        for number, subject in enumerate(subjects):
            coverage.offer(connection, "zendesk", str(number), subject, (), NOW - timedelta(minutes=number))
        gaps = coverage.without(connection, NOW - timedelta(days=1))
        assert coverage.without(connection, NOW + timedelta(days=1)) == ()
    assert (gaps[0].word, [row.ticket_id for row in gaps[0].tickets]) == ("outlook", ["0", "1", "2"])
    assert sorted(row.ticket_id for gap in gaps for row in gap.tickets) == ["0", "1", "2", "3", "4"]


def test_a_candidate_is_asked_for_once(database: sa.Engine) -> None:
    with database.begin() as connection:
        number = candidates.ask(connection, "zendesk", "7", "Outlook", "ann", NOW)
        assert number is not None
        assert candidates.ask(connection, "zendesk", "7", "Outlook", "bob", NOW) is None
        assert candidates.settle(connection, number, candidates.DROPPED)
        assert not candidates.settle(connection, number, candidates.WRITTEN)
        assert candidates.open(connection) == []
        assert candidates.ask(connection, "zendesk", "7", "Outlook", "bob", NOW) == number
        assert [row.made_by for row in candidates.open(connection)] == ["bob"]


def test_a_candidate_is_a_markdown_draft_in_which_nothing_becomes_html(database: sa.Engine) -> None:
    with database.begin() as connection:
        number = candidates.ask(connection, "zendesk", "7", "x", "ann", NOW)
        assert number is not None
        question = "---\nHow?\n<script>alert(1)</script>"
        candidates.fill(connection, number, "Outlook: it's #1", question, "Open *it* & <b>click</b>", "ru")
        written = candidates.markdown(candidates.get(connection, number))
    post = frontmatter.loads(written)
    about = {"id": "zendesk-7", "title": "Outlook: it's #1", "draft": True, "language": "ru"}
    assert post.metadata == about
    assert post.content.splitlines()[:3] == ["> ---", "> How?", "> &lt;script>alert(1)&lt;/script>"]
    assert "Open *it* &amp; &lt;b>click&lt;/b>" in post.content


def test_a_candidate_that_could_not_be_read_stays_in_the_list_and_says_why(database: sa.Engine) -> None:
    with database.begin() as connection:
        number = candidates.ask(connection, "zendesk", "7", "Outlook", "ann", NOW)
        assert number is not None
        candidates.failed(connection, number, "Gone: no such ticket")
        (row,) = candidates.open(connection)
        assert (row.state, row.error) == ("open", "Gone: no such ticket")


def test_find_kb_answers_agents_with_lines_and_links_that_count(shelf: sa.Engine) -> None:
    with shelf.begin() as connection:
        reply = command.find_kb(
            connection, " renew  certificates ", audience=searches.AGENT, now=NOW, base_url="https://side.example"
        )
        number = connection.scalar(sa.select(kb_search.c.id))
        entry = hits(connection, "renew certificates")[0].entry
    assert reply.lines[0] == "1. Renew a certificate"
    assert "(internal)" in "".join(reply.lines)
    assert reply.links[0].url == f"https://side.example/kb/open/{number}/{entry}"
    assert reply.links[0].target_url == "https://help.example/1"
    assert len(reply.lines) == 2 * len(reply.links)


def test_find_kb_tells_clients_public_articles_only(shelf: sa.Engine) -> None:
    with shelf.begin() as connection:
        reply = command.find_kb(connection, "certificates", audience=searches.CLIENT, now=NOW)
    assert [link.title for link in reply.links] == ["Renew a certificate"]


@pytest.mark.parametrize(("asked", "said"), [("  ", "Say what to look for"), ("zebra", "No article")])
def test_find_kb_without_an_answer_says_so(shelf: sa.Engine, asked: str, said: str) -> None:
    with shelf.begin() as connection:
        reply = command.find_kb(connection, asked, audience=searches.AGENT, now=NOW)
    assert reply.lines[0].startswith(said)
    assert reply.links == ()


def test_a_reader_never_writes(shelf: sa.Engine) -> None:
    with reading(shelf) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(kb_search)) == 0
