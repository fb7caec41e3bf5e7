"""What is decided about one ticket at the same moment is decided one after the other: nothing is written over.

On PostgreSQL, where workers and people truly write at once; SQLite has one writer.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa

from deskside.model.health import Word
from deskside.model.place import Contribution, Scale, because
from deskside.model.ticket import Client, Status
from deskside.order.calendar import WorkingTime
from deskside.ports import Situation
from deskside.store import tickets
from deskside.store.database import utc_now
from jobs import outbox
from jobs.follow import follow
from jobs.moves import move
from tests.jobs.desk import DESK, Bench, make_bench

PATIENCE = 30


@dataclass
class Halt:
    """A point in somebody's transaction at which it is held until the others have come as far as they can."""

    on: bool = False
    reached: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    def here(self) -> None:
        """Stop once, if it is on."""
        if self.on:
            self.on = False
            self.reached.set()
            assert self.over.wait(PATIENCE)


@dataclass(frozen=True)
class HaltingFactor:
    """A factor that is asked in the middle of a refresh or a check: urgent for whom it may, after the halt."""

    halt: Halt
    name: str = "halting"

    def weigh(self, situation: Situation) -> Contribution | None:
        self.halt.here()
        if situation.server_down:
            return because(self.name, 1440, Scale.EMERGENCY, "its server is down")
        return because(self.name, 1, Scale.COMMERCIAL, "late") if situation.ticket.priority == "high" else None


def halting_clock(halt: Halt) -> WorkingTime:
    """Working time that is asked after a ticket's row was read. Another than the common one, with the same hours."""

    class Halting(WorkingTime):
        def seconds(self, at: datetime) -> int:
            halt.here()
            return super().seconds(at)

    return Halting(holidays=(date(2026, 1, 1),))


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def came(bench: Bench, number: int, minutes_ago: int) -> None:
    """A ticket of a client of its own, about a server of its own."""
    at = utc_now() - timedelta(minutes=minutes_ago)
    bench.add_service(f"srv{number}", client=f"c{number}", address=f"192.0.2.{number}")
    client = Client(f"c{number}", f"Client {number}", frozenset({f"c{number}"}))
    bench.put(str(number), created_at=at, updated_at=at, client=client)
    bench.look(str(number))


def until_it_waits_or_ends(database: sa.Engine, other: Future[object]) -> None:
    """Return when the other transaction waits for a lock, or is through."""
    waits = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    for _ in range(PATIENCE * 20):
        if other.done():
            return
        with database.connect() as connection:
            if connection.scalar(waits):
                return
        threading.Event().wait(0.05)
    raise AssertionError("it neither waits nor ends")


def refreshed(bench: Bench) -> None:
    bench.put("3", priority="high", updated_at=utc_now())
    bench.look("3")


def checked(bench: Bench) -> None:
    bench.examiner.words["srv3"] = Word.DOWN
    bench.run("ticket.check", desk=DESK, ticket_id="3", request="r1", asked_by="ops")


@pytest.mark.parametrize("work", [refreshed, checked])
def test_a_move_is_never_undone_by_what_was_read_before_it(
    postgresql_database: sa.Engine, threads: ThreadPoolExecutor, work: Callable[[Bench], None]
) -> None:
    halt = Halt()
    bench = make_bench(postgresql_database, factors=[HaltingFactor(halt)])
    for number, minutes_ago in ((1, 50), (2, 40), (3, 30)):
        came(bench, number, minutes_ago)
    halt.on = True
    working = threads.submit(work, bench)
    assert halt.reached.wait(PATIENCE)
    moving = threads.submit(move, bench.context, DESK, "3", "front", "ops", "paid")
    until_it_waits_or_ends(bench.database, moving)
    halt.over.set()
    working.result(PATIENCE)
    answer = moving.result(PATIENCE)
    assert answer is not None
    row = bench.row("3")
    assert row.key <= answer.prospect.key
    assert ("moved" in [item["factor"] for item in row.contributions]) == answer.made


def test_a_move_is_never_undone_by_a_change_of_the_calendar(
    postgresql_database: sa.Engine, threads: ThreadPoolExecutor
) -> None:
    bench = make_bench(postgresql_database)
    for number, minutes_ago in ((1, 50), (2, 40), (3, 30)):
        came(bench, number, minutes_ago)
    follow(bench.context)
    halt = Halt(on=True)
    following = threads.submit(follow, replace(bench.context, calendars={"": halting_clock(halt)}))
    assert halt.reached.wait(PATIENCE)
    moving = threads.submit(move, bench.context, DESK, "3", "front", "ops", "paid")
    until_it_waits_or_ends(bench.database, moving)
    halt.over.set()
    following.result(PATIENCE)
    answer = moving.result(PATIENCE)
    assert answer is not None and answer.made
    assert bench.row("3").key == answer.prospect.key


def test_an_effect_that_is_settled_while_all_tickets_are_reordered_blocks_nobody(
    postgresql_database: sa.Engine, threads: ThreadPoolExecutor
) -> None:
    bench = make_bench(postgresql_database)
    came(bench, 1, 50)
    (effect,) = bench.effects("place")
    with bench.database.begin() as connection:
        tickets.update(connection, DESK, "1", model=1)
        sending = threads.submit(bench.run, "effect.send", key=effect.key)
        until_it_waits_or_ends(bench.database, sending)
        outbox.plan_placements(bench.context, connection, [bench.row("1")])
    sending.result(PATIENCE)
    assert bench.effect(effect.key).state == "done"


def test_two_tickets_that_are_answered_at_once_do_not_wait_for_each_other(
    postgresql_database: sa.Engine, threads: ThreadPoolExecutor
) -> None:
    bench = make_bench(postgresql_database)
    for number, minutes_ago in ((1, 50), (2, 40), (3, 30)):
        came(bench, number, minutes_ago)
    halt = Halt(on=True)
    halted = replace(bench, context=replace(bench.context, calendars={"": halting_clock(halt)}))
    for number in ("2", "3"):
        bench.put(number, status=Status.PENDING, updated_at=utc_now())
    second = threads.submit(halted.look, "2")
    assert halt.reached.wait(PATIENCE)
    third = threads.submit(bench.look, "3")
    until_it_waits_or_ends(bench.database, third)
    halt.over.set()
    assert not second.result(PATIENCE).waiting
    assert not third.result(PATIENCE).waiting
    assert bench.row("1").overtaken == 2
