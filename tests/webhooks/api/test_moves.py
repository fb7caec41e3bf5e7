"""Promises of the API that moves tickets."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from deskside.store.moves import Answer, Prospect
from tests.webhooks.desk import Asked

Program = Callable[..., FlaskClient]
MOVE = "/api/v1/tickets/zendesk/7/move"
BODY = {"agent": "ann", "kind": "front", "reason": "paid"}
BETTER = {"kind": "front", "position_before": 5, "position_after": 1, "changed": True, "refused": ""}


def test_a_dry_run_says_the_place_and_moves_nothing(program: Program, asked: Asked) -> None:
    answer = program().post(MOVE, json={**BODY, "dry_run": True})
    assert answer.get_json() == {**BETTER, "made": False}
    assert asked.moves == []


def test_a_move_says_both_places(program: Program, asked: Asked) -> None:
    answer = program().post(MOVE, json={**BODY, "expected": 1})
    assert answer.get_json() == {**BETTER, "made": True}
    assert asked.moves == [{"ticket": "7", "kind": "front", "by": "ann", "reason": "paid", "expected": 1}]


def test_a_place_that_would_stay_the_same_is_said(program: Program, asked: Asked) -> None:
    asked.move_answer = Answer(Prospect("front", 0, 1, 1), refused="share")
    answer = program().post(MOVE, json=BODY)
    assert answer.status_code == 200
    assert (answer.get_json()["changed"], answer.get_json()["made"]) == (False, False)


@pytest.mark.parametrize(
    ("refused", "said"),
    [("client", "of this client was moved today"), ("share", "eight working hours"), ("changed", "was expected")],
)
def test_a_refusal_says_why(program: Program, asked: Asked, refused: str, said: str) -> None:
    asked.move_answer = Answer(Prospect("front", 0, 5, 1), refused=refused)
    client = program()
    answer = client.post(MOVE, json=BODY)
    assert answer.status_code == 409
    assert said in answer.get_json()["detail"]
    assert client.post(MOVE, json={**BODY, "dry_run": True}).get_json()["refused"] == refused


@pytest.mark.parametrize("wrong", [{"kind": "skip"}, {"reason": ""}, {"expected": 0}, {"dry_run": "perhaps"}])
def test_what_is_wrong_with_a_move_is_named(program: Program, asked: Asked, wrong: dict[str, object]) -> None:
    answer = program().post(MOVE, json={**BODY, **wrong})
    assert answer.status_code == 422
    assert set(wrong) == set(answer.get_json()["errors"]["json"])
    assert asked.moves == []


def test_a_ticket_that_does_not_wait_is_not_found(program: Program, asked: Asked) -> None:
    asked.move_answer = None
    assert program().post(MOVE, json=BODY).status_code == 404
