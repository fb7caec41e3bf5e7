"""A health check of a ticket: examine its targets, store what was seen, and decide what that changes."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from adapters.health.wording import note_lines
from deskside.model.effect import Note, TagChange
from deskside.model.health import HealthReport, Word
from deskside.model.service import Target
from deskside.store import checks, tickets
from deskside.store.database import Row, reading, utc_now
from jobs import outbox, ranking
from jobs.background import LastWord, background, last_word
from jobs.context import Context
from jobs.engine.tasks import Run, Settle, task

# The worst first; unknown is less alarming than a known trouble and says more than ok.
_WORST = (Word.DOWN, Word.DEGRADED, Word.UNKNOWN, Word.OK)


def worst(reports: Sequence[HealthReport]) -> HealthReport:
    """The report that speaks for the ticket."""
    return min(reports, key=lambda report: _WORST.index(report.word))


@task("ticket.check", max_attempts=5)
def check(run: Run, desk: str, ticket_id: str, request: str, asked_by: str) -> Settle | None:
    """Examine the targets of one ticket. `request` names this check: its note can be planned only once."""
    context: Context = run.context
    with reading(context.database) as connection:
        row = tickets.get(connection, desk, ticket_id)
        known = last_word(connection, row.targets, utc_now()) if row is not None and row.targets else None
    if row is None or not row.targets:
        return None
    if known is not None:
        _tell(context, row, known)
    targets = [_target(item) for item in row.targets]
    reports = context.examiner.examine_all(targets, fresh=asked_by != "ticket")
    checked_at = utc_now()

    def settle(connection: sa.Connection) -> None:
        _store(context, connection, row, reports, request, asked_by, checked_at)

    return settle


def _tell(context: Context, row: Row, known: LastWord) -> None:
    """Show at once what the last sweep said; the live look replaces it in seconds, and alone decides."""
    if row.health_at is not None and row.health_at >= known.at:
        return
    values = {"health": known.word.value, "health_headline": known.headline, "health_at": known.at}
    with context.database.begin() as connection:
        tickets.update(connection, row.desk, row.ticket_id, **values)


def _store(
    context: Context,
    connection: sa.Connection,
    before: Row,
    reports: Sequence[HealthReport],
    request: str,
    asked_by: str,
    checked_at: datetime,
) -> None:
    desk, ticket_id = before.desk, before.ticket_id
    verdict = worst(reports)
    row = tickets.get(connection, desk, ticket_id)
    if row is None:
        return
    # The last look and not the ticket's row, which may show the sweep's word by now.
    earlier = next(iter(checks.of_ticket(connection, desk, ticket_id, 1)), None)
    told = earlier.word if earlier is not None else ""
    checks.add(
        connection,
        desk=desk,
        ticket_id=ticket_id,
        asked_by=asked_by,
        word=verdict.word.value,
        headline=verdict.headline,
        reports=[_as_json(report) for report in reports],
        checked_at=checked_at,
    )
    values: dict[str, Any] = {
        "health": verdict.word.value,
        "health_headline": verdict.headline,
        "health_at": checked_at,
    }
    if verdict.word is Word.DOWN and row.waiting:
        values |= ranking.emergency(context, row, checked_at)
    tickets.update(connection, desk, ticket_id, **values)
    if verdict.word.value != told and row.status not in ("closed", "deleted"):
        key = f"{desk}:{ticket_id}:{request}"
        note = Note(request, _lines(context, connection, reports))
        outbox.plan_note(context, connection, f"note:{key}", desk, ticket_id, note)
        stale = tuple(f"deskside_{word.value}" for word in Word if word.value == told)
        change = TagChange(add=(f"deskside_{verdict.word.value}",), remove=stale)
        outbox.plan_tags(context, connection, f"tags:{key}", desk, ticket_id, change)
    changed = tickets.get(connection, desk, ticket_id)
    if changed is not None and changed.waiting:
        outbox.plan_placement(context, connection, changed)


def _lines(context: Context, connection: sa.Connection, reports: Sequence[HealthReport]) -> tuple[str, ...]:
    # In full for the worst; one line for each other service, so that a note stays short enough to be read.
    verdict = worst(reports)
    language = context.settings.language
    lines = list(note_lines(verdict, None, language, background(connection, verdict)))
    for report in reports:
        if report is not verdict:
            lines.append(note_lines(report, None, language)[0])
    return tuple(lines)


def _target(stored: dict[str, Any]) -> Target:
    # JSON knows no tuples.
    lists = {name: tuple(value) for name, value in stored.items() if isinstance(value, list)}
    return Target(**{**stored, **lists})


def _as_json(report: HealthReport) -> dict[str, Any]:
    return {**asdict(report), "checked_at": report.checked_at.isoformat()}
