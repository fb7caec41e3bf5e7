"""The back-test finds a pace that was planted, refuses what it cannot reproduce, and compares on equal terms."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from deskside.backtest.bootstrap import Years
from deskside.backtest.comparison import Scope, compare, credited, replay, weighted
from deskside.backtest.history import HistoryTicket
from deskside.backtest.lines import Desk, make_desk
from deskside.backtest.study import Study, Verdict, study
from deskside.backtest.weights import parse_weights
from deskside.backtest.wording import verdict
from deskside.errors import Malformed
from deskside.order.calendar import WorkingTime
from tests.backtest.desks import always, planted

WEIGHTS = parse_weights({"class": {"vip": 60}})
NOTHING = parse_weights({})


def desk(tickets: Sequence[HistoryTicket], agents: int = 5) -> Desk:
    return make_desk(tickets, WorkingTime(), {"": agents})


@pytest.fixture(scope="module")
def tickets() -> list[HistoryTicket]:
    """Sixteen days of a desk that gives VIP ten minutes and takes 1.2 times as long as it notes down."""
    return planted(4600, always(vip=600), slower=1.2, gap=300)


@pytest.fixture(scope="module")
def found(tickets: list[HistoryTicket]) -> Study:
    return study(desk(tickets), WEIGHTS, years=40)


def test_the_planted_pace_and_rule_are_found_and_verified_on_days_not_used(found: Study) -> None:
    assert found.fit.pace == pytest.approx(1.2, rel=0.02)
    assert found.audit.credits["vip"] == pytest.approx(600, abs=30)
    assert found.fit.verdict is Verdict.REPRODUCED
    assert [check.kind for check in found.fit.checks] == [None, "regular", "vip"]
    assert all(abs(check.off) < 0.1 for check in found.fit.checks)
    assert "took no part in the calibration" in verdict(found)


def test_a_larger_head_start_shortens_the_wait_of_one_class_at_the_cost_of_the_other(found: Study) -> None:
    groups = {(group.scope, group.name): group for group in found.groups}
    vip, regular = groups[Scope.KIND, "vip"], groups[Scope.KIND, "regular"]
    assert vip.mean.sure and vip.mean.value < 0
    assert regular.mean.sure and regular.mean.value > 0
    for group in found.groups:
        assert group.mean.low is not None and group.mean.high is not None
        assert group.mean.low <= group.mean.value <= group.mean.high
    # Pools are not shown where there is but one.
    assert set(groups) == {(Scope.ALL, ""), (Scope.KIND, "vip"), (Scope.KIND, "regular")}


def test_nobody_without_a_head_start_loses_more_than_the_budget_of_unfairness(tickets: list[HistoryTicket]) -> None:
    made = study(desk(tickets), WEIGHTS, past=NOTHING, years=0, even_so=True)
    (burden,) = made.burdens
    assert burden.before == 0
    regular = next(group for group in made.groups if group.name == "regular")
    assert 0 < regular.mean.value <= burden.after
    assert 0.8 < burden.load < 1.1


def test_the_same_weights_change_nothing_at_all(tickets: list[HistoryTicket]) -> None:
    made = study(desk(tickets), WEIGHTS, past=WEIGHTS, years=5, even_so=True)
    assert made.rule_given
    for group in made.groups:
        assert group.before == group.after
        assert (group.mean.value, group.mean.low, group.mean.high) == (0, 0, 0)
        assert not group.mean.sure


def test_the_window_promise_holds_on_every_ticket_of_the_replay(tickets: list[HistoryTicket]) -> None:
    made = desk(tickets)
    order = weighted(made, WEIGHTS)
    jobs, starts = made.lines[0].jobs, order.head_starts[0]
    served = replay(made.lines[0], order, 0, 1.3).order
    place = {ticket: number for number, ticket in enumerate(served)}
    overtaken = 0
    for i, job in enumerate(jobs):
        ahead = window = 0
        for j in range(i + 1, len(jobs)):
            gap = jobs[j].arrived - job.arrived
            if gap > 4 * 3600:
                break
            if place[j] < place[i]:
                assert gap <= starts[j] - starts[i]
                ahead += 1
            window += gap <= starts[j] - starts[i]
        assert ahead <= window
        overtaken += ahead
    assert overtaken > 0


def test_a_history_whose_waits_have_another_cause_is_not_reproduced_and_not_compared(
    tickets: list[HistoryTicket],
) -> None:
    half = tickets[len(tickets) // 2].arrived
    late = [
        replace(ticket, taken=ticket.taken + timedelta(hours=3)) if ticket.arrived > half and ticket.taken else ticket
        for ticket in tickets
    ]
    made = study(desk(late), WEIGHTS, years=3)
    assert made.fit.verdict is Verdict.NOT_REPRODUCED
    assert made.groups == () and made.outcomes == ()
    assert "not to be acted on" in verdict(made)
    assert study(desk(late), WEIGHTS, years=0, even_so=True).groups


def test_waiting_that_no_lack_of_agents_explains_cannot_be_calibrated(tickets: list[HistoryTicket]) -> None:
    idle = [
        replace(ticket, taken=ticket.arrived + timedelta(hours=30), handling_minutes=0.1) for ticket in tickets[::10]
    ]
    made = study(desk(idle, agents=50), WEIGHTS, years=0)
    assert made.fit.verdict is Verdict.NOT_CALIBRATED
    assert "Something else than a lack of agents" in verdict(made)


def test_the_split_must_lie_inside_the_history(tickets: list[HistoryTicket]) -> None:
    made = study(desk(tickets), WEIGHTS, split=date(2026, 1, 15), years=0)
    assert made.fit.split == date(2026, 1, 15)
    with pytest.raises(Malformed, match="must lie inside the history, which goes from 2026-01-05"):
        study(desk(tickets), WEIGHTS, split=date(2027, 1, 1), years=0)


def test_a_history_of_one_day_cannot_be_split() -> None:
    with pytest.raises(Malformed, match="both sides of the split"):
        study(desk(planted(200)), WEIGHTS, years=0)


def test_drawing_each_weekday_from_itself_gives_the_history_back() -> None:
    """A week has one day of each kind: every resampled history is the history."""
    made = desk(planted(1900, always(vip=600), gap=300))
    assert len(made.days) == 7
    orders = credited(made, lambda _job: 0.0), weighted(made, WEIGHTS)
    _, groups = compare(made, *orders, 1.0, [True] * 7)
    drawn = dict(Years(made, orders, 1.0, range(7)).draw(random.Random(1)))
    for group in groups:
        difference = drawn[group.scope, group.name]
        assert difference.mean / 60 == pytest.approx(group.mean.value)
        assert difference.p90 / 60 == pytest.approx(group.p90.value)


def test_the_intervals_come_out_the_same_every_time(tickets: list[HistoryTicket]) -> None:
    part = desk(tickets[:3600])
    assert study(part, WEIGHTS, years=4).groups == study(part, WEIGHTS, years=4).groups


def test_few_days_have_no_intervals() -> None:
    made = study(desk(planted(1500, always(vip=600), gap=300)), WEIGHTS, years=50)
    assert made.years == 0
    assert all(group.mean.low is None for group in made.groups)


def test_a_cap_on_overtaking_is_kept_in_the_comparison(tickets: list[HistoryTicket]) -> None:
    capped = parse_weights({"class": {"vip": 240}, "caps": {"overtaken": 3}})
    made = study(desk(tickets), capped, years=0)
    assert max(group.after.most_overtaken for group in made.groups) <= 3
    free = parse_weights({"class": {"vip": 240}, "caps": {"overtaken": 0}})
    assert max(group.after.most_overtaken for group in study(desk(tickets), free, years=0).groups) > 3
