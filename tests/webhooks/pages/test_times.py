"""Promises of the times on the agents' pages, and of the page that says how good they were."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from deskside.store.accuracy import Score
from deskside.store.database import reading
from deskside.store.tables import estimate
from tests.webhooks.desk import HOSTILE, Shelf, text
from webhooks.pages.times import promises_of


def outcomes(shelf: Shelf, share: float, count: int = 100, pool: str = "Support", shown_in: str = "arrival") -> None:
    """So many times of the last ten days, of which this share came within what was called nine of ten."""
    now = datetime.now(UTC)
    with shelf.database.begin() as connection:
        for number in range(count):
            late = number >= share * count
            actual = 4000 if late else 500 if number % 2 else 900
            at = now - timedelta(days=number % 10, minutes=5)
            connection.execute(
                sa.insert(estimate).values(
                    desk="zendesk", ticket_id=str(number), number=1, pool=pool, shown_in=shown_in, position=1, base=900,
                    at=at - timedelta(seconds=actual), q50=600, q80=1200, q90=1800, actual=actual, scored_at=at,
                )
            )  # fmt: skip


def test_ops_see_what_was_promised_and_what_was_held(ops: FlaskClient, shelf: Shelf) -> None:
    outcomes(shelf, 0.9)
    outcomes(shelf, 0.5, count=40, shown_in="client")
    html = text(ops, "/queue/times")
    rows = re.findall(r'<tr><th scope="row">(\d+) %</th><td>(\d+) %</td><td><span[^>]*>([^<]+)<.*?>(\d+) %<', html)
    assert [(promised, held, verdict) for promised, held, verdict, _ in rows] == [
        ("50", "45", "held"),
        ("80", "90", "too careful"),
        ("90", "90", "held"),
    ]
    assert rows[2][3] == "50"
    assert "100 times compared" in html
    assert "Of the times called 80 % even 90 % held: we named longer times than needed." in html


def test_promises_that_did_not_hold_are_said_in_words(ops: FlaskClient, shelf: Shelf) -> None:
    outcomes(shelf, 0.6)
    html = text(ops, "/queue/times")
    assert "Of the times called 90 % only 60 % held: clients waited longer than we said." in html
    assert "too hopeful" in html


def test_each_pool_has_a_chart_that_can_be_read_out(ops: FlaskClient, shelf: Shelf) -> None:
    outcomes(shelf, 0.9)
    outcomes(shelf, 0.8, pool="Billing & <b>sales</b>")
    html = text(ops, "/queue/times")
    labels = re.findall(r'role="img" aria-label="What each day held, by promise: ([^"]+)"', html)
    assert len(labels) == 2
    assert all(len(label.split(";")) == 10 for label in labels)
    assert "<b>sales" not in html
    for points in re.findall(r'points="([^"]+)"', html):
        for point in points.split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= 560 and 0 <= y <= 160


def test_a_pool_without_enough_says_how_many_are_missing(ops: FlaskClient, shelf: Shelf) -> None:
    shelf.ticket("1")
    shelf.pace(named=False)
    html = text(ops, "/queue/times")
    assert "No time is named yet: 20 of 50 tickets were compared." in html
    assert "<svg viewBox" not in html


def test_an_empty_desk_has_nothing_to_compare(ops: FlaskClient) -> None:
    assert "Nothing to compare yet" in text(ops, "/queue/times")


def test_old_times_and_draws_are_not_on_it(ops: FlaskClient, shelf: Shelf) -> None:
    outcomes(shelf, 0.1, shown_in="sample")
    with shelf.database.begin() as connection:
        outcomes_before = connection.scalar(sa.select(sa.func.count()).select_from(estimate))
        connection.execute(sa.update(estimate).values(scored_at=datetime.now(UTC) - timedelta(days=15)))
    assert outcomes_before == 100
    assert "Nothing to compare yet" in text(ops, "/queue/times")


def test_it_is_for_ops(agent: FlaskClient, anonymous: FlaskClient) -> None:
    assert agent.get("/queue/times").status_code == 403
    assert anonymous.get("/queue/times").status_code == 303
    assert "/queue/times" not in text(agent, "/queue")


def test_the_queue_leads_there_and_the_words_are_russian_too(ops: FlaskClient, sign_in, shelf: Shelf) -> None:  # type: ignore[no-untyped-def]
    assert 'href="/queue/times"' in text(ops, "/queue")
    outcomes(shelf, 0.9)
    html = text(sign_in("admin", "ru"), "/queue/times")
    assert "Насколько верны были сроки" in html
    assert "сравнено 100 сроков" in html


@pytest.mark.parametrize(
    ("number", "share", "verdict"),
    [(1000, 0.9, "held"), (1000, 0.86, "held"), (1000, 0.84, "hopeful"), (1000, 0.96, "careful"), (20, 0.8, "held")],
)
def test_a_promise_is_judged_beyond_what_chance_explains(number: int, share: float, verdict: str) -> None:
    score = Score(number, (0.5, 0.8, share), (1, 1, 1), (1, 1, 1))
    assert promises_of(score)[2].verdict == verdict


def test_agents_see_the_expected_time_in_the_queue_and_on_the_ticket(agent: FlaskClient, shelf: Shelf) -> None:
    shelf.pace(10)
    shelf.ticket("1", subject=HOSTILE)
    shelf.ticket("2", minute=5)
    html = text(agent, "/queue")
    assert "Probably taken within 5 min to 20 min of working time." in html
    assert "Probably taken within 10 min to 40 min of working time." in html
    assert "Probably taken within 10 min to 40 min of working time." in text(agent, "/tickets/zendesk/2")


def test_the_ticket_s_page_leads_to_what_the_client_sees(agent: FlaskClient, shelf: Shelf) -> None:
    shelf.ticket("1")
    link = re.search(r'href="http://127.0.0.1:8642(/place/[^"]+)"', text(agent, "/tickets/zendesk/1"))
    assert link is not None
    assert agent.get(link[1]).status_code == 200
    shelf.take("1")
    assert "/place/" not in text(agent, "/tickets/zendesk/1")


def test_a_look_at_the_list_keeps_nothing_and_one_at_the_ticket_one_row(agent: FlaskClient, shelf: Shelf) -> None:
    shelf.pace()
    shelf.ticket("1")
    for _ in range(3):
        text(agent, "/queue")
        text(agent, "/tickets/zendesk/1?fragment=1")
    with reading(shelf.database) as connection:
        assert list(connection.scalars(sa.select(estimate.c.shown_in))) == ["page"]


def test_without_a_measured_pace_pages_say_nothing_of_time(agent: FlaskClient, shelf: Shelf) -> None:
    shelf.ticket("1")
    assert "Probably taken" not in text(agent, "/queue")
    assert "Probably taken" not in text(agent, "/tickets/zendesk/1")
