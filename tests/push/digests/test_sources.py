"""What becomes of what sources bring: seen is written down first, the first look is silent, nothing comes twice."""

from typing import Any

import pytest
import sqlalchemy as sa
from marshmallow import ValidationError

from adapters.feeds.settings import FeedSchema
from deskside.model.digest import Found
from deskside.store.push_tables import candidate, candidate_vote
from push.digests import candidates, options, sources
from tests.push.digests.stories import DAY, HOUR, NOW, TOPIC, Desk, entry


def rows(connection: sa.Connection) -> list[Any]:
    return list(connection.execute(candidate.select().order_by(candidate.c.id)))


def test_the_first_look_is_silent_however_much_it_brings(database: sa.Engine) -> None:
    with database.begin() as connection:
        source = sources.add(connection, "feed", "Blog", TOPIC)
        flood = Found(tuple(entry(f"old {number}") for number in range(300)), "cursor")
        assert sources.keep(connection, source, flood, NOW) == ()
        assert {row.state for row in rows(connection)} == {"old"}
        assert candidates.waiting(connection, NOW, NOW - 30 * DAY) == []
        # The same again, and one more.
        again = Found((*flood.entries, entry("fresh")), "cursor 2")
        (fresh,) = sources.keep(connection, source, again, NOW + HOUR)
        assert [item.id for item in candidates.waiting(connection, NOW + HOUR, NOW - 30 * DAY)] == [fresh]
        kept = sources.get(connection, source)
        assert kept is not None
        assert (kept.cursor, kept.baseline_at, kept.fetched_at) == ("cursor 2", NOW, NOW + HOUR)


def test_an_edited_date_does_not_make_old_news_new(database: sa.Engine) -> None:
    with database.begin() as connection:
        desk = Desk(connection)
        (first,) = desk.found(entry("a", published_at=NOW - 20 * DAY))
        assert desk.found(entry("a", published_at=NOW)) == []
        assert candidates.by_id(connection, [first])[first].published_at == NOW - 20 * DAY


def test_a_regenerated_guid_does_not_make_it_new(database: sa.Engine) -> None:
    with database.begin() as connection:
        desk = Desk(connection)
        desk.found(entry("a"))
        assert desk.found(entry("a", guid="urn:uuid:another")) == []


def test_a_guid_that_is_used_again_changes_nothing_of_what_waits(database: sa.Engine) -> None:
    with database.begin() as connection:
        desk = Desk(connection)
        (first,) = desk.found(entry("a"))
        assert desk.found(entry("b", guid="a")) == []
        assert candidates.by_id(connection, [first])[first].title == "All about a"


def test_a_mended_title_goes_out_as_it_is_now(database: sa.Engine) -> None:
    with database.begin() as connection:
        desk = Desk(connection)
        (first,) = desk.found(entry("a", title="Al abuot a"))
        desk.found(entry("a", title="All about a"))
        assert candidates.by_id(connection, [first])[first].title == "All about a"
        # And what is known now is the new title too.
        assert desk.found(entry("x", title="ALL ABOUT A")) == []


def test_a_candidate_gets_its_topic_by_section_and_its_language_from_the_source(database: sa.Engine) -> None:
    told = {**TOPIC, "topics": {"Outages": "status"}, "language": "de"}
    with database.begin() as connection:
        desk = Desk(connection, told)
        ids = desk.found(entry("a", section="outages"), entry("b", language="en"))
        found = candidates.by_id(connection, ids)
        assert [(found[one].topic, found[one].language) for one in ids] == [("status", "de"), ("news", "en")]


def test_a_failed_look_says_why_and_leaves_the_cursor(database: sa.Engine) -> None:
    with database.begin() as connection:
        desk = Desk(connection)
        sources.failed(connection, desk.source, "blog.example answers 500" * 20, NOW)
        row = sources.get(connection, desk.source)
        assert row is not None
        assert row.cursor == "first"
        assert row.error.startswith("blog.example answers 500")
        desk.found(entry("a"))
        row = sources.get(connection, desk.source)
        assert row is not None
        assert row.error == ""


def test_a_source_that_leads_elsewhere_has_a_silent_first_look_again(database: sa.Engine) -> None:
    with database.begin() as connection:
        desk = Desk(connection)
        sources.change(connection, desk.source, {**TOPIC, "topic": "other"}, active=True)
        assert len(desk.found(entry("a"))) == 1
        sources.change(connection, desk.source, {**TOPIC, "own": {"url": "https://other.example"}}, active=True)
        assert desk.found(entry("b"), entry("c")) == []


def test_a_source_goes_with_its_candidates_and_their_votes(database: sa.Engine) -> None:
    with database.begin() as connection:
        desk = Desk(connection)
        desk.found(entry("a"))
        sources.remove(connection, desk.source)
        assert rows(connection) == []
        assert connection.execute(candidate_vote.select()).all() == []


def test_one_person_has_one_vote_and_may_change_it_or_take_it_back(database: sa.Engine) -> None:
    with database.begin() as connection:
        desk = Desk(connection)
        (first,) = desk.found(entry("a"), votes=0)
        for value in (1, 1, -1):
            candidates.vote(connection, first, "ann", value, NOW)
        found = candidates.by_id(connection, [first])[first]
        assert (len(found.ups), len(found.downs)) == (0, 1)
        candidates.vote(connection, first, "ann", 0, NOW)
        assert candidates.by_id(connection, [first])[first].downs == ()
        with pytest.raises(ValueError, match="1, -1 or 0"):
            candidates.vote(connection, first, "ann", 5, NOW)


def test_options_are_checked_before_they_are_stored() -> None:
    checked = options.check({"topic": "news", "language": "EN", "own": {"url": "https://e.org"}}, FeedSchema)
    assert checked["language"] == "en"
    assert options.read(checked).own == {"url": "https://e.org"}
    for wrong in ({"own": {"url": "file:///"}}, {"own": {}}, {"topik": "x", "own": {"url": "https://e.org"}}):
        with pytest.raises(ValidationError):
            options.check(wrong, FeedSchema)
