"""A merged report taken apart again: what was seen from here, and what from each other vantage."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from adapters.health.verdict import doubtful, judge, lives
from deskside.model.health import Finding, HealthReport, Word


@dataclass(frozen=True, slots=True)
class Place:
    """What one vantage saw; `report` is None when it did not answer, `reason` is then the code of why."""

    name: str
    report: HealthReport | None
    reason: str = ""

    @property
    def alive(self) -> bool:
        """Whether it saw any sign of life."""
        return self.report is not None and lives(self.report.findings)

    @property
    def word(self) -> Word:
        """Its verdict."""
        return Word.UNKNOWN if self.report is None else self.report.word


def from_here(report: HealthReport) -> HealthReport:
    """The part of `report` that was measured here, with the verdict it had by itself."""
    findings = tuple(finding for finding in report.findings if "vantage" not in finding.details)
    if len(findings) == len(report.findings):
        return report
    word, headline = judge(findings)
    return replace(report, findings=findings, word=Word.UNKNOWN if doubtful(findings) else word, headline=headline)


def elsewhere(report: HealthReport) -> tuple[Place, ...]:
    """The other vantages that were asked, in the order of the report."""
    asked = [finding for finding in report.findings if finding.probe == "vantage" and "vantage" in finding.details]
    return tuple(_place(finding, report) for finding in asked)


def _place(own: Finding, report: HealthReport) -> Place:
    name = str(own.details["vantage"])
    if own.details.get("code") != "looked":
        return Place(name, None, str(own.details.get("reason", "")))
    findings = _of(name, report.findings)
    seen = replace(report, word=own.word, headline=own.summary, findings=findings, vantage=name, took_ms=own.took_ms)
    return Place(name, seen)


def _of(name: str, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(f for f in findings if f.details.get("vantage") == name and f.probe != "vantage")
