"""Promises of the pages that show and open articles."""

import sqlalchemy as sa
from flask.testing import FlaskClient

from deskside.knowledge import internal
from deskside.knowledge.search import candidates, coverage, query, searches
from deskside.model.article import Filing, Text
from deskside.store.knowledge_tables import kb_click, kb_entry
from tests.knowledge.search.shelf import NOW, article, put
from tests.webhooks.desk import HOSTILE, Asked, Shelf, post, text

TICKET = "/tickets/zendesk/7"


def offered(database: sa.Engine, *, public: bool = True, title: str = "Renew a certificate") -> str:
    """The path that opens the one answer to a question."""
    put(database, article(1, title, "<p>renew</p>", public=public))
    with database.begin() as connection:
        hits = query.find(connection, "renew")
        number = searches.note(connection, "renew", hits, searches.AGENT, NOW)
    return f"/kb/open/{number}/{hits[0].entry}"


def clicks(database: sa.Engine) -> int:
    with database.connect() as connection:
        return int(connection.scalar(sa.select(sa.func.count()).select_from(kb_click)) or 0)


def test_a_public_answer_is_opened_without_signing_in_and_counted_once(
    anonymous: FlaskClient, database: sa.Engine
) -> None:
    path = offered(database)
    for _ in range(2):
        answer = anonymous.get(path)
        assert (answer.status_code, answer.location) == (302, "https://help.example/1")
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert clicks(database) == 1


def test_a_look_ahead_is_no_click(anonymous: FlaskClient, database: sa.Engine) -> None:
    assert anonymous.head(offered(database)).status_code == 302
    assert clicks(database) == 0


def test_an_internal_answer_needs_a_person(anonymous: FlaskClient, agent: FlaskClient, database: sa.Engine) -> None:
    path = offered(database, public=False)
    answer = anonymous.get(path)
    assert answer.status_code == 303
    assert answer.location == f"/sign-in?next={path}"
    assert clicks(database) == 0
    assert agent.get(path).location == "https://help.example/1"


def test_nothing_but_an_answer_is_opened(anonymous: FlaskClient, database: sa.Engine) -> None:
    path = offered(database)
    search, entry = path.split("/")[-2:]
    for wrong in (
        f"/kb/open/{search}/{int(entry) + 1}",
        f"/kb/open/{int(search) + 1}/{entry}",
        f"/kb/open/{'9' * 30}/{entry}",
        f"{path}?url=https://evil.example",
        f"/kb/open/{search}/https://evil.example",
    ):
        assert "evil" not in anonymous.get(wrong).headers.get("Location", "")
    for wrong in (f"/kb/open/{search}/{int(entry) + 1}", f"/kb/open/{int(search) + 1}/{entry}"):
        assert anonymous.get(wrong).status_code == 404


def test_an_address_that_runs_is_not_opened(anonymous: FlaskClient, database: sa.Engine) -> None:
    path = offered(database)
    with database.begin() as connection:
        connection.execute(sa.update(kb_entry).values(url="javascript:alert(1)"))
    assert anonymous.get(path).status_code == 404


def written(database: sa.Engine, html: str, *, draft: bool = False, language: str = "en", marker: str = "m") -> str:
    filing = Filing(internal.section_of(("Billing", "Invoices")))
    with database.begin() as connection:
        return internal.create(
            connection, "inside", marker, filing, Text(language, "Renew <it>", html, draft=draft), NOW
        )


def test_an_internal_article_is_shown_to_people_only(
    anonymous: FlaskClient, agent: FlaskClient, database: sa.Engine
) -> None:
    number = written(database, "<p>Press <strong>Renew</strong></p>")
    assert anonymous.get(f"/kb/internal/{number}").status_code == 303
    html = text(agent, f"/kb/internal/{number}")
    assert "<p>Press <strong>Renew</strong></p>" in html
    assert "Renew &lt;it&gt;" in html
    assert "Invoices" in html


def test_an_article_runs_nothing(agent: FlaskClient, database: sa.Engine) -> None:
    number = written(database, f"<p data-hx-get='/x' onclick='x()'>a</p>{HOSTILE}<form action='/x'><button>b</button>")
    answer = agent.get(f"/kb/internal/{number}")
    html = answer.get_data(as_text=True)
    assert "<script" not in html
    assert "onclick" not in html
    assert 'action="/x"' not in html
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src" not in policy
    assert "default-src 'none'" in policy


