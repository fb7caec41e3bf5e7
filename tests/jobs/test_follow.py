"""At a start the waiting tickets follow a configuration that changed, and nothing happens when it did not."""

from collections.abc import Mapping
from datetime import timedelta

import sqlalchemy as sa

from deskside.order.pools import PoolRule
from jobs.follow import follow
from tests.jobs.desk import MORNING, Bench, jobs_in, make_bench

OFFICE = {f"DESKSIDE_QUEUE__CALENDAR__{day}": "09:00-18:00" for day in ("MON", "TUE", "WED", "THU", "FRI")}


def started(database: sa.Engine, environment: Mapping[str, str] | None = None, *rules: PoolRule) -> Bench:
    bench = make_bench(database, environment, pool_rules=rules)
    follow(bench.context)
    return bench


def test_on_another_calendar_a_ticket_keeps_its_arrival_and_its_head_start(database: sa.Engine) -> None:
    before = started(database)
    for number, hour in (("1", 0), ("2", 10)):
        before.put(number, created_at=MORNING + timedelta(hours=hour), tags=frozenset({"vip"}))
        before.look(number)
    after = started(database, OFFICE)
    clock = after.context.calendar("")
    for number in ("1", "2"):
        row = after.row(number)
        assert row.arrived == clock.seconds(row.arrived_at)
        assert row.arrived - row.key == 60 * 60
    # Ten hours in which the desk was open for nine.
    assert after.row("2").arrived - after.row("1").arrived == 9 * 3600


def test_a_start_with_the_same_configuration_touches_nothing(database: sa.Engine) -> None:
    bench = started(database, OFFICE, PoolRule("linux", tags=frozenset({"linux"})))
    bench.put()
    row = bench.look()
    bench.forget_jobs()
    again = started(database, OFFICE, PoolRule("linux", tags=frozenset({"linux"})))
    assert again.row() == row
    assert jobs_in(database) == []


def test_other_rules_have_every_waiting_ticket_looked_at_again(database: sa.Engine) -> None:
    bench = started(database)
    bench.put(tags=frozenset({"linux"}))
    bench.look()
    bench.forget_jobs()
    after = started(database, None, PoolRule("Linux", tags=frozenset({"linux"})))
    assert [name for name, _ in jobs_in(database)] == ["ticket.refresh"]
    after.put(tags=frozenset({"linux"}))
    assert after.look().pool == "Linux"
