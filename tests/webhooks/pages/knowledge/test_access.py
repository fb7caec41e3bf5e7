"""Promises of the whole room: whoever is signed in may look and search, only ops change anything."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.knowledge.library import Library, drift
from tests.webhooks.desk import HOSTILE, Asked, post, text

PATHS = (
    "/kb",
    "/kb?fragment=1&plan=1",
    "/kb/plans/1",
    "/kb/decisions",
    "/kb/decisions/1",
    "/kb/documents",
    "/kb/documents/handbook/pay",
    "/kb/coverage",
    "/kb/search",
    "/kb/search?q=pay",
)


@pytest.fixture(autouse=True)
def things(library: Library) -> None:
    """One of each that has a page of its own."""
    library.document("Pay")
    library.plan(drift(library.article("pay")))


@pytest.mark.parametrize("path", PATHS)
def test_everybody_who_is_signed_in_sees_it_and_strangers_do_not(
    agent: FlaskClient, ops: FlaskClient, anonymous: FlaskClient, path: str
) -> None:
    assert (agent.get(path).status_code, ops.get(path).status_code) == (200, 200)
    assert anonymous.get(path).status_code == 303


def test_every_form_of_the_room_needs_its_token_and_ops(
    app: Flask, ops: FlaskClient, agent: FlaskClient, asked: Asked
) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ()) and rule.rule[:4] == "/kb/"]
    assert len(rules) == FORMS
    for rule in rules:
        path = re.sub(r"<any\(([^,]+).*?>", r"\1", rule.rule)
        path = re.sub(r"<int:\w+>", "1", path)
        assert ops.post(path).status_code == 400, path
        assert post(agent, path).status_code == 403, path
    assert not asked.knowledge_looks and not asked.knowledge_applied


FORMS = 5


def test_agents_are_offered_nothing_that_they_may_not_do(agent: FlaskClient, ops: FlaskClient) -> None:
    for path in PATHS:
        page = agent.get(path).get_data(as_text=True)
        assert "<form" not in re.sub(r'<form[^>]*(method="get"|/language|/sign-out).*?</form>', "", page, flags=re.S), (
            path
        )
    assert "Keep theirs" in text(ops, "/kb/decisions/1")


def test_numbers_that_no_row_has_are_not_found(ops: FlaskClient) -> None:
    for path in ("/kb/plans/7", f"/kb/plans/{2**70}", "/kb/decisions/7", f"/kb/decisions/{2**70}", "/kb/documents/x/y"):
        assert ops.get(path).status_code == 404
    for path in ("/kb/plans/7/apply", f"/kb/decisions/{2**70}/keep", "/kb/bindings/0/manage"):
        assert post(ops, path).status_code == 404


def test_texts_from_outside_are_only_text(ops: FlaskClient, library: Library) -> None:
    library.source(state="failed", error=HOSTILE)
    library.document(HOSTILE, "evil", path=[HOSTILE], warnings=[HOSTILE], url="javascript:alert(1)", labels=[HOSTILE])
    binding = library.article("evil", error=HOSTILE, article_id="e1", readback=HOSTILE)
    hostile = drift(binding, "conflict", "evil") | {"title": HOSTILE, "reason": HOSTILE, "warnings": [HOSTILE]}
    hostile |= {"target_html": HOSTILE, "target_diff": f"~ {HOSTILE}[-{HOSTILE}-]", "diff": f"+ {HOSTILE}"}
    number = library.plan(hostile, sources={"handbook": {"error": HOSTILE, "unreadable": {HOSTILE: HOSTILE}}})
    paths = ("/kb", f"/kb/plans/{number}", "/kb/decisions", f"/kb/decisions/{binding}", "/kb/documents")
    for path in (*paths, "/kb/documents/handbook/evil", "/kb/search?q=script+alert"):
        page = ops.get(path).get_data(as_text=True)
        assert "<script>alert" not in page and "<img src=x" not in page and "\u202e" not in page, path
        assert "javascript:" not in page, path
