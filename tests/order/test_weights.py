"""Weighing again: as if the ticket had been weighed so at its arrival, from what was kept of it alone."""

from dataclasses import asdict, replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.ranking import (
    asks_seldom,
    complaint,
    contact,
    open_incident,
    plan,
    reopened,
    server_down,
    sla_target,
    spend,
    tenure,
    vip_tag,
    waiting,
)
from deskside.model.place import Contribution, Scale, because, stored
from deskside.order import key as order
from deskside.order.key import Caps
from deskside.order.weights import (
    WEIGHTS,
    Makings,
    Weighed,
    again,
    configured,
    highest,
    lower,
    makings,
    ordinary,
    reweigh,
    whole,
    wrong,
)
from tests.adapters.ranking.situations import OPTIONS, situation

FACTORS = (
    waiting,
    server_down,
    sla_target,
    reopened,
    vip_tag,
    plan,
    tenure,
    spend,
    asks_seldom,
    complaint,
    contact,
    open_incident,
)
CAPS = Caps()
NAMES = [weight.name for weight in WEIGHTS]
ARRIVED = 10**9

minutes = st.fixed_dictionaries({name: st.integers(0, 240) for name in NAMES})
tickets = st.fixed_dictionaries(
    {
        "tags": st.frozensets(st.sampled_from(["vip", "complaint", "authorised_contact", "other"])),
        "since": st.none() | st.dates(date(2010, 1, 1), date(2026, 11, 1)),
        "spend": st.none() | st.integers(0, 200_000),
        "recent": st.none() | st.integers(0, 30),
        "incident": st.none() | st.just("a cable is cut"),
        "reopened": st.booleans(),
        "carried": st.integers(0, 400),
        "promise": st.none() | st.integers(-100, 600),
        "plan": st.sampled_from(["", "gold"]),
        "down": st.booleans(),
    }
)


def weigh(ticket: dict[str, Any], weights: dict[str, int]) -> tuple[Contribution, ...]:
    """All built-in factors on one ticket."""
    fields = {"plan": ticket["plan"]}
    if ticket["since"]:
        fields["client_since"] = ticket["since"].isoformat()
    if ticket["spend"] is not None:
        fields["monthly_spend"] = str(ticket["spend"])
    found = situation(
        tags=ticket["tags"],
        client_fields=fields,
        options={**OPTIONS, "plan_minutes": {"gold": 45}, **weights},
        reopened=ticket["reopened"],
        carried_minutes=ticket["carried"],
        server_down=ticket["down"],
        minutes_to_breach=ticket["promise"],
        recent_tickets=ticket["recent"],
        incident=ticket["incident"],
    )
    weighed = [module.factor.weigh(found) for module in FACTORS]
    return tuple(item for item in weighed if item is not None)


def row(ticket: dict[str, Any], contributions: tuple[Contribution, ...], **more: Any) -> Weighed:
    """A ticket that was weighed when it arrived."""
    place = order.place(ARRIVED, contributions, CAPS)
    values = {"key": place.key, "arrived": ARRIVED, "head_start": place.head_start, "pinned": False, **more}
    return Weighed(
        **values,
        contributions=contributions,
        carried_minutes=ticket["carried"],
        solved_before=ticket["reopened"],
    )


def traced(contributions: tuple[Contribution, ...], of: tuple[Contribution, ...]) -> tuple[Contribution, ...]:
    """Those whose factor has left a trace, without the parts that come to nothing."""
    factors = {item.factor for item in of}
    return tuple(item for item in contributions if item.factor in factors and item.minutes)


@settings(deadline=None)
@given(tickets, minutes)
def test_weighed_again_by_its_own_minutes_a_ticket_has_the_same_key(ticket: dict, own: dict) -> None:
    before = row(ticket, weigh(ticket, own))
    after = again(before, own, own, CAPS)
    assert after == before
    assert [item.reason for item in after.contributions] == [item.reason for item in before.contributions]


