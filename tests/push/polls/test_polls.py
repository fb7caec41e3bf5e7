"""Polls: one vote a person, which they may change, until the poll is closed."""

from typing import Any

import pytest
import sqlalchemy as sa

from deskside.errors import Malformed, Permanent
from deskside.store.database import Row
from deskside.store.push_tables import campaign, poll, poll_vote, push
from push.polls import launch, polls, votes
from push.polls.polls import Option, Question
from tests.push.digests.stories import DAY, LINKS, NOW, Desk, deliver, run_campaign

ASKED = Question(
    {"en": "Was this useful?", "ru": "Было полезно?"},
    [Option({"en": "Yes", "ru": "Да"}), Option({"en": "No", "ru": "Нет"}), Option({"en": "Partly", "ru": "Отчасти"})],
)


def made(connection: sa.Connection, asked: Question = ASKED, **values: Any) -> Row:
    row = polls.get(connection, polls.create(connection, "Useful?", asked, "olga", NOW, **values))
    assert row is not None
    return row


def counts(connection: sa.Connection, row: Row) -> list[int]:
    return [bar.votes for bar in votes.result(connection, row).bars]


def test_a_person_has_one_vote_and_may_change_it(database: sa.Engine) -> None:
    with database.begin() as connection:
        desk, row = Desk(connection), made(connection)
        ann, bob = desk.person(), desk.person()
        votes.vote(connection, row, ann, "o0", NOW)
        votes.vote(connection, row, ann, "o2", NOW + DAY)
        votes.vote(connection, row, bob, "o2", NOW)
        assert counts(connection, row) == [0, 0, 2]
        found = votes.result(connection, row)
        assert (found.total, [bar.share for bar in found.bars]) == (2, [0, 0, 1])
        assert found.bars[2].titles == {"en": "Partly", "ru": "Отчасти"}


def test_a_poll_nobody_answered_has_bars_of_nothing(database: sa.Engine) -> None:
    with database.begin() as connection:
        found = votes.result(connection, made(connection))
        assert (found.total, [bar.share for bar in found.bars]) == (0, [0, 0, 0])


@pytest.mark.parametrize("option", ["", "o3", "O0", "yes"])
def test_an_option_there_is_not_is_no_vote(database: sa.Engine, option: str) -> None:
    with database.begin() as connection:
        person, row = Desk(connection).person(), made(connection)
        with pytest.raises(Malformed):
            votes.vote(connection, row, person, option, NOW)
        assert counts(connection, row) == [0, 0, 0]


def test_a_closed_poll_takes_no_vote_and_stays_closed(database: sa.Engine) -> None:
    with database.begin() as connection:
        person, row = Desk(connection).person(), made(connection)
        assert polls.close(connection, row.id)
        assert not polls.close(connection, row.id)
        row = polls.get(connection, row.id)
        assert row is not None
        with pytest.raises(Permanent, match="closed"):
            votes.vote(connection, row, person, "o0", NOW)


def test_a_poll_closes_at_its_time(database: sa.Engine) -> None:
    with database.begin() as connection:
        row = made(connection, closes_at=NOW + DAY)
        assert polls.is_open(row, NOW)
        assert not polls.is_open(row, NOW + DAY)
        assert votes.close_late(connection, NOW) == 0
        assert votes.close_late(connection, NOW + DAY) == 1
        assert connection.scalar(sa.select(poll.c.state)) == "closed"
        with pytest.raises(Malformed, match="past"):
            made(connection, closes_at=NOW)


