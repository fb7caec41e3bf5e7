"""What is kept of a trial, and what kinds of tickets arrived: read back from the store as they were."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deskside.order.key import Caps
from deskside.order.weights import WEIGHTS, Makings
from deskside.store import arrivals, queue, trial, weights
from deskside.store.tables import ticket, turn
from tests.store.test_queue import add, get

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
OWN = {weight.name: 30 for weight in WEIGHTS}
VIP = {"factor": "vip_tag", "minutes": 60, "scale": "commercial", "reason": "has the tag vip", "share": 1.0}
TENURE = {"factor": "tenure", "minutes": 6, "scale": "commercial", "reason": "", "share": 0.2}
WAITING = {"factor": "waiting", "minutes": 0, "scale": "commercial", "reason": ""}
_numbers = itertools.count(1)


def end_turn(connection: sa.Connection, position: int, shadow: int | None, *contributions: Any, **more: Any) -> None:
    """A wait that ended, and where it stood in both orders."""
    values = {
        "desk": "zendesk",
        "ticket_id": str(next(_numbers)),
        "number": 1,
        "pool": "Support",
        "client_id": "1",
        "band": "normal",
        "contributions": [WAITING, *contributions],
        "model": 0,
        "arrived_at": NOON,
        "arrived": 0,
        "key": 0,
        "head_start": 0,
        "served_at": NOON,
        "waited": 0,
        "overtaken": 0,
        "position": position,
        "shadow_position": shadow,
        "replied_at": NOON,
    }
    connection.execute(sa.insert(turn).values(**{**values, **more}))


def test_a_trial_counts_what_was_taken_and_how_far_apart_the_orders_were(database: sa.Engine) -> None:
    with database.begin() as connection:
        for position, shadow in ((0, 0), (0, 0), (0, 0), (0, 3), (2, 0), *[(1, 1)] * 4, (9, 4)):
            end_turn(connection, position, shadow)
        found = trial.report(connection, NOON)
    assert (found.taken, found.heads, found.same) == (10, 4, 3)
    assert (found.mean, found.p90) == (1.0, 3)


def test_a_trial_says_which_factors_gain_and_which_lose(database: sa.Engine) -> None:
    with database.begin() as connection:
        end_turn(connection, 5, 1, VIP)
        end_turn(connection, 5, 4, VIP, TENURE)
        end_turn(connection, 0, 2)
        found = trial.report(connection, NOON)
    assert [(item.factor, item.taken, item.ahead) for item in found.factors] == [
        ("vip_tag", 2, 2.5),
        ("tenure", 1, 1.0),
        ("", 1, -2.0),
    ]


def test_what_ended_before_the_trial_or_without_it_is_no_part_of_it(database: sa.Engine) -> None:
    with database.begin() as connection:
        end_turn(connection, 0, 7, served_at=NOON - timedelta(seconds=1))
        end_turn(connection, 0, None)
        found = trial.report(connection, NOON)
    assert (found.taken, found.heads, found.mean, found.p90, found.factors) == (0, 0, 0.0, 0, ())


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=30))
def test_nine_of_ten_are_within_the_p90_and_fewer_within_less(database: sa.Engine, places: list) -> None:
    with database.begin() as connection:
        connection.execute(sa.delete(turn))
        for position, shadow in places:
            end_turn(connection, position, shadow)
        found = trial.report(connection, NOON)
    apart = [abs(position - shadow) for position, shadow in places]
    assert sum(one <= found.p90 for one in apart) >= 0.9 * len(apart)
    assert sum(one < found.p90 for one in apart) < 0.9 * len(apart)


def test_the_mix_is_what_arrived_in_thirty_days_answered_or_not(database: sa.Engine) -> None:
    long_ago = NOON - timedelta(days=31)
    with database.begin() as connection:
        end_turn(connection, 0, None, VIP)
        end_turn(connection, 0, None, VIP, arrived_at=long_ago)
        end_turn(connection, 0, None, arrived_at=long_ago, replied_at=long_ago)
        add(connection, contributions=[WAITING, VIP], arrived_at=NOON)
        add(connection, contributions=[WAITING, TENURE], arrived_at=NOON)
        add(connection, contributions=[WAITING, TENURE], arrived_at=long_ago)
        add(connection, contributions=[WAITING, TENURE], arrived_at=NOON, waiting=False)
        found = arrivals.mix(connection, {0: OWN}, NOON + timedelta(minutes=1))
    vip, tenure = Makings(shares=(("vip_minutes", 1.0),)), Makings(shares=(("tenure_minutes", 0.2),))
    assert found.counts == {vip: 2, tenure: 1}


def test_what_was_stored_without_a_share_is_read_by_the_version_it_was_weighed_with(database: sa.Engine) -> None:
    old = {name: value for name, value in VIP.items() if name != "share"}
    with database.begin() as connection:
        end_turn(connection, 0, None, old, model=3)
        found = arrivals.mix(connection, {0: OWN, 3: {**OWN, "vip_minutes": 120}}, NOON)
    assert list(found.counts) == [Makings(shares=(("vip_minutes", 0.5),))]


def test_keys_of_a_trial_reach_the_tickets_and_leave_them(database: sa.Engine) -> None:
    with database.begin() as connection:
        rows = [add(connection) for _ in range(3)]
        weights.set_shadow_keys(connection, {row.id: number for number, row in enumerate(rows)})
        stored = [get(connection, row.ticket_id).shadow_key for row in rows]
        weights.clear_shadow_keys(connection)
        cleared = connection.scalars(sa.select(ticket.c.shadow_key)).all()
    assert stored == [0, 1, 2]
    assert set(cleared) == {None}


@pytest.mark.parametrize("shadow", [None, -(10**9), 10**9])
def test_a_pin_holds_in_the_tried_order_too(database: sa.Engine, shadow: int | None) -> None:
    caps = Caps(overtaken=1)
    with database.begin() as connection:
        early = add(connection, arrived=1000, key=1000, shadow_key=shadow)
        queue.served(connection, add(connection, arrived=2000), caps)
        row = get(connection, early.ticket_id)
    pinned = 1000 - caps.contract * 60
    assert (row.pinned, row.key) == (True, pinned)
    assert row.shadow_key == (None if shadow is None else min(shadow, pinned))


def test_a_version_may_lack_a_weight_that_came_later(database: sa.Engine) -> None:
    with database.begin() as connection:
        weights.propose(connection, {"vip_minutes": 5}, unfairness=1.0, by="ann", note="", at=NOON)
        assert weights.by_version(connection, OWN) == {0: OWN, 1: {**OWN, "vip_minutes": 5}}
