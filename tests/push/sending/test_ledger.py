"""Rows are given out once, whoever asks at the same time, and what a dead worker had comes to an end."""

import threading
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from deskside.store.database import reading
from deskside.store.push_tables import cap_slot, send
from push.campaigns.messages import messages_of
from push.model import Kind
from push.sending import caps, ledger, recovery, run
from push.sending.caps import Slot
from push.sending.decide import decide
from push.sending.ledger import Change, NewSend
from push.sending.messages import nothing
from push.sending.run import LEASE, run_batch
from tests.push.sending.world import NOON, World

LONG = timedelta(minutes=5)


def planned(world: World, number: int, people: list[int] | None = None, **values: object) -> list[int]:
    """So many sends that are due, one after the other; their people."""
    people = people or world.crowd(number)
    with world.database.begin() as connection:
        sends = [
            NewSend(f"k{index}", Kind.PROMO, person, NOON - timedelta(seconds=number - index), **values)  # type: ignore[arg-type]
            for index, person in enumerate(people)
        ]
        assert ledger.plan(connection, sends) == len(people)
    return people


def test_what_is_due_longest_is_claimed_first_and_nothing_before_its_time(world: World) -> None:
    people = planned(world, 5)
    with world.database.begin() as connection:
        early = ledger.claim(connection, "a", NOON - timedelta(seconds=4), 9, LONG)
        rest = ledger.claim(connection, "b", NOON, 2, LONG)
    assert [row.subscriber for row in early] == people[:2]
    assert [row.subscriber for row in rest] == people[2:4]
    assert {(row.owner, row.state) for row in rest} == {("b", "claimed")}


def test_two_who_claim_at_once_never_get_the_same(world: World) -> None:
    planned(world, 400)
    ready = threading.Barrier(4)

    def claim(owner: str) -> list[int]:
        got: list[int] = []
        ready.wait()
        while True:
            with world.database.begin() as connection:
                rows = ledger.claim(connection, owner, NOON, 17, LONG)
            if not rows:
                return got
            got += [row.id for row in rows]

    with ThreadPoolExecutor(4) as pool:
        claimed = [row for rows in pool.map(claim, "abcd") for row in rows]
    assert len(claimed) == len(set(claimed)) == 400


def test_a_claimed_row_whose_lease_ran_out_is_due_again(world: World) -> None:
    planned(world, 3)
    with world.database.begin() as connection:
        first = ledger.claim(connection, "dead", NOON, 9, LONG)
        assert recovery.recover(connection, nothing, NOON + LONG) == 0
        assert recovery.recover(connection, nothing, NOON + LONG + timedelta(seconds=1)) == 3
        again = ledger.claim(connection, "living", NOON, 9, LONG)
        assert [row.id for row in again] == [row.id for row in first]
        # The dead one, should it live, has lost them.
        assert ledger.start(connection, "dead", [row.id for row in first], NOON, LONG) == set()
        ledger.change(connection, [Change(first[0].id, "dead", "sent", "")], NOON)
        assert len(ledger.start(connection, "living", [row.id for row in first], NOON, LONG)) == 3


class Death(Exception):
    """A worker that is no more."""


def die_after(world: World, answers: int) -> None:
    """The worker dies with a batch on its way, after so many answers came."""
    deliver = world.service.deliver

    def dying(parcels):  # type: ignore[no-untyped-def]
        for number, outcome in enumerate(deliver(parcels)):
            if number == answers:
                raise Death
            yield outcome

    world.service.deliver = dying  # type: ignore[method-assign]
    with pytest.raises(Death):
        run_batch(world.sending)
    world.service.deliver = deliver  # type: ignore[method-assign]


def test_of_a_dead_workers_courtesies_none_is_sent_again_and_each_is_listed(world: World) -> None:
    world.crowd(10)
    world.campaign()
    world.start()
    die_after(world, 4)
    world.hand.move(minutes=6)
    with world.database.begin() as connection:
        recovery.recover(connection, nothing, world.hand.now)
    assert world.run() == 0
    assert set(world.service.endpoints.values()) == {1}
    assert world.states() == {"unknown": 10}
    with reading(world.database) as connection:
        assert len(recovery.unknown(connection)) == 10


def test_of_a_dead_workers_incidents_each_is_sent_again(world: World) -> None:
    world.crowd(10)
    world.campaign(kind=Kind.INCIDENT)
    world.start()
    die_after(world, 4)
    world.hand.move(minutes=6)
    with world.database.begin() as connection:
        recovery.recover(connection, nothing, world.hand.now)
    assert world.run() == 10
    assert world.states() == {"sent": 10}
    assert Counter(world.service.endpoints.values()) == {2: 5, 1: 5}


