"""A better place is bought from inside the desk: shown with its price beforehand, asked for once."""

import json
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from deskside.model.boost import BoostState, Offer, Offers, Wish
from deskside.store import boosts, tickets
from deskside.store.database import utc_now
from tests.webhooks.desk import Asked, Shelf
from tests.webhooks.embedding import Asking, agent

OFFERS = Offers((Offer("front", Decimal("9.00"), "EUR", 5, 1), Offer("second", Decimal("5.00"), "EUR", 5, 2)))
CLIENT = {"id": "acme ltd"}


@pytest.fixture
def selling(shelf: Shelf, asked: Asked) -> Shelf:
    shelf.ticket("1", subject="Help <b>me</b>")
    asked.boost_offers = OFFERS
    return shelf


def bought(database: sa.Engine, state: BoostState, **values: Any) -> None:
    with database.begin() as connection:
        row = tickets.get(connection, "zendesk", "1")
        assert row is not None
        marker = boosts.ask(connection, row, OFFERS.offers[0], by="Acme Ltd", at=utc_now())
        boosts.change(connection, marker, state, **values)


def words(html: str) -> str:
    return html.replace("\N{NO-BREAK SPACE}", " ")


def test_price_and_place_are_shown_to_client_and_agent(asking: Asking, selling: Shelf) -> None:
    shown = [asking.ask("place", "1", client=CLIENT)["html"], asking.ask("panel", "1", agent=agent())["html"]]
    for html in map(words, shown):
        assert 'data-deskside-do="boost" value="front 1">To the front, place 1 instead of 5, for €9.00<' in html
        assert 'value="second 2">Behind the first, place 2 instead of 5, for €5.00<' in html
        assert "the money comes back as credit" in html


def test_where_nothing_is_sold_nothing_is_said(asking: Asking, shelf: Shelf) -> None:
    shelf.ticket("1")
    assert "deskside-offers" not in asking.ask("place", "1", client=CLIENT)["html"]


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        ("client", "No better place can be bought now: a request of this client was moved today already."),
        ("share", "No better place can be bought now: enough requests were moved lately."),
        ("bought", ""),
    ],
)
def test_why_nothing_can_be_bought_is_said(
    asking: Asking, selling: Shelf, asked: Asked, refused: str, said: str
) -> None:
    asked.boost_offers = Offers(OFFERS.offers, refused)
    html = asking.ask("place", "1", client=CLIENT)["html"]
    assert "data-deskside-do" not in html
    assert said in html
    assert ("can be bought" in html) == bool(said)


def test_a_client_asks_in_the_own_language_for_what_was_shown(asking: Asking, selling: Shelf, asked: Asked) -> None:
    answer = asking.ask("boost.ask", "1", client={**CLIENT, "language": "ru"}, kind="front", place=1)
    assert answer["made"]
    (wanted,) = asked.boosts
    assert (wanted["kind"], wanted["expected"], wanted["by"]) == ("front", 1, "Acme Ltd")
    assert wanted["line"] == "В начало очереди: Help <b>me</b>"


def test_an_agent_asks_for_the_client_in_the_language_of_the_house(
    asking: Asking, selling: Shelf, asked: Asked
) -> None:
    answer = asking.ask("boost.ask", "1", agent=agent(name="Bob", language="ru"), kind="second", place=2)
    assert answer["made"]
    assert "lock" in answer
    (wanted,) = asked.boosts
    assert (wanted["by"], wanted["line"]) == ("Bob", "Behind the first of the queue: Help <b>me</b>")


def test_a_refusal_is_said(asking: Asking, selling: Shelf, asked: Asked) -> None:
    asked.boost_answer = Wish(made=False, refused="changed")
    answer = asking.ask("boost.ask", "1", client=CLIENT, kind="front", place=1)
    assert not answer["made"]
    assert "The queue changed meanwhile" in answer["html"]


def test_nobody_buys_for_a_ticket_of_somebody_else(asking: Asking, selling: Shelf, asked: Asked) -> None:
    assert asking.ask("boost.ask", "1", client={"id": "zebra ltd"}, kind="front", place=1) == {
        "html": "",
        "made": False,
    }
    assert asking.ask("boost.ask", "99", client=CLIENT, kind="front", place=1)["made"] is False
    assert asked.boosts == []


def test_a_request_that_somebody_recorded_buys_nothing(asking: Asking, selling: Shelf, asked: Asked) -> None:
    body = json.dumps({"type": "boost.ask", "ticket": "1", "client": CLIENT, "kind": "front", "place": 1}).encode()
    headers = asking.signed(body)
    assert asking.post(body, headers).status_code == 200
    assert asking.post(body, headers).status_code == 409
    assert len(asked.boosts) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"client": CLIENT, "kind": "complaint", "place": 1},
        {"client": CLIENT, "kind": "front"},
        {"client": CLIENT, "kind": "front", "place": 0},
        {"kind": "front", "place": 1},
        {"client": CLIENT, "agent": agent(), "kind": "front", "place": 1},
    ],
)
def test_half_a_wish_is_none(asking: Asking, selling: Shelf, asked: Asked, wrong: dict[str, Any]) -> None:
    answer = asking.post(json.dumps({"type": "boost.ask", "ticket": "1", **wrong}).encode())
    assert answer.status_code == 400
    assert asked.boosts == []


@pytest.mark.parametrize(
    ("state", "values", "said"),
    [
        (BoostState.ASKED, {}, "The invoice is being written"),
        (BoostState.INVOICED, {"invoice_id": "31"}, "An invoice of €9.00 waits for payment"),
        (BoostState.GRANTED, {"place_given": 2}, "Paid: the request was moved to place 2."),
        (BoostState.RETURNING, {"why": "same", "returned": "9.00"}, "€9.00 is on its way back as credit"),
        (BoostState.RETURNED, {"why": "left", "returned": "9.00"}, "it did not wait any more. €9.00 is back"),
        (BoostState.REVOKED, {"why": "refunded"}, "The payment went back"),
        (BoostState.REFUSED, {}, "nothing is owed"),
    ],
)
def test_what_became_of_it_is_told_to_both(
    asking: Asking, selling: Shelf, database: sa.Engine, state: BoostState, values: dict[str, Any], said: str
) -> None:
    bought(database, state, **values)
    assert said in words(asking.ask("place", "1", client=CLIENT)["html"])
    assert said in words(asking.ask("panel", "1", agent=agent())["html"])


def test_who_has_an_open_invoice_is_offered_no_second_one(asking: Asking, selling: Shelf, database: sa.Engine) -> None:
    bought(database, BoostState.INVOICED, invoice_id="31")
    assert "data-deskside-do" not in asking.ask("place", "1", client=CLIENT)["html"]
