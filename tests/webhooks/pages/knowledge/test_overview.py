"""Promises of the first screen: what is wrong comes with what helps, and nothing happens by looking."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from deskside.settings import Settings
from tests.knowledge.library import Library, action, drift
from tests.webhooks.desk import Asked, post, text


def test_sources_and_targets_are_told_before_the_first_look(ops: FlaskClient) -> None:
    page = text(ops, "/kb")
    assert "handbook" in page and "guide" in page and "not read yet" in page
    assert "There is none yet" in page


class TestWithoutAnything:
    @pytest.fixture
    def settings(self, configured: Callable[..., Settings]) -> Settings:
        return configured(WEB__SECRET_KEY="only for tests")

    def test_the_page_says_how_to_connect_a_source(self, ops: FlaskClient) -> None:
        page = text(ops, "/kb")
        assert "[knowledge.sources.handbook]" in page and "[[knowledge.routes]]" in page
        assert "docs/knowledge.md" in page and "Look now" not in page

    def test_looking_at_nothing_says_so(self, ops: FlaskClient, asked: Asked) -> None:
        asked.answer = False
        post(ops, "/kb/look")
        assert "No source or target is configured yet" in text(ops, "/kb")


@pytest.mark.parametrize(
    ("values", "cure"),
    [
        ({"state": "failed", "error": "wiki answered 401"}, "DESKSIDE_KNOWLEDGE__SOURCES__HANDBOOK__TOKEN"),
        ({"state": "failed", "error": "wiki answered 403"}, "give them the right"),
        ({"state": "failed", "error": "HTTP 429"}, "Nothing is to be done"),
        ({"state": "failed", "error": "the checkout is shallow"}, "git fetch --unshallow"),
        ({"state": "failed", "error": "/srv/handbook does not exist"}, "[knowledge.sources.handbook]"),
        ({"state": "failed", "error": "connection timed out"}, "The next look tries again"),
        ({"state": "failed", "error": "something odd"}, "deskside check"),
        ({"state": "shrunk", "error": "12 of 61"}, "Nothing is archived on the word of this listing"),
    ],
)
def test_an_error_of_a_source_comes_with_what_helps(
    ops: FlaskClient, library: Library, values: dict[str, str], cure: str
) -> None:
    library.source(**values)
    assert cure in text(ops, "/kb")


def test_what_a_target_refused_comes_with_what_helps(ops: FlaskClient, library: Library) -> None:
    library.article("pay", error="the text has 71,535 bytes, and 65,535 fit")
    library.plan(targets={"whmcs": {"error": "it does not answer", "requests": 1234}})
    page = text(ops, "/kb")
    assert "The text has 71,535 bytes" in page and "divide it" in page
    assert "It does not answer." in page and "1,234" in page


def test_the_last_plan_says_how_many_of_what_and_why(ops: FlaskClient, library: Library) -> None:
    library.plan(
        action("update", diff="- two days\n+ three days", warnings=["An image has no description."]),
        action("create", "refund", "whmcs", reason="it is new"),
    )
    page = text(ops, "/kb")
    assert "by the clock" in page and "not applied yet" in page
    assert "<del>two days</del>" in page and "<ins>three days</ins>" in page
    assert "It is new." in page and "An image has no description." in page
    assert "Apply 2 actions" in page


def test_a_plan_that_finds_nothing_says_that_all_is_well(ops: FlaskClient, library: Library) -> None:
    library.plan()
    assert "every article is as its source has it" in text(ops, "/kb")


def test_a_plan_of_another_version_is_no_error(ops: FlaskClient, library: Library) -> None:
    library.plan()
    library.plan(actions=None)
    assert ops.get("/kb").status_code == 200


def test_what_was_changed_by_hand_is_said_on_top(ops: FlaskClient, library: Library) -> None:
    library.plan(drift(library.article("pay")))
    assert "1 article was changed by hand where it is published" in text(ops, "/kb")


def test_looking_now_asks_for_it(ops: FlaskClient, asked: Asked) -> None:
    answer = post(ops, "/kb/look")
    assert (answer.status_code, answer.location, asked.knowledge_looks) == (303, "/kb", ["ops"])


def test_a_newer_plan_is_announced_and_does_not_replace_what_is_being_read(ops: FlaskClient, library: Library) -> None:
    seen = library.plan(action("update"))
    assert "A newer plan is there" not in text(ops, f"/kb?fragment=1&plan={seen}")
    library.plan()
    assert "A newer plan is there" in text(ops, f"/kb?fragment=1&plan={seen}")


def test_the_page_speaks_for_sources_that_are_not_configured_any_more(ops: FlaskClient, library: Library) -> None:
    library.document("Old", source="gone")
    assert "not configured any more" in text(ops, "/kb")
