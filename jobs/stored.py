"""Targets and reports as the JSON they are stored as, and back: JSON knows no tuples, times or words."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from deskside.model.health import Finding, HealthReport, Sign, Word
from deskside.model.service import Target


def target_from(stored: Mapping[str, Any]) -> Target:
    """A target out of a ticket's row or a stored report."""
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()
    }
    return Target(**values)


def report_json(report: HealthReport) -> dict[str, Any]:
    """A report for a row."""
    return {**asdict(report), "checked_at": report.checked_at.isoformat()}


def report_from(stored: Mapping[str, Any]) -> HealthReport:
    """A report out of a row."""
    findings = tuple(
        Finding(**{**item, "word": Word(item["word"]), "sign": Sign(item["sign"])}) for item in stored["findings"]
    )
    at = datetime.fromisoformat(stored["checked_at"])
    values = {**stored, "target": target_from(stored["target"]), "word": Word(stored["word"])}
    return HealthReport(**{**values, "findings": findings, "checked_at": at})
