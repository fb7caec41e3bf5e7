"""A ticket is in every pool whose conditions it fulfils, and always in one; its pools share one clock."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskside.model.ticket import Client, Status, Ticket
from deskside.order.pools import PoolRule, Pools, pools_for

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TAGS = ("linux", "windows", "billing")


def ticket(**values: Any) -> Ticket:
    client = Client("7", "Acme", fields={"plan": "Gold"}, tags=frozenset({"partner"}))
    told = {"tags": frozenset({"Linux"}), "fields": {"product": "vps"}, "language": "ru", **values}
    return Ticket("zendesk", "1", "", "", Status.NEW, "Support", client, NOON, NOON, **told)


@pytest.mark.parametrize(
    ("rule", "taken"),
    [
        (PoolRule("p"), True),
        (PoolRule("p", groups=frozenset({"support"})), True),
        (PoolRule("p", groups=frozenset({"billing"})), False),
        (PoolRule("p", tags=frozenset({"linux", "windows"})), True),
        (PoolRule("p", tags=frozenset({"partner"})), True),
        (PoolRule("p", tags=frozenset({"windows"})), False),
        (PoolRule("p", languages=frozenset({"ru"})), True),
        (PoolRule("p", languages=frozenset({"en"})), False),
        (PoolRule("p", fields={"product": frozenset({"vps", "vds"})}), True),
        (PoolRule("p", fields={"plan": frozenset({"gold"})}), True),
        (PoolRule("p", fields={"product": frozenset({"vps"}), "plan": frozenset({"silver"})}), False),
        (PoolRule("p", groups=frozenset({"support"}), languages=frozenset({"en"})), False),
    ],
)
def test_every_condition_that_is_given_must_hold(rule: PoolRule, taken: bool) -> None:
    assert rule.takes(ticket()) is taken


def test_a_ticket_no_rule_takes_waits_in_the_desks_own_group() -> None:
    assert pools_for(ticket(), [PoolRule("English", languages=frozenset({"en"}))]) == Pools(("Support",))


def test_of_two_clocks_the_first_rules_one_counts() -> None:
    rules = [PoolRule("Night", calendar="night"), PoolRule("Day"), PoolRule("Second night", calendar="night")]
    assert pools_for(ticket(), rules) == Pools(("Night", "Second night"), "night")


rules = st.lists(
    st.builds(
        PoolRule,
        st.sampled_from(["one", "two", "three"]),
        tags=st.frozensets(st.sampled_from(TAGS), max_size=2),
        calendar=st.sampled_from(["", "night"]),
    ),
    max_size=6,
)


@given(rules, st.frozensets(st.sampled_from(TAGS)))
def test_there_is_always_a_pool_each_once_and_only_of_one_calendar(plan: list[PoolRule], tags: frozenset[str]) -> None:
    found = pools_for(ticket(tags=tags), plan)
    assert found.names
    assert len(set(found.names)) == len(found.names)
    taking = [rule for rule in plan if rule.takes(ticket(tags=tags))]
    assert set(found.names) <= {rule.name for rule in taking if rule.calendar == found.calendar} | {"Support"}
