"""A health check of a ticket: examine its targets, store what was seen, and decide what that changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from adapters.health.changes import Seen, down_span, told, worth_a_note
from adapters.health.wording import LANGUAGES, last_known_line, note_lines
from deskside.errors import Transient
from deskside.model.effect import Note, TagChange
from deskside.model.health import HealthReport, Word
from deskside.model.service import Target
from deskside.store import checks, probe_log, tickets, weights
from deskside.store.database import Row, reading, utc_now
from jobs import access, budgets, outbox, ranking
from jobs.background import LastWord, background, last_word
from jobs.context import Context
from jobs.engine.tasks import Run, Settle, task
from jobs.last_known import last_known
from jobs.refresh import ACCESS_GIVEN
from jobs.stored import report_json, target_from

# The worst first; unknown is less alarming than a known trouble and says more than ok.
_WORST = (Word.DOWN, Word.DEGRADED, Word.UNKNOWN, Word.OK)
# As far back as notes are remembered: more checks than a ticket has.
_HISTORY = 300
# A budget of a minute is waited for; after that the last known answer has to do.
_WAITS = 3
# Who "asked" for the last known answer.
_BUDGET = "budget"


@dataclass(frozen=True, slots=True)
class _Measured:
    """What is to be stored of a check; `refusal` when it is the last known answer instead of a new look."""

    reports: tuple[HealthReport, ...]
    request: str
    asked_by: str
    at: datetime
    mentioned: Sequence[str] = ()
    refusal: budgets.Refusal | None = None


def worst(reports: Sequence[HealthReport]) -> HealthReport:
    """The report that speaks for the ticket."""
    return min(reports, key=lambda report: _WORST.index(report.word))


@task("ticket.check", max_attempts=5)
def check(
    run: Run, desk: str, ticket_id: str, request: str, asked_by: str, mentioned: Sequence[str] = ()
) -> Settle | None:
    """Examine the targets of one ticket. `request` names this check: its note can be planned only once.

    What nobody asked for must be within the budgets; who asks has spent from them already. `mentioned` is what the
    ticket names that is none of the client's: told in the note, never probed.
    """
    context: Context = run.context
    with reading(context.database) as connection:
        row = tickets.get(connection, desk, ticket_id)
        known = last_word(connection, row.targets, utc_now()) if row is not None and row.targets else None
    if row is None or not row.targets:
        return None
    if known is not None:
        _tell(context, row, known)
    targets = targets_of(row)
    refusal = _spend(context, row, targets, request) if asked_by == budgets.AUTOMATIC else None
    if refusal is not None:
        if refusal.retry_after is not None and run.attempts < _WAITS:
            raise Transient(f"the budget {refusal.code} is spent for now", retry_after=refusal.retry_after)
        return lambda connection: _store_last_known(context, connection, row, targets, request, mentioned, refusal)
    reports = context.examiner.examine_all(targets, fresh=asked_by != budgets.AUTOMATIC)
    measured = _Measured(reports, request, asked_by, utc_now(), mentioned)

    def settle(connection: sa.Connection) -> None:
        for target, report in zip(targets, reports, strict=True):
            if report.address is not None and report.address != budgets.place(target):
                probe_log.found_at(connection, reason_of(row, request), budgets.place(target), report.address)
        _store(context, connection, row, measured)

    return settle


def targets_of(row: Row) -> list[Target]:
    """What a ticket's row says is to be looked at."""
    return [target_from(stored) for stored in row.targets]


def client_of(row: Row) -> str:
    """Whose budget a ticket's checks are spent from."""
    return f"{row.desk}:{row.client_id}"


def reason_of(row: Row, request: str) -> str:
    """Why something was looked at, as it stands in the log."""
    return f"ticket {row.ticket_id} of {row.desk}, check {request}"


def _spend(context: Context, row: Row, targets: Sequence[Target], request: str) -> budgets.Refusal | None:
    with context.database.begin() as connection:
        return budgets.take(
            connection,
            context.budgets,
            client=client_of(row),
            targets=targets,
            asked_by=budgets.AUTOMATIC,
            reason=reason_of(row, request),
            now=utc_now(),
        )


def _tell(context: Context, row: Row, known: LastWord) -> None:
    """Show at once what the last sweep said; the live look replaces it in seconds, and alone decides."""
    if row.health_at is not None and row.health_at >= known.at:
        return
    values = {"health": known.word.value, "health_headline": known.headline, "health_at": known.at}
    with context.database.begin() as connection:
        tickets.update(connection, row.desk, row.ticket_id, **values)