def test_the_readers_language_is_shown_first_and_the_others_are_offered(
    agent: FlaskClient, database: sa.Engine
) -> None:
    number = written(database, "<p>Ja</p>", language="de")
    with database.begin() as connection:
        for language, html, draft in (("en-us", "<p>Yes</p>", False), ("ru", "<p>Нет</p>", True)):
            row = internal.get(connection, number)
            internal.write(connection, row, Text(language, "T", html, draft=draft), NOW)
    assert "<p>Yes</p>" in text(agent, f"/kb/internal/{number}")
    assert "<p>Ja</p>" in text(agent, f"/kb/internal/{number}?language=de")
    assert "<p>Нет</p>" not in text(agent, f"/kb/internal/{number}?language=ru")


def test_drafts_and_archived_articles_are_not_shown(agent: FlaskClient, database: sa.Engine) -> None:
    draft = written(database, "<p>x</p>", draft=True)
    assert agent.get(f"/kb/internal/{draft}").status_code == 404
    number = written(database, "<p>x</p>", marker="n")
    with database.begin() as connection:
        internal.archive(connection, "inside", number)
    assert agent.get(f"/kb/internal/{number}").status_code == 404
    with database.begin() as connection:
        internal.redirect(connection, "inside", number, "https://help.example/9")
    assert agent.get(f"/kb/internal/{number}").location == "https://help.example/9"
    assert agent.get("/kb/internal/nothing").status_code == 404


def test_pictures_are_shown_and_other_files_saved(
    agent: FlaskClient, anonymous: FlaskClient, database: sa.Engine
) -> None:
    with database.begin() as connection:
        internal.keep_file(connection, "a" * 64, "a.png", "image/png", b"\x89PNG")
        internal.keep_file(connection, "b" * 64, "b.html", "text/html", b"<script>alert(1)</script>")
    picture, page = (agent.get(f"/kb/files/{letter * 64}") for letter in "ab")
    assert (picture.content_type, picture.data) == ("image/png", b"\x89PNG")
    assert picture.headers["Content-Disposition"].startswith("inline")
    assert page.content_type == "application/octet-stream"
    assert page.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in page.headers["Content-Security-Policy"]
    assert anonymous.get(f"/kb/files/{'a' * 64}").status_code == 303
    assert agent.get("/kb/files/none").status_code == 404


def test_a_ticket_shows_what_may_answer_it(agent: FlaskClient, shelf: Shelf, database: sa.Engine) -> None:
    shelf.ticket("7")
    assert 'id="articles"' not in text(agent, TICKET)
    put(database, article(1, f"Renew {HOSTILE}"), article(2, "Renew inside", public=False))
    with database.begin() as connection:
        coverage.offer(connection, "zendesk", "7", "Renew", query.find(connection, "renew"), NOW)
    html = text(agent, TICKET)
    assert "<script>alert" not in html
    assert 'href="/kb/open/' in html
    assert 'data-copy="https://help.example/1"' in html
    assert 'data-copy="https://help.example/2"' not in html
    assert "only for agents" in html


def test_a_ticket_without_an_article_says_so_and_offers_to_ask_for_one(
    agent: FlaskClient, shelf: Shelf, database: sa.Engine, asked: Asked
) -> None:
    shelf.ticket("7", status="solved")
    with database.begin() as connection:
        coverage.offer(connection, "zendesk", "7", "Renew", (), NOW)
    assert "None was found." in text(agent, TICKET)
    answer = post(agent, f"{TICKET}/no-article", page=TICKET)
    assert (answer.status_code, answer.location) == (303, TICKET)
    assert asked.candidates == [("zendesk", "7", "agent")]
    asked.answer = False
    post(agent, f"{TICKET}/no-article", page=TICKET)
    assert "A draft was asked for before." in text(agent, TICKET)


def test_a_draft_is_saved_from_the_page_of_its_ticket(
    agent: FlaskClient, anonymous: FlaskClient, shelf: Shelf, database: sa.Engine
) -> None:
    shelf.ticket("7", status="solved")
    with database.begin() as connection:
        number = candidates.ask(connection, "zendesk", "7", "Renew", "ann", NOW)
        assert number is not None
        candidates.fill(connection, number, "Renew", "How?", "So.", "en")
    path = f"/kb/candidates/{number}.md"
    assert f'href="{path}"' in text(agent, TICKET)
    answer = agent.get(path)
    assert answer.content_type == "text/markdown; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f"attachment; filename=candidate-{number}.md"
    assert "draft: true" in answer.get_data(as_text=True)
    assert anonymous.get(path).status_code == 303
    assert agent.get("/kb/candidates/99.md").status_code == 404
