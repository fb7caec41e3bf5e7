"""A time begins with a ticket's arrival and is scored when it leaves, once, whatever happens in between."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from deskside.model.ticket import Status
from deskside.order.estimate import Calibration
from deskside.order.pace import Pace
from deskside.order.pools import PoolRule
from deskside.store import estimates, paces, tickets
from deskside.store.database import Row, reading, utc_now
from deskside.store.tables import estimate
from jobs.follow import follow
from jobs.paces import DRAW_SECONDS, MEASURE_SECONDS
from tests.jobs.desk import DESK, Bench, jobs_in, make_bench

HOUR = timedelta(hours=1)
OFFICE = {
    f"DESKSIDE_QUEUE__CALENDAR__{day}": "00:00-24:00" for day in ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
}


def kept(bench: Bench, ticket_id: str = "1") -> list[Row]:
    with reading(bench.database) as connection:
        query = sa.select(estimate).where(estimate.c.ticket_id == ticket_id).order_by(estimate.c.id)
        return list(connection.execute(query))


def measured(arrival: Calibration | None = None) -> str:
    """What a measurement may have found: Support takes one in 100 seconds."""
    return paces.as_text({"Support": paces.Known(Pace(0.01, 0.0, (), 20), arrival, None, 60)})


def put_now(bench: Bench, ticket_id: str = "1", **values: Any) -> Row:
    """A ticket that has just come, looked at."""
    now = utc_now()
    bench.put(ticket_id, **{"created_at": now, "updated_at": now, **values})
    return bench.look(ticket_id)


def answer(bench: Bench, ticket_id: str = "1", status: Status = Status.PENDING, after: timedelta = HOUR) -> datetime:
    at = utc_now() + after
    bench.put(ticket_id, status=status, updated_at=at)
    bench.look(ticket_id)
    return at


def test_an_arrival_is_kept_and_looking_again_keeps_nothing_more(bench: Bench) -> None:
    row = put_now(bench)
    bench.look()
    (found,) = kept(bench)
    assert (found.shown_in, found.number, found.position, found.pool) == ("arrival", 1, 1, "Support")
    assert row.arrived_at <= found.at


def test_a_ticket_that_never_waited_has_no_time(bench: Bench) -> None:
    put_now(bench, status=Status.SOLVED)
    assert kept(bench) == []


@pytest.mark.parametrize("status", [Status.PENDING, Status.HOLD, Status.SOLVED])
def test_an_answer_scores_it(bench: Bench, status: Status) -> None:
    put_now(bench)
    at = answer(bench, status=status)
    (found,) = kept(bench)
    assert found.scored_at == at
    assert found.actual == int(at.timestamp()) - int(found.at.timestamp())


def test_a_ticket_read_twice_after_its_answer_is_scored_once(bench: Bench) -> None:
    put_now(bench)
    answer(bench)
    first = kept(bench)
    bench.put(updated_at=utc_now() + 3 * HOUR)
    bench.look()
    bench.put(status=Status.SOLVED, updated_at=utc_now() + 4 * HOUR)
    bench.look()
    assert kept(bench) == first


@pytest.mark.parametrize("way", ["gone", "merged"])
def test_who_leaves_without_an_answer_is_closed_and_not_scored(bench: Bench, way: str) -> None:
    put_now(bench)
    if way == "gone":
        del bench.desk.tickets["1"]
        bench.look()
    else:
        answer(bench, status=Status.CLOSED)
    (found,) = kept(bench)
    assert found.actual is None and found.scored_at is not None


def test_what_happens_while_it_waits_scores_nothing(bench: Bench) -> None:
    """A late boost, another pool, a dead server, a new subject."""
    put_now(bench, created_at=utc_now() - HOUR)
    bench.put(tags=frozenset({"vip"}))
    bench.look()
    bench.put(pool="Second line", subject="Other", updated_at=utc_now())
    row = bench.look()
    with bench.database.begin() as connection:
        tickets.update(connection, DESK, "1", key=row.key - 4320 * 60, emergency=True)
    bench.look()
    (found,) = kept(bench)
    assert (found.actual, found.scored_at, found.pool) == (None, None, "Support")


def test_each_coming_back_is_a_wait_of_its_own(bench: Bench) -> None:
    put_now(bench)
    answer(bench, after=HOUR)
    bench.put(status=Status.OPEN, updated_at=utc_now() + 2 * HOUR)
    bench.look()
    answer(bench, after=3 * HOUR)
    assert [(row.number, row.scored_at is not None) for row in kept(bench)] == [(1, True), (2, True)]


def test_times_of_another_clock_are_forgotten(bench: Bench) -> None:
    follow(bench.context)
    put_now(bench)
    put_now(bench, "2")
    rules = (PoolRule("office", groups=frozenset({"support"}), calendar="office"),)
    clocks: Mapping[str, Any] = {
        **bench.context.calendars,
        "office": make_bench(bench.database, OFFICE).context.calendar(""),
    }
    moved = Bench(replace(bench.context, pool_rules=rules, calendars=clocks), bench.desk, bench.examiner)
    moved.look("1")
    assert kept(moved, "1") == []
    assert len(kept(moved, "2")) == 1
    follow(make_bench(bench.database, OFFICE).context)
    assert kept(moved, "2") == []


def test_measuring_makes_what_pages_read(bench: Bench) -> None:
    for number in range(12):
        put_now(bench, str(number), created_at=utc_now() - 2 * HOUR)
        answer(bench, str(number), after=timedelta(minutes=-number - 1))
    put_now(bench, "waits", created_at=utc_now() - HOUR)
    with reading(bench.database) as connection:
        assert paces.known(connection, "Support") == paces.Known()
    bench.run("queue.measure")
    with reading(bench.database) as connection:
        found = paces.known(connection, "Support")
    assert found.pace is not None
    assert found.arrival is None


def test_the_draw_keeps_one_waiting_ticket_of_each_pool_that_has_a_pace(bench: Bench) -> None:
    put_now(bench, "1", created_at=utc_now() - HOUR)
    bench.run("queue.draw")
    assert [row.shown_in for row in kept(bench)] == ["arrival"]
    with bench.database.begin() as connection:
        paces.put(connection, measured())
    bench.run("queue.draw")
    assert [(row.shown_in, row.base) for row in kept(bench)] == [("arrival", 0), ("sample", 100)]


def test_nobody_is_drawn_while_the_desk_is_closed(database: sa.Engine) -> None:
    closed = make_bench(database, {"DESKSIDE_QUEUE__CALENDAR__HOLIDAYS": _around_now(), **OFFICE})
    put_now(closed, created_at=utc_now() - HOUR)
    with database.begin() as connection:
        paces.put(connection, measured())
    closed.run("queue.draw")
    assert [row.shown_in for row in kept(closed)] == ["arrival"]


def _around_now() -> str:
    return ",".join((utc_now() + timedelta(days=day)).date().isoformat() for day in (-1, 0, 1))


def test_old_times_are_purged(bench: Bench) -> None:
    put_now(bench, "1")
    answer(bench, "1")
    put_now(bench, "2")
    with bench.database.begin() as connection:
        connection.execute(sa.update(estimate).values(at=utc_now() - timedelta(days=40)))
        connection.execute(
            sa.update(estimate)
            .where(estimate.c.scored_at.is_not(None))
            .values(scored_at=utc_now() - timedelta(days=40))
        )
    bench.run("house.purge")
    assert kept(bench, "1") == []
    assert len(kept(bench, "2")) == 1, "it still waits"


def test_the_clock_measures_and_draws(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from jobs import clock as clocks
    from jobs.runtime import _clock

    clock = _clock(bench.context)
    later = utc_now() + timedelta(seconds=max(MEASURE_SECONDS, DRAW_SECONDS))
    monkeypatch.setattr(clocks, "utc_now", lambda: later)
    clock._scheduler.start(paused=True)
    try:
        clock.catch_up("paces")
        clock.catch_up("draw")
    finally:
        clock._scheduler.shutdown()
    assert {"queue.measure", "queue.draw"} <= {name for name, _ in jobs_in(bench.database)}


def test_shown_to_a_client_and_answered_it_is_scored_in_the_same_transaction(bench: Bench) -> None:
    row = put_now(bench)
    with bench.database.begin() as connection:
        paces.put(connection, measured(arrival=Calibration(((1, 2, 3),) * 4, 60)))
    clock = bench.context.calendar("")
    estimates.show(bench.database, row, clock, bench.context.caps, utc_now(), estimates.CLIENT)
    answer(bench)
    assert [(found.shown_in, found.actual is not None) for found in kept(bench)] == [
        ("arrival", True),
        ("client", True),
    ]
