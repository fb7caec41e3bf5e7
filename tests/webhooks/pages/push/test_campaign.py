"""Promises of a campaign's page: nothing goes out before somebody has seen to whom, and everything can be stopped."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from deskside.store.push_tables import push, send, subscription
from push.model import Kind
from tests.push.sending.world import World, variant
from tests.webhooks.desk import Asked, post, text
from tests.webhooks.pages.push.conftest import row_of
from tests.webhooks.pages.push.test_composer import words


def act(ops: FlaskClient, number: int, what: str, **form: str) -> TestResponse:
    """Press a button of the page, as somebody who sees it."""
    page = text(ops, f"/campaigns/{number}")
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    shown = {"seen": seen[1]} if seen else {}
    return post(ops, f"/campaigns/{number}/{what}", page=f"/campaigns/{number}", **{**shown, **form})


def test_before_it_goes_out_the_number_and_the_first_and_last_time_are_shown(
    ops: FlaskClient, world: World, make: Callable[..., int], asked: Asked
) -> None:
    world.crowd(4)
    number = make()
    said = words(ops.get(f"/campaigns/{number}"))
    assert "4 people would get it" in said and "To about 4 people." in said
    assert re.search(r"First \w+ \d+ \w+, \d\d:\d\d ?, last \w+", said)
    assert act(ops, number, "start").status_code == 303
    assert row_of(world.database, number).state == "scheduled"
    assert asked.pushes and not world.sends()


def test_a_draft_that_somebody_changed_meanwhile_is_not_started(
    ops: FlaskClient, world: World, make: Callable[..., int]
) -> None:
    world.person()
    number = make()
    answer = act(ops, number, "start", seen="2020-01-01T00:00:00+00:00")
    assert "somebody changed the draft meanwhile" in text(ops, answer.location)
    assert row_of(world.database, number).state == "draft"


def test_a_campaign_that_reaches_nobody_has_no_button_to_start(ops: FlaskClient, make: Callable[..., int]) -> None:
    page = text(ops, f"/campaigns/{make()}")
    assert "It reaches nobody" in page and "/start" not in page


@pytest.mark.parametrize(
    ("state", "what", "after"),
    [
        ("scheduled", "unschedule", "draft"),
        ("scheduled", "cancel", "cancelled"),
        ("running", "pause", "paused"),
        ("paused", "resume", "running"),
        ("running", "cancel", "cancelled"),
        ("unconfirmed", "confirm", "scheduled"),
        ("unconfirmed", "unschedule", "draft"),
        ("held", "resume", "running"),
    ],
)
def test_each_state_has_its_buttons_and_they_do_what_they_say(
    ops: FlaskClient, world: World, make: Callable[..., int], state: str, what: str, after: str
) -> None:
    world.crowd(2)
    number = make(state)
    assert f'action="/campaigns/{number}/{what}"' in text(ops, f"/campaigns/{number}")
    act(ops, number, what)
    assert row_of(world.database, number).state == after


@pytest.mark.parametrize("what", ["start", "unschedule", "pause", "resume", "confirm", "cancel"])
def test_what_came_too_late_changes_nothing_and_is_told(
    ops: FlaskClient, world: World, make: Callable[..., int], what: str
) -> None:
    world.person()
    number = make("done")
    row = row_of(world.database, number)
    answer = act(ops, number, what, seen=row.updated_at.isoformat())
    assert "Nothing was done: " in text(ops, answer.location)
    assert row_of(world.database, number) == row


def test_after_downtime_it_asks_and_can_be_sent_at_another_time(
    ops: FlaskClient, world: World, make: Callable[..., int]
) -> None:
    world.person()
    number = make("unconfirmed")
    assert "Nothing old goes out by itself" in text(ops, f"/campaigns/{number}")
    act(ops, number, "confirm", day="2035-01-02", time="12:00")
    row = row_of(world.database, number)
    assert (row.state, row.start_at.year, row.start_at.hour) == ("scheduled", 2035, 12)


def test_what_came_of_it_is_shown_with_both_denominators(
    ops: FlaskClient, world: World, make: Callable[..., int]
) -> None:
    world.crowd(10)
    number = make("done", variants=(variant("A"), variant("B", "Other")))
    with world.database.begin() as connection:
        ids = connection.scalars(sa.select(push.c.id).order_by(push.c.id)).all()
        connection.execute(sa.update(push).where(push.c.id.in_(ids[:8])).values(shown_at=world.hand.now))
        connection.execute(sa.update(push).where(push.c.id.in_(ids[:2])).values(clicked_at=world.hand.now))
    said = words(ops.get(f"/campaigns/{number}"))
    assert "accepted 10" in said and "shown 8 80 %" in said and "clicked 2 20 % 25 %" in said
    assert "Not decidable." in said
    csv = text(ops, f"/campaigns/{number}.csv").splitlines()
    assert csv[0].startswith("campaign,variant,planned") and len(csv) == 3
    rows = [line.split(",") for line in csv[1:]]
    assert sum(int(row[csv[0].split(",").index("accepted")]) for row in rows) == 10


def test_who_only_has_safari_is_told_of_and_not_counted_as_shown(
    ops: FlaskClient, world: World, make: Callable[..., int]
) -> None:
    world.crowd(2)
    with world.database.begin() as connection:
        connection.execute(sa.update(subscription).where(subscription.c.id == 1).values(browser="safari"))
    assert "1 person has only Safari" in words(ops.get(f"/campaigns/{make('done')}"))


def test_unknown_pushes_are_listed_and_settled_as_a_person_says(
    ops: FlaskClient, world: World, make: Callable[..., int], asked: Asked
) -> None:
    world.crowd(2)
    number = make("done")
    with world.database.begin() as connection:
        connection.execute(sa.update(push).values(state="unknown"))
        connection.execute(sa.update(send).values(state="unknown"))
    assert "Of 2 pushes nobody knows" in text(ops, "/campaigns")
    for path in ("/campaigns/unknown", f"/campaigns/{number}"):
        assert "Nobody knows whether these arrived" in text(ops, path)
    form = {"push": "1", "as": "accepted", "campaign": str(number)}
    assert post(ops, "/campaigns/unknown", page="/campaigns/unknown", **form).location == f"/campaigns/{number}"
    assert [row.state for row in world.pushes()] == ["accepted", "unknown"]
    assert [row.reason for row in world.sends(state="sent")] == ["settled as arrived by ops"]
    post(ops, "/campaigns/unknown", page="/campaigns/unknown", **{"push": "2", "as": "again"})
    assert world.sends()[1].state == "due" and asked.pushes
    assert post(ops, "/campaigns/unknown", page="/campaigns/unknown", **{"as": "burnt"}).status_code == 400


def test_a_poll_replaces_only_what_changes_while_something_can(
    ops: FlaskClient, world: World, make: Callable[..., int]
) -> None:
    world.person()
    running = make("running")
    assert 'hx-trigger="every 5s, refresh"' in text(ops, f"/campaigns/{running}")
    assert "<html" not in text(ops, f"/campaigns/{running}?fragment=1")
    assert "hx-trigger" not in text(ops, f"/campaigns/{make('cancelled')}")


def test_the_list_narrows_and_a_copy_is_a_draft_of_ones_own(
    ops: FlaskClient, world: World, make: Callable[..., int]
) -> None:
    world.person()
    first, second = make("done", name="Old news"), make(name="100% new", kind=Kind.SERVICE)
    shown = text(ops, "/campaigns?state=draft")
    assert f'href="/campaigns/{second}"' in shown and f'href="/campaigns/{first}"' not in shown
    assert f'href="/campaigns/{second}"' in text(ops, "/campaigns?q=0%25+NEW")
    assert f'href="/campaigns/{first}"' not in text(ops, "/campaigns?kind=service")
    assert "No campaign here" in text(ops, "/campaigns?owner=nobody")
    assert post(ops, f"/campaigns/{first}/duplicate", page="/campaigns").location == "/campaigns/3/edit"
    copy = row_of(world.database, 3)
    assert (copy.name, copy.state, copy.waterfall) == ("Old news (copy)", "draft", [])
    csv = text(ops, "/campaigns.csv").splitlines()
    assert len(csv) == 2 and csv[1].startswith(f"{first},Old news,promo,done,ops,")
