"""A back-test and an audit as plain values for JSON; what is endless is null."""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from typing import Any

from deskside.backtest import wording
from deskside.backtest.audit import Audit
from deskside.backtest.history import History
from deskside.backtest.study import Study


def history_values(history: History) -> dict[str, Any]:
    """How a history was read."""
    return {
        "rows": history.rows,
        "used": len(history.tickets),
        "left_out": plain(history.unusable),
        "remarks": list(history.remarks),
    }


def audit_values(audit: Audit) -> dict[str, Any]:
    """An audit; credits in working seconds."""
    return {**plain(audit), "words": wording.audit_words(audit)}


def study_values(study: Study, history: History) -> dict[str, Any]:
    """A back-test: waits in working minutes, credits in working seconds, shares from 0 to 1."""
    days = study.desk.days
    return {
        "history": history_values(history),
        "days": {"count": len(days), "first": plain(days[0].date), "last": plain(days[-1].date)},
        "handling": {source.name.lower(): count for source, count in study.desk.sources.items()},
        "audit": audit_values(study.audit),
        "fit": plain(study.fit),
        "verdict": wording.verdict(study),
        "groups": plain(study.groups),
        "words": wording.outcome(study.groups),
        "unfairness": plain(study.burdens),
        "years": study.years,
        "warm_up_days": study.warm_up,
        "cannot_know": wording.cannot_know(study, history),
    }


def plain(value: Any) -> Any:
    """Dataclasses as objects, dates as text, numbers without an end as null."""
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
