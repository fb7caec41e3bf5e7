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
from jobs import access, outbox, ranking
from jobs.context import Context
from jobs.engine.tasks import Run, Settle, task
from jobs.refresh import ACCESS_GIVEN

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
    if row is None or not row.targets:
        return None
    targets = [_target(item) for item in row.targets]
    reports = context.examiner.examine_all(targets, fresh=asked_by != "ticket")
    checked_at = utc_now()

    def settle(connection: sa.Connection) -> None:
        _store(context, connection, row, reports, request, asked_by, checked_at)

    return settle


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
    access.learn(connection, reports)
    values: dict[str, Any] = {
        "health": verdict.word.value,
        "health_headline": verdict.headline,
        "health_at": checked_at,
    }
    if verdict.word is Word.DOWN and row.waiting:
        values |= ranking.emergency(context, row, checked_at)
    tickets.update(connection, desk, ticket_id, **values)
    # The word may stay, yet what is seen from inside is what the client was asked to let us in for.
    news = verdict.word.value != row.health or asked_by == ACCESS_GIVEN
    if news and row.status not in ("closed", "deleted"):
        key = f"{desk}:{ticket_id}:{request}"
        note = Note(request, _lines(context, reports))
        outbox.plan_note(context, connection, f"note:{key}", desk, ticket_id, note)
        stale = tuple(f"deskside_{word}" for word in Word if word.value == row.health and word is not verdict.word)
        change = TagChange(add=(f"deskside_{verdict.word.value}",), remove=stale)
        outbox.plan_tags(context, connection, f"tags:{key}", desk, ticket_id, change)
    changed = tickets.get(connection, desk, ticket_id)
    if changed is not None and changed.waiting:
        outbox.plan_placement(context, connection, changed)


def _lines(context: Context, reports: Sequence[HealthReport]) -> tuple[str, ...]:
    # In full for the worst; one line for each other service, so that a note stays short enough to be read.
    verdict = worst(reports)
    language = context.settings.language
    lines = list(note_lines(verdict, None, language))
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
