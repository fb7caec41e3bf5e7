"""An edit makes a new version, says beforehand whom it touches, and never sends a step twice."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from deskside.store import push_tables
from deskside.store.database import Row
from deskside.store.push_tables import enrollment
from push.chains import edit, flow, store
from push.chains.edit import Those
from tests.push.chains.people import NOON, PLAIN, chain, hours, person, planned, sends, settle_next, step

WEEK = timedelta(days=7)
TWO = {"steps": [step("a"), step("b")]}


@pytest.fixture
def connection(database: sa.Engine) -> Iterator[sa.Connection]:
    with database.begin() as opened:
        yield opened


def change(connection: sa.Connection, row: Row, new: dict[str, Any], those: Those, **more: Any) -> None:
    values = {"within": WEEK, "by": "ann", "now": NOON + hours(3), "manners": PLAIN, **more}
    edit.edit(connection, row, new, those, **values)


def entered(connection: sa.Connection, definition: dict[str, Any], settled: int = 0) -> tuple[Row, int]:
    row = chain(connection, definition)
    one = person(connection)
    flow.enter(connection, row, [one], PLAIN, NOON)
    for _ in range(settled):
        settle_next(connection, one)
    return row, one


def test_those_inside_stay_on_their_version(connection: sa.Connection) -> None:
    row, ann = entered(connection, TWO, settled=1)
    change(connection, row, {"steps": [step("a"), step("c")]}, Those.STAY)
    assert list(planned(connection, ann)) == ["b"]
    bob = person(connection)
    flow.enter(connection, store.get(connection, row.id), [bob], PLAIN, NOON)  # type: ignore[arg-type]
    settle_next(connection, bob)
    assert list(planned(connection, bob)) == ["c"]


def test_a_changed_delay_moves_the_step_that_waits(connection: sa.Connection) -> None:
    row, ann = entered(connection, TWO, settled=1)
    change(connection, row, {"steps": [step("a"), step("b", after={"hours": 5})]}, Those.MOVE)
    assert planned(connection, ann) == {"b": NOON + hours(1) + hours(5)}


def test_who_waits_for_a_step_that_was_removed_gets_the_one_after(connection: sa.Connection) -> None:
    row, ann = entered(connection, {"steps": [step("a"), step("b"), step("c")]}, settled=1)
    change(connection, row, {"steps": [step("a"), step("c")]}, Those.MOVE)
    assert planned(connection, ann) == {"c": NOON + hours(2)}


def test_where_nothing_is_left_the_chain_is_finished(connection: sa.Connection) -> None:
    row, ann = entered(connection, TWO, settled=1)
    change(connection, row, {"steps": [step("a")]}, Those.MOVE)
    assert planned(connection, ann) == {}
    assert connection.scalars(sa.select(enrollment.c.state)).all() == ["finished"]


def test_a_removed_step_that_comes_back_can_still_be_had(connection: sa.Connection) -> None:
    row, ann = entered(connection, {"steps": [step("a"), step("b"), step("c")]}, settled=1)
    change(connection, row, {"steps": [step("a"), step("c")]}, Those.MOVE)
    change(connection, row, {"steps": [step("a"), step("c"), step("b")]}, Those.MOVE)
    settle_next(connection, ann)
    assert list(planned(connection, ann)) == ["b"]


def test_a_new_last_step_reaches_those_who_had_finished_only_by_catching_up(connection: sa.Connection) -> None:
    row, ann = entered(connection, TWO, settled=2)
    new = {"steps": [*TWO["steps"], step("c")]}
    change(connection, row, new, Those.MOVE)
    assert planned(connection, ann) == {}
    newer = {"steps": [*new["steps"], step("d")]}
    change(connection, row, newer, Those.CATCH_UP)
    assert planned(connection, ann) == {"c": NOON + hours(3)}
    settle_next(connection, ann)
    assert list(planned(connection, ann)) == ["d"]


def test_a_step_put_before_the_one_that_waits_is_had_first(connection: sa.Connection) -> None:
    row, ann = entered(connection, TWO, settled=1)
    change(connection, row, {"steps": [step("a"), step("new"), step("b")]}, Those.CATCH_UP)
    assert planned(connection, ann) == {"new": NOON + hours(3)}
    settle_next(connection, ann)
    assert list(planned(connection, ann)) == ["b"]


def test_whose_last_message_is_too_long_ago_is_left_alone(connection: sa.Connection) -> None:
    row, ann = entered(connection, TWO, settled=2)
    new = {"steps": [*TWO["steps"], step("c")]}
    change(connection, row, new, Those.CATCH_UP, within=hours(0.5))
    assert planned(connection, ann) == {}


def test_a_step_that_is_leaving_is_not_touched(connection: sa.Connection) -> None:
    row, ann = entered(connection, TWO)
    connection.execute(sa.update(push_tables.send).values(state="sending"))
    change(connection, row, {"steps": [step("b")]}, Those.CATCH_UP)
    assert [(one.step_key, one.state) for one in sends(connection, ann)] == [("a", "sending")]


def test_the_preview_counts_whom_the_edit_touches(connection: sa.Connection) -> None:
    row = chain(connection, TWO)
    waiting_a, waiting_b, finished = (person(connection) for _ in range(3))
    flow.enter(connection, row, [waiting_a, waiting_b, finished], PLAIN, NOON)
    settle_next(connection, waiting_b)
    settle_next(connection, finished)
    settle_next(connection, finished)
    found = edit.preview(connection, row, {"steps": [step("a"), step("c")]}, WEEK, NOON + hours(3))
    assert found == edit.Effect(inside=2, stranded=1, missed=2, finished=1)


keys = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=4, unique=True)


@settings(max_examples=40)
@given(versions=st.lists(st.tuples(keys, st.sampled_from(Those)), min_size=1, max_size=4), between=st.integers(0, 2))
def test_whatever_is_edited_nobody_gets_a_step_twice_and_everybody_comes_to_an_end(
    versions: list[tuple[list[str], Those]], between: int
) -> None:
    database = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    push_tables.metadata.create_all(database)
    with database.begin() as connection:
        row, ann = entered(connection, {"steps": [step("a"), step("b")]})
        for new, those in versions:
            for _ in range(between):
                if planned(connection, ann):
                    settle_next(connection, ann)
            change(connection, row, {"steps": [step(key) for key in new]}, those)
            assert len(planned(connection, ann)) <= 1
        for _ in range(20):
            if not planned(connection, ann):
                break
            settle_next(connection, ann)
        had = [one.step_key for one in sends(connection, ann)]
        assert len(had) == len(set(had))
        assert connection.scalars(sa.select(enrollment.c.state)).all() == ["finished"]
    database.dispose()
