"""From candidates to an issue: what is skipped is not used up, and what was sent is."""

import pytest
import sqlalchemy as sa

from deskside.errors import Permanent
from deskside.store.push_tables import campaign, digest
from push.digests import candidates, drafts
from push.digests.launch import RULE, due_by_rule, launch
from push.digests.settings import DigestSettings
from tests.push.digests.stories import DAY, HOUR, LINKS, NOW, Desk, deliver, entry, run_campaign, settings

SETTINGS = settings()
THREE = (entry("a"), entry("b"), entry("c"))


def send(connection: sa.Connection, number: int, by: str = "olga", limits: DigestSettings = SETTINGS) -> int:
    return launch(connection, number, by, limits, run_campaign, LINKS, NOW)


def state(connection: sa.Connection, number: int) -> str:
    row = drafts.get(connection, number)
    assert row is not None
    return str(row.state)


def items(connection: sa.Connection, number: int) -> list[int]:
    row = drafts.get(connection, number)
    assert row is not None
    return [item["candidate"] for item in row.items]


def test_enough_candidates_make_a_draft_whose_parts_are_visible(database: sa.Engine) -> None:
    with database.begin() as connection:
        ids = Desk(connection).found(*THREE)
        number = drafts.make(connection, SETTINGS, NOW, drafts.CLOCK)
        row = drafts.get(connection, number)
        assert row is not None
        assert (row.state, row.reason, row.made_by) == ("draft", "3 items", "clock")
        assert sorted(items(connection, number)) == sorted(ids)
        assert set(row.items[0]["parts"]) == {"votes", "freshness", "relevance", "engagement"}


def test_too_few_are_skipped_with_the_reason_and_carried_over(database: sa.Engine) -> None:
    with database.begin() as connection:
        desk = Desk(connection)
        first = desk.found(entry("a"), entry("b"))
        skipped = drafts.make(connection, SETTINGS, NOW, drafts.CLOCK)
        assert state(connection, skipped) == "skipped"
        row = drafts.get(connection, skipped)
        assert row is not None
        assert row.reason == "2 of 3 items, and no strong lead"
        later = desk.found(entry("c"))
        number = drafts.make(connection, SETTINGS, NOW + DAY, drafts.CLOCK)
        assert state(connection, number) == "draft"
        assert sorted(items(connection, number)) == [*first, *later]


def test_what_was_sent_is_used_up_and_the_rest_had_its_chance(database: sa.Engine) -> None:
    with database.begin() as connection:
        desk = Desk(connection)
        person = desk.person("news")
        used = desk.found(*THREE)
        (unready,) = desk.found(entry("later"), votes=1)
        number = drafts.make(connection, SETTINGS, NOW, "olga")
        campaign_id = send(connection, number)
        assert state(connection, number) == "scheduled"
        assert drafts.propose(connection, SETTINGS, NOW).chosen == ()
        deliver(connection, campaign_id, "digest", person)
        assert drafts.settle(connection, NOW) == 1
        assert state(connection, number) == "sent"
        assert {item.id for item in candidates.waiting(connection, NOW, NOW - 30 * DAY)} == {unready}
        # It had too few votes then; now it is ready, and so it is no late-comer.
        candidates.vote(connection, unready, "boris", 1, NOW + HOUR)
        fresh = desk.found(entry("d"), entry("e"), at=NOW + HOUR)
        following = drafts.make(connection, SETTINGS, NOW + DAY, "olga")
        assert sorted(items(connection, following)) == sorted([unready, *fresh])
        assert not set(used) & set(items(connection, following))


@pytest.mark.parametrize("how", ["done", "cancelled"])
def test_a_campaign_that_reached_nobody_uses_nothing_up(database: sa.Engine, how: str) -> None:
    with database.begin() as connection:
        desk = Desk(connection)
        person = desk.person("news")
        desk.found(*THREE)
        number = drafts.make(connection, SETTINGS, NOW, "olga")
        campaign_id = send(connection, number)
        deliver(connection, campaign_id, "digest", person, state="skipped")
        assert drafts.settle(connection, NOW) == 0
        connection.execute(campaign.update().values(state=how))
        assert drafts.settle(connection, NOW) == 1
        assert state(connection, number) == "skipped"
        assert len(drafts.propose(connection, SETTINGS, NOW).chosen) == 3


