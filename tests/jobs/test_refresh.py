"""A look at a ticket: turns of waiting, one place for each, and a key that only falls."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deskside.model.service import Service
from deskside.model.ticket import Client, Status
from deskside.order.key import sort_key
from deskside.store import tickets
from deskside.store.database import reading, utc_now
from deskside.store.queue import top
from deskside.store.services import put as put_services
from jobs.refresh import CHECK_AGAIN_AFTER
from tests.databases import migrated_sqlite, open_careless
from tests.jobs.desk import DESK, MORNING, Bench, make_bench, promised


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def seconds(moment: Any) -> int:
    return int(moment.timestamp())


def factors(row: Any) -> dict[str, int]:
    return {item["factor"]: item["minutes"] for item in row.contributions}


def test_a_new_ticket_waits_from_its_creation(bench: Bench) -> None:
    bench.put()
    row = bench.look()
    assert row.waiting
    assert (row.arrived_at, row.arrived, row.key) == (MORNING, seconds(MORNING), seconds(MORNING))
    assert factors(row) == {"waiting": 0}


def test_looking_again_changes_nothing(bench: Bench) -> None:
    bench.put()
    first = bench.look()
    bench.forget_jobs()
    second = bench.look()
    assert second._mapping == {**first._mapping, "read_at": second.read_at}
    assert bench.queued() == []


def test_the_place_is_written_to_the_desk(bench: Bench) -> None:
    bench.put(tags=frozenset({"vip"}))
    row = bench.look()
    effect = bench.effects("place")[0]
    assert effect.payload == {"band": "ahead", "sort_key": sort_key(row.key)}
    assert bench.queued("effect.send") == [{"key": effect.key}]


def test_an_answered_ticket_leaves_the_queue(bench: Bench) -> None:
    bench.put()
    bench.look()
    bench.put(status=Status.PENDING, updated_at=MORNING + minutes(40))
    row = bench.look()
    assert (row.waiting, row.turns, row.carried_minutes, row.solved_before) == (False, 1, 40, False)


def test_a_bad_rating_is_remembered_from_the_change_that_showed_it_until_it_is_taken_back(bench: Bench) -> None:
    bench.put()
    bench.look()
    rated_at = []
    for after, rated_badly in enumerate((False, True, True, False)):
        bench.put(status=Status.SOLVED, updated_at=MORNING + minutes(after), rated_badly=rated_badly)
        rated_at.append(bench.look().rated_badly_at)
    assert rated_at == [None, MORNING + minutes(1), MORNING + minutes(1), None]


def test_a_ticket_that_comes_back_waits_anew_and_carries_what_it_waited(bench: Bench) -> None:
    bench.put()
    bench.look()
    bench.put(status=Status.PENDING, updated_at=MORNING + minutes(40))
    bench.look()
    back = MORNING + minutes(100)
    bench.put(status=Status.OPEN, updated_at=back)
    row = bench.look()
    assert row.waiting
    assert (row.arrived_at, row.arrived) == (back, seconds(back))
    assert factors(row)["reopened"] == 40
    assert row.key == seconds(back) - 40 * 60


def test_a_solved_ticket_that_comes_back_gets_the_reopened_minutes_too(bench: Bench) -> None:
    bench.put()
    bench.look()
    bench.put(status=Status.SOLVED, updated_at=MORNING + minutes(10))
    bench.look()
    bench.put(status=Status.OPEN, updated_at=MORNING + minutes(60))
    assert factors(bench.look())["reopened"] == 45 + 10


def test_what_is_carried_adds_up_over_turns_and_ends_at_its_limit(bench: Bench) -> None:
    moment = MORNING
    bench.put()
    bench.look()
    for turn in range(1, 5):
        moment += minutes(50)
        bench.put(status=Status.PENDING, updated_at=moment)
        row = bench.look()
        assert (row.turns, row.carried_minutes) == (turn, 50 * turn)
        bench.put(status=Status.OPEN, updated_at=moment)
        row = bench.look()
    assert factors(row)["reopened"] == 120


def test_only_working_time_is_carried(bench: Bench) -> None:
    office = make_bench(
        bench.database,
        {f"DESKSIDE_QUEUE__CALENDAR__{day}": "09:00-18:00" for day in ("MON", "TUE", "WED", "THU", "FRI")},
    )
    office.put(created_at=MORNING + minutes(8 * 60))
    office.look()
    office.put(status=Status.PENDING, updated_at=MORNING + timedelta(days=1, hours=1))
    assert office.look().carried_minutes == 120


def test_a_move_to_another_pool_keeps_the_key(bench: Bench) -> None:
    bench.put(tags=frozenset({"vip"}))
    before = bench.look()
    bench.put(pool="Second line", updated_at=MORNING + minutes(90))
    after = bench.look()
    assert after.pool == "Second line"
    assert (after.key, after.arrived, after.turns) == (before.key, before.arrived, 0)


def test_a_reason_that_comes_late_counts_from_then(bench: Bench) -> None:
    bench.put(created_at=utc_now() - minutes(30))
    before = bench.look()
    bench.put(tags=frozenset({"vip"}))
    after = bench.look()
    assert after.key == seconds(after.read_at) - 60 * 60
    assert after.key < before.key
    assert factors(after)["vip_tag"] == 60


def test_a_late_reason_does_not_move_a_ticket_that_already_stands_better(bench: Bench) -> None:
    bench.put(created_at=utc_now() - minutes(300))
    before = bench.look()
    bench.put(tags=frozenset({"vip"}))
    after = bench.look()
    assert after.key == before.key
    assert after.band == "ahead"


def test_a_reason_that_goes_away_takes_nothing(bench: Bench) -> None:
    bench.put(tags=frozenset({"vip"}))
    before = bench.look()
    bench.put(tags=frozenset())
    after = bench.look()
    assert (after.key, after.head_start, after.contributions) == (before.key, before.head_start, before.contributions)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from([frozenset(), frozenset({"vip"})]),
            st.none() | st.integers(0, 600),
            st.sampled_from(["", "business", "enterprise"]),
            st.sampled_from(["Support", "Second line"]),
        ),
        min_size=2,
        max_size=6,
    ),
    st.integers(0, 2000),
)
def test_while_a_ticket_waits_its_key_only_falls(sqlite_bench: Bench, states: list[Any], age: int) -> None:
    number = str(len(sqlite_bench.desk.tickets) + 1)
    created = utc_now() - minutes(age)
    last = None
    for tags, promise, plan, pool in states:
        sqlite_bench.put(
            number,
            created_at=created,
            updated_at=created,
            tags=tags,
            pool=pool,
            client=Client("7", "Acme", fields={"plan": plan}),
            service_level=None if promise is None else promised(promise, created),
        )
        row = sqlite_bench.look(number)
        assert last is None or (row.key <= last.key and row.head_start >= last.head_start)
        assert row.arrived - row.key <= 480 * 60
        last = row


@pytest.fixture
def sqlite_bench(tmp_path: Any) -> Any:
    opened = open_careless(migrated_sqlite(tmp_path / "deskside.db"))
    plans = {"BUSINESS": "30", "ENTERPRISE": "90"}
    yield make_bench(opened, {f"DESKSIDE_QUEUE__PLAN_MINUTES__{name}": minutes for name, minutes in plans.items()})
    opened.dispose()


def test_a_closed_ticket_seen_for_the_first_time_is_remembered_and_gets_nothing(bench: Bench) -> None:
    bench.add_service()
    bench.put(status=Status.CLOSED)
    row = bench.look()
    assert not row.waiting
    assert bench.effects() == []
    assert bench.queued() == []


def test_a_ticket_that_is_gone_leaves_the_queue_and_does_not_count_as_served(bench: Bench) -> None:
    bench.put("1")
    bench.put("2", created_at=MORNING + minutes(5))
    bench.look("1")
    bench.look("2")
    del bench.desk.tickets["2"]
    row = bench.look("2")
    assert (row.status, row.waiting) == ("deleted", False)
    assert bench.row("1").overtaken == 0


def test_a_ticket_that_was_never_known_and_is_gone_leaves_no_row(bench: Bench) -> None:
    bench.run("ticket.refresh", desk=DESK, ticket_id="404")
    assert not bench.known("404")


def test_a_ticket_taken_first_counts_for_everybody_who_came_before_it(bench: Bench) -> None:
    bench.put("1")
    bench.put("2", created_at=MORNING + minutes(5))
    bench.put("3", created_at=MORNING + minutes(9), pool="Other")
    for number in ("1", "2", "3"):
        bench.look(number)
    bench.put("2", status=Status.SOLVED)
    bench.look("2")
    assert [bench.row(number).overtaken for number in ("1", "2", "3")] == [1, 0, 0]


def test_a_pinned_tickets_new_place_is_written_to_the_desk(database: Any) -> None:
    bench = make_bench(database, {"DESKSIDE_QUEUE__MAX_OVERTAKEN": "1"})
    bench.put("1")
    bench.put("2", created_at=MORNING + minutes(5), updated_at=MORNING + minutes(5))
    before = bench.look("1")
    bench.look("2")
    bench.put("2", status=Status.SOLVED)
    bench.look("2")
    pinned = bench.row("1")
    assert pinned.pinned and pinned.key < before.key
    written = [row for row in bench.effects("place") if row.ticket_id == "1"]
    assert {row.payload["sort_key"] for row in written} == {sort_key(before.key), sort_key(pinned.key)}


def test_a_ticket_about_a_service_is_checked_when_it_comes(bench: Bench) -> None:
    bench.add_service()
    bench.put()
    bench.look()
    asked = bench.queued("ticket.check")
    assert [(job["ticket_id"], job["asked_by"]) for job in asked] == [("1", "ticket")]


def test_a_ticket_of_a_client_without_services_is_not_checked(bench: Bench) -> None:
    bench.add_service(client="somebody else")
    bench.put()
    assert bench.look().targets == []
    assert bench.queued("ticket.check") == []


def test_a_look_at_an_unchanged_ticket_asks_for_no_check(bench: Bench) -> None:
    bench.add_service()
    bench.put()
    bench.look()
    bench.forget_jobs()
    bench.put(priority="high", updated_at=MORNING + minutes(1))
    bench.look()
    assert bench.queued("ticket.check") == []


def test_when_the_text_names_another_service_it_is_checked_at_once(bench: Bench) -> None:
    bench.add_service("srv1", address="192.0.2.10")
    bench.add_service("srv2", address="192.0.2.20")
    bench.put(text="192.0.2.10 is slow")
    bench.look()
    bench.forget_jobs()
    bench.put(text="no, 192.0.2.20", updated_at=MORNING + minutes(1))
    row = bench.look()
    assert [target["service"] for target in row.targets] == ["srv2"]
    assert len(bench.queued("ticket.check")) == 1


def test_a_ticket_that_moves_long_after_its_last_check_is_checked_again(bench: Bench) -> None:
    bench.add_service()
    bench.put()
    bench.look()
    with bench.database.begin() as connection:
        tickets.update(connection, DESK, "1", health_at=utc_now() - CHECK_AGAIN_AFTER - minutes(1))
    bench.forget_jobs()
    bench.look()
    assert bench.queued("ticket.check") == []
    bench.put(updated_at=MORNING + minutes(60))
    bench.look()
    assert len(bench.queued("ticket.check")) == 1


def test_the_services_of_another_client_are_never_a_target(bench: Bench) -> None:
    with bench.database.begin() as connection:
        put_services(connection, [Service(0, "other", "theirs", (), ("192.0.2.99",), ())])
    bench.put(text="look at 192.0.2.99")
    assert bench.look().targets == []


def test_the_queue_gives_tickets_by_their_keys(bench: Bench) -> None:
    bench.put("1")
    bench.put("2", created_at=MORNING + minutes(30), tags=frozenset({"vip"}))
    bench.put("3", created_at=MORNING + minutes(1))
    for number in ("1", "2", "3"):
        bench.look(number)
    with reading(bench.database) as connection:
        assert [row.ticket_id for row in top(connection, "Support")] == ["2", "1", "3"]
