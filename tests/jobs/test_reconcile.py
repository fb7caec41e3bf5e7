"""The reconcile repairs what no webhook told, and nothing else."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from deskside.errors import Transient
from deskside.model.ticket import Changes, Sighting, Status
from deskside.store import cursors, tickets
from deskside.store.database import reading, utc_now
from jobs.engine.tasks import TASKS, Run
from jobs.reconcile import SLACK
from tests.jobs.desk import DESK, MORNING, Bench


def sighting(bench: Bench, ticket_id: str = "1", *, at: datetime | None = None) -> Sighting:
    """The ticket as the listing of changes shows it now."""
    ticket = bench.desk.tickets[ticket_id]
    return Sighting(ticket_id, ticket.status, at or ticket.updated_at, bench.desk.digest(ticket))


def reconcile(bench: Bench, *sightings: Sighting, cursor: str = "next", more: bool = False) -> None:
    with reading(bench.database) as connection:
        current = cursors.get(connection, DESK)
    bench.desk.pages[current] = Changes(sightings, cursor, more)
    bench.run("desk.reconcile", desk=DESK)


def cursor(bench: Bench) -> str | None:
    with reading(bench.database) as connection:
        return cursors.get(connection, DESK)


def looked_at(bench: Bench) -> list[str]:
    return [job["ticket_id"] for job in bench.queued("ticket.refresh")]


def test_the_first_reading_has_no_cursor_and_the_next_goes_on_where_it_ended(bench: Bench) -> None:
    reconcile(bench, cursor="a")
    reconcile(bench, cursor="b")
    assert bench.desk.asked_for_changes == [None, "a"]
    assert cursor(bench) == "b"


def test_a_waiting_ticket_nobody_told_of_is_looked_at(bench: Bench) -> None:
    bench.put()
    reconcile(bench, sighting(bench))
    assert looked_at(bench) == ["1"]


@pytest.mark.parametrize("status", [Status.PENDING, Status.HOLD, Status.SOLVED, Status.CLOSED, Status.DELETED])
def test_an_unknown_ticket_that_does_not_wait_is_not_imported(bench: Bench, status: Status) -> None:
    bench.put(status=status)
    reconcile(bench, sighting(bench))
    assert looked_at(bench) == []


def test_a_known_ticket_that_changed_is_looked_at_also_when_it_does_not_wait_any_more(bench: Bench) -> None:
    bench.put()
    bench.look()
    bench.forget_jobs()
    bench.put(status=Status.CLOSED, updated_at=MORNING + timedelta(minutes=1))
    reconcile(bench, sighting(bench))
    assert looked_at(bench) == ["1"]


def test_a_known_ticket_that_is_as_it_was_causes_no_work(bench: Bench) -> None:
    bench.put()
    bench.look()
    bench.forget_jobs()
    reconcile(bench, sighting(bench))
    assert bench.queued() == []


def test_a_comment_nobody_told_of_is_seen_by_the_later_time(bench: Bench) -> None:
    bench.put()
    bench.look()
    bench.forget_jobs()
    reconcile(bench, sighting(bench, at=MORNING + SLACK + timedelta(seconds=1)))
    assert looked_at(bench) == ["1"]


def test_our_own_writing_is_no_work(bench: Bench) -> None:
    bench.put()
    bench.look()
    with bench.database.begin() as connection:
        tickets.update(connection, DESK, "1", own_write_at=utc_now())
    bench.forget_jobs()
    reconcile(bench, sighting(bench, at=utc_now()))
    assert bench.queued() == []


def test_a_change_of_facts_is_seen_also_right_after_our_own_writing(bench: Bench) -> None:
    bench.put()
    bench.look()
    with bench.database.begin() as connection:
        tickets.update(connection, DESK, "1", own_write_at=utc_now())
    bench.forget_jobs()
    bench.put(status=Status.OPEN)
    reconcile(bench, sighting(bench, at=utc_now()))
    assert looked_at(bench) == ["1"]


def test_the_cursor_does_not_move_when_the_desk_does_not_answer(bench: Bench) -> None:
    reconcile(bench, cursor="a")

    def fail(cursor: str | None) -> Changes:
        raise Transient("no answer")

    bench.desk.changes = fail  # type: ignore[method-assign]
    with pytest.raises(Transient):
        bench.run("desk.reconcile", desk=DESK)
    assert cursor(bench) == "a"


def test_the_cursor_moves_only_in_the_commit_that_asked_for_the_looks(bench: Bench) -> None:
    reconcile(bench, cursor="a")
    bench.put()
    bench.desk.pages["a"] = Changes((sighting(bench),), "b", False)
    settle = TASKS["desk.reconcile"].function(Run(0, bench.context), desk=DESK)
    assert settle is not None
    with bench.database.connect() as connection, connection.begin() as transaction:
        settle(connection)
        transaction.rollback()
    assert cursor(bench) == "a"
    assert looked_at(bench) == []
    bench.run("desk.reconcile", desk=DESK)
    assert cursor(bench) == "b"
    assert looked_at(bench) == ["1"]


def test_when_there_is_more_the_next_page_is_asked_for_at_once(bench: Bench) -> None:
    reconcile(bench, cursor="a", more=True)
    assert bench.queued("desk.reconcile") == [{"desk": DESK}]
    bench.forget_jobs()
    reconcile(bench, cursor="b")
    assert bench.queued("desk.reconcile") == []


def test_two_desks_have_two_cursors(bench: Bench) -> None:
    with bench.database.begin() as connection:
        cursors.put(connection, "other", "x")
    reconcile(bench, cursor="a")
    with bench.database.connect() as connection:
        assert cursors.get(connection, "other") == "x"
        assert connection.scalar(sa.select(sa.func.count()).select_from(cursors.cursor)) == 2