def test_a_veto_after_the_draft_takes_it_out(database: sa.Engine) -> None:
    with database.begin() as connection:
        ids = Desk(connection).found(*THREE)
        number = drafts.make(connection, SETTINGS, NOW, "olga")
        candidates.veto(connection, ids[1], "boris")
        send(connection, number)
        assert sorted(items(connection, number)) == [ids[0], ids[2]]


def test_the_rule_does_not_send_what_is_not_enough_any_more(database: sa.Engine) -> None:
    with database.begin() as connection:
        ids = Desk(connection).found(*THREE)
        number = drafts.make(connection, SETTINGS, NOW, drafts.CLOCK)
        with pytest.raises(Permanent, match="too little is left"):
            launch(connection, number, RULE, SETTINGS, run_campaign, LINKS, NOW, unreadable=ids[:1])
        assert state(connection, number) == "draft"
        assert connection.execute(campaign.select()).all() == []


def test_the_rule_waits_for_objections(database: sa.Engine) -> None:
    limits = settings(by_rule_minutes=60)
    with database.begin() as connection:
        Desk(connection).found(*THREE)
        number = drafts.make(connection, limits, NOW, drafts.CLOCK)
        assert due_by_rule(connection, limits, NOW + HOUR / 2) is None
        ripe = due_by_rule(connection, limits, NOW + HOUR)
        assert ripe is not None
        assert ripe.id == number
        assert due_by_rule(connection, SETTINGS, NOW + DAY) is None


def test_a_draft_is_sent_once(database: sa.Engine) -> None:
    with database.begin() as connection:
        Desk(connection).found(*THREE)
        number = drafts.make(connection, SETTINGS, NOW, "olga")
        send(connection, number)
        with pytest.raises(Permanent, match="no draft any more"):
            send(connection, number)
        assert len(connection.execute(campaign.select()).all()) == 1


def test_people_may_drop_and_reorder_what_is_a_draft(database: sa.Engine) -> None:
    with database.begin() as connection:
        ids = Desk(connection).found(*THREE)
        number = drafts.make(connection, SETTINGS, NOW, "olga")
        assert drafts.arrange(connection, number, [ids[2], 999, ids[0], ids[2]])
        assert items(connection, number) == [ids[2], ids[0]]
        assert not drafts.arrange(connection, number, [])
        assert drafts.skip(connection, number, "not this week")
        assert not drafts.skip(connection, number, "again")
        assert not drafts.arrange(connection, number, [ids[0]])


def test_a_newer_draft_takes_the_place_of_an_older_one(database: sa.Engine) -> None:
    with database.begin() as connection:
        Desk(connection).found(*THREE)
        older = drafts.make(connection, SETTINGS, NOW, drafts.CLOCK)
        newer = drafts.make(connection, SETTINGS, NOW + DAY, drafts.CLOCK)
        assert state(connection, older) == "skipped"
        draft = drafts.open_draft(connection)
        assert draft is not None
        assert draft.id == newer


def test_what_a_stranger_cannot_read_any_more_is_left_out_of_the_draft(database: sa.Engine) -> None:
    with database.begin() as connection:
        desk = Desk(connection)
        ids = desk.found(*THREE, entry("d"))
        number = drafts.make(connection, SETTINGS, NOW, drafts.CLOCK, without=ids[:1])
        assert sorted(items(connection, number)) == ids[1:]
        reasons = {item.id: why for item, why in drafts.propose(connection, SETTINGS, NOW).refused}
        assert reasons == {ids[0]: "no stranger could read it"}


def test_the_last_one_the_clock_made_counts_also_when_it_was_skipped(database: sa.Engine) -> None:
    with database.begin() as connection:
        drafts.make(connection, SETTINGS, NOW, drafts.CLOCK)
        drafts.make(connection, SETTINGS, NOW + DAY, "olga")
        assert drafts.last_made(connection) == NOW
        assert connection.scalar(sa.select(sa.func.count()).select_from(digest)) == 2
