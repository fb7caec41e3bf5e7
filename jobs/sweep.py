"""The sweep of the fleet each minute: look, keep what changed, and have tickets about changed servers looked at."""

import logging
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from adapters.health.errors import SweepStopped
from adapters.health.sweep.inventory import Watched
from adapters.health.sweep.state import CHANGES_WITHIN, Standing
from adapters.health.sweep.sweeper import Memory, Outcome
from deskside.model.health import Word
from deskside.store import hosts, services, sweeps, tickets
from deskside.store.database import Row, reading, utc_now
from jobs.context import Context
from jobs.engine.tasks import Run, Settle, task
from jobs.refresh import ask_for_check

log = logging.getLogger(__name__)

# A server that was switched off for want of payment must not look like an outage.
WATCHED_STATUSES = ("active", "unpaid")
MOST_TICKETS = 20
# A round that had to wait for the one before is left out, so that long rounds do not follow each other without end.
_LEAST_PAUSE = timedelta(seconds=1)


@task("fleet.sweep", max_attempts=1)
def sweep(run: Run) -> Settle | None:
    """One round over the fleet; a round that waited in line behind another is left out."""
    context: Context = run.context
    if context.sweeper is None:
        return None
    with reading(context.database) as connection:
        last = sweeps.last(connection)
        if last is not None and utc_now() - sweeps.ended(last) < _LEAST_PAUSE:
            return None
        watched = services.with_status(connection, WATCHED_STATUSES)
        memory = remember(connection)
        stored = {row.address: row for row in hosts.every(connection)}
    try:
        outcome = context.sweeper.look(watched, memory, stopping=context.stopping.is_set)
    except SweepStopped:
        return None
    if outcome.doubt and not memory.held:
        log.warning("the sweep is not believed: %s", outcome.doubt)
    elif memory.held and not outcome.doubt:
        log.warning("the sweep is believed again after %d rounds", memory.held)
    return lambda connection: store(context, connection, outcome, stored)


def remember(connection: sa.Connection) -> Memory:
    """What earlier rounds left."""
    believed = sweeps.last_believed(connection)
    seen_at = believed.at if believed is not None else None
    return Memory(
        {row.address: _standing(row, seen_at) for row in hosts.every(connection)},
        hosts.change_counts(connection, utc_now() - CHANGES_WITHIN),
        sweeps.held(connection),
    )


def store(context: Context, connection: sa.Connection, outcome: Outcome, stored: Mapping[str, Row]) -> None:
    """Keep a round: its own row, and of the hosts only those that are other than `stored`."""
    sweeps.add(
        connection,
        at=outcome.at,
        took_ms=round(outcome.round.took_seconds * 1000),
        hosts=len(outcome.watched),
        silent=len(outcome.round.silent),
        doubt=outcome.doubt,
        remark=outcome.remark,
    )
    hosts.forget(connection, set(stored) - set(outcome.watched))
    if outcome.doubt:
        return
    rows, changes = [], []
    for address, standing in outcome.standings.items():
        row, item = stored.get(address), outcome.watched[address]
        if row is None or _differs(row, standing, item):
            rows.append(_columns(address, standing, item))
        if row is not None and row.checked_at is not None and row.word != standing.word.value:
            changes.append(_change(address, row.word, standing))
        elif standing.word is Word.DOWN and (row is None or row.checked_at is None):
            changes.append(_change(address, Word.UNKNOWN.value, standing))
    hosts.put(connection, rows)
    hosts.add_changes(connection, changes)
    turned = {change["address"] for change in changes if change["word"] in (Word.DOWN.value, Word.OK.value)}
    ask_about(context, connection, turned)


def ask_about(context: Context, connection: sa.Connection, addresses: Collection[str]) -> int:
    """Have waiting tickets about these addresses examined, at most twenty; how many were asked for.

    The sweep's own word changes no ticket's place: the live look that is asked for here decides.
    """
    if not addresses:
        return 0
    found = [
        row
        for row in tickets.waiting_targets(connection)
        if any(target_addresses(target) & set(addresses) for target in row.targets)
    ][:MOST_TICKETS]
    for row in found:
        ask_for_check(context, connection, row.desk, row.ticket_id, asked_by="sweep")
    return len(found)


def target_addresses(target: Mapping[str, Any]) -> set[str]:
    """The addresses a stored target may mean: its own, or when it has none all of its service."""
    return {target["address"]} if target.get("address") else set(target.get("addresses") or ())


def _standing(row: Row, seen_at: datetime | None) -> Standing:
    standing = Standing(
        word=Word(row.word),
        since=row.since,
        why=row.why,
        candidate=Word(row.candidate) if row.candidate else None,
        seen=row.seen,
        flapping=row.flapping,
        checked_at=row.checked_at,
        alive_at=row.alive_at,
        rtt_ms=row.rtt_ms,
        baseline_ms=row.baseline_ms,
    )
    # The row of a host that just goes on living is not written each round.
    steady = row.word in hosts.UP and not row.candidate and row.alive_at is not None and seen_at is not None
    return replace(standing, alive_at=max(row.alive_at, seen_at)) if steady else standing


def _differs(row: Row, standing: Standing, item: Watched) -> bool:
    kept = (row.word, row.since, row.why, row.candidate, row.seen, row.flapping, row.baseline_ms, row.name)
    candidate = standing.candidate.value if standing.candidate else ""
    now = (
        standing.word.value,
        standing.since,
        standing.why,
        candidate,
        standing.seen,
        standing.flapping,
        standing.baseline_ms,
        item.name,
    )
    return kept != now or tuple(row.ports) != item.ports or row.checked_at is None


def _columns(address: str, standing: Standing, item: Watched) -> dict[str, Any]:
    return {
        "address": address,
        "name": item.name,
        "ports": list(item.ports),
        "word": standing.word.value,
        "since": standing.since,
        "why": standing.why,
        "candidate": standing.candidate.value if standing.candidate else "",
        "seen": standing.seen,
        "flapping": standing.flapping,
        "checked_at": standing.checked_at,
        "alive_at": standing.alive_at,
        "rtt_ms": standing.rtt_ms,
        "baseline_ms": standing.baseline_ms,
    }


def _change(address: str, before: str, standing: Standing) -> dict[str, Any]:
    return {
        "address": address,
        "before": before,
        "word": standing.word.value,
        "why": standing.why,
        "at": standing.since,
    }