@settings(deadline=None)
@given(tickets, minutes, minutes)
def test_weighed_again_it_is_as_if_it_had_been_weighed_so_when_it_came(ticket: dict, old: dict, new: dict) -> None:
    stored = weigh(ticket, old)
    fresh = traced(weigh(ticket, new), stored)
    after = again(row(ticket, stored), old, new, CAPS)
    assert tuple(item for item in after.contributions if item.minutes) == fresh
    assert after.key == order.place(ARRIVED, fresh, CAPS).key


@settings(deadline=None)
@given(tickets, minutes, minutes)
def test_there_and_back_again_changes_nothing_even_over_nothing(ticket: dict, old: dict, new: dict) -> None:
    before = row(ticket, weigh(ticket, old))
    nothing = dict.fromkeys(NAMES, 0)
    there = again(again(before, old, new, CAPS), new, nothing, CAPS)
    assert again(there, nothing, old, CAPS) == before


@settings(deadline=None)
@given(tickets, minutes, minutes)
def test_the_window_holds_under_any_minutes(ticket: dict, old: dict, new: dict) -> None:
    after = again(row(ticket, weigh(ticket, old)), old, new, CAPS)
    assert after.key == ARRIVED - after.head_start
    most = CAPS.emergency if ticket["down"] else CAPS.contract
    assert 0 <= after.head_start <= most * 60


@settings(deadline=None)
@given(tickets, minutes, minutes)
def test_an_emergency_keeps_its_emergency_head_start(ticket: dict, old: dict, new: dict) -> None:
    ticket = {**ticket, "down": True, "incident": None}
    before = row(ticket, weigh(ticket, old))
    assert again(before, old, new, CAPS).key == before.key == ARRIVED - CAPS.emergency * 60


@settings(deadline=None)
@given(tickets, minutes, minutes, st.integers(0, 100_000))
def test_a_pinned_ticket_stays_where_it_is(ticket: dict, old: dict, new: dict, ahead: int) -> None:
    ticket = {**ticket, "down": False}
    contributions = weigh(ticket, old)
    key = order.pinned(ARRIVED - ahead, ARRIVED, CAPS)
    assert again(row(ticket, contributions, key=key, pinned=True), old, new, CAPS).key == key


@settings(deadline=None)
@given(tickets, minutes, minutes, st.integers(1, 10_000))
def test_a_ticket_that_a_person_moved_forward_is_never_put_back(ticket: dict, old: dict, new: dict, by: int) -> None:
    before = row(ticket, weigh(ticket, old))
    moved = replace(before, key=before.key - by)
    after = again(moved, old, new, CAPS)
    assert after.key == min(moved.key, ARRIVED - after.head_start)


