"""How unfair minutes would be to the tickets that arrive."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskside.order.key import Caps
from deskside.order.mix import Mix, emergencies, parts, unfairness
from deskside.order.weights import WEIGHTS, Makings

SINCE = datetime(2026, 10, 24, tzinfo=UTC)
CAPS = Caps()
NOTHING = dict.fromkeys((weight.name for weight in WEIGHTS), 0)
VIP = Makings(shares=(("vip_minutes", 1.0),))
LOYAL = Makings(shares=(("tenure_minutes", 0.6),))

mixes = st.dictionaries(
    st.builds(
        Makings,
        shares=st.lists(
            st.tuples(st.sampled_from(sorted(NOTHING)), st.floats(0, 1)), unique_by=lambda one: one[0], max_size=4
        ).map(tuple),
        carried=st.integers(0, 300),
        commercial=st.integers(0, 100),
        contract=st.integers(0, 480),
        emergency=st.sampled_from([0, 4320]),
    ),
    st.integers(1, 50),
    max_size=6,
).map(lambda counts: Mix(counts, SINCE))
minutes = st.fixed_dictionaries({name: st.integers(0, 240) for name in NOTHING})


def test_it_is_the_mean_head_start_of_what_arrives() -> None:
    mix = Mix({VIP: 10, LOYAL: 30, Makings(): 60}, SINCE)
    assert unfairness(mix, {**NOTHING, "vip_minutes": 60, "tenure_minutes": 30}, CAPS) == pytest.approx(6 + 5.4)
    assert mix.tickets == 100


def test_an_emergency_is_counted_apart_because_no_weight_decides_it() -> None:
    mix = Mix({Makings(shares=VIP.shares, emergency=4320): 3, Makings(): 97}, SINCE)
    found = {**NOTHING, "vip_minutes": 60}
    assert unfairness(mix, found, CAPS) == pytest.approx(1.8)
    assert emergencies(mix, found, CAPS) == pytest.approx(0.03 * (4320 - 60))


def test_the_caps_hold_in_it_too() -> None:
    mix = Mix({Makings(shares=VIP.shares, contract=400, commercial=200): 1}, SINCE)
    assert unfairness(mix, {**NOTHING, "vip_minutes": 240}, CAPS) == CAPS.contract


def test_where_nothing_arrived_there_is_nothing_to_lose() -> None:
    empty = Mix({}, SINCE)
    assert unfairness(empty, NOTHING, CAPS) == emergencies(empty, NOTHING, CAPS) == 0


@settings(deadline=None)
@given(mixes, minutes, st.sampled_from(sorted(NOTHING)), st.integers(1, 100))
def test_a_larger_weight_is_never_fairer(mix: Mix, given_minutes: dict, name: str, more: int) -> None:
    larger = {**given_minutes, name: given_minutes[name] + more}
    assert unfairness(mix, larger, CAPS) >= unfairness(mix, given_minutes, CAPS) - 1e-9


@settings(deadline=None)
@given(mixes, minutes)
def test_each_weights_part_is_what_would_be_gone_without_it(mix: Mix, given_minutes: dict) -> None:
    total = unfairness(mix, given_minutes, CAPS)
    for name, part in parts(mix, given_minutes, CAPS).items():
        assert -1e-9 <= part <= total + 1e-9
        assert unfairness(mix, {**given_minutes, name: 0}, CAPS) == pytest.approx(total - part)
