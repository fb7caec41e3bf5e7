"""Every time that is shown is kept, scored once when the ticket is taken, and learnt from; on both databases."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from deskside.order.calendar import WorkingTime
from deskside.order.estimate import LEAST_SCORED
from deskside.order.key import Caps
from deskside.store import accuracy, estimates, paces, tickets, turns
from deskside.store.database import Row, reading
from deskside.store.tables import cursor, estimate, ticket, turn
from tests.store.test_queue import add, get

CLOCK = WorkingTime()
CAPS = Caps()
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


_HISTORIES: dict[Any, dict[sa.Table, list[dict[str, Any]]]] = {}


def seconds(at: datetime) -> int:
    return int(at.timestamp())


def arrive(connection: sa.Connection, at: datetime = NOW, **values: Any) -> Row:
    """A ticket that begins to wait, and its estimate."""
    arrived = seconds(at)
    row = add(connection, arrived=arrived, key=arrived - values.get("head_start", 0), **values)
    estimates.arrived(connection, row, CLOCK, CAPS, at)
    return row


def take(connection: sa.Connection, row: Row, at: datetime) -> None:
    """The ticket is answered."""
    waited = seconds(at) - row.arrived
    turns.end(connection, row, served_at=at, waited=waited, agent_id="", replied_at=at)
    estimates.score(connection, row, CLOCK, at)
    tickets.update(connection, row.desk, row.ticket_id, waiting=False, turns=row.turns + 1)


def measure(connection: sa.Connection, at: datetime = NOW) -> None:
    paces.put(connection, paces.measure_all(connection, lambda _name: CLOCK, at))


def rows(connection: sa.Connection, row: Row | None = None) -> list[Row]:
    query = sa.select(estimate).order_by(estimate.c.id)
    return list(connection.execute(query if row is None else query.where(estimate.c.ticket_id == row.ticket_id)))


def history(connection: sa.Connection, count: int = LEAST_SCORED + 15, until: datetime = NOW, **values: Any) -> None:
    """So many tickets in a row, each taken ten minutes after it came, just before the next one comes.

    In an empty store the same is made once on each kind of database, and then copied.
    """
    empty = not connection.scalar(sa.select(sa.func.count()).select_from(ticket))
    same = (connection.dialect.name, count, until, repr(values))
    if empty and same in _HISTORIES:
        for table, made in _HISTORIES[same].items():
            connection.execute(sa.insert(table), made)
        return
    for number in range(count, 0, -1):
        at = until - 10 * MINUTE * number
        row = arrive(connection, at, **values)
        take(connection, row, at + 10 * MINUTE)
        # The first ones are needed to know a pace at all.
        if number == count - 14:
            measure(connection, at + 10 * MINUTE)
    measure(connection, until)
    if empty:
        _HISTORIES[same] = {table: _content(connection, table) for table in (ticket, turn, estimate, cursor)}


def _content(connection: sa.Connection, table: sa.Table) -> list[dict[str, Any]]:
    columns = [column for column in table.columns if column.name != "id"]
    return [dict(row._mapping) for row in connection.execute(sa.select(*columns).order_by(*table.primary_key))]


def test_without_history_the_place_is_known_and_the_time_is_not(database: sa.Engine) -> None:
    with database.begin() as connection:
        row = arrive(connection)
        made = estimates.expect(connection, row, CLOCK, CAPS, NOW)
    assert (made.position, made.base, made.quantiles, made.worst, made.scored) == (1, None, None, None, 0)


def test_every_ticket_has_a_row_from_its_arrival_even_when_nothing_is_known(database: sa.Engine) -> None:
    with database.begin() as connection:
        row = arrive(connection)
        (kept,) = rows(connection, row)
    assert (kept.shown_in, kept.number, kept.position, kept.base, kept.q90) == ("arrival", 1, 1, 0, None)
    assert (kept.actual, kept.scored_at) == (None, None)


def test_a_pool_that_takes_one_every_ten_minutes_says_ten_minutes_a_place(database: sa.Engine) -> None:
    with database.begin() as connection:
        history(connection)
        first, second = arrive(connection), arrive(connection)
        made = [estimates.expect(connection, row, CLOCK, CAPS, NOW) for row in (first, second)]
    assert [found.base for found in made] == [pytest.approx(600, rel=0.02), pytest.approx(1200, rel=0.02)]
    for found in made:
        assert found.quantiles is not None and found.worst is not None
        assert found.quantiles.q50 == pytest.approx(found.base, abs=60)
        assert found.quantiles.q90 <= found.worst
    assert made[0].scored == LEAST_SCORED + 15 - 15


def test_one_short_of_the_least_number_no_time_is_named(database: sa.Engine) -> None:
    with database.begin() as connection:
        history(connection, LEAST_SCORED + 14)
        made = estimates.expect(connection, arrive(connection), CLOCK, CAPS, NOW)
    assert made.base is not None
    assert made.scored == LEAST_SCORED - 1
    assert made.quantiles is None


def test_a_new_pool_borrows_the_calibration_of_all_once_it_has_a_pace(database: sa.Engine) -> None:
    with database.begin() as connection:
        history(connection)
        history(connection, 20, pool="Second line")
        made = estimates.expect(connection, arrive(connection, pool="Second line"), CLOCK, CAPS, NOW)
    assert made.scored < LEAST_SCORED
    assert made.quantiles is not None


def test_taking_a_ticket_scores_every_open_estimate_of_that_wait_and_nothing_else(database: sa.Engine) -> None:
    with database.begin() as connection:
        history(connection)
        row, other = arrive(connection), arrive(connection)
    estimates.show(database, row, CLOCK, CAPS, NOW + 2 * MINUTE, estimates.CLIENT)
    with database.begin() as connection:
        take(connection, row, NOW + 12 * MINUTE)
        found = rows(connection, row)
        assert [(kept.shown_in, kept.actual) for kept in found] == [("arrival", 720), ("client", 600)]
        assert {kept.scored_at for kept in found} == {NOW + 12 * MINUTE}
        assert [kept.actual for kept in rows(connection, other)] == [None]


def test_an_estimate_is_scored_once(database: sa.Engine) -> None:
    with database.begin() as connection:
        row = arrive(connection)
        estimates.score(connection, row, CLOCK, NOW + 5 * MINUTE)
        estimates.score(connection, row, CLOCK, NOW + 50 * MINUTE)
        estimates.left(connection, row, NOW + 90 * MINUTE)
        (kept,) = rows(connection, row)
    assert (kept.actual, kept.scored_at) == (300, NOW + 5 * MINUTE)


def test_a_ticket_that_comes_back_begins_a_new_wait(database: sa.Engine) -> None:
    with database.begin() as connection:
        row = arrive(connection)
        take(connection, row, NOW + 5 * MINUTE)
        back = NOW + 60 * MINUTE
        tickets.update(connection, row.desk, row.ticket_id, waiting=True, arrived=seconds(back), key=seconds(back))
        again = get(connection, row.ticket_id)
        estimates.arrived(connection, again, CLOCK, CAPS, back)
        estimates.score(connection, again, CLOCK, back + 2 * MINUTE)
        assert [(kept.number, kept.actual) for kept in rows(connection, row)] == [(1, 300), (2, 120)]


def test_one_who_leaves_unserved_is_closed_without_a_score_and_counts_as_leaving(database: sa.Engine) -> None:
    with database.begin() as connection:
        history(connection)
        for number in range(10):
            row = arrive(connection, NOW - 100 * MINUTE + number * MINUTE)
            estimates.left(connection, row, NOW - 5 * MINUTE)
            tickets.update(connection, row.desk, row.ticket_id, waiting=False, status="deleted")
            assert [(kept.actual, kept.scored_at) for kept in rows(connection, row)] == [(None, NOW - 5 * MINUTE)]
        before = paces.known(connection, "Support").pace
        measure(connection)
        after = paces.known(connection, "Support").pace
    assert before is not None and after is not None
    assert before.leaving == 0 < after.leaving
    assert after.served == before.served


def test_one_that_was_merged_is_no_service_although_its_turn_is_kept(database: sa.Engine) -> None:
    with database.begin() as connection:
        history(connection)
        row = arrive(connection, NOW - 20 * MINUTE)
        turns.end(connection, row, served_at=NOW - MINUTE, waited=1140, agent_id="", replied_at=NOW - MINUTE)
        estimates.left(connection, row, NOW - MINUTE)
        tickets.update(connection, row.desk, row.ticket_id, waiting=False, turns=1)
        before = paces.known(connection, "Support").pace
        measure(connection)
        after = paces.known(connection, "Support").pace
    assert before is not None and after is not None
    assert (after.served, after.leaving > 0) == (before.served, True)


def test_an_estimate_made_after_the_answer_was_given_says_nothing(database: sa.Engine) -> None:
    with database.begin() as connection:
        row = arrive(connection)
        estimates.score(connection, row, CLOCK, NOW - MINUTE)
        assert rows(connection, row) == []


def test_who_asks_all_the_time_reads_the_same_for_a_minute_and_makes_few_rows(database: sa.Engine) -> None:
    with database.begin() as connection:
        history(connection)
        row = arrive(connection)
    shown = [
        estimates.show(database, row, CLOCK, CAPS, NOW + timedelta(seconds=5 * step), estimates.CLIENT)
        for step in range(12)
    ]
    assert len({(found.at, found.quantiles) for found in shown if found}) == 1
    for minute in range(2, 4 * 60):
        estimates.show(database, row, CLOCK, CAPS, NOW + minute * MINUTE, estimates.CLIENT)
    with reading(database) as connection:
        assert len(rows(connection, row)) <= 50 + 50


def test_while_little_changed_the_same_time_is_shown_again(database: sa.Engine) -> None:
    with database.begin() as connection:
        history(connection)
        ahead = [arrive(connection) for _ in range(8)]
        row = arrive(connection)
    first = estimates.show(database, row, CLOCK, CAPS, NOW, estimates.CLIENT)
    same = estimates.show(database, row, CLOCK, CAPS, NOW + 2 * MINUTE, estimates.CLIENT)
    assert first is not None and same is not None
    assert (same.at, same.quantiles) == (first.at, first.quantiles)
    with database.begin() as connection:
        for gone in ahead[:4]:
            take(connection, gone, NOW + 3 * MINUTE)
    moved = estimates.show(database, row, CLOCK, CAPS, NOW + 3 * MINUTE, estimates.CLIENT)
    assert moved is not None and moved.quantiles is not None and first.quantiles is not None
    assert (moved.position, moved.at) == (5, NOW + 3 * MINUTE)
    assert moved.quantiles.q90 < first.quantiles.q90


def test_each_place_it_is_shown_keeps_its_own(database: sa.Engine) -> None:
    with database.begin() as connection:
        history(connection)
        row = arrive(connection)
    for place in (estimates.CLIENT, estimates.API, estimates.REPLY, estimates.PAGE):
        estimates.show(database, row, CLOCK, CAPS, NOW, place)
    with reading(database) as connection:
        assert [kept.shown_in for kept in rows(connection, row)] == ["arrival", "client", "api", "reply", "page"]


def test_what_is_not_known_is_shown_but_not_kept(database: sa.Engine) -> None:
    with database.begin() as connection:
        row = arrive(connection)
    found = estimates.show(database, row, CLOCK, CAPS, NOW, estimates.CLIENT)
    assert found is not None and found.quantiles is None
    with reading(database) as connection:
        assert len(rows(connection, row)) == 1


def test_one_answered_in_the_meantime_is_shown_no_time(database: sa.Engine) -> None:
    with database.begin() as connection:
        history(connection)
        row = arrive(connection)
        take(connection, row, NOW + MINUTE)
        kept = len(rows(connection, row))
    assert estimates.show(database, row, CLOCK, CAPS, NOW + 2 * MINUTE, estimates.CLIENT) is None
    with reading(database) as connection:
        assert len(rows(connection, row)) == kept


def test_other_pools_do_not_count(database: sa.Engine) -> None:
    with database.begin() as connection:
        history(connection)
        for _ in range(5):
            arrive(connection, NOW - 30 * MINUTE, pool="Second line")
        made = estimates.expect(connection, arrive(connection), CLOCK, CAPS, NOW)
    assert made.position == 1


def test_a_ticket_of_two_pools_is_service_in_both(database: sa.Engine) -> None:
    with database.begin() as connection:
        history(connection, pools=["Support", "Second line"])
        arrive(connection, pool="Second line")
        measure(connection)
        both = paces.every(connection, ["Support", "Second line"])
    assert both["Support"].pace is not None and both["Second line"].pace is not None
    assert both["Second line"].pace.rate == pytest.approx(both["Support"].pace.rate, rel=0.05)


def test_head_starts_of_the_last_days_are_the_inflow(database: sa.Engine) -> None:
    with database.begin() as connection:
        history(connection, 40)
        history(connection, 40, until=NOW, head_start=3600)
        pace = paces.known(connection, "Support").pace
    assert pace is not None
    assert [head_start for head_start, _ in pace.inflow] == [0, 3600]


def test_a_draw_calibrates_those_who_wait_apart_from_those_who_arrive(database: sa.Engine) -> None:
    with database.begin() as connection:
        history(connection)
        for number in range(LEAST_SCORED):
            at = NOW + 30 * MINUTE * number
            take(connection, arrive(connection, at), at + MINUTE)
            row = arrive(connection, at)
            estimates.sample(connection, row, CLOCK, CAPS, at + 5 * MINUTE)
            take(connection, row, at + 25 * MINUTE)
        end = NOW + 30 * MINUTE * LEAST_SCORED
        measure(connection, end)
        known = paces.known(connection, "Support")
    assert known.arrival is not None and known.waiting is not None
    assert known.waiting.scored == LEAST_SCORED
    # Whoever could be drawn was none of those that were taken at once.
    assert known.waiting.bands[0][0] > known.arrival.bands[0][0]


def test_time_is_that_of_the_calendar(database: sa.Engine) -> None:
    windows = {day: (datetime.min.time().replace(hour=9), datetime.min.time().replace(hour=18)) for day in range(5)}
    office = WorkingTime(ZoneInfo("UTC"), windows)
    friday = datetime(2026, 11, 20, 17, 50, tzinfo=UTC)
    monday = datetime(2026, 11, 23, 9, 10, tzinfo=UTC)
    with database.begin() as connection:
        row = add(connection, arrived=office.seconds(friday))
        estimates.arrived(connection, row, office, CAPS, friday)
        estimates.score(connection, row, office, monday)
        (kept,) = rows(connection, row)
    assert kept.actual == 20 * 60


def test_old_rows_go_but_not_those_that_calibrate_nor_those_of_who_still_waits(database: sa.Engine) -> None:
    def scored(connection: sa.Connection, days: float) -> str:
        row = arrive(connection, NOW - timedelta(days=days))
        take(connection, row, NOW - timedelta(days=days) + MINUTE)
        return str(row.ticket_id)

    with database.begin() as connection:
        old, young, needed = scored(connection, 31), scored(connection, 29), scored(connection, 13)
        waits = arrive(connection, NOW - timedelta(days=60)).ticket_id
        lost = arrive(connection, NOW - timedelta(days=60))
        tickets.update(connection, lost.desk, lost.ticket_id, waiting=False)
        estimates.purge(connection, NOW - timedelta(days=30), NOW)
        assert {kept.ticket_id for kept in rows(connection)} == {young, needed, waits}
        estimates.purge(connection, NOW - timedelta(days=1), NOW)
        assert {kept.ticket_id for kept in rows(connection)} == {needed, waits}
    assert old not in {young, needed}


def test_accuracy_is_the_share_that_held_and_the_pinball_loss(database: sa.Engine) -> None:
    def keep(connection: sa.Connection, actual: int, shown_in: str = "arrival", **values: Any) -> None:
        made = {"number": 1, "position": 1, "base": 600, "at": NOW - timedelta(hours=1), "scored_at": NOW, "q50": 600}
        row = {"desk": "zendesk", "ticket_id": "1", "pool": "Support", "q80": 1200, "q90": 1800, "shown_in": shown_in}
        connection.execute(sa.insert(estimate).values(**{**made, **row, "actual": actual, **values}))

    with database.begin() as connection:
        for actual in (300, 600, 900, 1500):
            keep(connection, actual)
        keep(connection, 2000, "client")
        keep(connection, 1, "sample")
        keep(connection, 1, q90=None)
        keep(connection, 1, scored_at=NOW - timedelta(days=20))
        keep(connection, 60, scored_at=NOW - timedelta(days=1), pool="Second line")
        second, support = accuracy.of_pools(connection, NOW - timedelta(days=14), UTC)
    assert support.arrival is not None and support.later is not None and second.arrival is not None
    assert (support.pool, support.arrival.number, support.later.number) == ("Support", 4, 1)
    assert support.arrival.held == (0.5, 0.75, 1.0)
    # Half of what is missed on either side.
    assert support.arrival.loss[0] == pytest.approx((150 + 0 + 150 + 450) / 4)
    assert support.later.held == (0.0, 0.0, 0.0)
    assert [(day.isoformat(), score.number) for day, score in support.days] == [("2026-11-20", 4)]
    assert [(day.isoformat(), score.number) for day, score in second.days] == [("2026-11-19", 1)]


@pytest.mark.parametrize("end", [estimates.score, estimates.left])
def test_nothing_open_is_nothing_to_end(database: sa.Engine, end: Callable[..., None]) -> None:
    with database.begin() as connection:
        row = add(connection)
        if end is estimates.left:
            end(connection, row, NOW)
        else:
            end(connection, row, CLOCK, NOW)
        assert rows(connection) == []
