"""Health in four words, and the evidence they rest on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from deskside.model.service import Target


class Word(StrEnum):
    """The only words for health. `UNKNOWN` never raises a priority."""

    DOWN = "down"
    DEGRADED = "degraded"
    OK = "ok"
    UNKNOWN = "unknown"


class Sign(StrEnum):
    """What a probe says about life, apart from how well the thing works.

    `ALIVE`: the host answered in some way (a refusal counts). `SILENT`: it should have answered and did not.
    `NOTHING`: the probe says nothing either way (it could not run, or what it looked at is not the host).
    """

    ALIVE = "alive"
    SILENT = "silent"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one probe saw.

    `kind` is the kind of evidence (`icmp`, `tcp`, `http`, `tls`, `dns`): a host is called down only by two of them.
    A look that is not at the host itself (`dns`, `rbl`, `domain`, `status`, `incident`) has the sign `NOTHING`.
    `word` judges the thing the probe looks at; `sign` says whether the host lives. `summary` is one plain English
    sentence without a full stop; `details` are its values (JSON), times in milliseconds. With `quiet` among them the
    finding is kept but not told in the note.
    """

    probe: str
    kind: str
    word: Word
    sign: Sign
    summary: str
    details: Mapping[str, object] = field(default_factory=dict)
    took_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class HealthReport:
    """The verdict over one target and every finding behind it, measured at `checked_at` (UTC) from `vantage`."""

    target: Target
    address: str | None
    word: Word
    headline: str
    findings: tuple[Finding, ...]
    checked_at: datetime
    took_ms: float
    vantage: str

    @property
    def known_incident(self) -> bool:
        """Whether an incident that the operator knows of concerns the target."""
        return any(finding.details.get("known_incident") for finding in self.findings)
