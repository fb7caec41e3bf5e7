"""Promises of the chains' pages: a live chain changes only after the counts were seen, and a dry run tells no lies."""

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from deskside.store.database import Row, reading, utc_now
from deskside.store.push_tables import enrollment, send
from push.chains import control, flow, store
from tests.push.chains.people import step
from tests.push.sending.world import MANNERS, World
from tests.webhooks.desk import Asked, post, text
from tests.webhooks.pages.push.test_composer import words

NEW = "/chains/new"
TYPED = {
    "name": "Welcome",
    "entry": "subscribed",
    "steps": "2",
    "tongues": "en",
    "s0-key": "hello",
    "s0-minutes": "5",
    "s0-late": "360",
    "s0-en-title": "Hello",
    "s0-en-url": "https://portal.example/hello",
    "s1-key": "tips",
    "s1-days": "2",
    "s1-late": "4320",
    "s1-en-title": "Tips",
    "s1-en-url": "https://portal.example/tips",
}
STEPS = {"steps": [step("hello", after={"minutes": 5}), step("tips", after={"days": 2}, late_minutes=4320)]}


@pytest.fixture
def make(world: World) -> Callable[..., int]:
    """A chain with everybody inside who is there."""

    def made(state: str = "active", people: tuple[int, ...] = (), **values: Any) -> int:
        with world.database.begin() as connection:
            given = {"name": "Welcome", "entry": "manual", "definition": STEPS, "by": "ann", "now": world.hand.now}
            number = int(store.create(connection, **{**given, **values}).id)
            if state != "draft":
                control.activate(connection, number)
                flow.enter(connection, row_in(connection, number), people, MANNERS, world.hand.now)
            if state == "paused":
                control.pause(connection, number, world.hand.now)
            if state == "archived":
                control.archive(connection, number, world.hand.now)
        return number

    return made


def row_in(connection: sa.Connection, number: int) -> Row:
    found = store.get(connection, number)
    assert found is not None
    return found


def row_of(world: World, number: int) -> Row:
    with reading(world.database) as connection:
        return row_in(connection, number)


def definition_of(world: World, number: int) -> dict[str, Any]:
    with reading(world.database) as connection:
        return store.raw_definition(connection, number, row_in(connection, number).version)


def fields(page: str) -> dict[str, str]:
    """What the form of a page would send, but for its buttons."""
    form = page.split('class="chain-form"', 1)[1]
    found = {}
    for name, options in re.findall(r'<select name="([^"]+)">(.*?)</select>', form):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = html.unescape(chosen[1]) if chosen else ""
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and value and (("radio" not in tag and "checkbox" not in tag) or "checked" in tag):
            found[name[1]] = html.unescape(value[1])
    return {name: value for name, value in found.items() if name != "csrf_token"}


def act(ops: FlaskClient, number: int, what: str, **form: str) -> TestResponse:
    return post(ops, f"/chains/{number}/{what}", page=f"/chains/{number}", **form)


