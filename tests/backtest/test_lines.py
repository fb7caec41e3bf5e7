"""From a history to lines: working time, handling times and who was there."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from deskside.backtest.history import HistoryTicket
from deskside.backtest.lines import Desk, Source, make_desk
from deskside.backtest.replay import Session
from deskside.errors import Malformed
from deskside.order.calendar import WorkingTime

OFFICE = WorkingTime(ZoneInfo("UTC"), dict.fromkeys(range(5), (time(9), time(17))))
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


def ticket(number: int, arrived: float, taken: float | None, **values: Any) -> HistoryTicket:
    """A ticket of Monday, in minutes after nine."""
    at = None if taken is None else MONDAY + timedelta(minutes=taken)
    return HistoryTicket(str(number), MONDAY + timedelta(minutes=arrived), taken=at, **{"agent": "ann", **values})


def desk(*tickets: HistoryTicket, **options: Any) -> Desk:
    return make_desk(tickets, OFFICE, **options)


def test_waits_and_days_are_working_time() -> None:
    """Taken on Tuesday at 9:10 what came on Monday at 16:50: twenty working minutes."""
    made = desk(ticket(1, 470, 24 * 60 + 10, handling_minutes=5), ticket(2, 500, 24 * 60 + 15, handling_minutes=5))
    first, second = made.lines[0].jobs
    assert (first.waited, second.waited) == (20 * 60, 15 * 60)
    assert [day.date.isoformat() for day in made.days] == ["2026-03-02", "2026-03-03"]
    assert [day.end - day.start for day in made.days] == [8 * 3600, 8 * 3600]
    # Who came after closing belongs to the next day.
    assert (first.day, second.day) == (0, 1)


def test_a_weekend_is_no_day() -> None:
    made = desk(ticket(1, 0, 0, handling_minutes=5), ticket(2, 7 * 1440, 7 * 1440, handling_minutes=5))
    assert len(made.days) == 6


def test_the_handling_time_given_goes_before_the_time_to_the_end() -> None:
    end = MONDAY + timedelta(minutes=40)
    made = desk(ticket(1, 0, 10, handling_minutes=5, finished=end), ticket(2, 1, 20, finished=end))
    assert [job.handling for job in made.lines[0].jobs] == [300, 1200]
    assert made.sources == {Source.GIVEN: 1, Source.FINISHED: 1}


def test_until_the_next_ticket_counts_only_if_that_one_already_waited() -> None:
    made = desk(ticket(1, 0, 10), ticket(2, 5, 22), ticket(3, 50, 60))
    assert [job.handling for job in made.lines[0].jobs] == [720, 720, 720]
    assert made.sources == {Source.NEXT: 1, Source.MEDIAN: 2}


def test_where_only_the_reply_is_known_the_work_lies_before_it() -> None:
    at = [MONDAY + timedelta(minutes=minutes) for minutes in (20, 35)]
    tickets = [
        HistoryTicket(str(number), MONDAY, replied=replied, agent="ann", sla_minutes=30)
        for number, replied in enumerate(at)
    ]
    first, second = make_desk(tickets, OFFICE).lines[0].jobs
    assert second.handling == 15 * 60
    assert second.waited == 20 * 60
    # The promise was a reply: the wait has to end a handling time earlier.
    assert second.within == 15 * 60
    assert first.waited == 5 * 60


def test_agents_are_there_from_their_first_ticket_of_a_day_to_the_end_of_their_last() -> None:
    made = desk(
        ticket(1, 0, 10, handling_minutes=5),
        ticket(2, 0, 100, handling_minutes=5),
        ticket(3, 0, 30, handling_minutes=5, agent="bob"),
        ticket(4, 0, 1440 + 15, handling_minutes=5),
    )
    start = made.days[0].start
    found = [(day, session.start - start, session.end - start) for day, session in made.lines[0].sessions]
    assert found == [(0, 600, 6300), (1, 8 * 3600 + 900, 8 * 3600 + 1200), (0, 1800, 2100)]
    # The last day is open-ended, so that nobody is left.
    assert made.lines[0].presence()[1].end == float("inf")


def test_an_agent_of_two_pools_is_in_each_while_its_tickets_are_taken() -> None:
    made = desk(
        ticket(1, 0, 10, handling_minutes=5, pool="first"),
        ticket(2, 0, 20, handling_minutes=5, pool="second"),
        ticket(3, 0, 30, handling_minutes=5, pool="first"),
    )
    start = made.days[0].start
    minutes = {
        line.pool: [((s.start - start) / 60, (s.end - start) / 60) for _, s in line.sessions] for line in made.lines
    }
    assert minutes == {"first": [(10, 20), (30, 35)], "second": [(20, 30)]}


def test_agents_that_were_told_are_always_there() -> None:
    made = desk(ticket(1, 0, 10, handling_minutes=5, agent=""), agents={"": 3})
    assert made.lines[0].presence() == [Session(-float("inf"), float("inf"))] * 3
    assert made.lines[0].capacity(made.days) == 3 * 8 * 3600


def test_nothing_is_made_up_where_nothing_is_known() -> None:
    with pytest.raises(Malformed, match="nothing tells who worked in Support"):
        desk(ticket(1, 0, 10, handling_minutes=5, agent="", pool="Support"))
    with pytest.raises(Malformed, match="nothing tells how long a ticket keeps an agent"):
        desk(ticket(1, 0, 10, agent=""), agents={"": 2})
    with pytest.raises(Malformed, match="ever answered"):
        desk(ticket(1, 0, None))
    with pytest.raises(Malformed, match="never open"):
        make_desk([ticket(1, 0, 10, handling_minutes=5)], WorkingTime(ZoneInfo("UTC"), {6: (time(9), time(9, 0, 0))}))
