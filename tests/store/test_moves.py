"""A ticket that people move forward keeps every promise made to those it passes: T1, T2 and T3 of docs/order.md, on
the shipped store code and both databases.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deskside.order import key as order
from deskside.order.calendar import WorkingTime
from deskside.order.key import Caps
from deskside.store import claims, moves, queue, tickets
from deskside.store.database import Row
from deskside.store.tables import move, ticket, turn
from tests.store.test_queue import NOON, add, get

CAPS = Caps(commercial=30, contract=60, emergency=180, overtaken=0)
CLOCK = WorkingTime()
H = CAPS.contract * 60
NOW = int(NOON.timestamp())


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def do(connection: sa.Connection, row: Row, kind: str, event: int) -> Row:
    """Move a ticket, whatever the quota says."""
    prospect = moves.foresee(connection, row, kind, event, CAPS)
    return moves.make(connection, row, prospect, by="ops", reason="paid", at=at(event), clock=CLOCK, caps=CAPS)


def waiting(connection: sa.Connection, minutes_ago: int, **values: Any) -> Row:
    arrived = NOW - minutes_ago * 60
    return add(connection, **{"arrived": arrived, "key": arrived, **values})


# What a move does


def test_the_front_is_a_second_before_the_first_and_behind_it_a_second_after(database: sa.Engine) -> None:
    with database.begin() as connection:
        first, second, third = (waiting(connection, ago) for ago in (30, 20, 10))
        assert moves.foresee(connection, third, moves.FRONT, NOW, CAPS) == moves.Prospect("front", first.key - 1, 3, 1)
        assert moves.foresee(connection, third, moves.SECOND, NOW, CAPS) == moves.Prospect(
            "second", first.key + 1, 3, 2
        )
        do(connection, third, moves.SECOND, NOW)
        assert [row.id for row in queue.top(connection, "Support")] == [first.id, third.id, second.id]


def test_what_is_foreseen_is_what_happens(database: sa.Engine) -> None:
    with database.begin() as connection:
        rows = [waiting(connection, ago) for ago in (90, 70, 50, 5)]
        prospect = moves.foresee(connection, rows[3], moves.FRONT, NOW, CAPS)
        moved = do(connection, rows[3], moves.FRONT, NOW)
        assert (moved.key, queue.position(connection, moved)) == (prospect.key, prospect.after)


def test_nobody_passes_a_ticket_that_waits_longer_than_the_window(database: sa.Engine) -> None:
    with database.begin() as connection:
        promised, late = waiting(connection, 61), waiting(connection, 1)
        assert moves.foresee(connection, late, moves.FRONT, NOW, CAPS).key == NOW - H
        assert not moves.foresee(connection, late, moves.FRONT, NOW, CAPS).helps
        assert promised.key < NOW - H


def test_the_front_for_money_stands_behind_a_dead_server(database: sa.Engine) -> None:
    with database.begin() as connection:
        dead = waiting(connection, 5, key=NOW - 180 * 60, emergency=True)
        waiting(connection, 20)
        payer = waiting(connection, 1)
        assert moves.foresee(connection, payer, moves.FRONT, NOW, CAPS) == moves.Prospect("front", NOW - H, 3, 2)
        do(connection, payer, moves.FRONT, NOW)
        assert queue.top(connection, "Support")[0].id == dead.id


@pytest.mark.parametrize("kind", moves.FORWARD)
def test_who_is_alone_or_first_stays_where_they_are(database: sa.Engine, kind: str) -> None:
    with database.begin() as connection:
        alone = waiting(connection, 50)
        assert not moves.foresee(connection, alone, kind, NOW, CAPS).helps
        waiting(connection, 40)
        found = moves.foresee(connection, alone, kind, NOW, CAPS)
        assert (found.helps, found.after) == (False, 1)


def test_a_confirmed_complaint_counts_as_if_it_came_now_with_all_that_commerce_gives(database: sa.Engine) -> None:
    with database.begin() as connection:
        waiting(connection, 25)
        complaint = waiting(connection, 10)
        found = moves.foresee(connection, complaint, moves.COMPLAINT, NOW, CAPS)
        assert found == moves.Prospect("complaint", NOW - CAPS.commercial * 60, 2, 1)


def test_the_reason_of_a_move_stands_among_those_of_the_place_and_the_sum_stays_true(database: sa.Engine) -> None:
    vip = {"factor": "vip_tag", "minutes": 20, "scale": "commercial", "reason": "the ticket has the tag vip"}
    with database.begin() as connection:
        waiting(connection, 55)
        row = waiting(connection, 5, key=NOW - 25 * 60, contributions=[vip])
        moved = do(connection, row, moves.FRONT, NOW)
    kept, added = moved.contributions
    assert kept == vip
    assert (added["factor"], added["minutes"], added["scale"]) == ("moved", 30, "commercial")
    assert added["reason"] == "moved to the front by ops: paid"
    assert added["values"] == {"by": "ops", "reason": "paid"}
    assert sum(item["minutes"] for item in moved.contributions) == round((moved.arrived - moved.key) / 60)
    assert moved.band == "ahead"
    assert moved.safe_at == at(moved.key + H)


def test_a_move_is_logged_with_both_places(database: sa.Engine) -> None:
    with database.begin() as connection:
        waiting(connection, 55)
        row = waiting(connection, 5)
        do(connection, row, moves.FRONT, NOW)
        (logged,) = moves.of_ticket(connection, "zendesk", row.ticket_id)
        assert moves.recent(connection, at(NOW - 1)) == [logged]
    assert (logged.kind, logged.by, logged.reason, logged.at) == ("front", "ops", "paid", at(NOW))
    assert (logged.position_before, logged.position_after, logged.minutes) == (2, 1, 50)


def test_the_order_that_is_only_tried_follows(database: sa.Engine) -> None:
    with database.begin() as connection:
        waiting(connection, 55)
        row = waiting(connection, 5, shadow_key=NOW)
        moved = do(connection, row, moves.FRONT, NOW)
    assert moved.shadow_key == moved.key


# What was paid for, and paid back


def buy(connection: sa.Connection, row: Row, event: int) -> Row:
    prospect = moves.foresee(connection, row, moves.FRONT, event, CAPS)
    when = at(event)
    return moves.make(connection, row, prospect, by="x", reason="", at=when, clock=CLOCK, caps=CAPS, invoice="31")


def take_back(connection: sa.Connection, row: Row) -> Row | None:
    return moves.take_back(connection, row, by="whmcs", reason="refunded", at=at(NOW + 60), clock=CLOCK, caps=CAPS)


def test_a_place_that_was_paid_for_is_taken_back_whole_and_moves_nobody_else(database: sa.Engine) -> None:
    with database.begin() as connection:
        first, second, row = waiting(connection, 40), waiting(connection, 30), waiting(connection, 20)
        bought = buy(connection, row, NOW)
        assert (bought.ordinary_key, bought.band) == (row.key, "ahead")
        back = take_back(connection, bought)
        assert back is not None
        assert (back.key, back.ordinary_key, back.contributions, back.band) == (row.key, None, [], "normal")
        assert back.safe_at == at(row.key + H)
        assert [item.key for item in (first, second)] == [
            get(connection, item.ticket_id).key for item in (first, second)
        ]
        assert [item.id for item in queue.top(connection, "Support")] == [first.id, second.id, row.id]
        assert take_back(connection, back) is None


def test_what_a_person_gave_stays_when_what_was_paid_for_is_taken_back(database: sa.Engine) -> None:
    with database.begin() as connection:
        waiting(connection, 40)
        bought = buy(connection, waiting(connection, 20), NOW)
        waiting(connection, 55)
        moved = do(connection, bought, moves.FRONT, NOW)
        back = take_back(connection, moved)
        assert back is not None
        assert (back.key, back.band) == (moved.key, "ahead")
        assert [item["factor"] for item in back.contributions] == ["moved"]


def test_who_is_pinned_meanwhile_stays_pinned(database: sa.Engine) -> None:
    caps = Caps(commercial=30, contract=60, emergency=180, overtaken=1)
    with database.begin() as connection:
        waiting(connection, 40)
        bought = buy(connection, waiting(connection, 20), NOW)
        queue.served(connection, waiting(connection, 1, key=NOW - H), caps)
        pinned = get(connection, bought.ticket_id)
        assert pinned.pinned
        back = take_back(connection, pinned)
        assert back is not None
        assert back.key == pinned.arrived - H


# How often


def test_a_client_has_one_move_a_day(database: sa.Engine) -> None:
    with database.begin() as connection:
        waiting(connection, 60)
        mine, mine_too = waiting(connection, 50, client_id="acme"), waiting(connection, 40, client_id="acme")
        theirs = waiting(connection, 30)
        assert moves.refusal(connection, mine, at(NOW), CLOCK) == ""
        do(connection, mine, moves.FRONT, NOW)
        assert moves.refusal(connection, mine_too, at(NOW), CLOCK) == "client"
        assert moves.refusal(connection, theirs, at(NOW), CLOCK) == "share"
        tomorrow = at(NOW) + timedelta(days=1)
        assert moves.refusal(connection, mine_too, tomorrow, CLOCK) == ""


def test_the_day_is_that_of_the_queue_s_time_zone(database: sa.Engine) -> None:
    kolkata = WorkingTime(ZoneInfo("Asia/Kolkata"))
    evening = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
    with database.begin() as connection:
        _answered(connection, 200, evening - timedelta(hours=1))
        row = waiting(connection, 50, client_id="acme")
        prospect = moves.foresee(connection, row, moves.SECOND, NOW, CAPS)
        moves.make(connection, row, prospect, by="ops", reason="x", at=evening, clock=kolkata, caps=CAPS)
        after_midnight_there = evening + timedelta(minutes=31)
        assert moves.refusal(connection, row, after_midnight_there, CLOCK) == "client"
        assert moves.refusal(connection, row, after_midnight_there, kolkata) == ""


def test_at_most_two_in_a_hundred_of_the_recent_arrivals_are_moved(database: sa.Engine) -> None:
    with database.begin() as connection:
        rows = [waiting(connection, 60 + number, client_id=f"c{number}") for number in range(100)]
        waiting(connection, 9 * 60)
        for number in range(2):
            assert moves.refusal(connection, rows[number], at(NOW), CLOCK) == ""
            do(connection, rows[number], moves.SECOND, NOW)
        assert moves.refusal(connection, rows[2], at(NOW), CLOCK) == "share"
        _answered(connection, 49, at(NOW - 3600))
        assert moves.refusal(connection, rows[2], at(NOW), CLOCK) == "share"
        _answered(connection, 1, at(NOW - 3600))
        _answered(connection, 50, at(NOW - 9 * 3600))
        assert moves.refusal(connection, rows[2], at(NOW), CLOCK) == ""


def test_a_skip_uses_up_no_quota(database: sa.Engine) -> None:
    with database.begin() as connection:
        row = waiting(connection, 50)
        claims.give_next(connection, "ann", (), at(NOW), at(NOW + 900))
        assert claims.skip(connection, "zendesk", row.ticket_id, "ann", "no", at(NOW)) is not None
        assert moves.refusal(connection, row, at(NOW), CLOCK) == ""


_answers = itertools.count(1)


def _answered(connection: sa.Connection, many: int, arrived_at: datetime) -> None:
    """So many waits that began at this moment, and are over."""
    for _ in range(many):
        connection.execute(
            sa.insert(turn).values(
                desk="zendesk",
                ticket_id=f"answered{next(_answers)}",
                number=1,
                pool="Support",
                client_id="1",
                band="normal",
                contributions=[],
                arrived_at=arrived_at,
                arrived=0,
                key=0,
                head_start=0,
                served_at=arrived_at + timedelta(minutes=20),
                waited=0,
                overtaken=0,
                position=0,
                replied_at=arrived_at + timedelta(minutes=10),
            )
        )


# The promises, with people who move tickets


@dataclass
class Life:
    """What became of one ticket. Seconds; `came` is its last event: its arrival, or the move that helped it."""

    row: Row
    came: int
    started: int | None = None
    ahead_when_safe: set[int] | None = None


@dataclass
class Desk:
    """What a run of the little desk showed."""

    lives: list[Life]
    # (who passed, who was passed): a ticket passed after the moment from which it was promised to be safe.
    frozen_passed: list[tuple[int, int]] = field(default_factory=list)


# What is paid for, and paid back this much later.
BOUGHT, PAID_BACK = "bought", 1800
# Seconds since the arrival before, minutes of head start, how much later it is moved and how, seconds of work.
happenings = st.lists(
    st.tuples(
        st.integers(0, 40) | st.integers(0, 5000),
        st.integers(0, CAPS.contract),
        st.none() | st.tuples(st.integers(0, 9000), st.sampled_from([*moves.FORWARD, "down", BOUGHT])),
        st.integers(1, 4000),
    ),
    min_size=2,
    max_size=14,
)
Plan = list[tuple[int, int, tuple[int, str] | None, int]]
WORK = 4000


def run_desk(database: sa.Engine, plan: Plan, agents: int) -> Desk:
    """Everybody is given out by `claims`, moved by `moves`, and found dead by `order.boosted`; nobody idles."""
    with database.begin() as connection:
        for table in (ticket, move):
            connection.execute(sa.delete(table))
        events: list[tuple[int, int, str]] = []
        now = NOW
        for number, (gap, _, late, _) in enumerate(plan):
            now += gap
            events.append((now, number, "arrives"))
            if late is not None:
                events.append((now + late[0], number, late[1]))
                if late[1] == BOUGHT:
                    events.append((now + late[0] + PAID_BACK, number, moves.REVOKED))
        events.sort()
        now = NOW
        desk, free, index = Desk([]), [NOW] * agents, 0
        lives: dict[int, Life] = {}
        served = 0
        while served < len(plan):
            agent = min(range(agents), key=lambda one: free[one])
            open_now = [life for life in lives.values() if life.started is None]
            # An agent who idled begins when there is work: time never runs backwards.
            now = max(now, free[agent]) if open_now else max(now, free[agent], events[index][0])
            while index < len(events) and events[index][0] <= now:
                happen(connection, desk, lives, plan, *events[index])
                index += 1
            row = claims.give_next(connection, f"agent{agent}", (), at(now), at(now + 900))
            if row is None:
                continue
            tickets.update(connection, "zendesk", row.ticket_id, waiting=False, **claims.UNCLAIMED)
            number = next(number for number, life in lives.items() if life.row.id == row.id)
            lives[number].started = now
            free[agent] = now + plan[number][3]
            served += 1
    desk.lives = [lives[number] for number in sorted(lives)]
    return desk


def happen(
    connection: sa.Connection, desk: Desk, lives: dict[int, Life], plan: Plan, now: int, number: int, kind: str
) -> None:
    if kind == "arrives":
        head_start = plan[number][1] * 60
        key = now - head_start
        safe = at(order.safe_from(now, head_start, CAPS))
        row = add(connection, arrived=now, key=key, head_start=head_start, safe_at=safe)
        lives[number] = Life(row, now)
        return
    life = lives[number]
    row = get(connection, life.row.ticket_id)
    if not row.waiting:
        return
    before = passed_by(connection, lives, row)
    if kind == "down":
        tickets.update(
            connection, "zendesk", row.ticket_id, key=order.boosted(row.key, now, CAPS.emergency), emergency=True
        )
        life.came = now
        return
    if kind == moves.REVOKED:
        if moves.take_back(connection, row, by="whmcs", reason="refunded", at=at(now), clock=CLOCK, caps=CAPS):
            life.came = row.arrived
        return
    bought = kind == BOUGHT
    prospect = moves.foresee(connection, row, moves.FRONT if bought else kind, now, CAPS)
    if not prospect.helps:
        return
    moves.make(
        connection,
        row,
        prospect,
        by="ops",
        reason="paid",
        at=at(now),
        clock=CLOCK,
        caps=CAPS,
        invoice="31" if bought else "",
    )
    if not row.emergency:
        life.came = now
    for other in passed_by(connection, lives, get(connection, row.ticket_id)) - before:
        promised = get(connection, lives[other].row.ticket_id)
        if now > int(lives[other].row.safe_at.timestamp()) and not row.emergency:
            desk.frozen_passed.append((number, other))
        assert promised.waiting


def passed_by(connection: sa.Connection, lives: dict[int, Life], row: Row) -> set[int]:
    """Who waits behind this ticket."""
    behind = set()
    for number, life in lives.items():
        other = get(connection, life.row.ticket_id)
        if other.waiting and (other.key, other.id) > (row.key, row.id):
            behind.add(number)
    return behind


def window(desk: Desk, connection: sa.Connection) -> None:
    """T1: who is served before an earlier one came, or was moved, at most a window after it."""
    for late, early in itertools.permutations(desk.lives, 2):
        assert late.started is not None and early.started is not None
        if late.started < early.started and late.row.arrived > early.row.arrived:
            emergency = get(connection, late.row.ticket_id).emergency
            most = (CAPS.emergency if emergency else CAPS.contract) * 60
            assert late.came - early.row.arrived <= most - early.row.head_start or (
                late.row.arrived - early.row.arrived <= H - early.row.head_start
            )


def longest(desk: Desk, connection: sa.Connection, agents: int) -> None:
    """T3: W <= (H - h) + S * ceil((n + 1) / k), where n stood ahead at that moment or were emergencies since."""
    emergencies = [life for life in desk.lives if get(connection, life.row.ticket_id).emergency]
    for life in desk.lives:
        assert life.started is not None
        safe = order.safe_from(life.row.arrived, life.row.head_start, CAPS)
        ahead = {
            other.row.id
            for other in desk.lives
            if other is not life
            and other.started is not None
            and safe <= other.started <= life.started
            and (other.came <= safe or other in emergencies)
        }
        most = safe - life.row.arrived + WORK * -(-(len(ahead) + 1) // agents)
        assert life.started - life.row.arrived <= most


def property_settings(function: Callable[..., None]) -> Callable[..., None]:
    return settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])(
        function
    )


@property_settings
@given(happenings, st.integers(1, 3))
def test_t1_t2_and_t3_hold_with_people_who_move_tickets(database: sa.Engine, plan: Plan, agents: int) -> None:
    desk = run_desk(database, plan, agents)
    assert desk.frozen_passed == []
    with database.begin() as connection:
        window(desk, connection)
        longest(desk, connection, agents)


# One agent is busy for long. The first ticket is promised its place after an hour; then the second is moved.
TEMPTED: Plan = [(0, 60, None, 4000), (0, 60, None, 4000), (1, 0, None, 60), (5, 0, (3700, "front"), 60)]


def test_the_tempting_rule_passes_a_ticket_that_was_promised_its_place(
    database: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run_desk(database, TEMPTED, 1).frozen_passed == []

    def tempting(_connection: sa.Connection, row: Row, _kind: str, _event: int, caps: Caps) -> int:
        return min(row.key, row.arrived - caps.contract * 60)

    monkeypatch.setattr(moves, "_key", tempting)
    assert run_desk(database, TEMPTED, 1).frozen_passed == [(3, 2)]
