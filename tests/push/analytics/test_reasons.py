"""Every reason a gate can give belongs under a word of its own: none is "other"."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from push.analytics import reasons
from push.model import Kind, Person, Window
from push.sending import gates
from push.sending.gates import GATES, Facts, Manners

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FACTS = Facts(NOW, Kind.PROMO, Person(1), Manners(ZoneInfo("UTC")))
BUSY: dict[str, tuple[str, dict[str, Any]]] = {
    "all_sending_stopped": ("stopped", {"stopped": "ops"}),
    "no_browser": ("no browser", {"browsers": 0}),
    "has_left": ("left", {"person": Person(1, left_at=NOW)}),
    "topic_not_chosen": ("topic", {"topic": "news"}),
    "message_ended": ("cancelled", {"ended": "the campaign was cancelled by ops"}),
    "person_paused": ("pause of theirs", {"person": Person(1, paused_until=NOW + timedelta(days=1))}),
    "message_held": ("pause of ours", {"held": "the campaign is paused"}),
    "too_late": ("too late", {"not_after": NOW}),
    "outside_window": ("window", {"window": Window(time(13), time(14))}),
    "quiet_hours": ("quiet hours", {"manners": Manners(ZoneInfo("UTC"), None, Window(time(11), time(13)))}),
    "urgent_ticket": ("urgent ticket", {"urgent_ticket": "zendesk 7"}),
    "unhappy_today": ("unhappy", {"unhappy": "a bad rating"}),
    "incident_open": ("incident", {"incident": "fra-1 is down"}),
    "too_soon": ("too soon", {"last_at": NOW}),
    "week_is_full": ("week full", {"taken": 3}),
}


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.__name__)
def test_the_reason_of_each_gate_has_its_word(gate: Any) -> None:
    word, values = BUSY[gate.__name__]
    found = gate(replace(FACTS, **values))
    assert reasons.word_of(found.reason) == word
    # Also once it has run out of time.
    late = replace(FACTS, **{"not_after": NOW, **values})
    assert reasons.word_of(gates.within(late, found).reason) == word


def test_what_nobody_foresaw_is_told_as_it_is() -> None:
    assert reasons.word_of("the moon is full") == reasons.OTHER
