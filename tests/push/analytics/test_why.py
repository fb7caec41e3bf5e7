"""Promises of "why (not)?": what happened, whom it is for, and what every gate says now."""

import pytest

from deskside.errors import Gone
from deskside.store.database import reading
from push.analytics.why import Why, why
from push.campaigns import drafts
from push.campaigns.definition import Audience, Rule
from push.sending.gates import GATES
from tests.push.sending.world import World, draft


def ask(world: World, person: int, number: int) -> Why:
    with reading(world.database) as connection:
        return why(connection, person, number, world.manners, world.hand.now)


def test_who_does_not_fit_is_told_which_condition_fails(world: World) -> None:
    person = world.person(language="ru", attributes={"plan": "shared"})
    audience = Audience(("en",), (Rule("plan", ("vps", "dedicated")), Rule("plan", ("free",), True)))
    with world.database.begin() as connection:
        number = drafts.create(connection, draft(audience=audience), "ops", world.hand.now)
    found = ask(world, person, number)
    assert found.audience == [
        ("topic: news", True),
        ("language: en", False),
        ("plan is vps or dedicated", False),
        ("plan is not free", True),
    ]
    assert not found.meant and found.sent is None
    assert [one.gate for one in found.now.findings] == [gate.__name__ for gate in GATES]


def test_what_happened_is_told_beside_what_would_happen_now(world: World) -> None:
    person = world.person(zone="Europe/Berlin")
    number = world.campaign()
    world.go()
    found = ask(world, person, number)
    assert found.sent is not None and found.sent.state == "sent"
    objections = {one.gate for one in found.now.findings if one.objection}
    # It is theirs already, so its own place in the week is no obstacle to it.
    assert found.meant and found.variant == "A" and "no_browser" not in objections


def test_nobody_and_nothing_are_told_apart(world: World) -> None:
    number = world.campaign()
    with pytest.raises(Gone, match="subscriber"):
        ask(world, 999, number)
    with pytest.raises(Gone, match="campaign"):
        ask(world, world.person(), 999)