def test_a_survey_keeps_the_remark_when_only_the_vote_changes(database: sa.Engine) -> None:
    with database.begin() as connection:
        person = Desk(connection).person()
        row = made(connection, Question(ASKED.question, ASKED.options, remarks=True))
        votes.vote(connection, row, person, "o1", NOW, "too\x00 slow " + "x" * 2000)
        votes.vote(connection, row, person, "o0", NOW)
        (said,) = votes.remarks(connection, row.id)
        assert said.remark.startswith("too slow x")
        assert len(said.remark) == votes.LONGEST_REMARK
        plain = made(connection)
        votes.vote(connection, plain, person, "o0", NOW, "nobody asked")
        assert votes.remarks(connection, plain.id) == []


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (Question({}, ASKED.options), "question"),
        (Question({"en": " "}, [Option({"en": "a"}), Option({"en": "b"})]), "question"),
        (Question({"en": "?"}, [Option({"en": "a"})]), "2 to 10"),
        (Question({"en": "?"}, [Option({"en": str(n)}) for n in range(11)]), "2 to 10"),
        (Question({"en": "?"}, [Option({"en": "a"}), Option({"ru": "b"})]), "option 2"),
        (Question({"en": "?"}, [Option({"en": "a"}), Option({"en": "b" * 81})]), "option 2"),
        (Question({"en": "?"}, [Option({"en": "a"}), Option({"en": " A"})]), "two options"),
    ],
)
def test_what_cannot_be_asked_is_refused_and_nothing_is_stored(database: sa.Engine, asked: Question, why: str) -> None:
    with database.begin() as connection:
        with pytest.raises(Malformed, match=why):
            made(connection, asked)
        assert connection.execute(poll.select()).all() == []


def test_everybody_gets_their_own_link_and_the_first_two_options_as_buttons(database: sa.Engine) -> None:
    with database.begin() as connection:
        desk, row = Desk(connection), made(connection)
        ann, ivan, hans = desk.person(language="en-GB"), desk.person(language="ru"), desk.person(language="de")
        campaign_id = launch.launch(connection, row.id, "olga", run_campaign, LINKS, NOW)
        sends = deliver(connection, campaign_id, "poll", ann, ivan, hans, state="due")
        found = {send.subscriber: launch.variants(connection, sends, LINKS, NOW)[send.id] for send in sends}
        (content,) = found[ivan].contents.values()
        assert (content.title, content.body) == ("Было полезно?", "Нажмите, чтобы ответить")
        assert [button.title for button in content.buttons] == ["Да", "Нет"]
        assert LINKS.read("poll", row.id, content.url.partition("?p=")[2]) == ivan
        assert content.buttons[1].url == content.url + "&o=1"
        assert found[hans].content("de").title == found[ann].content("en").title == "Was this useful?"
        polls.close(connection, row.id)
        assert launch.variants(connection, sends, LINKS, NOW) == {}


def test_a_closed_poll_is_not_sent(database: sa.Engine) -> None:
    with database.begin() as connection:
        row = made(connection)
        polls.close(connection, row.id)
        with pytest.raises(Permanent, match="not open"):
            launch.launch(connection, row.id, "olga", run_campaign, LINKS, NOW)
        assert connection.execute(campaign.select()).all() == []


def test_a_button_of_the_notification_is_a_vote(database: sa.Engine) -> None:
    with database.begin() as connection:
        desk, row = Desk(connection), made(connection)
        person = desk.person()
        campaign_id = launch.launch(connection, row.id, "olga", run_campaign, LINKS, NOW)
        (send,) = deliver(connection, campaign_id, "poll", person)
        connection.execute(push.insert().values(send=send.id, subscription=1, origin="x", token="secret", tried_at=NOW))
        assert not votes.vote_by_button(connection, "guessed", 0, NOW)
        assert not votes.vote_by_button(connection, "secret", 2, NOW)
        assert not votes.vote_by_button(connection, "secret", -1, NOW)
        assert votes.vote_by_button(connection, "secret", 1, NOW)
        assert votes.vote_by_button(connection, "secret", 0, NOW)
        (vote,) = connection.execute(poll_vote.select()).all()
        assert (vote.subscriber, vote.option) == (person, "o0")
        polls.close(connection, row.id)
        assert not votes.vote_by_button(connection, "secret", 1, NOW)
