"""What was last seen of a target, by whichever ticket: the answer when nothing may be looked at."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from adapters.health.prober.protocol import PROBES
from deskside.model.health import HealthReport
from deskside.model.service import Target
from deskside.store import checks
from deskside.store.database import Row, utc_now
from jobs.stored import report_from

_LOOKED_THROUGH = 300
_TOO_OLD = timedelta(days=1)
_OUTSIDE = frozenset({*PROBES, "rbl", "domain", "guard", "examine", "anchors", "vantage"})


def last_known(connection: sa.Connection, row: Row, targets: Sequence[Target]) -> tuple[HealthReport, ...]:
    """The newest report of the last day on each target that has one, from this ticket's checks or the newest of all.

    A report of another ticket is about the same server, and gets this ticket's own words for it. It is taken only when
    it tells nothing but what anybody sees from outside: what another client's access or service shows is not.
    """
    own = [report for item in checks.of_ticket(connection, row.desk, row.ticket_id, 20) for report in item.reports]
    all_newest = [report for item in checks.recent(connection, _LOOKED_THROUGH) for report in item.reports]
    stored = [*own, *(report for report in all_newest if _from_outside(report))]
    reports = (_newest(target, stored) for target in targets)
    return tuple(report for report in reports if report is not None)


def _newest(target: Target, stored: Iterable[Mapping[str, Any]]) -> HealthReport | None:
    found = [report for report in stored if _place(report["target"]) == (target.host, target.address)]
    if not found:
        return None
    newest = report_from(max(found, key=lambda report: datetime.fromisoformat(report["checked_at"])))
    if utc_now() - newest.checked_at > _TOO_OLD:
        return None
    return replace(newest, target=target)


def _from_outside(report: Mapping[str, Any]) -> bool:
    return all(finding["probe"] in _OUTSIDE for finding in report["findings"])


def _place(target: Mapping[str, Any]) -> tuple[str | None, str | None]:
    return target["host"], target["address"]
