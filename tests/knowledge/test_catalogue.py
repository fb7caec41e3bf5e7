"""Promises of the list of documents: found by words in any script, and in as many queries as one."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from deskside.knowledge import catalogue, journal
from deskside.store.database import reading
from tests.knowledge.library import Library


@pytest.fixture
def library(database: sa.Engine) -> Library:
    found = Library(database)
    found.document("Pay an invoice", "pay", path=["Billing"], warnings=["one", "two"])
    found.document("Rechnung zahlen", "pay", language="de", path=["Billing"])
    found.document("Перенос домена", "domain", path=["Домены"], source_language="ru", language="ru")
    found.document("Zebra", "zebra", source="wiki", draft=True)
    found.document("Gone", "gone", missing_since=found.now, missing_listings=1)
    found.article("pay")
    found.article("pay", "whmcs", shown=False, state="detached")
    found.article("domain", language="ru", error="too long")
    return found


def ids(library: Library, **asked: str) -> list[str]:
    with reading(library.database) as connection:
        return [item.id for item in catalogue.find(connection, **asked)]  # type: ignore[arg-type]


def test_documents_stand_by_their_first_title(library: Library) -> None:
    assert ids(library) == ["gone", "pay", "zebra", "domain"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"text": "PAY invoice"}, ["pay"]),
        ({"text": "zahlen"}, ["pay"]),
        ({"text": "ПЕРЕНОС"}, ["domain"]),
        ({"text": "домены"}, ["domain"]),
        ({"text": "billing"}, ["pay"]),
        ({"text": "%"}, []),
        ({"source": "wiki"}, ["zebra"]),
        ({"only": "unpublished"}, ["gone", "zebra"]),
        ({"only": "warned"}, ["pay"]),
        ({"only": "failed"}, ["domain"]),
        ({"only": "drafts"}, ["zebra"]),
        ({"only": "missing"}, ["gone"]),
        ({"only": "missing", "text": "pay"}, []),
    ],
)
def test_documents_are_found_by_words_source_and_kind(
    library: Library, asked: dict[str, str], found: list[str]
) -> None:
    assert ids(library, **asked) == found


def test_a_document_tells_where_it_stands_with_the_address_readers_use(library: Library) -> None:
    with reading(library.database) as connection:
        (pay,) = catalogue.find(connection, text="pay")
    assert (pay.title, pay.languages, pay.warnings) == ("Pay an invoice", ("de", "en-us"), 2)
    assert [(one.target, one.state, one.url) for one in pay.published] == [
        ("guide", "live", "https://guide.example/a-pay"),
        ("whmcs", "detached", ""),
    ]


def test_the_language_a_document_was_written_in_comes_first(library: Library) -> None:
    with reading(library.database) as connection:
        assert [row.language for row in catalogue.languages(connection, "handbook", "pay")] == ["en-us", "de"]
        assert catalogue.languages(connection, "handbook", "nothing") == []


def test_the_history_of_a_document_is_that_of_its_articles(library: Library) -> None:
    library.step("pay")
    library.step("other")
    with library.database.begin() as connection:
        journal.intend(connection, 2, "guide", journal.ARCHIVE, "a-pay", library.now)
        journal.intend(connection, 2, "whmcs", journal.ARCHIVE, "a-domain", library.now)
    with reading(library.database) as connection:
        found = catalogue.history(connection, "handbook", "pay", 10)
    assert [(row.step, row.state) for row in found] == [("archive", "intent"), ("article", "done")]


@pytest.fixture
def asked(database: sa.Engine) -> Iterator[list[str]]:
    """Every statement that the database is asked."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(database, "before_cursor_execute", note)
    yield statements
    event.remove(database, "before_cursor_execute", note)


def test_a_page_of_many_documents_takes_three_statements(library: Library, asked: list[str]) -> None:
    for number in range(30):
        library.document(f"Article {number}", f"n{number}")
        library.article(f"n{number}", shown=False)
    asked.clear()
    with reading(library.database) as connection:
        assert len(catalogue.find(connection, limit=20, offset=10)) == 20
    assert len([statement for statement in asked if statement.startswith("SELECT")]) == 3
