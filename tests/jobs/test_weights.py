"""Changing the weights: one in force, one tried at most, and no key that moves but by a switch for all."""

import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.ranking import vip_tag
from deskside.model.health import Word
from deskside.model.ticket import Client, Status
from deskside.model.weights import Apply, Change, Seen, Superseded, Unfair
from deskside.order import weights as order
from deskside.order.key import sort_key
from deskside.order.pools import PoolRule
from deskside.store import queue
from deskside.store import weights as store
from deskside.store.database import Row, reading, utc_now
from deskside.store.tables import move, ticket, turn
from jobs import weights
from tests.jobs.desk import DESK, FACTORS, MORNING, Bench, make_bench

START = Seen(0, 0)
VIP = frozenset({"vip"})


def after(number: float) -> Any:
    return MORNING + timedelta(minutes=number)


def own(bench: Bench, **other: int) -> dict[str, int]:
    return {**order.configured(bench.context.settings.queue), **other}


def seen(bench: Bench) -> Seen:
    with reading(bench.database) as connection:
        return store.seen(connection)


def change(bench: Bench, apply: Apply, minutes: dict[str, int] | None = None, by: str = "ann", **more: Any) -> Seen:
    """Decide as somebody who has just looked; what there is then."""
    weights.change(bench.context, Change(apply, minutes, by, more.pop("seen", None) or seen(bench), **more))
    return seen(bench)


def arrive(bench: Bench, number: str, minute: float, **values: Any) -> Row:
    bench.put(number, created_at=after(minute), updated_at=after(minute), **values)
    return bench.look(number)


def take(bench: Bench, number: str, minute: float) -> None:
    bench.put(number, status=Status.SOLVED, updated_at=after(minute))
    bench.look(number)


def order_of(bench: Bench, pool: str = "Support") -> list[str]:
    with reading(bench.database) as connection:
        return [row.ticket_id for row in queue.top(connection, pool, 100)]


def rows(bench: Bench, query: Any) -> Sequence[Row]:
    with reading(bench.database) as connection:
        return connection.execute(query).all()


@pytest.fixture
def crowd(bench: Bench) -> Bench:
    """Three plain tickets and a VIP's, who stands second."""
    for number, minute in (("1", 0), ("2", 10), ("3", 50)):
        arrive(bench, number, minute)
    arrive(bench, "4", 65, tags=VIP)
    return bench


def test_for_new_tickets_nobody_who_waits_moves(crowd: Bench) -> None:
    before = {number: crowd.row(number)._mapping for number in "1234"}
    assert change(crowd, Apply.NEW, own(crowd, vip_minutes=120)) == Seen(1, 0)
    assert {number: crowd.row(number)._mapping for number in "1234"} == before
    later = arrive(crowd, "5", 70, tags=VIP)
    assert (later.key, later.model, later.head_start) == (int(after(70).timestamp()) - 7200, 1, 7200)


def test_for_all_the_whole_queue_is_as_if_it_had_always_been_so(crowd: Bench) -> None:
    assert order_of(crowd) == ["1", "4", "2", "3"]
    change(crowd, Apply.ALL, own(crowd, vip_minutes=120))
    assert order_of(crowd) == ["4", "1", "2", "3"]
    row = crowd.row("4")
    assert (row.key, row.head_start, row.model) == (int(after(65).timestamp()) - 7200, 7200, 1)
    assert row.safe_at == after(65 + 480 - 120)
    assert [crowd.row(number).model for number in "123"] == [1, 1, 1]
    assert [item["minutes"] for item in row.contributions if item["factor"] == "vip_tag"] == [120]


def test_the_old_order_is_kept(crowd: Bench) -> None:
    change(crowd, Apply.ALL, own(crowd, vip_minutes=120), by="olga")
    kept = rows(crowd, sa.select(move).order_by(move.c.ticket_id))
    assert [(row.ticket_id, row.position_before, row.position_after, row.minutes) for row in kept] == [
        ("1", 1, 2, 0),
        ("4", 2, 1, 60),
    ]
    assert {(row.kind, row.reason, row.by) for row in kept} == {("weights", "1", "olga")}
    with reading(crowd.database) as connection:
        assert store.reordered(connection) == {store.active(connection).started_at: 2}