def test_a_chain_is_written_and_kept_as_a_draft(ops: FlaskClient, world: World) -> None:
    typed = {
        **TYPED,
        "s1-from": "11:00",
        "s1-to": "14:00",
        "s1-day0": "1",
        "s0-clicked": "end",
        "exit-ticket_opened": "1",
    }
    assert post(ops, NEW, page=NEW, do="save", **typed).location == "/chains/1"
    row, found = row_of(world, 1), definition_of(world, 1)
    assert (row.name, row.state, row.entry, row.created_by) == ("Welcome", "draft", "subscribed", "ops")
    first, second = found["steps"]
    assert (first["key"], first["after"], first["clicked"]) == ("hello", {"minutes": 5}, "")
    assert (second["after"], second["window"], second["days"]) == ({"days": 2}, "11:00-14:00", [0])
    assert found["exits"] == ["ticket_opened"]
    # The form shows what was kept, and keeps it again unchanged.
    again = post(ops, "/chains/1/edit", page="/chains/1/edit", do="save", **fields(text(ops, "/chains/1/edit")))
    assert again.status_code == 303
    kept = definition_of(world, 1)
    assert [one["key"] for one in kept["steps"]] == ["hello", "tips"] and kept["steps"][1]["days"] == [0]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": " "}, "a chain needs a name"),
        ({"entry": "topic"}, "needs the topic"),
        ({"entry": "elsewhere"}, "entered by one of"),
        ({"s0-key": "Not a key"}, "steps 1 key"),
        ({"s1-key": "hello"}, "there are two steps"),
        ({"s0-en-title": ""}, "the title must have"),
        ({"s0-en-url": "javascript:alert(1)"}, "must be an address"),
        ({"s0-minutes": "-5"}, "must be a whole number"),
        ({"s0-late": "0"}, "late_minutes"),
        ({"s0-day2": "1"}, "weekdays need a window"),
        ({"s0-from": "11:00"}, "two different times of the day"),
        ({"s1-following": "0"}, "there is no step"),
        ({"s1-following": "7"}, "there is no such step"),
        ({"again": "soon"}, "must be a whole number"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_of_it_is_lost(
    ops: FlaskClient, world: World, wrong: dict[str, str], said: str
) -> None:
    answer = post(ops, NEW, page=NEW, do="save", **{**TYPED, **wrong})
    assert answer.status_code == 422 and said in words(answer)
    assert 'value="Tips"' in answer.get_data(as_text=True)
    with reading(world.database) as connection:
        assert not store.every(connection)


def test_steps_come_go_and_move_with_the_ways_that_lead_to_them(ops: FlaskClient) -> None:
    added = fields(post(ops, NEW, page=NEW, do="add", **TYPED).get_data(as_text=True))
    assert (added["steps"], added["s2-key"], added["s2-days"]) == ("3", "step-3", "1")
    page = post(ops, NEW, page=NEW, do="remove:1", **{**added, "s0-clicked": "2"}).get_data(as_text=True)
    removed = fields(page)
    assert (removed["steps"], removed["s1-key"]) == ("2", "step-3")
    assert '<option value="1" selected>2: step-3' in page
    moved = fields(post(ops, NEW, page=NEW, do="up:1", **TYPED).get_data(as_text=True))
    assert (moved["s0-key"], moved["s1-key"], moved["s0-en-title"]) == ("tips", "hello", "Tips")
    more = post(ops, NEW, page=NEW, do="more-languages", new_tongue="ru", **TYPED).get_data(as_text=True)
    assert "s0-ru-title" in more


def test_an_edit_of_a_live_chain_shows_whom_it_touches_before_it_is_one(
    ops: FlaskClient, world: World, make: Callable[..., int]
) -> None:
    number = make(people=tuple(world.crowd(3)))
    path = f"/chains/{number}/edit"
    typed = {**fields(text(ops, path)), "s0-key": "greeting"}
    answer = post(ops, path, page=path, do="review", **typed)
    said = words(answer)
    assert "Inside 3" in said and "Wait for a step that is gone 3" in said
    assert row_of(world, number).version == 1
    reviewed = {**typed, **fields(answer.get_data(as_text=True)), "those": "move"}
    assert post(ops, path, page=path, do="save", **reviewed).status_code == 303
    assert row_of(world, number).version == 2
    with reading(world.database) as connection:
        assert set(connection.scalars(sa.select(enrollment.c.version))) == {2}
        assert set(connection.scalars(sa.select(send.c.step_key))) == {"greeting"}


def test_nothing_else_is_kept_than_what_was_counted(ops: FlaskClient, world: World, make: Callable[..., int]) -> None:
    number = make(people=tuple(world.crowd(2)))
    path = f"/chains/{number}/edit"
    unseen = post(ops, path, page=path, do="save", those="move", **fields(text(ops, path)))
    assert "Before this is kept" in words(unseen)
    reviewed = fields(unseen.get_data(as_text=True))
    for changed in ({"s0-minutes": "50"}, {"within": "9"}):
        answer = post(ops, path, page=path, do="save", **{**reviewed, **changed, "those": "move"})
        assert "Before this is kept" in words(answer)
    assert row_of(world, number).version == 1
    late = post(ops, path, page=path, do="save", **{**reviewed, "seen": "0"})
    assert late.status_code == 409
    assert post(ops, path, page=path, do="save", **{**reviewed, "those": "burn"}).status_code == 422
    assert post(ops, path, page=path, do="review", **{**reviewed, "within": "0"}).status_code == 422
    assert row_of(world, number).version == 1


@pytest.mark.parametrize(
    ("state", "what", "after"),
    [
        ("draft", "activate", "active"),
        ("active", "pause", "paused"),
        ("paused", "resume", "active"),
        ("active", "end", "archived"),
    ],
)
def test_each_state_has_its_buttons_and_they_do_what_they_say(
    ops: FlaskClient, make: Callable[..., int], world: World, asked: Asked, state: str, what: str, after: str
) -> None:
    number = make(state)
    assert f'action="/chains/{number}/{what}"' in text(ops, f"/chains/{number}")
    act(ops, number, what)
    assert row_of(world, number).state == after and asked.pushes


@pytest.mark.parametrize("what", ["activate", "pause", "resume", "end", "enter"])
def test_what_comes_too_late_changes_nothing_and_is_told(
    ops: FlaskClient, make: Callable[..., int], world: World, what: str
) -> None:
    number = make("archived")
    answer = act(ops, number, what)
    assert "Nothing was done: " in text(ops, answer.location)
    assert row_of(world, number).state == "archived"
    assert ops.get(f"/chains/{number}/edit").location == f"/chains/{number}"
    assert f'href="/chains/{number}"' in text(ops, "/chains?ended=1")
    assert f'href="/chains/{number}"' not in text(ops, "/chains")


@pytest.mark.parametrize("freezes", ["1", "0"])
def test_a_pause_says_whether_time_stands_still(
    ops: FlaskClient, make: Callable[..., int], world: World, freezes: str
) -> None:
    number = make()
    act(ops, number, "pause", freezes=freezes)
    assert row_of(world, number).freezes is (freezes == "1")


def test_people_are_let_in_by_hand_once(ops: FlaskClient, make: Callable[..., int], world: World) -> None:
    world.crowd(2)
    world.person(topics=())
    world.person(devices=0)
    number = make()
    page = text(ops, f"/chains/{number}")
    assert "everybody (3)" in page and "News (2)" in page
    assert "2 people came in" in text(ops, act(ops, number, "enter", topic="news").location)
    assert "1 person came in" in text(ops, act(ops, number, "enter").location)
    assert "there is no such topic" in text(ops, act(ops, number, "enter", topic="nothing").location)
    assert "3 inside" in words(ops.get(f"/chains/{number}"))


def test_what_came_of_each_step_is_told(ops: FlaskClient, make: Callable[..., int], world: World) -> None:
    people = world.crowd(2)
    number = make(people=tuple(people))
    with world.database.begin() as connection:
        connection.execute(
            sa.update(send).where(send.c.subscriber == people[0]).values(state="sent", sent_at=utc_now())
        )
        left = connection.scalar(sa.select(enrollment.c.id).where(enrollment.c.subscriber == people[1]))
        flow.leave(connection, [left], "unsubscribed", utc_now())
    said = words(ops.get(f"/chains/{number}"))
    assert re.search(r"hello About hello en after 5 min, late limit 360 min 0 1 0 0", said)
    assert "1 left early" in said and "unsubscribed 1" in said
    assert "1 · 0 · 0" in words(ops.get("/chains"))


def test_a_dry_run_keeps_the_local_hour_over_a_change_of_the_clocks(ops: FlaskClient, make: Callable[..., int]) -> None:
    number = make()
    asked = "?zone=Europe/Berlin&day=2027-03-27&time=12:00"
    said = words(ops.get(f"/chains/{number}/rehearsal{asked}"))
    assert "Sat 27 Mar, 12:05" in said and "Mon 29 Mar, 12:05" in said
    assert "the clocks move by +1 h" in said
    assert "2027-03-27 11:05 UTC" in said and "2027-03-29 10:05 UTC" in said


def test_a_dry_run_shows_the_way_of_whoever_clicks(ops: FlaskClient, make: Callable[..., int]) -> None:
    ways = {"steps": [step("hello", clicked="thanks", following="tips"), step("tips", following=""), step("thanks")]}
    number = make(definition=ways)
    path = f"/chains/{number}/rehearsal?zone=UTC&day=2027-01-04&time=12:00"
    line = ops.get(path).get_data(as_text=True).split('id="line"')[1]
    assert "About tips" in line and "About thanks" not in line
    line = ops.get(path + "&click=hello").get_data(as_text=True).split('id="line"')[1]
    assert "About thanks" in line and "About tips" not in line


def test_a_dry_run_is_for_one_person_with_their_wishes(
    ops: FlaskClient, make: Callable[..., int], world: World
) -> None:
    person = world.person(zone="Asia/Tokyo", quiet_from=0, quiet_to=13 * 60)
    said = words(ops.get(f"/chains/{make()}/rehearsal?person={person}&day=2027-01-04&time=12:00"))
    assert "Asia/Tokyo" in said and "Mon 4 Jan, 13:00" in said


@pytest.mark.parametrize(
    "wish", ["person=99", "person=x", "zone=Mars/Base", "day=soon", "time=25:00", "day=0001-01-01"]
)
def test_a_dry_run_that_cannot_be_says_why(ops: FlaskClient, make: Callable[..., int], wish: str) -> None:
    answer = ops.get(f"/chains/{make()}/rehearsal?{wish}")
    assert answer.status_code == 200 and 'role="alert"' in answer.get_data(as_text=True)
