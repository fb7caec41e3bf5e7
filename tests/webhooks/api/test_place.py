"""Promises of the place and the time that a program is told."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from flask.testing import FlaskClient

from deskside.store.database import reading
from deskside.store.tables import estimate
from tests.webhooks.desk import Shelf

Program = Callable[..., FlaskClient]
PLACE = "/api/v1/tickets/zendesk/7/place"


def shown(shelf: Shelf) -> list[str]:
    with reading(shelf.database) as connection:
        return list(connection.scalars(sa.select(estimate.c.shown_in).order_by(estimate.c.id)))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_position_range_and_worst_case_are_told(program: Program, shelf: Shelf) -> None:
    shelf.pace(10)
    shelf.ticket("6")
    shelf.ticket("7", minute=20)
    found = program().get(PLACE).get_json()
    assert (found["pool"], found["position"]) == ("Support", 2)
    assert found["working_minutes"] == {"q50": 10, "q80": 20, "q90": 40}
    taken = {level: moment(at) for level, at in found["taken_by"].items()}
    assert moment(found["at"]) < taken["q50"] < taken["q80"] < taken["q90"] <= moment(found["worst_at"])
    assert timedelta(minutes=10) <= taken["q50"] - moment(found["at"]) <= timedelta(minutes=11)
    assert moment(found["safe_at"]) == shelf.start.replace(microsecond=0) + timedelta(minutes=500)
    assert (found["compared"], found["needed"]) == (60, 50)


def test_before_there_is_history_the_place_is_told_and_no_time(program: Program, shelf: Shelf) -> None:
    shelf.pace(named=False)
    shelf.ticket("7")
    found = program().get(PLACE).get_json()
    assert (found["taken_by"], found["working_minutes"], found["worst_at"]) == (None, None, None)
    assert (found["position"], found["compared"]) == (1, 20)
    assert found["text"]["en"].startswith("Your request is next in line. We cannot yet say when it will be answered.")
    assert shown(shelf) == []


def test_the_text_is_ready_to_be_sent_in_both_languages(program: Program, shelf: Shelf) -> None:
    shelf.pace(10)
    for number in range(1, 8):
        shelf.ticket(str(number), minute=number)
    found = program().get(PLACE + "?use=reply", headers={"Accept-Language": "de"}).get_json()
    english, russian = found["text"]["en"], found["text"]["ru"]
    assert "Your request is number 7 in line." in english
    assert "Half of the requests in such a place are answered by" in english and "nine of ten by" in english
    assert "(UTC)" in english
    assert "Ваше обращение в очереди под номером 7." in russian
    assert "девять из десяти" in russian
    assert english.endswith(found["link"]) and russian.endswith(found["link"])
    assert shown(shelf) == ["reply"]


def test_the_link_opens_the_client_s_page(program: Program, anonymous: FlaskClient, shelf: Shelf) -> None:
    shelf.ticket("7")
    link = program().get(PLACE).get_json()["link"]
    assert link.startswith("http://127.0.0.1:8642/place/")
    assert anonymous.get(link.removeprefix("http://127.0.0.1:8642")).status_code == 200


def test_asking_again_within_a_minute_gives_and_keeps_the_same(program: Program, shelf: Shelf) -> None:
    shelf.pace()
    shelf.ticket("7")
    client = program()
    first, second = client.get(PLACE).get_json(), client.get(PLACE).get_json()
    assert first == second
    assert shown(shelf) == ["api"]


def test_a_ticket_that_does_not_wait_has_no_place(program: Program, shelf: Shelf) -> None:
    shelf.ticket("7", status="solved")
    answer = program().get(PLACE)
    assert answer.status_code == 404
    assert answer.get_json(force=True)["detail"] == "ticket 7 does not wait"


def test_times_by_the_clock_respect_the_working_time(program: Program, shelf: Shelf) -> None:
    shelf.pace(10)
    shelf.ticket("7")
    found = program().get(PLACE).get_json()
    assert moment(found["taken_by"]["q90"]).tzinfo is not None
    assert moment(found["taken_by"]["q90"]).astimezone(UTC).second == 0
