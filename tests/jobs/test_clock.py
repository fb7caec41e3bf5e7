"""The clock fires every planned instant once, over all nodes and through every outage."""

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given
from hypothesis import strategies as st

from deskside.ports import Engine
from deskside.store.database import EPOCH, insert_new, reading
from deskside.store.tables import fire
from jobs import clock as clocks
from jobs.clock import NODE, Clock, _newest_due, every
from tests.jobs.desk import Bench, jobs_in

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


class Hand:
    """The hand that moves the clock's time."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Hand:
    made = Hand(NOW)
    monkeypatch.setattr(clocks, "utc_now", made)
    return made


@pytest.fixture
def clock(bench: Bench, hand: Hand) -> Clock:
    return Clock(bench.database, bench.context.engine)


def fires(database: sa.Engine, schedule_id: str = "beat") -> list[Any]:
    query = sa.select(fire).where(fire.c.schedule_id == schedule_id).order_by(fire.c.fire_time)
    with reading(database) as connection:
        return [row for row in connection.execute(query) if row.node != "registered"]


def times(database: sa.Engine, schedule_id: str = "beat") -> list[datetime]:
    return [row.fire_time for row in fires(database, schedule_id)]


def beats(bench: Bench) -> int:
    return len(bench.queued("house.heartbeat"))


def test_nothing_is_due_when_a_schedule_is_new(bench: Bench, clock: Clock) -> None:
    clock.schedule("beat", every(60), "house.heartbeat")
    assert clock.catch_up() == 0
    assert beats(bench) == 0


def test_an_instant_is_fired_once_however_often_one_looks(bench: Bench, clock: Clock, hand: Hand) -> None:
    clock.schedule("beat", every(60), "house.heartbeat")
    hand.move(seconds=61)
    assert [clock.catch_up() for _ in range(3)] == [1, 0, 0]
    assert times(bench.database) == [NOW + timedelta(seconds=60)]
    assert beats(bench) == 1


def test_two_clocks_on_one_database_fire_an_instant_once(bench: Bench, clock: Clock, hand: Hand) -> None:
    other = Clock(bench.database, bench.context.engine)
    for one in (clock, other):
        one.schedule("beat", every(10), "house.heartbeat")
    claimed = 0
    for _ in range(8):
        hand.move(seconds=10)
        together = threading.Barrier(2)
        won: list[int] = []

        def look(one: Clock, together: threading.Barrier = together, won: list[int] = won) -> None:
            together.wait()
            won.append(one.catch_up())

        threads = [threading.Thread(target=look, args=(one,)) for one in (clock, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(won) == [0, 1]
        claimed += sum(won)
    assert claimed == beats(bench) == 8
    assert times(bench.database) == [NOW + timedelta(seconds=10 * n) for n in range(1, 9)]


def test_intervals_agree_between_nodes_that_start_at_different_moments(bench: Bench, clock: Clock, hand: Hand) -> None:
    clock.schedule("beat", every(60), "house.heartbeat")
    hand.move(seconds=37.5)
    other = Clock(bench.database, bench.context.engine)
    other.schedule("beat", every(60), "house.heartbeat")
    hand.move(seconds=30)
    assert other.catch_up() == 1
    assert clock.catch_up() == 0
    assert times(bench.database) == [NOW + timedelta(seconds=60)]


def test_what_an_outage_missed_is_made_up_once(bench: Bench, clock: Clock, hand: Hand) -> None:
    clock.schedule("beat", every(60), "house.heartbeat")
    hand.move(minutes=20, seconds=5)
    assert clock.catch_up() == 1
    assert times(bench.database) == [NOW + timedelta(minutes=20)]
    assert beats(bench) == 1


def test_a_missed_night_job_is_made_up_in_the_morning(bench: Bench, clock: Clock, hand: Hand) -> None:
    clock.schedule("purge", CronTrigger(hour=3, minute=17, timezone="UTC"), "house.purge", grace=12 * 3600)
    hand.move(days=2, hours=-2)
    assert clock.catch_up() == 1
    assert times(bench.database, "purge") == [datetime(2026, 11, 24, 3, 17, tzinfo=UTC)]
    assert len(bench.queued("house.purge")) == 1


def test_an_instant_missed_by_more_than_its_grace_is_recorded_and_not_fired(
    bench: Bench, clock: Clock, hand: Hand
) -> None:
    clock.schedule("beat", CronTrigger(minute=0, timezone="UTC"), "house.heartbeat", grace=60)
    hand.move(hours=1, minutes=30)
    assert clock.catch_up() == 1
    assert [(row.fire_time, row.node) for row in fires(bench.database)] == [(NOW + timedelta(hours=1), "missed")]
    assert beats(bench) == 0
    hand.move(minutes=30)
    assert clock.catch_up() == 1
    assert fires(bench.database)[-1].node == NODE
    assert beats(bench) == 1


class Refusing:
    """An engine whose store is full."""

    context = None

    def __init__(self, behind: Engine) -> None:
        self.behind = behind
        self.refuses = True

    def enqueue(self, connection: sa.Connection, task: str, **args: Any) -> None:
        if self.refuses:
            raise sa.exc.OperationalError("INSERT", {}, Exception("disk is full"))
        self.behind.enqueue(connection, task, **args)

    def wake(self) -> None:
        """Nobody sleeps."""


def test_a_job_that_cannot_be_written_leaves_no_fire_row_so_the_instant_is_not_lost(bench: Bench, hand: Hand) -> None:
    engine = Refusing(bench.context.engine)
    clock = Clock(bench.database, engine)  # type: ignore[arg-type]
    clock.schedule("beat", every(60), "house.heartbeat")
    hand.move(seconds=61)
    with pytest.raises(sa.exc.OperationalError):
        clock.catch_up()
    assert times(bench.database) == []
    engine.refuses = False
    hand.move(seconds=30)
    assert clock.catch_up() == 1
    assert times(bench.database) == [NOW + timedelta(seconds=60)]
    assert beats(bench) == 1


def test_a_schedule_that_was_purged_but_for_its_newest_row_goes_on_from_there(
    bench: Bench, clock: Clock, hand: Hand
) -> None:
    with bench.database.begin() as connection:
        insert_new(connection, fire, schedule_id="beat", fire_time=NOW - timedelta(days=40), node="gone")
    clock.schedule("beat", every(3600), "house.heartbeat")
    assert clock.catch_up() == 1
    assert times(bench.database)[-1] == NOW


def test_a_job_carries_the_arguments_of_its_schedule(bench: Bench, clock: Clock, hand: Hand) -> None:
    clock.schedule("reconcile:zendesk", every(60), "desk.reconcile", desk="zendesk")
    hand.move(seconds=60)
    clock.catch_up()
    assert bench.queued("desk.reconcile") == [{"desk": "zendesk"}]


def walk(trigger: Any, start: datetime, days: int) -> list[datetime]:
    """Every instant a clock finds that looks each half hour."""
    last, found = start, []
    for step in range(days * 48):
        due = _newest_due(trigger, last, start + timedelta(minutes=30 * step))
        if due is not None:
            found.append(due)
            last = due
    return found


@pytest.mark.parametrize("change", [datetime(2026, 10, 24, tzinfo=UTC), datetime(2027, 3, 27, tzinfo=UTC)])
def test_a_daily_job_in_utc_fires_once_a_day_through_a_change_of_the_clocks(change: datetime) -> None:
    found = walk(CronTrigger(hour=2, minute=30, timezone="UTC"), change, 3)
    assert found == [change + timedelta(days=n, hours=2, minutes=30) for n in range(3)]


@pytest.mark.parametrize("change", [datetime(2026, 10, 24, tzinfo=UTC), datetime(2027, 3, 27, tzinfo=UTC)])
def test_a_daily_job_at_noon_somewhere_keeps_its_wall_clock(change: datetime) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    found = walk(CronTrigger(hour=12, timezone=berlin), change, 3)
    assert [moment.astimezone(berlin).hour for moment in found] == [12, 12, 12]
    assert len({moment.astimezone(berlin).date() for moment in found}) == 3


@given(
    st.integers(1, 7200),
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.timedeltas(timedelta(0), timedelta(days=30)),
)
def test_the_newest_due_instant_of_an_interval_lies_on_its_grid_and_is_the_newest(
    seconds: int, last: datetime, passed: timedelta
) -> None:
    now = last + passed
    due = _newest_due(every(seconds), last, now)
    if due is None:
        assert (now - EPOCH) // timedelta(seconds=seconds) == (last - EPOCH) // timedelta(seconds=seconds)
        return
    assert last < due <= now < due + timedelta(seconds=seconds)
    assert (due - EPOCH) % timedelta(seconds=seconds) == timedelta(0)
    # APScheduler's own arithmetic agrees: this is where its timer wakes the clock.
    assert every(seconds).get_next_fire_time(None, due) == due


CHILD = """
import sys, threading
import sqlalchemy as sa
from deskside.store.database import open_database
from jobs import runtime
from jobs.clock import Clock, every
from jobs.engine import for_database

