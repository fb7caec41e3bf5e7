"""Promises of the documents' pages: each says where it stands, or why it does not."""

from flask.testing import FlaskClient

from deskside.knowledge import bindings
from deskside.store.database import reading
from tests.knowledge.library import Library, action
from tests.webhooks.desk import post, text


def test_documents_are_listed_with_where_they_stand(ops: FlaskClient, library: Library) -> None:
    library.document("Pay an invoice", "pay", path=["Billing", "Cards"], warnings=["one"])
    library.article("pay")
    page = text(ops, "/kb/documents")
    assert 'href="https://guide.example/a-pay"' in page and "Billing / Cards" in page and "1 warning" in page
    assert "No document is found" in text(ops, "/kb/documents?q=nothing")
    assert "Pay an invoice" in text(ops, "/kb/documents?q=INVOICE+cards")


def test_a_long_list_comes_in_pages(ops: FlaskClient, library: Library) -> None:
    for number in range(51):
        library.document(f"Article {number:02d}")
    first, second = text(ops, "/kb/documents?q=article"), text(ops, "/kb/documents?q=article&from=50")
    assert "Article 49" in first and "Article 50" not in first and "Next page" in first
    assert "Article 50" in second and "Article 49" not in second and "Next page" not in second


def test_a_document_that_no_route_names_says_so(ops: FlaskClient, library: Library) -> None:
    library.document("Pay")
    library.plan(action("unrouted", target="", language=""))
    assert "It stands nowhere: no route names it" in text(ops, "/kb/documents/handbook/pay")
    assert "no route names it" in text(ops, "/kb/documents")


def test_a_document_whose_plan_was_not_applied_yet_says_so(ops: FlaskClient, library: Library) -> None:
    library.document("Pay")
    library.plan(action("create", reason="it is new"))
    page = text(ops, "/kb/documents/handbook/pay")
    assert "The last plan makes it" in page and "no route names it" not in page and "It is new." in page


def test_a_missing_document_says_what_its_source_answered(ops: FlaskClient, library: Library) -> None:
    library.document("Pay", missing_since=library.now, missing_listings=2, missing_proof="denied")
    assert "in 2 complete listings: the source does not let us see it" in text(ops, "/kb/documents/handbook/pay")


def test_warnings_and_history_are_told(ops: FlaskClient, library: Library) -> None:
    library.document("Pay", id="folder/pay ü#1", warnings=["The macro jira was left out."])
    library.article("folder/pay ü#1", error="too long")
    library.step("folder/pay ü#1")
    page = text(ops, "/kb/documents/handbook/folder/pay%20%C3%BC%231")
    assert "The macro jira was left out." in page and "made the article" in page and "too long" in page
    assert "/kb/documents/handbook/folder/pay%20%C3%BC%231" in text(ops, "/kb/documents")


def test_a_detached_article_is_managed_again(ops: FlaskClient, library: Library) -> None:
    library.document("Pay")
    number = library.article("pay", state="detached")
    assert "Manage it again" in text(ops, "/kb/documents/handbook/pay")
    answer = post(ops, f"/kb/bindings/{number}/manage")
    assert (answer.status_code, answer.location) == (303, "/kb/documents/handbook/pay")
    with reading(library.database) as connection:
        row = bindings.get(connection, number)
    assert row is not None and row.state in bindings.KEPT
    post(ops, f"/kb/bindings/{number}/manage")
    assert "It is managed already" in text(ops, "/kb/documents/handbook/pay")
