"""First replies are counted by the day they were given, in working time, against what was promised."""

import itertools
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from deskside.order.calendar import WorkingTime
from deskside.store import sla
from deskside.store.sla import Figures, Question
from deskside.store.tables import turn

UTC_ZONE = ZoneInfo("UTC")
ALWAYS = {"": WorkingTime()}
DAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
_numbers = itertools.count(1)


def reply(connection: sa.Connection, at: datetime = NOON, minutes: float = 10, **values: Any) -> None:
    """A first reply, after so many minutes."""
    defaults = {
        "desk": "zendesk",
        "ticket_id": str(next(_numbers)),
        "number": 1,
        "pool": "Support",
        "client_id": "1",
        "band": "normal",
        "contributions": [],
        "arrived_at": at - timedelta(minutes=minutes),
        "arrived": 0,
        "key": 0,
        "head_start": 0,
        "served_at": at,
        "waited": 0,
        "overtaken": 0,
        "position": 0,
        "replied_at": at,
    }
    connection.execute(sa.insert(turn).values(**{**defaults, **values}))


def ask(connection: sa.Connection, *, step: str = "day", zone: ZoneInfo = UTC_ZONE, **more: Any) -> sla.Report:
    calendars = more.pop("calendars", ALWAYS)
    return sla.report(connection, Question(step, more.pop("end", DAY), **more), zone, calendars)


def test_a_desk_without_replies_has_no_figures_and_all_its_days(database: sa.Engine) -> None:
    with database.connect() as connection:
        found = ask(connection)
    assert found.whole == Figures()
    assert found.whole.share is None
    assert [period.start for period in found.periods] == [DAY - timedelta(days=n) for n in range(29, -1, -1)]
    assert found.groups == ()


def test_median_p90_and_the_share_of_kept_promises(database: sa.Engine) -> None:
    with database.begin() as connection:
        for minutes in range(1, 11):
            due = NOON + timedelta(seconds=1 if minutes <= 6 else -1)
            reply(connection, minutes=minutes, due_at=due if minutes > 2 else None)
        found = ask(connection).periods[-1].figures
    assert found == Figures(replies=10, promised=8, met=4, median=5 * 60, p90=9 * 60)
    assert found.share == 0.5


def test_a_reply_at_the_very_moment_that_was_promised_is_in_time(database: sa.Engine) -> None:
    with database.begin() as connection:
        reply(connection, due_at=NOON)
        assert ask(connection).whole.met == 1


def test_only_first_replies_count(database: sa.Engine) -> None:
    with database.begin() as connection:
        reply(connection, number=2)
        assert ask(connection).whole.replies == 0


def test_a_reply_counts_on_the_day_of_the_queue_s_time_zone(database: sa.Engine) -> None:
    with database.begin() as connection:
        reply(connection, at=datetime(2026, 11, 19, 23, 30, tzinfo=UTC))
        for zone, day in ((UTC_ZONE, date(2026, 11, 19)), (ZoneInfo("Europe/Berlin"), DAY)):
            counted = [period.start for period in ask(connection, zone=zone).periods if period.figures.replies]
            assert counted == [day]


def test_the_first_and_the_last_moment_of_the_time_belong_to_it(database: sa.Engine) -> None:
    first = datetime(2026, 10, 22, tzinfo=UTC)
    with database.begin() as connection:
        for at in (
            first - timedelta(microseconds=1),
            first,
            NOON.replace(hour=23, minute=59),
            NOON + timedelta(days=1),
        ):
            reply(connection, at=at)
        found = ask(connection)
    assert (found.whole.replies, found.periods[0].figures.replies, found.periods[-1].figures.replies) == (2, 1, 1)


@pytest.mark.parametrize(("step", "first", "many"), [("month", date(2025, 12, 1), 12), ("year", date(2022, 1, 1), 5)])
def test_months_and_years_are_whole(database: sa.Engine, step: str, first: date, many: int) -> None:
    with database.begin() as connection:
        reply(connection, at=datetime(2026, 11, 1, tzinfo=UTC))
        reply(connection, at=datetime(2025, 12, 31, 23, tzinfo=UTC))
        found = ask(connection, step=step)
    assert (found.periods[0].start, len(found.periods)) == (first, many)
    assert found.whole.replies == 2
    assert found.periods[-1].figures.replies == 1


@given(st.sampled_from(list(sla.PERIODS)), st.dates(date(2001, 1, 1), date(2100, 1, 1)))
def test_periods_follow_each_other_and_hold_their_last_day(step: str, end: date) -> None:
    question = Question(step, end)
    starts = [*question.starts, question.after]
    assert starts == sorted(set(starts))
    assert starts[-2] <= end < starts[-1]
    assert all(Question(step, start).after == following for start, following in itertools.pairwise(starts))


def test_time_is_the_working_time_of_the_ticket_s_calendar(database: sa.Engine) -> None:
    office = WorkingTime(UTC_ZONE, {day: (time(9), time(18)) for day in range(5)})
    monday = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    with database.begin() as connection:
        reply(connection, at=monday, arrived_at=datetime(2026, 11, 20, 17, 0, tzinfo=UTC), calendar="office")
        found = ask(connection, end=monday.date(), calendars={**ALWAYS, "office": office})
    assert found.whole.median == 90 * 60


def test_pools_and_bands_are_told_apart(database: sa.Engine) -> None:
    with database.begin() as connection:
        reply(connection, minutes=1, band="emergency")
        reply(connection, minutes=2)
        reply(connection, minutes=3, pool="Billing")
        found = ask(connection)
        assert [(group.pool, group.band, group.figures.median) for group in found.groups] == [
            ("Billing", "normal", 180),
            ("Support", "emergency", 60),
            ("Support", "normal", 120),
        ]
        assert ask(connection, pool="Billing").whole.median == 180
        assert ask(connection, band="emergency").whole.median == 60
        assert ask(connection, pool="Billing", band="emergency").whole.replies == 0


def test_the_replies_of_a_time_are_found_by_an_index(database: sa.Engine) -> None:
    asked: list[Any] = []
    with database.connect() as connection:
        sa.event.listen(connection, "before_cursor_execute", lambda *call: asked.append(call[2:4]))
        if connection.dialect.name == "postgresql":
            # An empty table is read whole.
            connection.exec_driver_sql("SET enable_seqscan = off")
        ask(connection)
        statement, parameters = asked[-1]
        explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
        plan = " ".join(str(row[-1]) for row in connection.exec_driver_sql(f"{explain} {statement}", parameters))
    assert "ix_turn_replied" in plan