def test_back_to_the_configuration_for_all_restores_every_key(crowd: Bench) -> None:
    before = {number: crowd.row(number) for number in "1234"}
    change(crowd, Apply.ALL, own(crowd, vip_minutes=0, carried_minutes=3))
    assert order_of(crowd) == ["1", "2", "3", "4"]
    assert change(crowd, Apply.ALL, None) == Seen(0, 0)
    for number, row in before.items():
        now = crowd.row(number)
        assert now._mapping == {**row._mapping, "contributions": now.contributions}
    assert order_of(crowd) == ["1", "4", "2", "3"]


def test_the_desk_hears_of_every_new_place_also_when_it_is_an_old_one_again(crowd: Bench) -> None:
    old = crowd.row("4").key
    for effect in crowd.effects("place"):
        crowd.run("effect.send", key=effect.key)
    for minutes in (own(crowd, vip_minutes=120), None):
        crowd.forget_jobs()
        change(crowd, Apply.ALL, minutes)
        for job in crowd.queued("effect.send"):
            crowd.run("effect.send", **job)
        assert [number for number, _ in crowd.desk.placements].count("4") >= 2
        placed = [placement.sort_key for number, placement in crowd.desk.placements if number == "4"]
        assert placed[-1] == sort_key(crowd.row("4").key)
    assert crowd.row("4").key == old


def test_a_switch_sends_nothing_about_tickets_that_stay(crowd: Bench) -> None:
    crowd.forget_jobs()
    change(crowd, Apply.ALL, own(crowd, vip_minutes=120))
    assert [job["key"].split(":")[2] for job in crowd.queued("effect.send")] == ["4"]
    crowd.forget_jobs()
    change(crowd, Apply.NEW, own(crowd, vip_minutes=30))
    change(crowd, Apply.TRY, own(crowd, vip_minutes=10))
    assert crowd.queued() == []


def test_a_ticket_in_two_pools_moves_in_both(database: sa.Engine) -> None:
    rules = [
        PoolRule("Support", groups=frozenset({"support"})),
        PoolRule("Second line", groups=frozenset({"support", "second line"})),
    ]
    bench = make_bench(database, pool_rules=rules)
    arrive(bench, "1", 0)
    arrive(bench, "2", 30, tags=VIP, pool="Second line")
    assert order_of(bench, "Second line") == ["2", "1"]
    change(bench, Apply.ALL, own(bench, vip_minutes=0))
    assert order_of(bench, "Second line") == ["1", "2"]
    assert order_of(bench) == ["1"]


def test_pinned_tickets_stay_pinned_and_emergencies_ahead(database: sa.Engine) -> None:
    bench = make_bench(database, {"DESKSIDE_QUEUE__MAX_OVERTAKEN": "1"})
    arrive(bench, "1", 0, tags=VIP)
    arrive(bench, "2", 5, tags=VIP)
    arrive(bench, "3", 20, tags=VIP)
    bench.add_service()
    bench.examiner.words["srv1"] = Word.DOWN
    arrive(bench, "4", 25, tags=VIP)
    bench.run("ticket.check", desk=DESK, ticket_id="4", request="r", asked_by="ticket", mentioned=[])
    take(bench, "2", 30)
    pinned, dead = bench.row("1"), bench.row("4")
    assert pinned.pinned and dead.emergency
    change(bench, Apply.ALL, own(bench, vip_minutes=0))
    assert (bench.row("1").key, bench.row("1").pinned) == (pinned.key, True)
    assert (bench.row("4").key, bench.row("4").emergency, bench.row("4").band) == (dead.key, True, "emergency")
    assert bench.row("3").key == bench.row("3").arrived