def _store_last_known(
    context: Context,
    connection: sa.Connection,
    row: Row,
    targets: Sequence[Target],
    request: str,
    mentioned: Sequence[str],
    refusal: budgets.Refusal,
) -> None:
    reports = last_known(connection, row, targets)
    if reports:
        at = min(report.checked_at for report in reports)
        newest = checks.of_ticket(connection, row.desk, row.ticket_id, 1)
        if newest and newest[0].asked_by == _BUDGET and newest[0].checked_at == at:
            return
        _store(context, connection, row, _Measured(reports, request, _BUDGET, at, mentioned, refusal))
    elif not row.health:
        headline = f"not looked at: the budget {refusal.code} is spent"
        tickets.update(connection, row.desk, row.ticket_id, health=Word.UNKNOWN.value, health_headline=headline)


def _store(context: Context, connection: sa.Connection, before: Row, measured: _Measured) -> None:
    desk, ticket_id = before.desk, before.ticket_id
    verdict = worst(measured.reports)
    weights.hold(connection)
    row = tickets.get(connection, desk, ticket_id, lock=True)
    if row is None:
        return
    headline = verdict.headline
    if measured.refusal is not None:
        headline += f" (last known answer: the budget {measured.refusal.code} is spent)"
    stored = checks.of_ticket(connection, desk, ticket_id, _HISTORY)
    history = [Seen(Word(item.word), item.checked_at) for item in reversed(stored)]
    now = Seen(verdict.word, measured.at)
    checks.add(
        connection,
        desk=desk,
        ticket_id=ticket_id,
        asked_by=measured.asked_by,
        word=verdict.word.value,
        headline=headline,
        reports=[report_json(report) for report in measured.reports],
        checked_at=measured.at,
    )
    access.learn(connection, measured.reports)
    values: dict[str, Any] = {"health": verdict.word.value, "health_headline": headline, "health_at": measured.at}
    # Only what was just seen changes the order, and not the silence of a service that was switched off.
    dead = verdict.word is Word.DOWN and verdict.target.status == "active"
    if dead and row.waiting and measured.refusal is None:
        values |= ranking.emergency(context, row, measured.at, _incident(verdict))
    changed = tickets.update(connection, desk, ticket_id, **values)
    # The word may stay, yet what is seen from inside is what the client was asked to let us in for.
    news = worth_a_note(history, now) or measured.asked_by == ACCESS_GIVEN
    if row.status not in ("closed", "deleted") and news:
        key = f"{desk}:{ticket_id}:{measured.request}"
        note = Note(measured.request, _lines(context, connection, row, measured, history, now))
        outbox.plan_note(context, connection, f"note:{key}", desk, ticket_id, note)
        # The tag says what the last note says, so that it flaps no more than the notes do.
        before_now = {word.value for word in (told(history), _word(row.health)) if word is not None} - {now.word.value}
        stale = tuple(f"deskside_{word}" for word in sorted(before_now))
        change = TagChange(add=(f"deskside_{verdict.word.value}",), remove=stale)
        outbox.plan_tags(context, connection, f"tags:{key}", desk, ticket_id, change)
    if changed is not None and changed.waiting:
        outbox.plan_placement(context, connection, changed)


def _lines(
    context: Context, connection: sa.Connection, row: Row, measured: _Measured, history: Sequence[Seen], now: Seen
) -> tuple[str, ...]:
    # In the language of the agent who has the ticket. In full for the worst; one line for each other service, so that a
    # note stays short enough to be read.
    verdict = worst(measured.reports)
    others = [report for report in measured.reports if report is not verdict]
    language = row.agent_language if row.agent_language in LANGUAGES else context.settings.language
    down = down_span(history, now)
    around = background(connection, verdict)
    lines = list(note_lines(verdict, None, language, around, down=down, others=others, mentioned=measured.mentioned))
    if measured.refusal is not None:
        minutes = int((utc_now() - measured.at).total_seconds() // 60)
        lines.insert(1, last_known_line(minutes, measured.refusal.code, language))
    return tuple(lines)


def _incident(report: HealthReport) -> str | None:
    for finding in report.findings:
        if finding.details.get("known_incident"):
            told: Any = finding.details["incidents"]
            return str(told[0]["title"])
    return None


def _word(text: str) -> Word | None:
    return Word(text) if text else None
