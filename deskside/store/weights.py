"""The minutes of the factors as ops set them: one version in force, at most one that is only tried.

Version 0 is the configuration's own minutes, and has no row.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from deskside.model.place import Contribution, stored
from deskside.model.weights import Seen, Superseded
from deskside.order.weights import Weighed
from deskside.store import queue
from deskside.store.database import Row
from deskside.store.tables import move, ticket, weights

ACTIVE, SHADOW, PAST = "active", "shadow", "past"
# The kind of a move that a switch for all waiting tickets made; its reason is the version.
REORDERED = "weights"
_LOCK = 0x0DE5_41DE
_AT_ONCE = 5000


def active(connection: sa.Connection) -> Row | None:
    """The version in force; None while the configuration's own minutes are."""
    return connection.execute(sa.select(weights).where(weights.c.state == ACTIVE)).first()


def shadow(connection: sa.Connection) -> Row | None:
    """The version that is only tried, if any."""
    return connection.execute(sa.select(weights).where(weights.c.state == SHADOW)).first()


def minutes(connection: sa.Connection, version: int) -> Mapping[str, int] | None:
    """The minutes of a version, whatever became of it; None for the configuration's own (version 0)."""
    found: Mapping[str, int] | None = connection.scalar(
        sa.select(weights.c.minutes).where(weights.c.version == version)
    )
    return found


def in_force(connection: sa.Connection, own: Mapping[str, int]) -> Mapping[str, int]:
    """The minutes in force; `own` are the configuration's, also of a weight that an old version has not."""
    found = active(connection)
    return own if found is None else {**own, **found.minutes}


def by_version(connection: sa.Connection, own: Mapping[str, int]) -> dict[int, Mapping[str, int]]:
    """The minutes of every version; `own` are the configuration's, also of a weight that an old version has not."""
    rows = connection.execute(sa.select(weights.c.version, weights.c.minutes))
    return {0: own} | {row.version: {**own, **row.minutes} for row in rows}


def history(connection: sa.Connection, limit: int = 50) -> Sequence[Row]:
    """The versions, newest first."""
    return connection.execute(sa.select(weights).order_by(weights.c.version.desc()).limit(limit)).all()


def reordered(connection: sa.Connection) -> dict[datetime, int]:
    """How many waiting tickets changed places in each switch for all of them, by the moment of the switch."""
    counted = sa.select(move.c.at, sa.func.count()).where(move.c.kind == REORDERED).group_by(move.c.at)
    return {row[0]: row[1] for row in connection.execute(counted)}


def seen(connection: sa.Connection) -> Seen:
    """What is in force and what is tried now."""
    now, tried = active(connection), shadow(connection)
    return Seen(now.version if now else 0, tried.version if tried else 0)


def hold(connection: sa.Connection) -> None:
    """Let no change of the weights happen until this transaction ends.

    For who weighs tickets: what was read before a switch must not be written after it. SQLite has one writer anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock_shared(_LOCK)))


def alone(connection: sa.Connection) -> None:
    """Wait until nobody weighs, and let nobody until this transaction ends: for who changes every waiting ticket."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


def change(connection: sa.Connection, expected: Seen) -> None:
    """Begin a change, `alone`. Raises Superseded unless the versions are those that were `expected`."""
    alone(connection)
    if seen(connection) != expected:
        raise Superseded("somebody else changed the weights meanwhile")


def propose(
    connection: sa.Connection, minutes: Mapping[str, int], *, unfairness: float, by: str, note: str, at: datetime
) -> int:
    """Add a version that is only tried, in the place of any that was; its number. Only after `change`."""
    end(connection, SHADOW, by=by, at=at)
    added = sa.insert(weights).values(
        state=SHADOW, minutes=dict(minutes), unfairness=unfairness, note=note[:2000], made_by=by, made_at=at
    )
    version: int = connection.execute(added.returning(weights.c.version)).scalar_one()
    return version


def activate(connection: sa.Connection, version: int, *, by: str, at: datetime) -> None:
    """Put the version that is tried in force, in the place of the one that was. Only after `change`."""
    end(connection, ACTIVE, by=by, at=at)
    connection.execute(
        sa.update(weights)
        .where(weights.c.version == version, weights.c.state == SHADOW)
        .values(state=ACTIVE, started_at=at)
    )


def end(connection: sa.Connection, state: str, *, by: str, at: datetime) -> None:
    """End the version in this state, if there is one. Only after `change`."""
    connection.execute(sa.update(weights).where(weights.c.state == state).values(state=PAST, ended_at=at, ended_by=by))


def waiting(connection: sa.Connection) -> Sequence[Row]:
    """Every waiting ticket."""
    return connection.execute(sa.select(ticket).where(ticket.c.waiting)).all()


def places(connection: sa.Connection) -> Sequence[Row]:
    """Id, desk, ticket, key and band of every waiting ticket."""
    columns = [ticket.c[name] for name in ("id", "desk", "ticket_id", "key", "band")]
    return connection.execute(sa.select(*columns).where(ticket.c.waiting)).all()


def weighed(row: Row) -> Weighed:
    """A ticket's row as it was weighed."""
    return Weighed(
        key=row.key,
        arrived=row.arrived,
        head_start=row.head_start,
        contributions=contributions(row),
        pinned=row.pinned,
        carried_minutes=row.carried_minutes,
        solved_before=row.solved_before,
    )


def contributions(row: Row) -> tuple[Contribution, ...]:
    """The contributions of a ticket's or a turn's row, with their shares."""
    return tuple(stored(item) for item in row.contributions)


def set_shadow_keys(connection: sa.Connection, keys: Mapping[int, int]) -> None:
    """Store the keys of waiting tickets under the weights that are tried, by row id: of those where they differ."""
    connection.execute(sa.update(ticket).where(ticket.c.waiting).values(shadow_key=ticket.c.key))
    _update(connection, [{"of": number, "shadow_key": key} for number, key in keys.items()])


def clear_shadow_keys(connection: sa.Connection) -> None:
    """Forget every ticket's key under weights that are tried no longer."""
    connection.execute(sa.update(ticket).where(ticket.c.shadow_key.is_not(None)).values(shadow_key=None))


def reorder(connection: sa.Connection, version: int, changes: Sequence[Mapping[str, Any]]) -> None:
    """Make all waiting tickets weighed by this version; each change has a row's id as `of` and its new columns."""
    connection.execute(sa.update(ticket).where(ticket.c.waiting).values(model=version))
    _update(connection, changes)
    queue.rebuild(connection)


def keep_order(connection: sa.Connection, moves: Sequence[Mapping[str, Any]], version: int) -> None:
    """Keep where tickets stood before a switch for all waiting ones; who is not there stood where it stands."""
    rows = [{"kind": REORDERED, "reason": str(version), **item} for item in moves]
    for start in range(0, len(rows), _AT_ONCE):
        connection.execute(sa.insert(move), rows[start : start + _AT_ONCE])


def _update(connection: sa.Connection, changes: Sequence[Mapping[str, Any]]) -> None:
    if not changes:
        return
    columns: dict[str, Any] = {name: sa.bindparam(name) for name in changes[0] if name != "of"}
    statement = sa.update(ticket).where(ticket.c.id == sa.bindparam("of")).values(**columns)
    for start in range(0, len(changes), _AT_ONCE):
        connection.execute(statement, [dict(item) for item in changes[start : start + _AT_ONCE]])
