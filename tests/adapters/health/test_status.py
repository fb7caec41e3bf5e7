"""The service's status explains; it never says whether the host lives."""

import pytest

from adapters.health.examine import examine
from adapters.health.settings import HealthSettings
from adapters.health.status import probe
from adapters.health.verdict import judge
from adapters.health.wording import note_lines
from deskside.model.health import Sign, Word
from tests.adapters.health.looking import look, run, target
from tests.adapters.health.stand_ins import StandIn, saw, silent


@pytest.mark.parametrize("status", ["suspended", "unpaid", "terminated", "pending"])
def test_a_status_that_is_not_active_is_told_and_judges_nothing(status: str) -> None:
    finding = look(probe, target(status=status))
    assert (finding.word, finding.sign, finding.details["code"]) == (Word.UNKNOWN, Sign.NOTHING, status)
    assert judge([finding])[0] is Word.UNKNOWN
    assert judge([finding, silent("icmp")])[0] is Word.UNKNOWN
    assert judge([finding, saw("tcp", Word.OK, Sign.ALIVE)])[0] is Word.OK


def test_an_active_service_is_not_worth_a_word() -> None:
    assert not probe.applies(target())


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "The service srv1 is unpaid: that alone may be why it does not work."),
        ("ru", "Услуга srv1 не оплачена: уже поэтому она может не работать."),
    ],
)
def test_the_status_stands_right_behind_the_verdict_even_where_nothing_may_be_probed(language: str, said: str) -> None:
    probes = [StandIn("tcp", saw("tcp", Word.OK, Sign.ALIVE)), probe]
    report = run(examine(target(status="unpaid"), probes, HealthSettings()))
    assert [finding.kind for finding in report.findings] == ["guard", "status"]
    assert note_lines(report, language=language)[1] == said
