"""A person moves a ticket: once, for a reason, and the desk is told its new place."""

from datetime import timedelta

import pytest

from deskside.model.place import Scale
from deskside.model.ticket import Client, Status
from deskside.order.explain import Standing, between
from deskside.store import claims, moves, queue
from deskside.store.database import reading, utc_now
from jobs import ranking
from jobs.moves import move
from tests.jobs.desk import DESK, MORNING, Bench, promised


@pytest.fixture
def line(bench: Bench) -> Bench:
    """Three clients' tickets, which came within the last hour."""
    now = utc_now()
    for number, minutes in enumerate((50, 40, 30), start=1):
        at = now - timedelta(minutes=minutes)
        client = Client(f"c{number}", f"Client {number}")
        bench.put(str(number), created_at=at, updated_at=at, client=client)
        bench.look(str(number))
    bench.forget_jobs()
    return bench


def order(bench: Bench) -> list[str]:
    with reading(bench.database) as connection:
        return [row.ticket_id for row in queue.top(connection, "Support")]


def test_the_ticket_stands_where_it_was_said_it_would(line: Bench) -> None:
    foreseen = move(line.context, DESK, "3", "front", "ops", "", dry_run=True)
    assert foreseen is not None and not foreseen.made
    assert order(line) == ["1", "2", "3"]
    made = move(line.context, DESK, "3", "front", "ops", "paid", expected=foreseen.prospect.after)
    assert made is not None and made.made
    assert order(line) == ["3", "1", "2"]


def test_a_dry_run_leaves_no_trace(line: Bench) -> None:
    before = line.row("3")
    move(line.context, DESK, "3", "front", "ops", "", dry_run=True)
    assert line.row("3") == before
    assert line.queued() == []
    with reading(line.database) as connection:
        assert moves.of_ticket(connection, DESK, "3") == []


def test_the_new_place_is_written_to_the_desk(line: Bench) -> None:
    move(line.context, DESK, "3", "front", "ops", "paid")
    (job,) = line.queued("effect.send")
    row = line.row("3")
    assert line.effect(job["key"]).payload == {"band": "ahead", "sort_key": f"{row.key:012d}"}


def test_another_place_than_was_shown_is_refused(line: Bench) -> None:
    answer = move(line.context, DESK, "3", "front", "ops", "paid", expected=2)
    assert answer is not None
    assert (answer.made, answer.refused) == (False, "changed")
    assert order(line) == ["1", "2", "3"]


def test_a_move_that_would_change_nothing_is_not_made_and_uses_up_nothing(line: Bench) -> None:
    answer = move(line.context, DESK, "1", "front", "ops", "paid")
    assert answer is not None
    assert (answer.made, answer.prospect.before, answer.prospect.after) == (False, 1, 1)
    assert line.queued() == []
    again = move(line.context, DESK, "3", "front", "ops", "paid")
    assert again is not None and again.made


def test_the_quota_is_kept(line: Bench) -> None:
    move(line.context, DESK, "3", "second", "ops", "paid")
    answer = move(line.context, DESK, "2", "front", "ops", "paid")
    assert answer is not None
    assert (answer.made, answer.refused) == (False, "share")


def test_a_ticket_that_does_not_wait_cannot_be_moved(line: Bench) -> None:
    line.put("3", status=Status.PENDING)
    line.look("3")
    assert move(line.context, DESK, "3", "front", "ops", "paid") is None
    assert move(line.context, DESK, "3", "front", "ops", "", dry_run=True) is None
    assert move(line.context, DESK, "404", "front", "ops", "paid") is None


def test_the_explanation_stays_true(line: Bench) -> None:
    move(line.context, DESK, "3", "front", "ops", "the client paid")
    row, behind = line.row("3"), line.row("1")
    (reason,) = [item for item in row.contributions if item["factor"] == "moved"]
    assert reason["reason"] == "moved to the front by ops: the client paid"
    assert sum(item["minutes"] for item in row.contributions) == round((row.arrived - row.key) / 60)
    told = between(Standing("3", row.key, row.arrived), Standing("1", behind.key, behind.arrived))
    assert (told.earlier, told.minutes, told.first_start) == (False, 20, 20)


def test_a_later_head_start_does_not_forget_the_move(line: Bench) -> None:
    move(line.context, DESK, "3", "front", "ops", "paid")
    before = line.row("3")
    line.put("3", service_level=promised(0, utc_now()), updated_at=utc_now())
    row = line.look("3")
    assert row.head_start > before.head_start
    assert "moved" in [item["factor"] for item in row.contributions]


def test_a_dead_server_after_a_move_still_goes_first(line: Bench) -> None:
    move(line.context, DESK, "3", "front", "ops", "paid")
    changed = ranking.emergency(line.context, line.row("2"), utc_now())
    assert changed["key"] < line.row("3").key
    assert [item["scale"] for item in changed["contributions"]][-1] == Scale.EMERGENCY


def test_a_ticket_that_is_answered_is_nobody_s(bench: Bench) -> None:
    bench.put()
    bench.look()
    now = utc_now()
    with bench.database.begin() as connection:
        assert claims.give_next(connection, "ann", (), now, now + timedelta(minutes=15)) is not None
    bench.put(status=Status.PENDING, updated_at=MORNING + timedelta(hours=1))
    row = bench.look()
    assert (row.claimed_by, row.claimed_at, row.claimed_until) == ("", None, None)


def test_a_ticket_that_is_gone_from_the_desk_is_nobody_s(bench: Bench) -> None:
    bench.put()
    bench.look()
    now = utc_now()
    with bench.database.begin() as connection:
        claims.give_next(connection, "ann", (), now, now + timedelta(minutes=15))
    del bench.desk.tickets["1"]
    assert bench.look().claimed_by == ""


def test_a_ticket_stays_with_its_agent_while_it_is_only_read_again(bench: Bench) -> None:
    bench.put()
    bench.look()
    now = utc_now()
    with bench.database.begin() as connection:
        claims.give_next(connection, "ann", (), now, now + timedelta(minutes=15))
    bench.put(subject="Still broken", updated_at=MORNING + timedelta(hours=1))
    assert bench.look().claimed_by == "ann"
