"""A reply lock has one holder at most, runs out by itself, and says from whom it was taken."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deskside.store import locks, replays
from deskside.store.tables import seen_request

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
AGENTS = ("1", "2", "3")
_numbers = itertools.count()

steps = st.lists(
    st.tuples(
        st.sampled_from(["take", "override", "renew", "release"]),
        st.sampled_from(AGENTS),
        st.integers(0, 90),
    ),
    max_size=25,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_never_two_holders_whatever_the_agents_do(database: sa.Engine, steps: list[tuple[str, str, int]]) -> None:
    ticket = f"any-{next(_numbers)}"
    now = NOON
    tokens: dict[str, str] = {}
    holder, until = None, NOON
    with database.begin() as connection:
        for step, agent, seconds in steps:
            now += timedelta(seconds=seconds)
            other_has_it = holder not in (None, agent) and until > now
            if step == "take":
                token = locks.take(connection, "desk", ticket, agent, f"Agent {agent}", now)
                assert (token is None) == other_has_it
            elif step == "override":
                token = locks.override(connection, "desk", ticket, agent, f"Agent {agent}", now)
                row = locks.held(connection, "desk", ticket, now)
                assert row is not None
                assert row.taken_from == (f"Agent {holder}" if other_has_it else "")
            elif step == "renew":
                token = None
                assert locks.renew(connection, "desk", ticket, tokens.get(agent, ""), now) == (holder == agent)
                until = now + locks.LEASE if holder == agent else until
            else:
                token = None
                assert locks.release(connection, "desk", ticket, tokens.get(agent, "")) == (holder == agent)
                holder = None if holder == agent else holder
            if token is not None:
                tokens[agent] = token
                holder, until = agent, now + locks.LEASE
            row = locks.held(connection, "desk", ticket, now)
            assert (row.holder_id if row else None) == (holder if until > now else None)


def test_of_many_who_come_at_once_one_gets_it(database: sa.Engine) -> None:
    crowd = 8
    together = threading.Barrier(crowd)

    def come(number: int) -> str | None:
        together.wait(30)
        with database.begin() as connection:
            return locks.take(connection, "desk", "7", str(number), f"Agent {number}", NOON)

    with ThreadPoolExecutor(crowd) as pool:
        tokens = [token for token in pool.map(come, range(crowd)) if token is not None]
    assert len(tokens) == 1


def test_an_expired_lease_can_be_taken_and_its_old_token_opens_nothing(database: sa.Engine) -> None:
    later = NOON + locks.LEASE
    with database.begin() as connection:
        old = locks.take(connection, "desk", "7", "1", "Ann", NOON)
        assert old is not None
        assert locks.take(connection, "desk", "7", "2", "Bob", later - timedelta(seconds=1)) is None
        assert locks.take(connection, "desk", "7", "2", "Bob", later) is not None
        assert not locks.renew(connection, "desk", "7", old, later)
        assert not locks.release(connection, "desk", "7", old)
        row = locks.held(connection, "desk", "7", later)
    assert row is not None
    assert (row.holder_name, row.taken_from) == ("Bob", "")


def test_locks_of_other_tickets_and_other_desks_are_their_own(database: sa.Engine) -> None:
    with database.begin() as connection:
        assert locks.take(connection, "desk", "7", "1", "Ann", NOON) is not None
        assert locks.take(connection, "desk", "8", "2", "Bob", NOON) is not None
        assert locks.take(connection, "other", "7", "2", "Bob", NOON) is not None


def test_the_token_itself_is_not_stored(database: sa.Engine) -> None:
    with database.begin() as connection:
        token = locks.take(connection, "desk", "7", "1", "Ann", NOON)
        row = locks.held(connection, "desk", "7", NOON)
    assert token is not None
    assert row is not None
    assert token not in row._mapping.values()


def test_what_ran_out_long_ago_is_purged_and_what_is_held_stays(database: sa.Engine) -> None:
    with database.begin() as connection:
        locks.take(connection, "desk", "old", "1", "Ann", NOON - timedelta(days=2))
        token = locks.take(connection, "desk", "new", "1", "Ann", NOON)
        locks.purge(connection, NOON)
        assert not locks.renew(connection, "desk", "old", "gone", NOON)
        assert token is not None
        assert locks.renew(connection, "desk", "new", token, NOON)
        assert locks.held(connection, "desk", "old", NOON - timedelta(days=2)) is None


def test_a_request_is_new_once_and_forgotten_when_its_signature_is_too_old_anyway(database: sa.Engine) -> None:
    with database.begin() as connection:
        assert replays.first_time(connection, "desk", "a", NOON)
        assert not replays.first_time(connection, "desk", "a", NOON + timedelta(minutes=10))
        assert replays.first_time(connection, "other", "a", NOON)
        replays.first_time(connection, "desk", "b", NOON + replays.KEPT + timedelta(seconds=1))
        left = connection.scalars(sa.select(seen_request.c.request_id)).all()
    assert left == ["b"]
