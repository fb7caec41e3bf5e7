"""What was last seen of a target, by whichever ticket: the answer when nothing may be looked at."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from deskside.model.health import HealthReport
from deskside.model.service import Target
from deskside.store import checks
from deskside.store.database import Row, utc_now
from jobs.stored import report_from

_LOOKED_THROUGH = 300
_TOO_OLD = timedelta(days=1)


def last_known(connection: sa.Connection, row: Row, targets: Sequence[Target]) -> tuple[HealthReport, ...]:
    """The newest report of the last day on each target that has one, from this ticket's checks or the newest of all.

    A report of another ticket is about the same server, and gets this ticket's own words for it.
    """
    own = checks.of_ticket(connection, row.desk, row.ticket_id, 20)
    rows = [*own, *checks.recent(connection, _LOOKED_THROUGH)]
    reports = (_newest(target, rows) for target in targets)
    return tuple(report for report in reports if report is not None)


def _newest(target: Target, rows: Iterable[Row]) -> HealthReport | None:
    found = [
        report for row in rows for report in row.reports if _place(report["target"]) == (target.host, target.address)
    ]
    if not found:
        return None
    newest = report_from(max(found, key=lambda report: datetime.fromisoformat(report["checked_at"])))
    if utc_now() - newest.checked_at > _TOO_OLD:
        return None
    return replace(newest, target=target)


def _place(target: Mapping[str, Any]) -> tuple[str | None, str | None]:
    return target["host"], target["address"]