def test_a_late_reason_is_weighed_with_the_weights_of_the_arrival(bench: Bench) -> None:
    arrive(bench, "1", 0)
    change(bench, Apply.NEW, own(bench, vip_minutes=240))
    bench.put("1", tags=VIP)
    row = bench.look("1")
    assert (row.head_start, row.model) == (60 * 60, 0)
    arrive(bench, "2", 5)
    change(bench, Apply.NEW, own(bench, vip_minutes=10))
    bench.put("2", tags=VIP)
    assert bench.look("2").head_start == 240 * 60


def test_a_dead_server_gets_the_same_under_any_weights(bench: Bench) -> None:
    bench.add_service()
    bench.examiner.words["srv1"] = Word.DOWN
    arrive(bench, "1", 0)
    change(bench, Apply.NEW, own(bench, vip_minutes=240, incident_minutes=200))
    bench.run("ticket.check", desk=DESK, ticket_id="1", request="r", asked_by="ticket", mentioned=[])
    row = bench.row("1")
    assert (row.head_start, row.model) == (4320 * 60, 0)


@pytest.mark.parametrize("apply", [Apply.NEW, Apply.TRY])
@pytest.mark.parametrize("vip", [0, 30, 240])
def test_no_switch_but_one_for_all_moves_a_key_not_even_at_the_next_look(crowd: Bench, apply: Apply, vip: int) -> None:
    before = {number: crowd.row(number).key for number in "1234"}
    change(crowd, apply, own(crowd, vip_minutes=vip))
    assert {number: crowd.look(number).key for number in "1234"} == before


def test_a_look_after_a_switch_for_all_undoes_nothing(crowd: Bench) -> None:
    for vip in (0, 240, 30):
        change(crowd, Apply.ALL, own(crowd, vip_minutes=vip))
        before = {number: crowd.row(number).key for number in "1234"}
        assert {number: crowd.look(number).key for number in "1234"} == before


def test_what_is_tried_is_worked_out_for_everybody_who_waits_and_who_comes(crowd: Bench) -> None:
    assert change(crowd, Apply.TRY, own(crowd, vip_minutes=120)) == Seen(0, 1)
    tried = {number: crowd.row(number).shadow_key for number in "1234"}
    assert tried == {number: crowd.row(number).key for number in "123"} | {"4": int(after(65).timestamp()) - 7200}
    later = arrive(crowd, "5", 70, tags=VIP)
    assert (later.key, later.shadow_key) == (int(after(10).timestamp()), int(after(70).timestamp()) - 7200)
    assert later.model == 0


def test_a_turn_keeps_both_positions_while_something_is_tried(crowd: Bench) -> None:
    change(crowd, Apply.TRY, own(crowd, vip_minutes=120))
    take(crowd, "1", 80)
    change(crowd, Apply.END)
    take(crowd, "4", 90)
    kept = rows(crowd, sa.select(turn).order_by(turn.c.id))
    assert [(row.ticket_id, row.position, row.shadow_position) for row in kept] == [("1", 0, 1), ("4", 0, None)]


def test_when_the_trial_ends_every_key_of_it_is_forgotten(crowd: Bench) -> None:
    change(crowd, Apply.TRY, own(crowd, vip_minutes=120))
    assert change(crowd, Apply.END, by="olga") == START
    assert [crowd.row(number).shadow_key for number in "1234"] == [None] * 4
    assert [(row.state, row.ended_by) for row in versions(crowd)] == [("past", "olga")]
    assert arrive(crowd, "5", 70).shadow_key is None


def versions(bench: Bench) -> Sequence[Row]:
    with reading(bench.database) as connection:
        return store.history(connection)


