"""The intake commits what has arrived together, and each is answered only after its commit."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from deskside.store.database import reading
from deskside.store.tables import inbox
from jobs import deliveries
from jobs.engine import for_database
from tests.databases import open_careless
from tests.webhooks.receiving import jobs_in
from webhooks import intake as intakes
from webhooks.intake import BATCH, Intake, Unavailable


@pytest.fixture
def store(database_url: str) -> Iterator[sa.Engine]:
    """A migrated database, once on each kind."""
    opened = open_careless(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def intake(store: sa.Engine) -> Intake:
    """An intake that is not started yet."""
    return Intake(store, for_database(store, 2), "delivery.handle", deliveries.PRIORITY)


@pytest.fixture
def senders() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(BATCH * 2) as pool:
        yield pool


def put(intake: Intake, delivery_id: str, **more: Any) -> bool:
    values: dict[str, Any] = {"type": "t", "ticket_id": "1", "headers": {}, "body": b"{}", **more}
    return intake.store("zendesk", delivery_id, **values)


def arrived(intake: Intake, count: int) -> None:
    """Wait until so many stand in the line."""
    pause = threading.Event()
    for _ in range(2000):
        if intake._arrived.qsize() == count:
            return
        pause.wait(0.005)
    raise AssertionError(f"{intake._arrived.qsize()} of {count} have arrived")


def ids(store: sa.Engine) -> list[str]:
    with reading(store) as connection:
        return sorted(connection.scalars(sa.select(inbox.c.delivery_id)))


def commits(store: sa.Engine) -> list[None]:
    """Grows by one with each commit."""
    seen: list[None] = []
    sa.event.listen(store, "commit", lambda _connection: seen.append(None))
    return seen


def test_what_has_arrived_together_is_committed_together(
    store: sa.Engine, intake: Intake, senders: ThreadPoolExecutor
) -> None:
    waiting = [senders.submit(put, intake, f"d{number}") for number in range(20)]
    arrived(intake, 20)
    counted = commits(store)
    intake.start()
    assert all(future.result(30) for future in waiting)
    intake.stop()
    assert len(counted) == 1
    assert len(ids(store)) == len(jobs_in(store)) == 20


def test_a_batch_has_a_limit_and_nothing_beyond_it_is_left(
    store: sa.Engine, intake: Intake, senders: ThreadPoolExecutor
) -> None:
    waiting = [senders.submit(put, intake, f"d{number}") for number in range(BATCH + 10)]
    arrived(intake, BATCH + 10)
    counted = commits(store)
    intake.start()
    assert all(future.result(30) for future in waiting)
    intake.stop()
    assert len(counted) == 2
    assert len(ids(store)) == BATCH + 10


def test_nobody_is_answered_before_the_commit(store: sa.Engine, intake: Intake, senders: ThreadPoolExecutor) -> None:
    entered, leave = threading.Event(), threading.Event()

    def hold(_connection: sa.Connection) -> None:
        entered.set()
        assert leave.wait(30)

    sa.event.listen(store, "commit", hold)
    intake.start()
    future: Future[bool] = senders.submit(put, intake, "d1")
    assert entered.wait(30)
    assert not future.done()
    leave.set()
    assert future.result(30)
    intake.stop()


def test_one_bad_row_does_not_cost_the_others_their_place(
    store: sa.Engine, intake: Intake, senders: ThreadPoolExecutor
) -> None:
    good = [senders.submit(put, intake, f"d{number}") for number in range(10)]
    bad = senders.submit(put, intake, "bad", headers={"x": object()})
    arrived(intake, 11)
    intake.start()
    assert all(future.result(30) for future in good)
    with pytest.raises(Unavailable, match="refused: TypeError") as error:
        bad.result(30)
    assert "object at" not in str(error.value)
    intake.stop()
    assert ids(store) == sorted(f"d{number}" for number in range(10))
    assert len(jobs_in(store)) == 10


def test_two_of_one_id_in_one_batch_are_one_delivery(
    store: sa.Engine, intake: Intake, senders: ThreadPoolExecutor
) -> None:
    waiting = [senders.submit(put, intake, "same") for _ in range(5)]
    arrived(intake, 5)
    intake.start()
    assert sorted(future.result(30) for future in waiting) == [False] * 4 + [True]
    intake.stop()
    assert ids(store) == ["same"]
    assert len(jobs_in(store)) == 1


def test_the_same_id_of_another_source_is_another_delivery(store: sa.Engine, intake: Intake) -> None:
    intake.start()
    assert put(intake, "same")
    assert intake.store("whmcs", "same", "t", None, {}, b"")
    intake.stop()
    assert len(ids(store)) == 2


def test_a_stop_commits_what_has_arrived(store: sa.Engine, intake: Intake, senders: ThreadPoolExecutor) -> None:
    waiting = [senders.submit(put, intake, f"d{number}") for number in range(5)]
    arrived(intake, 5)
    intake.start()
    intake.stop()
    assert all(future.result(30) for future in waiting)
    assert len(ids(store)) == 5


def test_when_too_many_wait_the_next_is_refused_at_once(
    store: sa.Engine, monkeypatch: pytest.MonkeyPatch, senders: ThreadPoolExecutor
) -> None:
    monkeypatch.setattr(intakes, "WAITING_LIMIT", 2)
    intake = Intake(store, for_database(store, 2), "delivery.handle", 0)
    waiting = [senders.submit(put, intake, f"d{number}") for number in range(2)]
    arrived(intake, 2)
    with pytest.raises(Unavailable, match="too many"):
        put(intake, "one too many")
    intake.start()
    assert all(future.result(30) for future in waiting)
    intake.stop()


def test_a_database_that_does_not_answer_in_time_is_no_2xx_and_the_retry_is_a_duplicate(
    store: sa.Engine, intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intakes, "ANSWER_SECONDS", 0.01)
    with pytest.raises(Unavailable, match="in time"):
        put(intake, "slow")
    monkeypatch.setattr(intakes, "ANSWER_SECONDS", 30.0)
    intake.start()
    assert put(intake, "slow") is False
    intake.stop()
    assert ids(store) == ["slow"]
