"""The theorems T1, T1b, T2, T3 and T5 (docs/order.md) on the shipped queue, in both databases: late boosts included."""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deskside.order import key as order
from deskside.order.key import Caps
from deskside.store import queue, tickets
from deskside.store.database import Row

START = 1_000_000
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CAPS = Caps(commercial=30, contract=60, emergency=180, overtaken=0)
PINNING = Caps(commercial=30, contract=60, emergency=180, overtaken=3)
WINDOW = CAPS.contract * 60


@dataclass(frozen=True)
class Coming:
    """A ticket to come: seconds after the one before, minutes of head start, and seconds until it is boosted."""

    gap: int
    minutes: int
    boost: int | None
    handling: int


@dataclass
class Served:
    """What became of a ticket. Times in seconds."""

    arrived: int
    head_start: int
    boost_at: int | None
    started: int = 0
    boosted: bool = False
    overtaken: int = 0
    ahead_when_frozen: int | None = None
    newly_ahead: int = 0


Boost = Callable[[Row, int, Caps], int]


def as_if_it_came_now(row: Row, event: int, caps: Caps) -> int:
    return order.boosted(row.key, event, caps.contract)


def as_if_it_had_always_been(row: Row, event: int, caps: Caps) -> int:
    """The tempting rule: the full head start from the arrival on."""
    return min(row.key, row.arrived - caps.contract * 60)


coming = st.lists(
    st.builds(
        Coming,
        gap=st.integers(0, 40) | st.integers(0, 3000),
        minutes=st.integers(0, CAPS.contract),
        boost=st.none() | st.integers(0, 9000),
        handling=st.integers(1, 4000),
    ),
    min_size=2,
    max_size=14,
)


def run_desk(database: sa.Engine, plan: list[Coming], agents: int, caps: Caps, boost: Boost) -> list[Served]:
    """Serve everybody from the store, always the head of the pool; nothing of it is kept."""
    with database.connect() as connection, connection.begin() as transaction:
        served = _run(connection, plan, agents, caps, boost)
        transaction.rollback()
    return served


def _run(connection: sa.Connection, plan: list[Coming], agents: int, caps: Caps, boost: Boost) -> list[Served]:
    came = list(itertools.accumulate((item.gap for item in plan), initial=START))[1:]
    everybody = [
        Served(at, item.minutes * 60, None if item.boost is None else at + item.boost)
        for at, item in zip(came, plan, strict=True)
    ]
    free, written = [START] * agents, 0
    rows: dict[str, int] = {}

    def catch_up(moment: int) -> None:
        """Write arrivals and boosts up to this moment, in the order in which they happen."""
        nonlocal written
        while True:
            arrival = came[written] if written < len(plan) else math.inf
            pending = [
                (item.boost_at, place)
                for place, item in enumerate(everybody[:written])
                if item.boost_at is not None and not item.boosted and not item.started
            ]
            event, place = min(pending, default=(math.inf, -1))
            if min(arrival, event) > moment:
                return
            if arrival <= event:
                _arrive(connection, written, everybody[written])
                rows[str(written)] = written
                written += 1
            else:
                row = _row(connection, place)
                before = _order(connection)
                tickets.update(connection, "zendesk", str(place), key=boost(row, int(event), caps))
                everybody[place].boosted = True
                _note_passing(everybody, before, _order(connection), place, int(event))
            _freeze(connection, everybody, rows, moment)

    for _ in plan:
        agent = free.index(min(free))
        left = [item.arrived for item in everybody if not item.started]
        moment = max(free[agent], min(left))
        catch_up(moment)
        head = queue.top(connection, "Support", 1)[0]
        chosen = int(head.ticket_id)
        everybody[chosen].started = moment
        queue.served(connection, head, caps)
        tickets.update(connection, "zendesk", head.ticket_id, waiting=False)
        for number, item in enumerate(everybody[:written]):
            if not item.started and item.arrived < everybody[chosen].arrived and number != chosen:
                item.overtaken += 1
        free[agent] = moment + plan[chosen].handling
    return everybody


def _arrive(connection: sa.Connection, number: int, item: Served) -> None:
    tickets.put(
        connection, "zendesk", str(number), pool="Support", status="open", waiting=True, subject="", client_id="1",
        client_name="", created_at=NOON, updated_at=NOON, read_at=NOON, digest="", arrived_at=NOON, band="normal",
        contributions=[], arrived=item.arrived, head_start=item.head_start, key=item.arrived - item.head_start,
    )  # fmt: skip