database = open_database(sys.argv[1])
clock = Clock(database, for_database(database, 2))
clock.schedule("beat", every(1), "house.heartbeat")
clock.start()
print("started", flush=True)
threading.Event().wait()
"""


@pytest.fixture
def children() -> Iterator[list[subprocess.Popen[str]]]:
    made: list[subprocess.Popen[str]] = []
    yield made
    for child in made:
        if child.poll() is None:
            child.kill()
        child.wait(30)
        assert child.stdout is not None
        child.stdout.close()


def start(database_url: str) -> subprocess.Popen[str]:
    child = subprocess.Popen([sys.executable, "-c", CHILD, database_url], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "started\n"
    return child


def until_fired(database: sa.Engine, after: datetime) -> datetime:
    """Wait for an instant that is newer."""
    pause = threading.Event()
    for _ in range(600):
        found = times(database)
        if found and found[-1] > after:
            return found[-1]
        pause.wait(0.05)
    raise AssertionError("the clock does not fire")


def test_a_killed_clock_leaves_no_gap_and_no_double(
    bench: Bench, database_url: str, children: list[subprocess.Popen[str]]
) -> None:
    children.append(start(database_url))
    seen = until_fired(bench.database, EPOCH)
    for _ in range(2):
        os.kill(children[-1].pid, signal.SIGKILL)
        children[-1].wait(30)
        # What the next one finds at its start is one made-up instant, however long nobody fired.
        children.append(start(database_url))
        seen = until_fired(bench.database, seen)
    children[-1].kill()
    children[-1].wait(30)
    claimed = fires(bench.database)
    counted = Counter(name for name, _ in jobs_in(bench.database))
    assert counted["house.heartbeat"] == len([row for row in claimed if row.node != "missed"])
    assert {row.fire_time.microsecond for row in claimed} == {0}


def test_when_one_of_two_clocks_is_killed_the_other_fires_on_and_nothing_twice(
    bench: Bench, database_url: str, children: list[subprocess.Popen[str]]
) -> None:
    if bench.database.dialect.name == "sqlite":
        pytest.skip("SQLite has one process")
    children += [start(database_url), start(database_url)]
    first = until_fired(bench.database, EPOCH)
    os.kill(children[0].pid, signal.SIGKILL)
    until_fired(bench.database, first + timedelta(seconds=2))
    children[1].kill()
    children[1].wait(30)
    assert len(jobs_in(bench.database)) == len(fires(bench.database))
