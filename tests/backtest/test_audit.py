"""The audit finds a rule that was planted, says when there is none, and says when it cannot tell."""

import random
from dataclasses import replace

import pytest

from deskside.backtest.audit import FEWEST, Audit, Rule, audit, weigh
from deskside.backtest.history import HistoryTicket
from deskside.backtest.lines import make_desk
from deskside.backtest.wording import audit_words
from deskside.order.calendar import WorkingTime
from tests.backtest.desks import always, planted

INF = float("inf")


def audited(tickets: list[HistoryTicket]) -> Audit:
    return audit(make_desk(tickets, WorkingTime()))


def vip(found: Audit) -> tuple[Rule, float]:
    (evidence,) = [finding.overall for finding in found.findings if finding.kind == "vip"]
    return evidence.rule, evidence.credit


def test_a_credit_of_90_seconds_that_85_percent_obey_is_found() -> None:
    found = audited(planted(8000, always(vip=90), obedience=0.85))
    rule, credit = vip(found)
    assert rule is Rule.CREDIT
    assert credit == pytest.approx(90, abs=3)
    assert found.credits["vip"] - found.credits["regular"] == pytest.approx(90, abs=3)
    assert 0.8 < found.obedience < 0.95
    words = " ".join(audit_words(found))
    assert "vip: served as if it had come 1.5 min earlier" in words or "vip: served as if it had come 89 s" in words


@pytest.mark.parametrize("obedience", [1.0, 0.85])
def test_first_come_first_served_is_called_so(obedience: float) -> None:
    found = audited(planted(6000, obedience=obedience))
    assert vip(found) == (Rule.FCFS, 0)
    assert set(found.credits.values()) == {0}
    assert all("first come, first served" in line for line in audit_words(found))


def test_strict_priority_is_called_always_first() -> None:
    found = audited(planted(6000, always(vip=10**9)))
    assert vip(found) == (Rule.FIRST, INF)
    assert any(line.startswith("vip: always first") for line in audit_words(found))
    assert any(line.startswith("regular: always last") for line in audit_words(found))


def test_a_credit_of_the_others_is_a_credit_too() -> None:
    rule, credit = vip(audited(planted(8000, always(regular=120), obedience=0.9)))
    assert rule is Rule.CREDIT
    assert credit == pytest.approx(-120, abs=3)


def test_picking_by_hand_is_no_rule() -> None:
    found = audited(planted(6000, always(vip=90), obedience=0.2))
    assert vip(found)[0] is Rule.UNCLEAR
    words = audit_words(found)
    assert any("cannot tell" in line for line in words)
    assert any("pick by hand" in line for line in words)


def test_too_few_choices_are_no_proof() -> None:
    found = audited(planted(60, always(vip=90)))
    assert vip(found)[0] is Rule.TOO_FEW
    assert str(FEWEST) in audit_words(found)[0]


def test_one_class_has_no_rule_between_classes() -> None:
    found = audited([replace(ticket, kind="") for ticket in planted(500)])
    assert found.findings == ()
    assert "one class" in audit_words(found)[0]


def test_the_month_in_which_the_rule_changed_is_named() -> None:
    january = 26 * 86_400  # the desk begins on 5 January
    tickets = planted(4500, lambda now: {"vip": 0 if now < january else 300}, gap=900)
    found = audited(tickets)
    (finding,) = [finding for finding in found.findings if finding.kind == "vip"]
    months = dict(finding.months)
    assert months["2026-01"].rule is Rule.FCFS
    assert months["2026-02"].rule is Rule.CREDIT
    assert months["2026-02"].credit == pytest.approx(300, abs=10)
    assert "vip: from 2026-02 on a head start of 5 min, before first come, first served." in audit_words(found)


def test_pools_do_not_compete_with_each_other() -> None:
    """Where the classes have pools of their own, nobody ever chose between them."""
    tickets = [replace(ticket, pool=ticket.kind, agent=ticket.kind) for ticket in planted(3000, always(vip=600))]
    assert vip(audited(tickets))[0] is Rule.TOO_FEW


def test_the_credit_that_explains_most_is_found_exactly() -> None:
    chance = random.Random(1)
    for _ in range(50):
        bounds = [
            (low, INF) if chance.random() < 0.5 else (-INF, low)
            for low in (chance.randint(-50, 50) for _ in range(200))
        ]
        found = weigh(bounds)
        best = max(sum(low <= credit <= high for low, high in bounds) for credit in range(-51, 52))
        if found.rule in (Rule.CREDIT, Rule.UNCLEAR):
            assert round(found.obedience * len(bounds)) == best
        assert found.low <= found.high
