"""Promises of the button "Next ticket" and of what follows it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from deskside.store import people, tickets
from deskside.store.database import Row, reading
from tests.webhooks.desk import HOSTILE, Shelf, post, text

PAGE = "/tickets/zendesk/7"
SignIn = Callable[..., FlaskClient]


def row(database: sa.Engine, ticket_id: str = "7") -> Row:
    with reading(database) as connection:
        found = tickets.get(connection, "zendesk", ticket_id)
    assert found is not None
    return found


def take(client: FlaskClient) -> str:
    """Press the button; where it leads."""
    answer = post(client, "/queue/next")
    assert answer.status_code == 303
    return answer.location


def test_the_button_opens_the_next_ticket_with_the_way_to_the_desk(agent: FlaskClient, shelf: Shelf) -> None:
    shelf.ticket("9", minute=5)
    shelf.ticket("7")
    assert 'action="/queue/next"' in text(agent, "/queue")
    assert take(agent) == PAGE
    html = text(agent, PAGE)
    assert "I have it until <time" in html
    assert 'href="https://help.example/agent/tickets/7"' in html
    assert "Next ticket" not in html, "who has one answers it, keeps it, or gives it back"


def test_it_is_held_for_as_long_as_the_configuration_says(
    agent: FlaskClient, shelf: Shelf, database: sa.Engine
) -> None:
    shelf.ticket("7")
    before = datetime.now(UTC)
    take(agent)
    held = row(database).claimed_until
    assert before + timedelta(minutes=15) <= held <= datetime.now(UTC) + timedelta(minutes=15)


def test_a_second_agent_gets_the_second_ticket_and_both_see_who_has_which(sign_in: SignIn, shelf: Shelf) -> None:
    shelf.ticket("7")
    shelf.ticket("9", minute=5)
    ann, bob = sign_in(name="ann"), sign_in(name="bob")
    assert (take(ann), take(bob), take(ann)) == (PAGE, "/tickets/zendesk/9", PAGE)
    html = text(bob, "/queue")
    assert re.findall(r'<span class="held">(\w+) has it until', html) == ["ann", "bob"]
    assert re.search(r'id="mine".*?#9', html, re.DOTALL)
    assert "ann has it until" in text(bob, PAGE)
    assert "I have it until" not in text(bob, PAGE)


def test_a_time_that_ran_out_is_not_shown(agent: FlaskClient, shelf: Shelf) -> None:
    over = datetime.now(UTC) - timedelta(seconds=1)
    shelf.ticket("7", claimed_by="ann", claimed_at=over, claimed_until=over)
    assert "has it until" not in text(agent, "/queue") + text(agent, PAGE)


def test_keeping_it_longer(agent: FlaskClient, shelf: Shelf, database: sa.Engine) -> None:
    shelf.ticket("7")
    take(agent)
    first = row(database).claimed_until
    assert post(agent, f"{PAGE}/renew").location == PAGE
    assert row(database).claimed_until > first


def test_giving_back(agent: FlaskClient, shelf: Shelf, database: sa.Engine) -> None:
    shelf.ticket("7")
    take(agent)
    post(agent, f"{PAGE}/give-back")
    assert row(database).claimed_by == ""
    assert "You gave the ticket back" in text(agent, "/queue")
    assert take(agent) == PAGE


def test_a_skip_is_shown_on_the_ticket_and_on_the_queue(sign_in: SignIn, shelf: Shelf) -> None:
    shelf.ticket("7")
    shelf.ticket("9", minute=5)
    ann, bob = sign_in(name="ann"), sign_in(name="bob")
    take(ann)
    post(ann, f"{PAGE}/skip", reason=HOSTILE)
    for page in ("/queue", PAGE):
        html = text(bob, page)
        assert "passed over" in html
        assert "at place 1" in html
        assert "&lt;script&gt;" in html
        assert "<script>alert" not in html
    assert (take(ann), take(bob)) == ("/tickets/zendesk/9", PAGE)


def test_a_skip_needs_a_reason(agent: FlaskClient, shelf: Shelf, database: sa.Engine) -> None:
    shelf.ticket("7")
    take(agent)
    assert post(agent, f"{PAGE}/skip", reason="  ").location == PAGE
    assert row(database).claimed_by == "agent"
    assert "Say why you pass it over" in text(agent, PAGE)


@pytest.mark.parametrize("act", ["renew", "give-back", "skip"])
def test_nobody_disposes_of_somebody_else_s_ticket(
    sign_in: SignIn, shelf: Shelf, database: sa.Engine, act: str
) -> None:
    shelf.ticket("7")
    take(sign_in(name="ann"))
    bob = sign_in(name="bob")
    post(bob, f"{PAGE}/{act}", reason="mine now")
    assert row(database).claimed_by == "ann"
    assert "is not yours any more" in text(bob, "/queue")


def test_nobody_waits_is_said(agent: FlaskClient, shelf: Shelf) -> None:
    assert take(agent) == "/queue"
    assert "Nobody waits for you now." in text(agent, "/queue")
    shelf.ticket("7")
    take(agent)
    post(agent, f"{PAGE}/skip", reason="no")
    take(agent)
    assert "Nobody waits for you but 1 ticket that you passed over." in text(agent, "/queue")


def test_an_agent_gets_tickets_of_their_own_pools(agent: FlaskClient, shelf: Shelf, database: sa.Engine) -> None:
    shelf.ticket("9")
    shelf.ticket("7", minute=30, pool="Billing")
    with database.begin() as connection:
        people.set_pools(connection, "agent", ["Billing"])
    assert take(agent) == PAGE


def test_a_poll_carries_no_form(agent: FlaskClient, shelf: Shelf) -> None:
    shelf.ticket("7")
    take(agent)
    for page in ("/queue", PAGE):
        assert "csrf_token" not in text(agent, f"{page}?fragment=1")
