"""Changing the minutes of the factors: tried beside, for tickets that come, or for everybody who waits at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from deskside.model.weights import Apply, Change, Unfair
from deskside.order import key as order
from deskside.order import mix, weights
from deskside.order.weights import Weighed
from deskside.store import arrivals, queue
from deskside.store import weights as store
from deskside.store.database import Row, reading, utc_now
from jobs import outbox
from jobs.context import Context


def change(context: Context, wanted: Change) -> None:
    """Do what somebody decided, in one transaction.

    Raises Superseded when the weights are not any more what they looked at, Unfair when the minutes exceed the limit
    and are not fairer than those in force, ValueError for minutes below 0 or out of range. The configuration's own
    minutes are always allowed.
    """
    own = weights.configured(context.settings.queue)
    unfairness = 0.0
    if wanted.minutes is not None:
        out_of_range = weights.wrong(wanted.minutes, weights.highest(own, context.caps))
        if out_of_range:
            raise ValueError(f"out of range: {', '.join(out_of_range)}")
        unfairness = _allowed(context, own, wanted.minutes)
    at = utc_now()
    with context.database.begin() as connection:
        store.change(connection, wanted.seen)
        versions = store.by_version(connection, own)
        if wanted.apply is Apply.TRY and wanted.minutes is not None:
            _propose(connection, wanted, unfairness, at)
            _try(context, connection, versions, wanted.minutes)
            return
        store.clear_shadow_keys(connection)
        if wanted.apply is Apply.END:
            store.end(connection, store.SHADOW, by=wanted.by, at=at)
            return
        version = _switch(connection, wanted, versions, unfairness, at)
        if wanted.apply is Apply.ALL:
            minutes = wanted.minutes if wanted.minutes is not None else own
            _reorder(context, connection, versions, minutes, version=version, by=wanted.by, at=at)


def _allowed(context: Context, own: Mapping[str, int], minutes: Mapping[str, int]) -> float:
    with reading(context.database) as connection:
        lately = arrivals.mix(connection, store.by_version(connection, own), utc_now())
        now = store.in_force(connection, own)
    limit = context.settings.queue["unfairness_minutes"]
    found = mix.unfairness(lately, minutes, context.caps)
    if mix.too_unfair(found, mix.unfairness(lately, now, context.caps), limit):
        weight, most = mix.lower(lately, minutes, context.caps, limit)
        raise Unfair(found, limit, weight, most)
    return found


def _propose(connection: sa.Connection, wanted: Change, unfairness: float, at: datetime) -> int:
    assert wanted.minutes is not None
    return store.propose(connection, wanted.minutes, unfairness=unfairness, by=wanted.by, note=wanted.note, at=at)


def _switch(
    connection: sa.Connection,
    wanted: Change,
    versions: Mapping[int, Mapping[str, int]],
    unfairness: float,
    at: datetime,
) -> int:
    """Put the minutes in force; the number of their version."""
    if wanted.minutes is None:
        store.end(connection, store.SHADOW, by=wanted.by, at=at)
        store.end(connection, store.ACTIVE, by=wanted.by, at=at)
        return 0
    version = wanted.seen.shadow
    if not version or versions[version] != wanted.minutes:
        # What was tried was tried beside what is in force no longer.
        version = _propose(connection, wanted, unfairness, at)
    store.activate(connection, version, by=wanted.by, at=at)
    return version


def _try(
    context: Context,
    connection: sa.Connection,
    versions: Mapping[int, Mapping[str, int]],
    minutes: Mapping[str, int],
) -> None:
    store.clear_shadow_keys(connection)
    rows = store.waiting(connection)
    keys = {row.id: _again(context, row, versions, minutes).key for row in rows}
    store.set_shadow_keys(connection, {row.id: keys[row.id] for row in rows if keys[row.id] != row.key})


def _reorder(
    context: Context,
    connection: sa.Connection,
    versions: Mapping[int, Mapping[str, int]],
    minutes: Mapping[str, int],
    *,
    version: int,
    by: str,
    at: datetime,
) -> None:
    rows = store.waiting(connection)
    weighed = {row.id: _again(context, row, versions, minutes) for row in rows}
    changed = [row for row in rows if weighed[row.id] != store.weighed(row)]
    before = _positions(rows, {row.id: row.key for row in rows})
    after = _positions(rows, {number: ticket.key for number, ticket in weighed.items()})
    ordinary = {
        row.id: _again(context, row, versions, minutes, key=row.ordinary_key).key
        for row in changed
        if row.ordinary_key is not None
    }
    store.reorder(
        connection,
        version,
        [
            {"of": row.id, "ordinary_key": ordinary.get(row.id), **_columns(context, row, weighed[row.id])}
            for row in changed
        ],
    )
    moves = [
        {
            "desk": row.desk,
            "ticket_id": row.ticket_id,
            "at": at,
            "by": by,
            "position_before": before[row.id],
            "position_after": after[row.id],
            "minutes": (weighed[row.id].head_start - row.head_start) // 60,
        }
        for row in rows
        if before[row.id] != after[row.id]
    ]
    store.keep_order(connection, moves, version)
    old = {row.id: (row.key, row.band) for row in changed}
    placed = [row for row in store.places(connection) if row.id in old and (row.key, row.band) != old[row.id]]
    outbox.plan_placements(context, connection, placed)


def _again(
    context: Context,
    row: Row,
    versions: Mapping[int, Mapping[str, int]],
    minutes: Mapping[str, int],
    *,
    key: int | None = None,
) -> Weighed:
    """A ticket under these minutes, as if `key` were its key when one is given."""
    weighed = store.weighed(row)
    if key is not None:
        weighed = replace(weighed, key=key)
    return weights.again(weighed, versions.get(row.model, versions[0]), minutes, context.caps)


def _columns(context: Context, row: Row, weighed: Weighed) -> dict[str, Any]:
    safe_at = row.safe_at
    if weighed.key != row.key:
        # From the head start that counts: less than the whole one for what was earned late.
        counts = order.safe_from(row.arrived, row.arrived - weighed.key, context.caps)
        safe_at = context.calendar(row.calendar).at(counts)
    return {
        "key": weighed.key,
        "head_start": weighed.head_start,
        "band": order.band(weighed.head_start // 60, emergency=row.emergency).value,
        "contributions": [asdict(item) for item in weighed.contributions],
        "safe_at": safe_at,
    }


def _positions(rows: Sequence[Row], keys: Mapping[int, int]) -> dict[int, int]:
    """Where each ticket stands in its first pool, 1 being next, if these are the keys."""
    pools: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        for pool in queue.pools_of(row):
            pools[pool].append(row.id)
    places: dict[tuple[str, int], int] = {}
    for pool, numbers in pools.items():
        ordered = sorted(numbers, key=lambda number: (keys[number], number))
        places |= {(pool, number): place for place, number in enumerate(ordered, start=1)}
    return {row.id: places[row.pool, row.id] for row in rows}
