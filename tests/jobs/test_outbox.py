"""Effects reach the desk once, whatever happens on the way."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from deskside.errors import Conflict, Gone, Permanent, Transient, UnknownOutcome
from deskside.model.effect import Note, TagChange
from deskside.store import effects, tables
from deskside.store.database import utc_now
from deskside.store.tables import effect, ticket
from jobs import actions, outbox
from jobs.engine.tasks import TASKS, Run
from jobs.outbox import CONFLICTS, UPDATES_PER_TICKET
from tests.databases import migrated_sqlite, open_careless
from tests.jobs.desk import DESK, Bench, make_bench

KEY = "note:zendesk:1:abc"
MARKER = "deskside-abc"


def plan_note(bench: Bench, key: str = KEY, marker: str = MARKER) -> None:
    with bench.database.begin() as connection:
        outbox.plan_note(bench.context, connection, key, DESK, "1", Note(marker, ("all is well",)))


def plan_tags(bench: Bench, key: str = "tags:1") -> None:
    with bench.database.begin() as connection:
        outbox.plan_tags(bench.context, connection, key, DESK, "1", TagChange(("a",), ("b",)))


def send(bench: Bench, key: str = KEY) -> None:
    bench.run("effect.send", key=key)


def time_passes(bench: Bench, seconds: float) -> None:
    """Everything that was tried was tried so much longer ago."""
    with bench.database.begin() as connection:
        for row in connection.execute(sa.select(effect.c.key, effect.c.tried_at).where(effect.c.tried_at.is_not(None))):
            earlier = row.tried_at - timedelta(seconds=seconds)
            connection.execute(sa.update(effect).where(effect.c.key == row.key).values(tried_at=earlier))


def answer_is_lost(bench: Bench, *, acts: bool) -> None:
    bench.desk.fail(UnknownOutcome("no answer came"), acts=acts)
    with pytest.raises(UnknownOutcome):
        send(bench)


def test_a_note_is_sent_and_the_desks_reference_kept(bench: Bench) -> None:
    plan_note(bench)
    send(bench)
    assert bench.desk.notes == [("1", MARKER)]
    row = bench.effect(KEY)
    assert (row.state, row.attempts, row.reference) == ("done", 1, "note-1")
    assert row.settled_at is not None


def test_planning_twice_is_one_effect_and_one_job(bench: Bench) -> None:
    plan_note(bench)
    plan_note(bench)
    assert bench.queued("effect.send") == [{"key": KEY}]


def test_an_effect_of_a_kind_nobody_knows_cannot_be_planned(bench: Bench) -> None:
    with bench.database.begin() as connection, pytest.raises(ValueError, match="placement"):
        effects.plan(connection, "k", desk=DESK, ticket_id="1", kind="placement", payload={})  # type: ignore[arg-type]
    assert bench.effects() == []


def test_a_plan_that_is_rolled_back_leaves_neither_effect_nor_job(bench: Bench) -> None:
    with bench.database.connect() as connection, connection.begin() as transaction:
        outbox.plan_note(bench.context, connection, KEY, DESK, "1", Note(MARKER, ()))
        transaction.rollback()
    assert bench.effects() == []
    assert bench.queued() == []


def test_a_note_that_is_done_is_not_sent_by_a_second_run(bench: Bench) -> None:
    plan_note(bench)
    send(bench)
    send(bench)
    assert len(bench.desk.notes) == 1


def test_the_attempt_is_counted_before_the_desk_is_touched(bench: Bench) -> None:
    plan_note(bench)
    seen: list[Any] = []

    def look(ticket_id: str, note: Note) -> Any:
        seen.append((bench.effect(KEY).state, bench.effect(KEY).attempts))
        raise UnknownOutcome("no answer came")

    bench.desk.add_note = look  # type: ignore[method-assign]
    with pytest.raises(UnknownOutcome):
        send(bench)
    assert seen == [("trying", 1)]


def test_a_note_whose_answer_was_lost_is_looked_for_and_not_sent_again(bench: Bench) -> None:
    plan_note(bench)
    answer_is_lost(bench, acts=True)
    time_passes(bench, 60)
    send(bench)
    assert bench.desk.asked_for_marker == [MARKER]
    assert bench.desk.notes == [("1", MARKER)]
    assert (bench.effect(KEY).state, bench.effect(KEY).reference) == ("done", f"found-{MARKER}")


def test_a_note_that_never_arrived_is_sent_again(bench: Bench) -> None:
    plan_note(bench)
    answer_is_lost(bench, acts=False)
    time_passes(bench, 60)
    send(bench)
    assert bench.desk.asked_for_marker == [MARKER]
    assert bench.desk.notes == [("1", MARKER)]
    assert bench.effect(KEY).attempts == 2


def test_a_note_is_not_looked_for_while_the_request_may_still_be_on_its_way(bench: Bench) -> None:
    plan_note(bench)
    answer_is_lost(bench, acts=False)
    with pytest.raises(Transient) as early:
        send(bench)
    assert early.value.retry_after is not None
    assert 0 < early.value.retry_after <= bench.context.quiet_seconds
    assert bench.desk.asked_for_marker == []
    assert bench.desk.notes == []


def test_after_a_lost_answer_the_next_try_is_asked_for_when_it_may_look(bench: Bench) -> None:
    plan_note(bench)
    bench.desk.fail(UnknownOutcome("no answer came", retry_after=0.1))
    with pytest.raises(UnknownOutcome) as lost:
        send(bench)
    assert lost.value.retry_after == bench.context.quiet_seconds


def test_an_error_nobody_foresaw_counts_as_a_lost_answer(bench: Bench) -> None:
    plan_note(bench)
    bench.desk.fail(RuntimeError("a bug in a library"), acts=True)
    with pytest.raises(RuntimeError):
        send(bench)
    assert (bench.effect(KEY).state, bench.effect(KEY).attempts) == ("trying", 1)
    time_passes(bench, 60)
    send(bench)
    assert len(bench.desk.notes) == 1


@pytest.mark.parametrize(
    "errors", [[Transient("come again", retry_after=3)], [Conflict("somebody was faster")] * (CONFLICTS + 1)]
)
def test_an_attempt_the_desk_surely_refused_is_taken_back(bench: Bench, errors: list[Transient]) -> None:
    error = errors[0]
    plan_note(bench)
    for refusal in errors:
        bench.desk.fail(refusal)
    with pytest.raises(type(error)) as raised:
        send(bench)
    assert raised.value.retry_after == error.retry_after
    assert (bench.effect(KEY).state, bench.effect(KEY).attempts) == ("planned", 0)
    send(bench)
    assert bench.desk.asked_for_marker == []
    assert len(bench.desk.notes) == 1


def test_a_conflict_is_settled_at_once(bench: Bench) -> None:
    plan_note(bench)
    bench.desk.fail(Conflict("somebody was faster"))
    send(bench)
    assert (bench.effect(KEY).state, len(bench.desk.notes)) == ("done", 1)


def test_a_refusal_after_a_lost_answer_does_not_forget_the_lost_one(bench: Bench) -> None:
    plan_note(bench)
    answer_is_lost(bench, acts=False)
    time_passes(bench, 60)
    bench.desk.fail(Transient("come again"))
    with pytest.raises(Transient):
        send(bench)
    assert bench.effect(KEY).attempts == 1
    time_passes(bench, 60)
    send(bench)
    assert bench.desk.asked_for_marker == [MARKER, MARKER]


def test_a_permanent_refusal_is_a_dead_letter_with_its_reason(bench: Bench) -> None:
    plan_note(bench)
    bench.desk.fail(Permanent("the field does not exist"))
    send(bench)
    row = bench.effect(KEY)
    assert (row.state, row.attempts) == ("dead", 0)
    assert "the field does not exist" in row.error


def test_a_ticket_that_takes_no_more_changes_drops_its_effects(bench: Bench) -> None:
    plan_note(bench)
    bench.desk.fail(Gone("ticket 1 is closed"))
    send(bench)
    assert (bench.effect(KEY).state, bench.effect(KEY).error) == ("dropped", "ticket 1 is closed")


def test_an_effect_of_a_desk_that_is_not_configured_any_more_is_a_dead_letter(database: sa.Engine) -> None:
    bench = make_bench(database, desks={})
    plan_note(bench)
    with pytest.raises(Permanent, match="'zendesk' is not configured"):
        send(bench)
    bench.give_up("effect.send", "Permanent: the desk 'zendesk' is not configured", key=KEY)
    assert bench.effect(KEY).state == "dead"


def test_a_job_given_up_after_its_effect_was_sent_does_not_call_it_dead(bench: Bench) -> None:
    plan_note(bench)
    send(bench)
    bench.give_up("effect.send", "the worker died each time", key=KEY)
    assert bench.effect(KEY).state == "done"


def test_tags_are_sent_again_without_a_look_because_twice_is_the_same_as_once(bench: Bench) -> None:
    plan_tags(bench)
    bench.desk.fail(UnknownOutcome("no answer came"), acts=True)
    with pytest.raises(UnknownOutcome):
        send(bench, "tags:1")
    send(bench, "tags:1")
    assert bench.desk.asked_for_marker == []
    assert {change for _, change in bench.desk.tags} == {TagChange(("a",), ("b",))}
    assert bench.effect("tags:1").state == "done"


def test_a_place_that_is_not_the_tickets_any_more_is_dropped_unsent(bench: Bench) -> None:
    bench.put()
    bench.look()
    first = bench.effects("place")[0]
    bench.put(tags=frozenset({"vip"}))
    bench.look()
    newer = bench.effects("place")[1]
    send(bench, first.key)
    send(bench, newer.key)
    assert bench.effect(first.key).state == "dropped"
    assert [placement.sort_key for _, placement in bench.desk.placements] == [newer.payload["sort_key"]]


def test_our_own_write_is_remembered_on_the_ticket(bench: Bench) -> None:
    bench.put()
    bench.look()
    before = utc_now()
    send(bench, bench.effects("place")[0].key)
    assert bench.row().own_write_at >= before


def test_a_ticket_gets_no_more_than_its_share_of_updates_in_ten_minutes(bench: Bench) -> None:
    for number in range(UPDATES_PER_TICKET):
        plan_tags(bench, f"tags:{number}")
        send(bench, f"tags:{number}")
    plan_note(bench)
    with pytest.raises(Transient) as full:
        send(bench)
    assert full.value.retry_after == 60
    assert bench.desk.notes == []
    assert bench.effect(KEY).attempts == 0
    time_passes(bench, 600)
    send(bench)
    assert len(bench.desk.notes) == 1


def test_the_share_of_one_ticket_is_not_anothers(bench: Bench) -> None:
    for number in range(UPDATES_PER_TICKET):
        plan_tags(bench, f"tags:{number}")
        send(bench, f"tags:{number}")
    with bench.database.begin() as connection:
        outbox.plan_note(bench.context, connection, "note:2", DESK, "2", Note("m2", ()))
    send(bench, "note:2")
    assert bench.desk.notes == [("2", "m2")]


def test_a_dead_effect_waits_again_when_replayed_and_looks_for_its_marker_first(bench: Bench) -> None:
    plan_note(bench)
    answer_is_lost(bench, acts=True)
    bench.give_up("effect.send", "UnknownOutcome: no answer came", key=KEY)
    assert bench.effect(KEY).state == "dead"
    bench.forget_jobs()
    assert actions.replay_effect(bench.context, KEY)
    assert bench.queued("effect.send") == [{"key": KEY}]
    time_passes(bench, 60)
    send(bench)
    assert bench.desk.asked_for_marker == [MARKER]
    assert bench.desk.notes == [("1", MARKER)]
    assert bench.effect(KEY).state == "done"


@pytest.mark.parametrize("state", ["planned", "trying", "done", "dropped"])
def test_only_a_dead_effect_can_be_replayed(bench: Bench, state: str) -> None:
    plan_note(bench)
    with bench.database.begin() as connection:
        connection.execute(sa.update(effect).values(state=state))
    bench.forget_jobs()
    assert not actions.replay_effect(bench.context, KEY)
    assert bench.queued() == []


def test_replaying_what_does_not_exist_changes_nothing(bench: Bench) -> None:
    assert not actions.replay_effect(bench.context, "note:nothing")


class NoteMachine(RuleBasedStateMachine):
    """One note on a desk where everything goes wrong: at most one is ever there, and none is claimed that is not."""

    database: sa.Engine

    @initialize()
    def a_note_is_planned(self) -> None:
        self.bench = make_bench(self.database)
        with self.database.begin() as connection:
            connection.execute(sa.delete(effect))
            connection.execute(sa.delete(tables.job))
            connection.execute(sa.delete(ticket))
        plan_note(self.bench)

    def _send(self) -> None:
        try:
            send(self.bench)
        except (Transient, RuntimeError):
            return

    @rule()
    def deliver(self) -> None:
        self._send()

    @rule(acts=st.booleans())
    def the_answer_is_lost(self, acts: bool) -> None:
        self.bench.desk.fail(UnknownOutcome("no answer came"), acts=acts)
        self._send()
        self.bench.desk.faults.clear()

    @rule(acts=st.booleans())
    def the_process_dies_midway(self, acts: bool) -> None:
        # Whatever was not committed is gone; what the desk did is done.
        self.bench.desk.fail(RuntimeError("kill -9"), acts=acts)
        self._send()
        self.bench.desk.faults.clear()

    @rule()
    def the_process_dies_before_it_records_the_answer(self) -> None:
        try:
            TASKS["effect.send"].function(Run(0, self.bench.context), key=KEY)
        except Transient:
            return

    @rule(error=st.sampled_from([Transient("429"), Conflict("409"), Permanent("422"), Gone("closed")]))
    def the_desk_refuses(self, error: Exception) -> None:
        self.bench.desk.fail(error)
        self._send()
        self.bench.desk.faults.clear()

    @rule(seconds=st.sampled_from([5, 30]))
    def time_passes(self, seconds: int) -> None:
        time_passes(self.bench, seconds)

    @rule()
    def the_job_is_given_up(self) -> None:
        self.bench.give_up("effect.send", "tried too often", key=KEY)

    @rule()
    def a_person_replays(self) -> None:
        actions.replay_effect(self.bench.context, KEY)

    @rule()
    def the_same_decision_is_taken_again(self) -> None:
        plan_note(self.bench)

    @invariant()
    def at_most_one_note_is_there(self) -> None:
        if hasattr(self, "bench"):
            assert len(self.bench.desk.notes) <= 1

    @invariant()
    def what_is_called_done_is_there(self) -> None:
        if hasattr(self, "bench") and self.bench.effect(KEY).state == "done":
            assert len(self.bench.desk.notes) == 1

    @invariant()
    def a_note_that_may_be_there_is_never_sent_blindly(self) -> None:
        if hasattr(self, "bench") and self.bench.desk.notes:
            row = self.bench.effect(KEY)
            assert row.state == "done" or row.attempts > 0


@pytest.fixture
def one_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    opened = open_careless(migrated_sqlite(tmp_path_factory.mktemp("machine") / "deskside.db"))
    yield opened
    opened.dispose()


def test_no_sequence_of_faults_doubles_a_note(one_database: sa.Engine) -> None:
    machine = type("Machine", (NoteMachine,), {"database": one_database})
    run_state_machine_as_test(machine, settings=settings(max_examples=60, stateful_step_count=20, deadline=None))


def test_effects_in_a_state_are_listed_newest_first(bench: Bench) -> None:
    plan_tags(bench, "tags:1")
    plan_tags(bench, "tags:2")
    with bench.database.connect() as connection:
        assert [row.key for row in effects.in_state(connection, "planned")] == ["tags:2", "tags:1"]
        assert effects.counts(connection) == {"planned": 2}
