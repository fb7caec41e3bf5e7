"""Promises of the polls' pages: nobody is asked before somebody said so, and the result is seen as it stands."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from deskside.store.database import Row, reading, utc_now
from deskside.store.push_tables import campaign
from push.polls import polls, votes
from push.polls.polls import Question
from tests.push.polls.test_polls import ASKED
from tests.push.sending.world import World
from tests.webhooks.desk import HOSTILE, Asked, post, text
from tests.webhooks.pages.push.test_composer import words

NEW = "/polls/new"
TYPED = {
    "tongues": "en,ru",
    "options": "3",
    "q-en": "Was this useful?",
    "q-ru": "Было полезно?",
    "o0-en": "Yes",
    "o0-ru": "Да",
    "o1-en": "No",
    "o1-ru": "Нет",
}


@pytest.fixture
def make(world: World) -> Callable[..., int]:
    def made(asked: Question = ASKED) -> int:
        with world.database.begin() as connection:
            return polls.create(connection, "Useful?", asked, "ann", utc_now())

    return made


def row_of(world: World, number: int) -> Row:
    with reading(world.database) as connection:
        row = polls.get(connection, number)
        assert row is not None
        return row


def campaigns(world: World) -> list[Row]:
    with reading(world.database) as connection:
        return list(connection.execute(sa.select(campaign)))


def test_a_poll_is_made_and_nobody_is_asked(ops: FlaskClient, world: World) -> None:
    more = {"do": "save", "remarks": "1", "day": "2035-01-02", "time": "18:00"}
    assert post(ops, NEW, page=NEW, **TYPED, **more).location == "/polls/1"
    row = row_of(world, 1)
    assert (row.name, row.remarks, row.created_by) == ("Was this useful?", True, "ops")
    assert row.question == {"en": "Was this useful?", "ru": "Было полезно?"}
    assert [one["titles"] for one in row.options] == [{"en": "Yes", "ru": "Да"}, {"en": "No", "ru": "Нет"}]
    assert (row.closes_at.year, row.closes_at.hour) == (2035, 18)
    assert not campaigns(world)
    assert "Was this useful?" in text(ops, "/polls")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"q-ru": ""}, "the question needs a text"),
        ({"o1-ru": ""}, "option 2 needs a text"),
        ({"o1-en": "", "o1-ru": ""}, "2 to 10 options"),
        ({"o1-en": "yes"}, "two options read the same"),
        ({"day": "2020-01-01"}, "in the past"),
        ({"day": "soon"}, "the day it closes"),
        ({"day": "2035-01-01", "time": "18:00+01:00"}, "the day it closes"),
    ],
)
def test_what_cannot_be_asked_is_told_and_nothing_of_it_is_lost(
    ops: FlaskClient, world: World, wrong: dict[str, str], said: str
) -> None:
    answer = post(ops, NEW, page=NEW, do="save", **{**TYPED, **wrong})
    assert answer.status_code == 422 and said in words(answer)
    assert 'value="Да"' in answer.get_data(as_text=True)
    with reading(world.database) as connection:
        assert not polls.every(connection)


def test_options_and_languages_come_and_go(ops: FlaskClient) -> None:
    def form(do: str, **more: str) -> str:
        return post(ops, NEW, page=NEW, do=do, **TYPED, **more).get_data(as_text=True)

    assert 'name="o3-ru"' in form("more-options") and 'name="o2-ru"' not in form("fewer-options")
    assert 'name="q-de"' in form("more-languages", new_tongue="de")
    assert 'name="q-ru"' not in form("fewer-languages") and 'value="Yes"' in form("fewer-languages")


@pytest.mark.parametrize("topic", ["", "news"])
def test_it_is_asked_of_everybody_or_of_a_topic(
    ops: FlaskClient, world: World, make: Callable[..., int], asked: Asked, topic: str
) -> None:
    world.crowd(2)
    world.person(topics=())
    number = make()
    page = text(ops, f"/polls/{number}")
    assert "everybody (3)" in page and "News (2)" in page
    post(ops, f"/polls/{number}/ask", page=f"/polls/{number}", topic=topic)
    (row,) = campaigns(world)
    assert (row.kind, row.made_from, row.topic, row.created_by) == ("poll", f"poll:{number}", topic or None, "ops")
    assert row.state == "scheduled" and asked.pushes
    assert "It was asked before" in text(ops, f"/polls/{number}")


def test_a_closed_poll_is_asked_of_nobody(ops: FlaskClient, world: World, make: Callable[..., int]) -> None:
    number = make()
    path = f"/polls/{number}"
    assert "The poll is closed" in text(ops, post(ops, f"{path}/close", page=path).location)
    assert row_of(world, number).state == "closed" and f"{path}/ask" not in text(ops, path)
    assert "this poll is not open" in text(ops, post(ops, f"{path}/ask", page=path).location)
    assert "It was closed already" in text(ops, post(ops, f"{path}/close", page=path).location)
    assert not campaigns(world)


def test_a_topic_there_is_not_is_asked_of_nobody(ops: FlaskClient, world: World, make: Callable[..., int]) -> None:
    path = f"/polls/{make()}"
    assert "there is no such topic" in text(ops, post(ops, f"{path}/ask", page=path, topic="nothing").location)
    assert not campaigns(world)


def test_the_result_is_a_chart_with_counts_and_remarks(
    ops: FlaskClient, world: World, make: Callable[..., int]
) -> None:
    number = make(Question(ASKED.question, ASKED.options, remarks=True))
    people = world.crowd(4)
    with world.database.begin() as connection:
        row = polls.get(connection, number)
        assert row is not None
        for who, option in zip(people, ("o0", "o0", "o0", "o2"), strict=True):
            votes.vote(connection, row, who, option, utc_now(), HOSTILE if option == "o2" else None)
    page = text(ops, f"/polls/{number}")
    said = words(ops.get(f"/polls/{number}"))
    assert "4 votes" in said and "Yes 3 75 %" in said and "No 0 0" in said and "Partly 1 25 %" in said
    assert page.count('class="bar"') == 3
    assert "alert('x')" in said and "<script>alert" not in page


def test_a_reader_sees_the_texts_of_their_language(
    sign_in: Callable[..., FlaskClient], make: Callable[..., int]
) -> None:
    assert "Было полезно?" in text(sign_in("ops", "ru"), f"/polls/{make()}")
