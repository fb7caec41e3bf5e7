"""A real desk's history that nobody here wrote: 4,580 tickets of an Italian software firm, 2010 to 2013.

It is answered so slowly, and so much by hand, that a queue does not explain it; the back-test has to say so.
"""

from datetime import time
from zoneinfo import ZoneInfo

import pytest

from deskside.backtest.audit import audit
from deskside.backtest.history import History
from deskside.backtest.lines import Desk, make_desk
from deskside.backtest.reading import read_csv
from deskside.backtest.study import Verdict, study
from deskside.backtest.weights import parse_weights
from deskside.backtest.wording import audit_words, cannot_know
from deskside.order.calendar import WorkingTime
from tests.shared import shared

OFFICE = WorkingTime(ZoneInfo("Europe/Rome"), dict.fromkeys(range(5), (time(8), time(19))))
COLUMNS = {
    "ticket": "case",
    "arrived": "created(assign_seriousness)",
    "taken": "take_in_charge",
    "finished": "resolved",
    "agent": "take_in_charge_by",
    "class": "wait_events",
}


@pytest.fixture(scope="module")
def history() -> History:
    return read_csv(shared("data/helpdesk_italian.csv.gz"), COLUMNS, OFFICE.zone)


@pytest.fixture(scope="module")
def desk(history: History) -> Desk:
    return make_desk(history.tickets, OFFICE)


def test_every_row_is_used_or_counted(history: History) -> None:
    assert history.rows == 4580
    assert len(history.tickets) + sum(item.count for item in history.unusable) == history.rows
    assert len(history.tickets) > 4000


def test_the_automatic_close_is_not_read_as_work(desk: Desk) -> None:
    """`closed` comes a month after `resolved`; it has to be a column like any other."""
    assert "closed" in desk.lines[0].jobs[0].ticket.values
    month = 30 * 86_400
    assert sum(job.handling > month for job in desk.lines[0].jobs) < len(desk.lines[0].jobs) / 100


def test_waits_are_never_negative_and_days_are_working_days(desk: Desk) -> None:
    assert all(job.waited >= 0 for line in desk.lines for job in line.jobs)
    assert {day.date.weekday() for day in desk.days} == set(range(5))


def test_the_audit_finds_no_queue_in_it(desk: Desk) -> None:
    found = audit(desk)
    assert found.head_first < 0.7
    assert any("pick by hand" in line for line in audit_words(found))


def test_the_back_test_does_not_claim_to_know_better(history: History, desk: Desk) -> None:
    found = study(desk, parse_weights({"class": {"0": 60}}), years=0)
    assert found.fit.verdict is not Verdict.REPRODUCED
    assert found.groups == ()
    assert any("picks by hand" in line for line in cannot_know(found, history))