def test_what_was_written_before_the_death_stays_known(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "SETTLED_AT_ONCE", 2)
    world.crowd(10)
    world.campaign()
    world.start()
    die_after(world, 5)
    world.hand.move(minutes=6)
    with world.database.begin() as connection:
        recovery.recover(connection, nothing, world.hand.now)
    assert world.states() == {"sent": 4, "unknown": 6}


def test_an_answer_that_comes_after_the_lease_is_believed(world: World) -> None:
    world.crowd(2)
    world.campaign()
    world.start()
    deliver = world.service.deliver

    def late(parcels):  # type: ignore[no-untyped-def]
        outcomes = list(deliver(parcels))
        world.hand.move(seconds=LEASE.total_seconds() + 1)
        with world.database.begin() as connection:
            recovery.recover(connection, nothing, world.hand.now)
        assert world.states() == {"unknown": 2}
        yield from outcomes

    world.service.deliver = late  # type: ignore[method-assign]
    world.run()
    assert world.states() == {"sent": 2}
    assert {row.state for row in world.pushes()} == {"accepted"}


def test_a_person_with_one_known_and_one_unknown_browser_has_got_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "SETTLED_AT_ONCE", 1)
    world.person(devices=2)
    world.campaign()
    world.start()
    die_after(world, 1)
    world.hand.move(minutes=6)
    with world.database.begin() as connection:
        recovery.recover(connection, nothing, world.hand.now)
    assert (world.sends()[0].state, world.sends()[0].reason) == ("sent", "accepted for 1 of 2 browsers")
    assert sorted(row.state for row in world.pushes()) == ["accepted", "unknown"]


def test_two_campaigns_in_one_batch_cannot_both_have_the_last_slot(world: World) -> None:
    person = world.person(per_week=1)
    world.manners = replace(world.manners, gap=timedelta())
    world.campaign()
    world.campaign()
    world.go()
    assert world.service.endpoints == {f"d{person}-0": 1}
    assert sorted(row.state for row in world.sends()) == ["sent", "skipped"]


@pytest.mark.parametrize("rule", ["cap", "gap"])
def test_a_worker_that_decides_while_another_does_sees_what_that_one_gave(world: World, rule: str) -> None:
    """Both have a row for the same person, and neither has committed when the other looks."""
    world.person(per_week=1 if rule == "cap" else 5)
    world.manners = replace(world.manners, gap=timedelta(hours=4) if rule == "gap" else timedelta())
    for _ in range(2):
        world.campaign()
    world.start()

    def claim(connection: sa.Connection, owner: str) -> int:
        rows = ledger.claim(connection, owner, NOON, 1, LONG)
        return len(decide(connection, rows, messages_of, nothing, world.manners, NOON))

    def second() -> int:
        with world.database.begin() as connection:
            return claim(connection, "b")

    with ThreadPoolExecutor(1) as pool:
        with world.database.begin() as connection:
            first = claim(connection, "a")
            other = pool.submit(second)
            until_it_waits_or_ends(world.database, other)
        assert (first, other.result(30)) == (1, 0)