@settings(deadline=None)
@given(tickets, minutes, minutes, st.integers(0, 50_000))
def test_what_was_earned_late_counts_from_the_same_moment(ticket: dict, old: dict, new: dict, late: int) -> None:
    ticket = {**ticket, "down": False}
    whole_start = row(ticket, weigh(ticket, old))
    event = ARRIVED + late
    before = replace(whole_start, key=order.boosted(ARRIVED, event, whole_start.head_start // 60))
    after = again(before, old, new, CAPS)
    assert ARRIVED - after.head_start <= after.key <= ARRIVED
    if before.key < ARRIVED and after.key < ARRIVED:
        assert after.key == event - after.head_start


@pytest.mark.parametrize("weight", [weight for weight in WEIGHTS if weight.factor != "reopened"])
def test_what_was_stored_without_a_share_is_scaled_by_its_minutes(weight: Any) -> None:
    stored = (
        Contribution(weight.factor, 20, Scale.COMMERCIAL, ""),
        Contribution("of a plug-in", 9, Scale.CONTRACT, ""),
    )
    old = dict.fromkeys(NAMES, 30)
    found = reweigh(stored, old, {**old, weight.name: 60})
    assert [item.minutes for item in found] == [40, 9]
    assert [item.minutes for item in reweigh(stored, {**old, weight.name: 0}, old)] == [0, 9]
    assert [item.minutes for item in reweigh(found, {**old, weight.name: 60}, old)] == [20, 9]


@pytest.mark.parametrize(
    ("reopened_before", "carried", "counted", "later"),
    [(True, 30, 75, 10 + 30), (True, 500, 165, 10 + 100), (False, 500, 120, 100), (False, 30, 30, 30)],
)
def test_of_a_wait_that_is_over_what_counted_is_cut_at_the_new_limit(
    reopened_before: bool, carried: int, counted: int, later: int
) -> None:
    found = reopened.factor.weigh(situation(reopened=reopened_before, carried_minutes=carried))
    assert found is not None and found.minutes == counted
    own = configured(OPTIONS)
    changed = reweigh([found], own, {**own, "reopened_minutes": 10, "carried_minutes": 100})
    assert changed[0].minutes == later
    assert reweigh([found], own, own) == (found,)


@settings(deadline=None)
@given(tickets, minutes, minutes)
def test_the_makings_of_a_head_start_weigh_as_its_contributions_do(ticket: dict, old: dict, new: dict) -> None:
    stored = weigh(ticket, old)
    made = makings(stored, old)
    changed = reweigh(stored, old, new)
    assert whole(made, new, CAPS) * 60 == order.place(0, changed, CAPS).head_start
    calm = [item for item in changed if item.scale is not Scale.EMERGENCY]
    assert ordinary(made, new, CAPS) * 60 == order.place(0, calm, CAPS).head_start


def test_makings_that_are_alike_are_one() -> None:
    own = configured(OPTIONS)
    one, other = (weigh({**PLAIN, "tags": frozenset({"vip"}), "recent": 2, "since": day}, own) for day in DAYS)
    assert makings(one, own) == makings(other[::-1], own) != Makings()


PLAIN: dict[str, Any] = {
    "tags": frozenset(),
    "since": None,
    "spend": None,
    "recent": None,
    "incident": None,
    "reopened": False,
    "carried": 0,
    "promise": None,
    "plan": "",
    "down": False,
}
DAYS = (date(2022, 3, 1), date(2022, 8, 1))


def test_every_weight_is_a_key_of_the_queue_section_and_every_factor_is_there() -> None:
    assert set(NAMES) <= set(OPTIONS)
    assert {weight.factor for weight in WEIGHTS} <= {module.factor.name for module in FACTORS}


def test_minutes_below_nothing_or_above_the_cap_are_named() -> None:
    own = configured(OPTIONS)
    most = highest(own, CAPS)
    assert wrong(own, most) == ()
    assert wrong({**own, "vip_minutes": -1, "spend_minutes": 241}, most) == ("vip_minutes", "spend_minutes")
    assert wrong({"vip_minutes": 1}, most) == tuple(name for name in NAMES if name != "vip_minutes")
    assert wrong({**own, "emergency_minutes": 1}, most) == ("emergency_minutes",)


def test_the_configurations_own_minutes_are_always_in_range() -> None:
    own = {**configured(OPTIONS), "vip_minutes": 900}
    assert wrong(own, highest(own, CAPS)) == ()


@settings(deadline=None)
@given(minutes, st.integers(0, 1000))
def test_the_weight_to_lower_is_the_heaviest_and_its_minutes_are_the_most_that_fit(given: dict, limit: int) -> None:
    factors = {name: number for number, name in enumerate(NAMES, start=1)}

    def cost(found: dict[str, int]) -> float:
        return sum(factors[name] * amount for name, amount in found.items())

    if cost(given) <= limit:
        return
    name, most = lower(cost, given, limit)
    assert factors[name] * given[name] == max(factors[other] * given[other] for other in NAMES)
    if most is None:
        assert cost({**given, name: 0}) > limit
    else:
        assert cost({**given, name: most}) <= limit < cost({**given, name: most + 1})


def test_a_share_is_stored_and_two_contributions_that_count_the_same_are_equal() -> None:
    found = tenure.factor.weigh(situation(client_fields={"client_since": "2023-01-01"}))
    assert found is not None
    assert asdict(found)["share"] == 0.6
    again = because("tenure", 18, Scale.COMMERCIAL, "whole years as a client: %(years)s", years=3)
    assert found == again == stored(asdict(found))