def test_what_comes_late_counts_in_the_tried_order_too(crowd: Bench) -> None:
    change(crowd, Apply.TRY, own(crowd, vip_minutes=240))
    recent = utc_now() - timedelta(minutes=5)
    crowd.put("6", created_at=recent, updated_at=recent)
    before = crowd.look("6")
    crowd.put("6", tags=VIP)
    row = crowd.look("6")
    assert before.shadow_key == before.key
    assert row.shadow_key == int(row.read_at.timestamp()) - 240 * 60
    assert crowd.look("6").shadow_key == row.shadow_key


def test_trying_something_else_takes_the_place_of_what_was_tried(crowd: Bench) -> None:
    change(crowd, Apply.TRY, own(crowd, vip_minutes=120))
    assert change(crowd, Apply.TRY, own(crowd, vip_minutes=180)) == Seen(0, 2)
    assert [(row.version, row.state) for row in versions(crowd)] == [(2, "shadow"), (1, "past")]
    assert crowd.row("4").shadow_key == int(after(65).timestamp()) - 180 * 60


def test_what_was_tried_keeps_its_number_when_it_comes_into_force(crowd: Bench) -> None:
    change(crowd, Apply.TRY, own(crowd, vip_minutes=120), by="ann", note="for the launch")
    assert change(crowd, Apply.ALL, own(crowd, vip_minutes=120), by="olga") == Seen(1, 0)
    version = versions(crowd)[0]
    assert (version.state, version.made_by, version.note) == ("active", "ann", "for the launch")
    assert version.started_at >= version.made_at
    assert crowd.row("4").shadow_key is None


def test_other_minutes_coming_into_force_end_the_trial(crowd: Bench) -> None:
    change(crowd, Apply.TRY, own(crowd, vip_minutes=120))
    assert change(crowd, Apply.NEW, own(crowd, vip_minutes=90)) == Seen(2, 0)
    assert [row.state for row in versions(crowd)] == ["active", "past"]
    assert crowd.row("4").shadow_key is None


def test_who_did_not_see_the_latest_change_is_refused_and_changes_nothing(crowd: Bench) -> None:
    change(crowd, Apply.NEW, own(crowd, vip_minutes=90))
    change(crowd, Apply.TRY, own(crowd, vip_minutes=30))
    for stale in (START, Seen(1, 0), Seen(0, 2)):
        for apply in Apply:
            with pytest.raises(Superseded):
                change(crowd, apply, own(crowd, vip_minutes=100), seen=stale)
    assert seen(crowd) == Seen(1, 2)


