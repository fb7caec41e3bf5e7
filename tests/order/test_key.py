"""The promises of the order, on the shipped key: the window (T1), the frozen place (T2), the cap on overtaking (T5).

The theorems and their proofs are in docs/order.md.
"""

import itertools
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskside.model.place import Contribution, Scale
from deskside.order import key as order
from deskside.order.key import Caps

CAPS = Caps(commercial=30, contract=60, emergency=180, overtaken=3)


@dataclass
class Waiting:
    """A ticket in the little desk of these tests. Times in seconds, `started` is None while it waits."""

    number: int
    arrived: int
    head_start: int
    key: int
    emergency: bool
    boost_at: int | None
    overtaken: int = 0
    pinned: bool = False
    boosted: bool = False
    started: int | None = None
    passed: list[int] = field(default_factory=list)


contributions = st.lists(
    st.builds(
        Contribution,
        factor=st.just("f"),
        minutes=st.integers(0, 90),
        scale=st.sampled_from([Scale.COMMERCIAL, Scale.CONTRACT]),
        reason=st.just(""),
    ),
    max_size=3,
)
arrivals = st.lists(
    st.tuples(
        st.integers(0, 40) | st.integers(0, 6000),  # seconds since the arrival before; 0 is simultaneous
        contributions,
        st.booleans() | st.just(False),  # an emergency from the start
        st.none() | st.integers(0, 8000),  # found dead this long after arriving
        st.integers(1, 4000),  # handling time
    ),
    min_size=2,
    max_size=40,
)


def run_desk(
    plan: list[tuple[int, list[Contribution], bool, int | None, int]], agents: int, caps: Caps
) -> list[Waiting]:
    """Serve everybody, always the smallest key first, with `agents` agents who never idle while somebody waits."""
    tickets = []
    now = 0
    for number, (gap, given_contributions, emergency, boost, _handling) in enumerate(plan):
        now += gap
        extra = [Contribution("down", caps.emergency, Scale.EMERGENCY, "")] if emergency else []
        place = order.place(now, [*given_contributions, *extra], caps)
        boost_at = None if boost is None or emergency else now + boost
        tickets.append(Waiting(number, now, place.head_start, place.key, emergency, boost_at))
    free = [0] * agents
    for _ in tickets:
        agent = min(range(agents), key=lambda index: free[index])
        waiting = [ticket for ticket in tickets if ticket.started is None]
        moment = max(free[agent], min(ticket.arrived for ticket in waiting))
        present = [ticket for ticket in waiting if ticket.arrived <= moment]
        for ticket in present:
            if ticket.boost_at is not None and ticket.boost_at <= moment and not ticket.boosted:
                ticket.key = order.boosted(ticket.key, ticket.boost_at, caps.emergency)
                ticket.boosted = ticket.emergency = True
        chosen = min(present, key=lambda ticket: (ticket.key, ticket.number))
        chosen.started = moment
        free[agent] = moment + plan[chosen.number][4]
        for ticket in present:
            if ticket is chosen or ticket.arrived >= chosen.arrived:
                continue
            ticket.passed.append(chosen.number)
            if not chosen.emergency:
                ticket.overtaken += 1
                if caps.overtaken and ticket.overtaken >= caps.overtaken and not ticket.pinned:
                    ticket.pinned = True
                    ticket.key = order.pinned(ticket.key, ticket.arrived, caps)
    return tickets


@settings(max_examples=400)
@given(arrivals, st.integers(1, 5), st.sampled_from([0, 3]))
def test_t1_nobody_who_arrives_a_window_later_is_served_before(plan: list, agents: int, cap: int) -> None:
    caps = Caps(CAPS.commercial, CAPS.contract, CAPS.emergency, cap)
    tickets = run_desk(plan, agents, caps)
    for late, early in itertools.permutations(tickets, 2):
        if late.started < early.started and late.arrived > early.arrived:
            window = (caps.emergency if late.emergency else caps.contract) * 60
            # A late boost counts from the event: that is when the emergency, as such, arrived.
            came = late.boost_at if late.boosted else late.arrived
            assert came - early.arrived <= window - early.head_start or late.arrived - early.arrived <= (
                caps.contract * 60 - early.head_start
            )


