"""The page of a poll: one vote a person, given by a form; opening it changes nothing."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from deskside.store.database import reading, utc_now
from deskside.store.push_tables import poll_vote
from push.links import Links
from push.polls import polls
from push.polls.polls import Option, Question
from tests.push.digests.stories import Desk
from tests.webhooks.desk import HOSTILE

LINKS = Links("http://127.0.0.1:8642", "only for tests")


class Ballot:
    """An open poll and two people who were asked."""

    def __init__(self, database: sa.Engine, *, remarks: bool = False, question: str = "Was this useful?") -> None:
        self.database = database
        options = [Option({"en": text}) for text in ("Yes", "No", "Partly")]
        with database.begin() as connection:
            desk = Desk(connection)
            self.ann, self.bob = desk.person(), desk.person()
            asked = Question({"en": question}, options, remarks)
            self.number = polls.create(connection, "Useful?", asked, "olga", utc_now())
            row = polls.get(connection, self.number)
            assert row is not None
            self.path = f"/push/poll/{row.token}"

    def own(self, person: int | None = None) -> str:
        return f"{self.path}?p={LINKS.person('poll', self.number, person or self.ann)}"

    def close(self) -> None:
        with self.database.begin() as connection:
            polls.close(connection, self.number)

    def votes(self) -> dict[int, str]:
        with reading(self.database) as connection:
            return {row.subscriber: row.option for row in connection.execute(poll_vote.select())}


@pytest.fixture
def ballot(database: sa.Engine) -> Ballot:
    return Ballot(database)


def text(client: FlaskClient, path: str) -> str:
    return client.get(path).get_data(as_text=True)


def test_the_page_has_every_option_and_no_need_of_a_script(anonymous: FlaskClient, ballot: Ballot) -> None:
    html = text(anonymous, ballot.own())
    assert html.count('type="radio"') == 3
    assert "So far" not in html


def test_a_scanner_that_opens_every_link_casts_no_vote(anonymous: FlaskClient, ballot: Ballot) -> None:
    for path in (ballot.own(), ballot.own() + "&o=0", ballot.own() + "&o=1&done=1"):
        anonymous.get(path)
        anonymous.head(path)
    assert ballot.votes() == {}


def test_a_vote_is_given_by_the_form_and_then_the_result_is_shown(anonymous: FlaskClient, ballot: Ballot) -> None:
    answer = anonymous.post(ballot.own(), data={"option": "o1"})
    assert answer.status_code == 303
    assert ballot.votes() == {ballot.ann: "o1"}
    html = text(anonymous, answer.headers["Location"])
    assert "your answer is counted" in html
    assert "100 %" in html
    assert "1 answer" in html


def test_a_vote_may_be_changed_and_stays_one(anonymous: FlaskClient, ballot: Ballot) -> None:
    for option in ("o1", "o2"):
        anonymous.post(ballot.own(), data={"option": option})
    anonymous.post(ballot.own(ballot.bob), data={"option": "o0"})
    assert ballot.votes() == {ballot.ann: "o2", ballot.bob: "o0"}
    html = text(anonymous, ballot.own())
    assert "Change my answer" in html
    assert 'value="o2" required checked' in html


def test_the_option_whose_button_was_pressed_is_chosen_but_not_given(anonymous: FlaskClient, ballot: Ballot) -> None:
    assert 'value="o1" required checked' in text(anonymous, ballot.own() + "&o=1")
    for nonsense in ("9", "-1", "x", ""):
        assert "checked" not in text(anonymous, ballot.own() + f"&o={nonsense}")


def test_a_stranger_cannot_vote_and_sees_the_result_only_when_it_stands(anonymous: FlaskClient, ballot: Ballot) -> None:
    anonymous.post(ballot.own(), data={"option": "o1"})
    for path in (
        ballot.path,
        ballot.path + "?p=forged",
        ballot.path + f"?p={LINKS.person('digest', ballot.number, ballot.ann)}",
    ):
        html = text(anonymous, path)
        assert "<form" not in html
        assert "100 %" not in html
        assert anonymous.post(path, data={"option": "o0"}).status_code == 404
    assert ballot.votes() == {ballot.ann: "o1"}
    ballot.close()
    assert "100 %" in text(anonymous, ballot.path)


def test_a_closed_poll_takes_no_vote_and_shows_everybody_the_result(anonymous: FlaskClient, ballot: Ballot) -> None:
    ballot.close()
    answer = anonymous.post(ballot.own(), data={"option": "o1"})
    assert answer.status_code == 303
    html = text(anonymous, answer.headers["Location"])
    assert "counted" not in html
    assert "the poll is closed" in html
    assert "<form" not in html
    assert ballot.votes() == {}


def test_nothing_chosen_is_no_vote(anonymous: FlaskClient, ballot: Ballot) -> None:
    for data in ({}, {"option": "o7"}):
        assert anonymous.post(ballot.own(), data=data).status_code == 303
    assert ballot.votes() == {}


def test_a_survey_has_room_for_words(anonymous: FlaskClient, database: sa.Engine) -> None:
    survey = Ballot(database, remarks=True)
    assert "<textarea" in text(anonymous, survey.own())
    anonymous.post(survey.own(), data={"option": "o0", "remark": HOSTILE})
    html = text(anonymous, survey.own())
    assert "<script>alert" not in html
    assert "&lt;script&gt;" in html


def test_a_question_is_text(anonymous: FlaskClient, database: sa.Engine) -> None:
    html = text(anonymous, Ballot(database, question=HOSTILE[:100]).own())
    assert "<script>alert" not in html
    assert "<img" not in html


def test_a_poll_there_is_not_says_so(anonymous: FlaskClient) -> None:
    answer = anonymous.get("/push/poll/none")
    assert answer.status_code == 404
    assert "leads nowhere" in answer.get_data(as_text=True)


def test_a_poll_is_over_at_its_time_also_before_anybody_closed_it(
    anonymous: FlaskClient, ballot: Ballot, database: sa.Engine
) -> None:
    from deskside.store.push_tables import poll

    with database.begin() as connection:
        connection.execute(poll.update().values(closes_at=utc_now() - timedelta(seconds=1)))
    anonymous.post(ballot.own(), data={"option": "o1"})
    assert ballot.votes() == {}
    assert "the poll is closed" in text(anonymous, ballot.path)
