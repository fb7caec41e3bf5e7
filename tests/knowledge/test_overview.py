"""Promises of the numbers: each article and document counts once, whatever the number of its languages."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from deskside.knowledge import decisions, leases, overview
from deskside.store.database import reading, utc_now
from tests.knowledge.library import Library, action, drift


@pytest.fixture
def library(database: sa.Engine) -> Library:
    return Library(database)


def test_a_source_counts_documents_not_languages(library: Library) -> None:
    library.source(full_count=3, error="", state="good")
    library.document("Pay")
    library.document("Zahlen", "pay", language="de", warnings=["lost a macro"])
    library.document("Refund", draft=True)
    library.document("Old", missing_since=library.now, missing_listings=2)
    with reading(library.database) as connection:
        (found,) = overview.sources(connection, ("handbook",))
    assert (found.documents, found.drafts, found.warned, found.missing) == (3, 1, 1, 1)
    assert (found.state, found.full_count, found.read_at) == ("good", 3, library.now)


def test_a_source_that_is_only_configured_and_one_that_is_only_known_are_both_told(library: Library) -> None:
    library.document("Pay", source="old")
    library.source("wiki", state="failed", error="401")
    with reading(library.database) as connection:
        found = overview.sources(connection, ("handbook",))
    assert [(one.name, one.state, one.documents) for one in found] == [
        ("handbook", "new", 0),
        ("old", "new", 1),
        ("wiki", "failed", 0),
    ]


def test_an_article_counts_once_with_the_state_of_most_weight(library: Library) -> None:
    library.article("pay")
    library.article("pay", language="de", state="archived")
    library.article("refund", state="gone")
    library.article("refund", language="de", state="archived")
    library.article("hidden", state="draft")
    with reading(library.database) as connection:
        found, empty = overview.targets(connection, library.now, ("whmcs",))
    assert (found.name, found.states, found.managed) == ("guide", {"live": 1, "draft": 1, "gone": 1}, 2)
    assert (empty.name, empty.states, empty.written_at) == ("whmcs", {}, None)


def test_a_target_tells_how_many_texts_were_refused_and_the_newest_of_why(library: Library) -> None:
    library.article("pay", error="too long")
    library.article("refund", error="too wide")
    library.now += timedelta(minutes=1)
    library.article("domain", error="newest")
    library.step("pay")
    with library.database.begin() as connection:
        leases.take(connection, "guide", "me", timedelta(minutes=1), library.now)
    with reading(library.database) as connection:
        (found,) = overview.targets(connection, library.now)
    assert (found.failed, found.error, found.error_at, found.written_at) == (3, "newest", library.now, library.now)
    assert found.busy_until == library.now + timedelta(minutes=1)


def test_what_was_decided_since_the_plan_waits_no_longer(library: Library) -> None:
    pay, refund = library.article("pay"), library.article("refund")
    with reading(library.database) as connection:
        assert overview.undecided(connection) == 0
    library.plan(drift(pay), drift(refund, "conflict", "refund"), action("update", "domain"))
    with reading(library.database) as connection:
        assert overview.undecided(connection) == 2
    with library.database.begin() as connection:
        decisions.decide(connection, pay, "keep", "seen-1", "ann", utc_now() + timedelta(seconds=1))
    with reading(library.database) as connection:
        assert overview.undecided(connection) == 1
