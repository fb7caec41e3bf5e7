"""Promises of the page that moves a ticket forward."""

import pytest
from flask.testing import FlaskClient

from deskside.store.moves import Answer, Prospect
from tests.webhooks.desk import HOSTILE, Asked, Shelf, post, text

TICKET = "/tickets/zendesk/7"
PAGE = f"{TICKET}/move"


def test_only_ops_and_admins_move_tickets(agent: FlaskClient, shelf: Shelf, asked: Asked) -> None:
    shelf.ticket("7")
    assert "Move forward" not in text(agent, TICKET)
    assert agent.get(PAGE).status_code == 403
    assert post(agent, PAGE, kind="front", reason="paid").status_code == 403
    assert asked.moves == []


def test_the_place_is_shown_before_anybody_decides(ops: FlaskClient, shelf: Shelf) -> None:
    shelf.ticket("7")
    html = text(ops, PAGE)
    assert "Place 5 in Support now" in html
    assert html.count("from place 5 to 1") == 3


def test_what_was_shown_is_what_is_asked_for(ops: FlaskClient, shelf: Shelf, asked: Asked) -> None:
    shelf.ticket("7")
    answer = post(ops, PAGE, page=PAGE, kind="second", reason=" the  client paid ", **{"place-second": "2"})
    assert (answer.status_code, answer.location) == (303, TICKET)
    assert asked.moves == [
        {"ticket": "7", "kind": "second", "by": "ops", "reason": "the client paid", "expected": 2},
    ]
    assert "Moved from place 5 to place 1." in text(ops, TICKET)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(Prospect("front", 0, 5, 1), refused="client"), "one a day is the limit"),
        (Answer(Prospect("front", 0, 5, 1), refused="share"), "two in a hundred"),
        (Answer(Prospect("front", 0, 5, 3), refused="changed"), "The queue changed meanwhile."),
        (Answer(Prospect("front", 0, 5, 5)), "Its place would stay the same, so nothing was changed."),
    ],
)
def test_a_refusal_says_why(ops: FlaskClient, shelf: Shelf, asked: Asked, answer: Answer, said: str) -> None:
    shelf.ticket("7")
    asked.move_answer = answer
    found = post(ops, PAGE, kind="front", reason="paid")
    assert found.status_code == 409
    assert said in found.get_data(as_text=True)


def test_a_move_that_would_change_nothing_cannot_be_chosen(ops: FlaskClient, shelf: Shelf, asked: Asked) -> None:
    shelf.ticket("7")
    asked.move_answer = Answer(Prospect("front", 0, 5, 5))
    html = text(ops, PAGE)
    assert html.count("the place would stay 5") == 3
    assert html.count(" disabled") == 4


@pytest.mark.parametrize(
    "form", [{}, {"kind": "front"}, {"kind": "skip", "reason": "x"}, {"kind": "front", "reason": " "}]
)
def test_a_move_needs_a_kind_and_a_reason(ops: FlaskClient, shelf: Shelf, asked: Asked, form: dict[str, str]) -> None:
    shelf.ticket("7")
    answer = post(ops, PAGE, **form)
    assert answer.status_code == 422
    assert "Choose a move and say why" in answer.get_data(as_text=True)
    assert asked.moves == []


def test_a_ticket_that_does_not_wait_has_no_place_to_move(ops: FlaskClient, shelf: Shelf, asked: Asked) -> None:
    shelf.ticket("7", status="pending")
    asked.move_answer = None
    assert "It does not wait, so it has no place to move." in text(ops, PAGE)
    assert "Move forward" not in text(ops, TICKET)
    assert post(ops, PAGE, kind="front", reason="paid").status_code == 404
    assert ops.get("/tickets/zendesk/404/move").status_code == 404


def test_hostile_texts_are_shown_and_never_run(ops: FlaskClient, shelf: Shelf) -> None:
    shelf.ticket("7", subject=HOSTILE)
    answer = post(ops, PAGE, kind="none", reason=HOSTILE)
    assert "<script>alert" not in text(ops, PAGE) + answer.get_data(as_text=True)
