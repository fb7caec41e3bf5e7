"""Promises of the whole room: ops only, a form's token always, and a switch that stops everything."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from deskside.store.database import reading
from push.chains import store
from push.digests import sources
from push.polls import polls
from push.sending import facts
from tests.push.chains import people as chains
from tests.push.digests.stories import TOPIC
from tests.push.polls.test_polls import ASKED
from tests.push.sending.world import World
from tests.webhooks.desk import Asked, post, text

PATHS = (
    "/campaigns",
    "/campaigns.csv",
    "/campaigns/new",
    "/campaigns/1",
    "/campaigns/1/edit",
    "/campaigns/1.csv",
    "/campaigns/unknown",
    "/campaigns/figures",
    "/campaigns/figures/hours.csv",
    "/subscribers",
    "/subscribers/1",
    "/chains",
    "/chains/new",
    "/chains/1",
    "/chains/1/edit",
    "/chains/1/rehearsal",
    "/digests",
    "/digests/sources/1",
    "/polls",
    "/polls/new",
    "/polls/1",
)
ROOMS = ("/campaigns", "/subscribers", "/chains", "/digests", "/polls")


@pytest.fixture(autouse=True)
def things(world: World) -> None:
    """One of each that has a page of its own."""
    steps = {"steps": [chains.step("hello")]}
    with world.database.begin() as connection:
        sources.add(connection, "feed", "Blog", TOPIC)
        polls.create(connection, "Useful?", ASKED, "ann", world.hand.now)
        store.create(connection, name="Welcome", entry="manual", definition=steps, by="ann", now=world.hand.now)


@pytest.mark.parametrize("path", PATHS)
def test_agents_and_strangers_see_none_of_it(
    agent: FlaskClient, anonymous: FlaskClient, make: Callable[..., int], world: World, path: str
) -> None:
    make()
    world.person()
    assert agent.get(path).status_code == 403
    assert anonymous.get(path).status_code == 303


@pytest.mark.parametrize("path", PATHS)
def test_ops_see_all_of_it(ops: FlaskClient, make: Callable[..., int], world: World, path: str) -> None:
    world.person()
    assert make() == 1
    assert ops.get(path).status_code == 200


def test_every_form_of_the_room_needs_its_token_and_ops(
    app: Flask, ops: FlaskClient, agent: FlaskClient, make: Callable[..., int], world: World
) -> None:
    number, person = make(), world.person()
    rules = [
        rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ()) and rule.rule.startswith(ROOMS)
    ]
    assert len(rules) == 20
    for rule in rules:
        path = re.sub(r"<any\(([^,]+).*?>", r"\1", rule.rule)
        path = re.sub(r"<int:\w+>", str(person if "subscribers" in path else number), path)
        assert ops.post(path).status_code == 400, path
        assert post(agent, path).status_code == 403, path


def test_numbers_that_no_row_has_are_not_found(ops: FlaskClient) -> None:
    for path in ("/chains/7", "/chains/0/edit", f"/chains/{2**70}/rehearsal", "/polls/7", f"/digests/sources/{2**70}"):
        assert ops.get(path).status_code == 404
    for path in ("/campaigns/7", "/campaigns/0", f"/campaigns/{2**70}", f"/subscribers/{2**70}", "/campaigns/7.csv"):
        assert ops.get(path).status_code == 404
    assert post(ops, f"/campaigns/{2**70}/pause").status_code == 404
    assert post(ops, f"/subscribers/{2**70}/tester", tester="1").status_code == 404


def test_one_button_on_every_screen_stops_everything_and_another_lets_it_go_on(
    ops: FlaskClient, world: World, asked: Asked
) -> None:
    for path in ("/campaigns", "/campaigns/new", "/campaigns/figures", "/subscribers"):
        assert "Yes, stop everything now" in text(ops, path)
    answer = post(ops, "/campaigns/stop", page="/campaigns", next="/subscribers")
    assert (answer.status_code, answer.location) == (303, "/subscribers")
    with reading(world.database) as connection:
        assert facts.stopped_by(connection) == "ops"
    for path in ("/campaigns", "/campaigns/new", "/campaigns/figures", "/subscribers"):
        page = text(ops, path)
        assert "All sending is stopped" in page and "Yes, stop everything now" not in page
    post(ops, "/campaigns/go-on", page="/campaigns")
    with reading(world.database) as connection:
        assert facts.stopped_by(connection) is None
    assert asked.pushes


def test_a_switch_never_leads_to_a_foreign_place(ops: FlaskClient) -> None:
    assert post(ops, "/campaigns/stop", page="/campaigns", next="https://evil.example").location == "/queue"


def test_agents_have_no_door_to_it(agent: FlaskClient, ops: FlaskClient) -> None:
    assert 'href="/campaigns"' not in text(agent, "/queue")
    assert 'href="/campaigns"' in text(ops, "/queue")
