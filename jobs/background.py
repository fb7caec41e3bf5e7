"""What the sweep already knows about a ticket's servers, while the live look is still on its way and for its note."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from adapters.health.background import Background
from deskside.model.health import HealthReport, Word
from deskside.store import hosts, sweeps
from deskside.store.database import Row
from jobs.sweep import target_addresses

OLDEST = timedelta(seconds=90)
_WORST = (Word.DOWN, Word.DEGRADED, Word.UNKNOWN, Word.OK)


@dataclass(frozen=True, slots=True)
class LastWord:
    """The sweep's word over all targets of a ticket, as columns of the ticket want it."""

    word: Word
    headline: str
    at: datetime


def last_word(connection: sa.Connection, targets: Sequence[dict[str, Any]], now: datetime) -> LastWord | None:
    """What the last round said about these targets; None when it is too old, was not believed, or did not look."""
    round_ = sweeps.last(connection)
    if round_ is None or round_.braked or now - sweeps.ended(round_) > OLDEST:
        return None
    asked = [target_addresses(target) for target in targets]
    known = hosts.some(connection, {address for addresses in asked for address in addresses})
    rows = [known[address] for addresses in asked for address in addresses if address in known]
    if not rows or not all(addresses & set(known) for addresses in asked):
        return None
    row = min(rows, key=lambda found: _WORST.index(Word(found.word)))
    return LastWord(Word(row.word), f"from the last sweep at {round_.at:%H:%M:%S} UTC: {row.why}", round_.at)


def background(connection: sa.Connection, report: HealthReport) -> Background | None:
    """What the sweep knows around a report: since when, when it last lived, and how its neighbours are."""
    row = hosts.get(connection, report.address) if report.address else None
    if row is None or row.checked_at is None:
        return None
    believed = sweeps.last_believed(connection)
    around = hosts.neighbours(connection, row.address)
    return Background(
        word=Word(row.word),
        since=row.since,
        alive_at=_alive_at(row, believed),
        flapping=row.flapping,
        network=around.network,
        neighbours_up=around.up,
        neighbours=around.total,
    )


def _alive_at(row: Row, believed: Row | None) -> datetime | None:
    found: datetime | None = row.alive_at
    # Only a change is written to a host's row: one that goes on living lived in the last round too.
    if found is not None and believed is not None and row.word in hosts.UP and not row.candidate:
        lately: datetime = believed.at
        return max(found, lately)
    return found