@pytest.mark.parametrize("apply", [Apply.TRY, Apply.NEW, Apply.ALL])
def test_of_two_who_change_at_once_one_is_refused(crowd: Bench, apply: Apply) -> None:
    gate = threading.Barrier(6)
    outcomes: list[str] = []

    def decide(number: int) -> None:
        gate.wait()
        try:
            change(crowd, apply, own(crowd, vip_minutes=100 + number), by=f"ops{number}", seen=START)
            outcomes.append("done")
        except Superseded:
            outcomes.append("refused")

    threads = [threading.Thread(target=decide, args=[number]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", *["refused"] * 5]
    assert [row.state for row in versions(crowd)] == ["shadow" if apply is Apply.TRY else "active"]


def test_a_ticket_that_comes_during_a_switch_is_in_the_order_of_before_or_of_after(bench: Bench) -> None:
    for number in range(30):
        bench.put(str(number), created_at=after(number), updated_at=after(number), tags=VIP)
    gate = threading.Barrier(2)

    def come() -> None:
        gate.wait()
        for number in range(30):
            bench.look(str(number))

    thread = threading.Thread(target=come)
    thread.start()
    gate.wait()
    change(bench, Apply.ALL, own(bench, vip_minutes=120))
    thread.join()
    assert {(bench.row(str(n)).head_start, bench.row(str(n)).model) for n in range(30)} == {(7200, 1)}
    arrivals = [str(number) for number in range(30)]
    assert order_of(bench) == arrivals


def test_minutes_out_of_range_are_refused_whoever_asks(bench: Bench) -> None:
    for minutes in (own(bench, vip_minutes=-1), own(bench, vip_minutes=241), {"vip_minutes": 60}):
        with pytest.raises(ValueError, match="out of range"):
            change(bench, Apply.NEW, minutes)
    assert seen(bench) == START


@pytest.fixture
def strict(database: sa.Engine) -> Bench:
    """A desk where every other ticket is a VIP's, and 40 minutes are the limit."""
    bench = make_bench(database, {"DESKSIDE_QUEUE__UNFAIRNESS_MINUTES": "40"})
    now = utc_now()
    for number in range(10):
        came = now - timedelta(minutes=100 - number)
        bench.put(str(number), created_at=came, updated_at=came, tags=VIP if number % 2 else frozenset())
        bench.look(str(number))
    return bench


@pytest.mark.parametrize("apply", [Apply.TRY, Apply.NEW, Apply.ALL])
def test_above_the_limit_of_unfairness_nothing_is_saved(strict: Bench, apply: Apply) -> None:
    before = [strict.row(str(number))._mapping for number in range(10)]
    with pytest.raises(Unfair) as refused:
        change(strict, apply, own(strict, vip_minutes=100))
    assert (refused.value.found, refused.value.limit) == (50, 40)
    assert (refused.value.weight, refused.value.most) == ("vip_minutes", 80)
    assert str(refused.value) == (
        "unfairness of 50.0 min is above the limit of 40 min: vip_minutes would have to be 80 at most"
    )
    assert seen(strict) == START
    assert [strict.row(str(number))._mapping for number in range(10)] == before


def test_at_the_limit_it_is_saved_with_the_version(strict: Bench) -> None:
    change(strict, Apply.NEW, own(strict, vip_minutes=80))
    assert versions(strict)[0].unfairness == 40


def test_a_step_towards_the_limit_is_never_refused_nor_is_the_configuration(strict: Bench) -> None:
    tight = make_bench(strict.database, {"DESKSIDE_QUEUE__UNFAIRNESS_MINUTES": "10"})
    assert change(tight, Apply.NEW, own(tight, vip_minutes=50)) == Seen(1, 0)
    with pytest.raises(Unfair):
        change(tight, Apply.NEW, own(tight, vip_minutes=50, complaint_minutes=240))
    assert change(tight, Apply.NEW, None) == Seen(0, 0)


def test_tickets_that_were_answered_count_as_arrivals(strict: Bench) -> None:
    for number in (1, 3, 5):
        strict.put(str(number), status=Status.SOLVED, updated_at=utc_now())
        strict.look(str(number))
    change(strict, Apply.TRY, own(strict, vip_minutes=80))
    assert versions(strict)[0].unfairness == 40


def test_a_factor_of_a_plug_in_keeps_what_it_gave(database: sa.Engine) -> None:
    class Gold:
        name = "gold"

        def weigh(self, situation: Any) -> Any:
            found = vip_tag.factor.weigh(situation)
            return None if found is None else type(found)(self.name, 25, found.scale, "is gold")

    unlimited = {"DESKSIDE_QUEUE__UNFAIRNESS_MINUTES": "1000"}
    bench = make_bench(database, unlimited, factors=[*(module.factor for module in FACTORS), Gold()])
    arrive(bench, "1", 0, tags=VIP, client=Client("7", "Acme"))
    change(bench, Apply.ALL, own(bench, vip_minutes=100))
    assert bench.row("1").head_start == 125 * 60


def test_the_queues_own_rows_follow(crowd: Bench) -> None:
    change(crowd, Apply.ALL, own(crowd, vip_minutes=120))
    with reading(crowd.database) as connection:
        before = connection.execute(sa.text("SELECT pool, key, ticket FROM queue_entry ORDER BY 1, 2, 3")).all()
        waiting = connection.execute(sa.select(ticket.c.pool, ticket.c.key, ticket.c.id).where(ticket.c.waiting))
        assert sorted(map(tuple, before)) == sorted(map(tuple, waiting))