@settings(max_examples=400)
@given(arrivals, st.integers(1, 5))
def test_t2_after_its_window_a_place_only_improves(plan: list, agents: int) -> None:
    tickets = run_desk(plan, agents, CAPS)
    for early in tickets:
        frozen = order.safe_from(early.arrived, early.head_start, CAPS)
        newly_ahead = [
            number for number in early.passed if tickets[number].arrived > frozen and not tickets[number].emergency
        ]
        assert newly_ahead == []


@settings(max_examples=400)
@given(arrivals, st.integers(1, 5), st.integers(1, 4))
def test_t5_nobody_is_overtaken_more_often_than_the_cap(plan: list, agents: int, cap: int) -> None:
    caps = Caps(CAPS.commercial, CAPS.contract, CAPS.emergency, cap)
    for ticket in run_desk(plan, agents, caps):
        assert ticket.overtaken <= cap


def test_the_cap_is_reached_so_the_property_above_can_fail() -> None:
    strong = [Contribution("f", 30, Scale.COMMERCIAL, "")]
    plan = [(0, [], False, None, 60), (0, [], False, None, 60), *[(10, strong, False, None, 600)] * 10]
    assert max(ticket.overtaken for ticket in run_desk(plan, 1, CAPS)) == CAPS.overtaken
    uncapped = Caps(CAPS.commercial, CAPS.contract, CAPS.emergency, 0)
    assert max(len(ticket.passed) for ticket in run_desk(plan, 1, uncapped)) > CAPS.overtaken


@given(arrivals, st.integers(1, 5))
def test_a_pin_cannot_pass_a_ticket_that_was_promised_its_place(plan: list, agents: int) -> None:
    tickets = run_desk(plan, agents, CAPS)
    for early, late in itertools.permutations(tickets, 2):
        if late.pinned and late.number in early.passed and not late.emergency:
            assert late.arrived <= order.safe_from(early.arrived, early.head_start, CAPS)


@given(contributions, st.integers(0, 10**9))
def test_the_head_start_never_exceeds_its_caps(given_contributions: list[Contribution], arrived: int) -> None:
    place = order.place(arrived, given_contributions, CAPS)
    commercial = sum(item.minutes for item in given_contributions if item.scale is Scale.COMMERCIAL)
    assert 0 <= place.head_start <= CAPS.contract * 60
    assert place.key == arrived - place.head_start
    if all(item.scale is Scale.COMMERCIAL for item in given_contributions):
        assert place.head_start == min(CAPS.commercial, commercial) * 60


@given(st.integers(-(10**9), 10**9), st.integers(0, 10**9), st.integers(0, 2000))
def test_a_boost_never_raises_a_key(key: int, event: int, minutes: int) -> None:
    assert order.boosted(key, event, minutes) <= key


@given(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6), st.integers(0, 10**6), st.booleans())
def test_a_jump_never_raises_a_key_and_never_leaves_the_window_of_its_moment(
    key: int, head_key: int, event: int, behind_first: bool
) -> None:
    jumped = order.jumped(key, head_key, event, CAPS, behind_first=behind_first)
    assert jumped <= key
    assert jumped == key or jumped >= event - CAPS.contract * 60


@given(st.integers(0, 10**6), st.integers(0, CAPS.contract), st.integers(1, 10**6), st.integers(-(10**6), 10**6))
def test_a_jump_passes_nobody_whose_window_is_over(arrived: int, minutes: int, later: int, head_key: int) -> None:
    promised = arrived - minutes * 60
    event = order.safe_from(arrived, minutes * 60, CAPS) + later
    jumped = order.jumped(event, head_key, event, CAPS, behind_first=False)
    assert jumped > promised


def test_a_jump_lands_one_second_beside_the_head() -> None:
    assert order.jumped(5000, 3000, 6000, CAPS, behind_first=False) == 2999
    assert order.jumped(5000, 3000, 6000, CAPS, behind_first=True) == 3001
    assert order.jumped(2000, 3000, 6000, CAPS, behind_first=False) == 2000


def test_a_penalty_is_refused() -> None:
    with pytest.raises(ValueError, match="never negative"):
        order.place(0, [Contribution("f", -1, Scale.COMMERCIAL, "")], CAPS)


def test_caps_that_fall_are_refused() -> None:
    with pytest.raises(ValueError, match="must not fall"):
        Caps(commercial=500, contract=480)


@given(st.integers(0, 10**11), st.integers(0, 10**11))
def test_the_written_key_sorts_like_the_number(one: int, other: int) -> None:
    assert (order.sort_key(one) < order.sort_key(other)) == (one < other)
