"""What is known of sources and targets, in numbers, for the screens. Only reads."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from deskside.knowledge import bindings, plans
from deskside.store.database import Row
from deskside.store.knowledge_tables import kb_binding, kb_document, kb_journal, kb_lease, kb_source

_SOURCE, _DOCUMENT, _BINDING, _JOURNAL = kb_source.c, kb_document.c, kb_binding.c, kb_journal.c
_NO_WARNINGS = "[]"
# What a plan calls a text that somebody changed on the target; without and with another change at the source.
UNDECIDED = ("drift", "conflict")


@dataclass(frozen=True, slots=True)
class SourceState:
    """How far a source was read, and how many documents there are of it, each counted once for all its languages.

    `state` is that of `kb_source`, "new" before the first look. `drafts` are written but not to be shown; `warned` lost
    something in the conversion; `missing` were not in the last complete listing, which had `full_count`.
    """

    name: str
    state: str = "new"
    error: str = ""
    read_at: datetime | None = None
    full_at: datetime | None = None
    full_count: int | None = None
    documents: int = 0
    drafts: int = 0
    warned: int = 0
    missing: int = 0


@dataclass(frozen=True, slots=True)
class TargetState:
    """What we have on a target: how many articles are in each state of `kb_binding`, and what went wrong.

    An article counts once for all its languages, with the state of most weight: shown before hidden, hidden before
    gone. `failed` texts were refused, `error` is the newest of these refusals, of `error_at`. `written_at` is when
    something was made there last; `busy_until` ends the lease of whoever writes to it now.
    """

    name: str
    states: Mapping[str, int] = field(default_factory=dict)
    failed: int = 0
    error: str = ""
    error_at: datetime | None = None
    written_at: datetime | None = None
    busy_until: datetime | None = None

    @property
    def managed(self) -> int:
        """How many articles are kept like their documents."""
        return self.states.get("live", 0) + self.states.get("draft", 0)


def has_warnings() -> sa.ColumnElement[bool]:
    """Whether the conversion of a document warned of something."""
    return sa.cast(_DOCUMENT.warnings, sa.Text) != _NO_WARNINGS


def sources(connection: sa.Connection, configured: Sequence[str] = ()) -> list[SourceState]:
    """Every source by name: those that were read, and those that are only configured."""
    counted = sa.select(
        _DOCUMENT.source,
        sa.func.count(sa.distinct(_DOCUMENT.id)),
        *(
            sa.func.count(sa.distinct(sa.case((condition, _DOCUMENT.id))))
            for condition in (_DOCUMENT.draft, has_warnings(), _DOCUMENT.missing_since.is_not(None))
        ),
    ).group_by(_DOCUMENT.source)
    counts = {row[0]: tuple(row[1:]) for row in connection.execute(counted)}
    read = {row.name: row for row in connection.execute(sa.select(kb_source))}
    return [_source(name, read.get(name), counts.get(name, ())) for name in sorted({*configured, *read, *counts})]


def targets(connection: sa.Connection, now: datetime, configured: Sequence[str] = ()) -> list[TargetState]:
    """Every target by name: those that were written to, and those that are only configured."""
    states = _article_states(connection)
    failed = _failures(connection)
    written = _written(connection)
    leases = sa.select(kb_lease.c.target, kb_lease.c.until).where(kb_lease.c.until > now)
    busy = {row.target: row.until for row in connection.execute(leases)}
    found = []
    for name in sorted({*configured, *states, *busy}):
        number, newest = failed.get(name, (0, None))
        found.append(
            TargetState(
                name,
                states.get(name, {}),
                number,
                newest.error if newest else "",
                newest.changed_at if newest else None,
                written.get(name),
                busy.get(name),
            )
        )
    return found


def undecided(connection: sa.Connection) -> int:
    """How many texts of the newest plan wait for a person: drift and conflicts that nobody has decided since."""
    newest = plans.recent(connection, 1)
    if not newest:
        return 0
    found: int = sum(newest[0].counts.get(action, 0) for action in UNDECIDED)
    if not found:
        return 0
    return max(0, found - len(bindings.decided_since(connection, newest[0].made_at)))


def _source(name: str, row: Row | None, counts: Sequence[int]) -> SourceState:
    documents, drafts, warned, missing = counts or (0, 0, 0, 0)
    if row is None:
        return SourceState(name, documents=documents, drafts=drafts, warned=warned, missing=missing)
    return SourceState(
        name,
        row.state,
        row.error,
        row.read_at,
        row.full_at,
        row.full_count,
        documents,
        drafts,
        warned,
        missing,
    )


# Of the languages of an article the one that comes first here says what it is.
_WEIGHT = ("live", "draft", "detached", "gone", "archived")


def _article_states(connection: sa.Connection) -> dict[str, dict[str, int]]:
    rank = sa.case({state: place for place, state in enumerate(_WEIGHT)}, value=_BINDING.state, else_=len(_WEIGHT))
    article = (
        sa.select(_BINDING.target, sa.func.min(rank).label("rank"))
        .group_by(_BINDING.target, _BINDING.article_id)
        .subquery()
    )
    counted = sa.select(article.c.target, article.c.rank, sa.func.count()).group_by(article.c.target, article.c.rank)
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for target, place, number in connection.execute(counted):
        found[target][_WEIGHT[place] if place < len(_WEIGHT) else "other"] = number
    return dict(found)


def _failures(connection: sa.Connection) -> dict[str, tuple[int, Row]]:
    ranked = (
        sa.select(
            _BINDING.target,
            _BINDING.error,
            _BINDING.changed_at,
            sa.func.count().over(partition_by=_BINDING.target).label("number"),
            sa.func.row_number()
            .over(partition_by=_BINDING.target, order_by=(_BINDING.changed_at.desc(), _BINDING.id.desc()))
            .label("place"),
        )
        .where(_BINDING.error != "")
        .subquery()
    )
    rows = connection.execute(sa.select(ranked).where(ranked.c.place == 1))
    return {row.target: (row.number, row) for row in rows}


def _written(connection: sa.Connection) -> dict[str, datetime]:
    made = (
        sa.select(_JOURNAL.target, sa.func.max(_JOURNAL.done_at).label("at"))
        .where(_JOURNAL.state == "done")
        .group_by(_JOURNAL.target)
    )
    return {row.target: row.at for row in connection.execute(made)}