def until_it_waits_or_ends(database: sa.Engine, other: Future[int]) -> None:
    """On SQLite nobody gets even into the room while another writes."""
    pause = threading.Event()
    while database.dialect.name == "postgresql" and not other.done():
        with reading(database) as connection:
            if connection.scalar(sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                return
        pause.wait(0.02)


def test_two_workers_that_race_for_the_last_slot_of_everybody_send_one_each(world: World) -> None:
    people = world.crowd(40, per_week=1)
    world.manners = replace(world.manners, gap=timedelta())
    for _ in range(2):
        world.campaign()
    world.start()
    with world.database.begin() as connection:
        # The two rows of one person next to each other, so that both workers have the same people at once.
        connection.execute(sa.text("UPDATE send SET due_at = (SELECT min(due_at) FROM send)"))
        for place, person in enumerate(people):
            due = {"due_at": NOON - timedelta(seconds=100 - place)}
            connection.execute(sa.update(send).where(send.c.subscriber == person).values(due))
    ready = threading.Barrier(2)

    def claim(owner: str) -> list[int]:
        granted: list[int] = []
        ready.wait()
        while True:
            with world.database.begin() as connection:
                rows = ledger.claim(connection, owner, NOON, 3, LONG)
                approved = decide(connection, rows, messages_of, nothing, world.manners, NOON)
            if not rows:
                return granted
            granted += [one.person.id for one in approved]

    with ThreadPoolExecutor(2) as pool:
        granted = [person for part in pool.map(claim, "ab") for person in part]
    assert sorted(granted) == people


def test_a_slot_can_be_taken_once_and_given_back(world: World) -> None:
    person = world.person()
    with world.database.begin() as connection:
        assert caps.take(connection, [Slot(person, "2026-W48", 1, 7, NOON)]) == {7}
        assert caps.take(connection, [Slot(person, "2026-W48", 1, 8, NOON)]) == set()
        caps.give_back(connection, [7])
        assert caps.take(connection, [Slot(person, "2026-W48", 1, 8, NOON)]) == {8}
        caps.purge(connection, NOON + timedelta(days=1))
        assert connection.scalar(sa.select(sa.func.count()).select_from(cap_slot)) == 0


def test_the_next_slot_is_the_lowest_free_number_of_its_week_until_the_week_is_full() -> None:
    taken = caps.Slots()
    for number in (1, 2, 4):
        taken.take(Slot(1, "2026-W48", number, 900 + number, NOON))
    assert taken.free("2026-W48", 5) == 3
    taken.take(Slot(1, "2026-W48", 3, 903, NOON))
    assert taken.free("2026-W48", 5) == 5
    assert taken.free("2026-W48", 4) is None
    assert taken.free("2026-W49", 4) == 1


def test_who_is_beaten_to_a_slot_takes_the_next_or_waits(world: World) -> None:
    """As on a database where another transaction took it between the look and the taking."""
    people = world.crowd(2, per_week=2)
    world.campaign()
    world.start()
    of = caps.of
    stolen: list[int] = []

    def stealing(connection: sa.Connection, ids: object, since: datetime):  # type: ignore[no-untyped-def]
        found = of(connection, ids, since)  # type: ignore[arg-type]
        if not stolen:
            stolen.extend(people)
            slots = [Slot(people[0], "2026-W48", 1, 901, NOON - timedelta(days=1))]
            slots += [Slot(people[1], "2026-W48", n, 901 + n, NOON - timedelta(days=1)) for n in (1, 2)]
            caps.take(connection, slots)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(caps, "of", stealing)
        world.run()
    first, second = world.sends()
    assert (first.state, second.state) == ("sent", "skipped")
    assert second.reason.startswith("has had 2 this week, at most 2 are wanted")


def test_what_is_held_waits_and_goes_on_where_it_was(world: World) -> None:
    planned(world, 3, not_after=NOON + timedelta(hours=1))
    with world.database.begin() as connection:
        assert ledger.hold(connection, sa.true(), "paused") == 3
        assert not ledger.anything_due(connection, NOON)
        assert ledger.release(connection, sa.true(), timedelta(hours=2)) == 3
    assert {row.not_after for row in world.sends()} == {NOON + timedelta(hours=3)}
    with reading(world.database) as connection:
        assert ledger.next_due(connection) == NOON + timedelta(hours=2) - timedelta(seconds=3)


def test_a_send_without_an_end_gets_one(world: World) -> None:
    planned(world, 1)
    assert world.sends()[0].not_after == world.sends()[0].due_at + ledger.LONGEST_USE


def test_the_claim_reads_its_index_and_no_more(world: World) -> None:
    planned(world, 3)
    seen: list[str] = []

    def note(_c: object, _k: object, statement: str, parameters: object, *_: object) -> None:
        seen.append(statement)

    with world.database.begin() as connection:
        sa.event.listen(connection, "before_cursor_execute", note)
        ledger.claim(connection, "a", NOON, 2, LONG)
        sa.event.remove(connection, "before_cursor_execute", note)
        if connection.dialect.name == "sqlite":
            for statement, index in zip(seen, ("ix_send_urgent", "ix_send_due"), strict=True):
                holes = statement.count("?")
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", (0,) * holes).all()
                assert any(index in row[-1] for row in plan), plan
                assert not any("SCAN send" in row[-1] and index not in row[-1] for row in plan), plan
    assert len(seen) == 2


def test_a_batch_is_no_larger_than_asked(world: World) -> None:
    world.crowd(7)
    world.campaign()
    world.start()
    assert [run_batch(world.sending, 3) for _ in range(4)] == [3, 3, 1, 0]
    assert world.states() == {"sent": 7}
