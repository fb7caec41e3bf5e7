"""What agents and clients see of a ticket inside the desk."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from deskside.store import tickets
from deskside.store.database import utc_now
from tests.webhooks.desk import DOWN, HOSTILE, VIP, Shelf
from tests.webhooks.embedding import Asking, agent


def words(html: str) -> str:
    return html.replace("\N{NO-BREAK SPACE}", " ")


def test_an_agent_sees_health_place_and_reasons(asking: Asking, shelf: Shelf) -> None:
    shelf.ticket("1", minute=0, contributions=[DOWN], health="down")
    shelf.ticket("2", minute=10, contributions=[VIP], agent_name="Bob")
    shelf.check("2")
    html = words(asking.ask("panel", "2", agent=agent())["html"])
    assert "web-3 is down" in html
    assert "no answer to 4 of 4 pings" in html
    assert '<b class="deskside-position">2</b> of 2 waiting' in html
    assert "the ticket has the tag vip" in html
    assert "#1 came 10 min before #2" in html
    assert '<a href="https://help.example/agent/tickets/1">Question 1</a>' in html
    assert "Cannot be overtaken after" in html
    assert "<bdi>Bob</bdi> is its agent" in html
    assert "/tickets/zendesk/2" in html


def test_an_unknown_ticket_and_one_that_does_not_wait_are_said_to_be_so(asking: Asking, shelf: Shelf) -> None:
    shelf.ticket("1", status="pending")
    assert "It does not wait: it is pending." in asking.ask("panel", "1", agent=agent())["html"]
    assert "does not know this ticket yet" in asking.ask("panel", "9", agent=agent())["html"]


def test_whoever_has_it_is_named(asking: Asking, shelf: Shelf, database: sa.Engine) -> None:
    shelf.ticket("1")
    asking.ask("lock.take", "1", agent=agent(2, "Bob"))
    with database.begin() as connection:
        claimed_until = utc_now() + timedelta(minutes=5)
        tickets.update(connection, "zendesk", "1", claimed_by="Cleo", claimed_until=claimed_until)
    seen = asking.ask("panel", "1", agent=agent())
    assert "<b><bdi>Bob</bdi></b> is writing a reply" in seen["html"]
    assert "<bdi>Cleo</bdi> has taken it from the queue" in seen["html"]
    assert "Take over from Bob" in seen["lock_html"]
    assert seen["lock"] == {
        "held": True,
        "mine": False,
        "holder": "Bob",
        "taken_from": "",
        "seconds": seen["lock"]["seconds"],
        "lease_seconds": 60,
    }


def test_the_queue_comes_in_order_with_the_desks_own_links(asking: Asking, shelf: Shelf) -> None:
    for number in range(1, 8):
        shelf.ticket(str(number), minute=number)
    shelf.ticket("8", minute=30, contributions=[DOWN], health="down", subject="All is lost")
    asking.ask("lock.take", "8", agent=agent(2, "Bob"))
    html = words(asking.ask("queue", agent=agent())["html"])
    assert [html.index(f"/agent/tickets/{number}") for number in (8, 1, 2, 3, 4)] == sorted(
        html.index(f"/agent/tickets/{number}") for number in (8, 1, 2, 3, 4)
    )
    assert "/agent/tickets/5" not in html
    assert "3 further" in html
    assert "+72 h" in html
    assert "Bob is writing a reply" in html


def test_an_empty_queue_says_so(asking: Asking) -> None:
    assert "Nobody waits" in asking.ask("queue", agent=agent())["html"]


def test_a_client_sees_the_own_place_and_no_other(asking: Asking, shelf: Shelf) -> None:
    shelf.ticket("1", minute=0, client="Zebra Ltd", subject="A secret of Zebra")
    shelf.ticket("2", minute=90, client="Acme Ltd", contributions=[VIP])
    own = words(asking.ask("place", "2", client={"id": "acme ltd"})["html"])
    assert "Number 2 in line" in own
    assert "1 request before yours" in own
    assert "Nobody can newly go ahead of you after" in own
    assert "The time is not yet known" in own
    for told in ("Zebra", "secret", "vip", "VIP", "Acme", "Support"):
        assert told not in own
    assert asking.ask("place", "2", client={"id": "zebra ltd"}) == {"html": ""}
    assert asking.ask("place", "99", client={"id": "zebra ltd"}) == {"html": ""}


def test_the_time_is_a_range_for_the_client_and_working_time_for_the_agent(asking: Asking, shelf: Shelf) -> None:
    shelf.pace(10)
    for number in range(1, 4):
        shelf.ticket(str(number), minute=number)
    own = words(asking.ask("place", "3", client={"id": "acme ltd"})["html"])
    assert "Number 3 in line" in own
    assert "We expect to answer by <b><time" in own
    assert "Half of the requests in such a place are answered by" in own
    panel = words(asking.ask("panel", "3", agent=agent())["html"])
    assert "Probably taken within" in panel


def test_a_client_whom_we_have_answered_is_told_so(asking: Asking, shelf: Shelf) -> None:
    shelf.ticket("1", status="pending")
    assert "does not stand in line now" in asking.ask("place", "1", client={"id": "acme ltd"})["html"]


@pytest.mark.parametrize(
    ("language", "word"),
    [("ru", "Состояние серверов"), ("ru-RU", "Состояние серверов"), ("en", "Health"), ("x", "Health")],
)
def test_the_words_come_in_the_readers_language(asking: Asking, shelf: Shelf, language: str, word: str) -> None:
    shelf.ticket("1")
    assert word in asking.ask("panel", "1", agent=agent(language=language))["html"]


def test_text_of_tickets_clients_and_agents_is_escaped_everywhere(asking: Asking, shelf: Shelf) -> None:
    storable = HOSTILE.replace("\0", "")
    shelf.ticket("1", subject=HOSTILE, client=storable, pool="Pool <b>", agent_name=HOSTILE, claimed_by=HOSTILE)
    shelf.check("1", headline=HOSTILE)
    asking.ask("lock.take", "1", agent=agent(2, storable))
    seen = [
        asking.ask("panel", "1", agent=agent()),
        asking.ask("queue", agent=agent()),
        asking.ask("place", "1", client={"id": storable.lower()}),
        asking.ask("lock.state", "1", agent=agent()),
    ]
    told = "".join(value for answer in seen for value in answer.values() if isinstance(value, str))
    assert "<script" not in told
    assert "<img" not in told
    assert "&lt;script&gt;" in told
    assert "\u202e" not in told
