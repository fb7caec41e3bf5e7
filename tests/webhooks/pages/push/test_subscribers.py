"""Promises of the subscribers' screens: all about a person but how to send to them, and why they got what they got."""

from collections.abc import Callable

from flask.testing import FlaskClient

from push.campaigns.definition import Audience, Rule
from tests.push.analytics import stream
from tests.push.sending.world import ORIGIN, World
from tests.webhooks.desk import HOSTILE, Shelf, post, text
from tests.webhooks.pages.push.test_composer import words


def test_growth_kinds_and_people_are_shown(ops: FlaskClient, world: World) -> None:
    stream.fill(world.database, people=60, now=world.hand.now)
    for step in ("day", "week", "month", "nonsense"):
        page = text(ops, f"/subscribers?by={step}")
        assert 'id="chart-growth"' in page and "Browsers gone" in page
    assert "Older" in page and "Chrome" in page
    assert text(ops, "/campaigns/figures/growth.csv?by=week").startswith("week,new,lost,net,browsers_gone")


def test_no_screen_shows_what_it_takes_to_send_to_somebody(ops: FlaskClient, world: World) -> None:
    person = world.person(devices=2)
    for path in ("/subscribers", f"/subscribers/{person}"):
        page = text(ops, path)
        assert f"{ORIGIN}/" not in page and f"d{person}-0" not in page


def test_the_consent_of_a_person_is_shown_with_its_words(ops: FlaskClient, world: World) -> None:
    past = stream.fill(world.database, people=3, now=world.hand.now)
    said = words(ops.get(f"/subscribers/{past.people[0]}"))
    assert "agreed news portal “ Yes, send me notifications ”" in said


def test_why_not_names_the_condition_and_the_gate(ops: FlaskClient, world: World, make: Callable[..., int]) -> None:
    person = world.person(devices=0, attributes={"plan": "shared"})
    number = make(audience=Audience((), (Rule("plan", ("vps",)),)))
    said = words(ops.get(f"/subscribers/{person}?campaign={number}"))
    assert "It is not for them." in said and "no: plan is vps" in said
    assert "no: Has a living browser no browser of theirs is alive" in said
    assert ops.get(f"/subscribers/{person}?campaign=77").status_code == 404


def test_why_tells_the_stored_reason_of_what_happened(ops: FlaskClient, world: World, make: Callable[..., int]) -> None:
    person = world.person()
    number = make("done")
    said = words(ops.get(f"/subscribers/{person}?campaign={number}"))
    assert "accepted accepted for 1 of 1 browser" in said
    late = world.person()
    assert "They were not chosen when it began." in words(ops.get(f"/subscribers/{late}?campaign={number}"))


def test_a_tester_is_marked_on_their_page(ops: FlaskClient, world: World) -> None:
    person = world.person()
    path = f"/subscribers/{person}"
    answer = post(ops, f"{path}/tester", page=path, tester="1")
    assert "Tests go to them from now on." in text(ops, answer.location)
    assert "No tests to them any more" in text(ops, path)
    post(ops, f"{path}/tester", page=path, tester="0")
    assert "Mark as tester" in text(ops, path)


def test_text_of_the_portal_is_never_html(ops: FlaskClient, world: World) -> None:
    person = world.person(person=HOSTILE[:100], desk="zendesk", attributes={HOSTILE: [HOSTILE]}, source=HOSTILE[:60])
    for path in ("/subscribers", f"/subscribers/{person}"):
        page = text(ops, path)
        assert "<script>alert" not in page and "<img src=x" not in page


def test_beside_a_ticket_its_client_and_the_reasons_can_be_read(
    ops: FlaskClient, agent: FlaskClient, world: World, shelf: Shelf, make: Callable[..., int]
) -> None:
    shelf.ticket("7", client="Acme Ltd")
    assert "Pushes to this client" not in text(agent, "/tickets/zendesk/7")
    person = world.person(desk="zendesk", client_id="acme ltd", person="9")
    make("done")
    for client in (agent, ops):
        said = words(client.get("/tickets/zendesk/7"))
        assert "Pushes to this client" in said and "accepted for 1 of 1 browser" in said
    assert f'href="/subscribers/{person}"' in text(ops, "/tickets/zendesk/7")
    assert f'href="/subscribers/{person}"' not in text(agent, "/tickets/zendesk/7")
    shelf.ticket("8", client="Other")
    assert "Pushes to this client" not in text(agent, "/tickets/zendesk/8")
