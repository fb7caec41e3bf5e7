"""The house is kept: signs of life are written, old rows go, and what a person must see stays."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from deskside.model.effect import Note
from deskside.store import checks, effects, heartbeats, inbox
from deskside.store.database import insert_new, reading, utc_now
from deskside.store.tables import effect, fire, health_check
from deskside.store.tables import inbox as inbox_table
from jobs import outbox
from tests.jobs.desk import DESK, Bench

OLD = timedelta(days=31)
YOUNG = timedelta(days=29)


def delivery(bench: Bench, state: str, age: timedelta) -> str:
    name = f"{state}-{age.days}"
    number = bench.deliver(b"{}", delivery_id=name)
    with bench.database.begin() as connection:
        if state != "waiting":
            inbox.settle(connection, number, state, "")
            aged = utc_now() - age
            connection.execute(
                sa.update(inbox_table).where(inbox_table.c.id == number).values(settled_at=aged, received_at=aged)
            )
    return name


def planned(bench: Bench, state: str, age: timedelta) -> str:
    key = f"note:{state}-{age.days}"
    with bench.database.begin() as connection:
        outbox.plan_note(bench.context, connection, key, DESK, "1", Note(key, ()))
        if state in ("done", "dropped", "dead"):
            effects.settle(connection, key, state)
            connection.execute(sa.update(effect).where(effect.c.key == key).values(settled_at=utc_now() - age))
    return key


@pytest.mark.parametrize("state", ["done", "ignored"])
def test_what_is_settled_goes_after_its_days_and_not_before(bench: Bench, state: str) -> None:
    delivery(bench, state, OLD)
    young = delivery(bench, state, YOUNG)
    bench.run("house.purge")
    with reading(bench.database) as connection:
        assert list(connection.scalars(sa.select(inbox_table.c.delivery_id))) == [young]


def test_dead_letters_and_what_still_waits_stay_however_old(bench: Bench) -> None:
    kept = {delivery(bench, "dead", OLD), delivery(bench, "waiting", OLD)}
    kept_effects = {planned(bench, "dead", OLD), planned(bench, "planned", OLD), planned(bench, "done", YOUNG)}
    planned(bench, "done", OLD)
    planned(bench, "dropped", OLD)
    bench.run("house.purge")
    with reading(bench.database) as connection:
        assert set(connection.scalars(sa.select(inbox_table.c.delivery_id))) == kept
        assert set(connection.scalars(sa.select(effect.c.key))) == kept_effects


def test_old_checks_go(bench: Bench) -> None:
    with bench.database.begin() as connection:
        for age in (OLD, YOUNG):
            checks.add(
                connection,
                desk=DESK,
                ticket_id="1",
                asked_by="ticket",
                word="ok",
                headline=str(age.days),
                reports=[],
                checked_at=utc_now() - age,
            )
    bench.run("house.purge")
    with reading(bench.database) as connection:
        assert list(connection.scalars(sa.select(health_check.c.headline))) == [str(YOUNG.days)]


def test_the_newest_instant_of_each_schedule_stays_so_that_none_is_fired_again(bench: Bench) -> None:
    now = utc_now()
    with bench.database.begin() as connection:
        for schedule, days in [("often", 60), ("often", 40), ("often", 1), ("stopped", 60), ("stopped", 40)]:
            insert_new(
                connection, fire, schedule_id=schedule, fire_time=now - timedelta(days=days), node="test", at=now
            )
    bench.run("house.purge")
    with reading(bench.database) as connection:
        left = {(row.schedule_id, (now - row.fire_time).days) for row in connection.execute(sa.select(fire))}
    assert left == {("often", 1), ("stopped", 40)}


def test_the_heartbeat_says_when_a_worker_last_worked(bench: Bench) -> None:
    before = utc_now()
    bench.run("house.heartbeat")
    bench.run("house.heartbeat")
    with reading(bench.database) as connection:
        found = heartbeats.latest(connection, "worker")
        assert found is not None and found >= before
        assert heartbeats.latest(connection, "nobody") is None
        assert connection.scalar(sa.select(sa.func.count()).select_from(heartbeats.heartbeat)) == 1