def _row(connection: sa.Connection, number: int) -> Row:
    found = tickets.get(connection, "zendesk", str(number))
    assert found is not None
    return found


def _order(connection: sa.Connection) -> list[int]:
    return [int(row.ticket_id) for row in queue.top(connection, "Support", 1000)]


def _note_passing(everybody: list[Served], before: list[int], after: list[int], moved: int, event: int) -> None:
    passed = set(before[: before.index(moved)]) - set(after[: after.index(moved)])
    for number in passed:
        item = everybody[number]
        if event > order.safe_from(item.arrived, item.head_start, CAPS):
            item.newly_ahead += 1


def _freeze(connection: sa.Connection, everybody: list[Served], rows: dict[str, int], moment: int) -> None:
    for number in rows.values():
        item = everybody[number]
        frozen = order.safe_from(item.arrived, item.head_start, CAPS)
        if item.ahead_when_frozen is None and not item.started and moment >= frozen:
            item.ahead_when_frozen = queue.position(connection, _row(connection, number)) - 1


promise = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@promise
@given(coming, st.integers(1, 4), st.sampled_from([CAPS, PINNING]))
def test_t1_the_window_and_t2_the_frozen_place(
    database: sa.Engine, plan: list[Coming], agents: int, caps: Caps
) -> None:
    served = run_desk(database, plan, agents, caps, as_if_it_came_now)
    for early, late in itertools.permutations(served, 2):
        if late.started < early.started and late.arrived > early.arrived:
            assert late.arrived - early.arrived <= WINDOW - early.head_start
    assert sum(item.newly_ahead for item in served) == 0


def test_the_tempting_rule_breaks_the_frozen_place(database: sa.Engine) -> None:
    # One agent is busy; the first ticket's window ends; then the second, which came just after it, is boosted.
    plan = [Coming(0, 0, None, 9000), Coming(1, 0, None, 60), Coming(1, 0, WINDOW + 100, 60)]
    assert run_desk(database, plan, 1, CAPS, as_if_it_had_always_been)[1].newly_ahead == 1
    assert run_desk(database, plan, 1, CAPS, as_if_it_came_now)[1].newly_ahead == 0


@promise
@given(coming, st.integers(1, 4))
def test_t1b_no_more_overtake_than_came_within_the_difference(
    database: sa.Engine, plan: list[Coming], agents: int
) -> None:
    calm = [Coming(item.gap, item.minutes, None, item.handling) for item in plan]
    served = run_desk(database, calm, agents, CAPS, as_if_it_came_now)
    for item in served:
        within = [
            other
            for other in served
            if item.arrived < other.arrived <= item.arrived + other.head_start - item.head_start
        ]
        assert item.overtaken <= len(within)


@promise
@given(coming, st.integers(1, 4), st.sampled_from([CAPS, PINNING]))
def test_t3_the_wait_is_bounded_by_the_window_and_those_ahead_when_it_ends(
    database: sa.Engine, plan: list[Coming], agents: int, caps: Caps
) -> None:
    longest = max(item.handling for item in plan)
    for item in run_desk(database, plan, agents, caps, as_if_it_came_now):
        if item.ahead_when_frozen is not None:
            # Seen when the next thing happened after the window's end: until then nobody was taken late.
            rounds = math.ceil((item.ahead_when_frozen + 1) / agents)
            assert item.started - item.arrived <= WINDOW - item.head_start + longest * (rounds + 1)


@promise
@given(coming, st.integers(1, 4))
def test_t5_nobody_is_overtaken_more_often_than_the_cap(database: sa.Engine, plan: list[Coming], agents: int) -> None:
    served = run_desk(database, plan, agents, PINNING, as_if_it_came_now)
    assert max(item.overtaken for item in served) <= PINNING.overtaken


@pytest.mark.parametrize(("caps", "most"), [(PINNING, 3), (CAPS, 9)])
def test_the_cap_is_reached_so_the_promise_above_can_fail(database: sa.Engine, caps: Caps, most: int) -> None:
    plan = [Coming(0, 0, None, 600), Coming(0, 0, None, 600), *[Coming(10, 60, None, 600)] * 9]
    assert max(item.overtaken for item in run_desk(database, plan, 1, caps, as_if_it_came_now)) == most
