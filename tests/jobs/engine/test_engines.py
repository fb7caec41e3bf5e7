"""What both engines promise: the same tasks, the same outcomes."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa

from deskside.errors import Permanent, Transient
from deskside.ports import Engine
from deskside.store.tables import binding
from jobs.engine import cluster, embedded, for_database, tasks
from jobs.engine.tasks import Run, Settle


@dataclass
class Log:
    """What the tasks of a test did."""

    seen: list[Any] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def add(self, item: Any) -> None:
        with self.changed:
            self.seen.append(item)
            self.changed.notify_all()

    def wait_for(self, count: int) -> list[Any]:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.seen) >= count, 30), f"only {self.seen}"
            return list(self.seen)


@pytest.fixture
def own_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    own: dict[str, tasks.Task] = {}
    for module in (tasks, embedded, cluster):
        monkeypatch.setattr(module, "TASKS", own)

    @tasks.task("echo")
    def echo(run: Run, value: Any) -> None:
        run.context.add(value)

    @tasks.task("write")
    def write(run: Run, name: str) -> Settle:
        def settle(connection: sa.Connection) -> None:
            connection.execute(sa.insert(binding).values(desk="test", name=name, value="x"))

        run.context.add(name)
        return settle

    @tasks.task("fail_twice")
    def fail_twice(run: Run, value: Any) -> None:
        run.context.add((value, run.attempts))
        if run.attempts < 2:
            raise Transient("not yet", retry_after=0.1)

    def dead(connection: sa.Connection, error: str, args: dict[str, Any]) -> None:
        connection.execute(sa.insert(binding).values(desk="dead", name=args["value"], value=error))

    @tasks.task("hopeless", on_dead=dead)
    def hopeless(run: Run, value: str) -> None:
        run.context.add(value)
        raise Permanent("this can never work")

    @tasks.task("crash", max_attempts=2, on_dead=dead)
    def crash(run: Run, value: str) -> None:
        run.context.add(value)
        raise ZeroDivisionError("secret-in-the-text")


@pytest.fixture
def engine(database: sa.Engine, own_tasks: None) -> Engine:
    made = for_database(database, 4)
    made.context = Log()
    return made


@pytest.fixture
def running(engine: Engine) -> Iterator[Callable[[], None]]:
    stop = threading.Event()
    thread = threading.Thread(target=engine.work, args=(stop.is_set,))

    def start() -> None:
        thread.start()

    yield start
    stop.set()
    engine.wake()
    if thread.ident:
        thread.join(30)
        assert not thread.is_alive()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it never became true"
        threading.Event().wait(0.02)


def enqueue(database: sa.Engine, engine: Engine, task: str, **args: Any) -> None:
    with database.begin() as connection:
        engine.enqueue(connection, task, **args)


def test_a_job_runs_once(database: sa.Engine, engine: Engine, running: Callable[[], None]) -> None:
    running()
    for value in range(20):
        enqueue(database, engine, "echo", value=value)
    assert sorted(engine.context.wait_for(20)) == list(range(20))


def test_a_job_exists_exactly_if_its_transaction_commits(
    database: sa.Engine, engine: Engine, running: Callable[[], None]
) -> None:
    with database.connect() as connection, connection.begin() as transaction:
        engine.enqueue(connection, "echo", value="rolled back")
        transaction.rollback()
    enqueue(database, engine, "echo", value="committed")
    running()
    assert engine.context.wait_for(1) == ["committed"]


def test_what_a_task_returns_commits_with_the_job(
    database: sa.Engine, engine: Engine, running: Callable[[], None]
) -> None:
    running()
    enqueue(database, engine, "write", name="row")
    engine.context.wait_for(1)

    def stored() -> bool:
        with database.connect() as connection:
            return bool(connection.scalar(sa.select(sa.func.count()).select_from(binding)))

    until(stored)


def test_a_lane_keeps_its_order_through_a_retry(
    database: sa.Engine, engine: Engine, running: Callable[[], None]
) -> None:
    with database.begin() as connection:
        engine.enqueue(connection, "fail_twice", lane="ticket:1", value="first")
        engine.enqueue(connection, "echo", lane="ticket:1", value="second")
        engine.enqueue(connection, "echo", lane="ticket:2", value="other lane")
    running()
    seen = engine.context.wait_for(5)
    ours = [item for item in seen if item != "other lane"]
    assert ours == [("first", 0), ("first", 1), ("first", 2), "second"]
    assert seen.index("other lane") < seen.index("second")


def test_a_permanent_error_is_not_tried_again(database: sa.Engine, engine: Engine, running: Callable[[], None]) -> None:
    running()
    enqueue(database, engine, "hopeless", value="one")
    until(lambda: _dead(database) == {"one": "Permanent: this can never work"})
    assert engine.context.seen == ["one"]


def test_a_job_that_fails_too_often_is_given_up_without_the_text_of_a_foreign_error(
    database: sa.Engine, engine: Engine, running: Callable[[], None]
) -> None:
    running()
    enqueue(database, engine, "crash", value="two")
    until(lambda: "two" in _dead(database))
    assert engine.context.seen == ["two", "two"]
    assert "secret-in-the-text" not in _dead(database)["two"]
    assert "ZeroDivisionError" in _dead(database)["two"]


def test_higher_priority_goes_first(database: sa.Engine, engine: Engine, running: Callable[[], None]) -> None:
    with database.begin() as connection:
        for value in range(40):
            engine.enqueue(connection, "echo", priority=0, value=("low", value))
        engine.enqueue(connection, "echo", priority=10, value="high")
    running()
    assert engine.context.wait_for(41).index("high") < 8


def test_a_burst_drains_to_the_last_job(database: sa.Engine, engine: Engine, running: Callable[[], None]) -> None:
    running()
    with database.begin() as connection:
        for value in range(400):
            engine.enqueue(connection, "echo", lane=f"lane:{value % 50}", value=value)
    assert len(engine.context.wait_for(400)) == 400


def _dead(database: sa.Engine) -> dict[str, str]:
    with database.connect() as connection:
        rows = connection.execute(sa.select(binding.c.name, binding.c.value).where(binding.c.desk == "dead"))
        return {row.name: row.value for row in rows}
