"""The fleet as the sweep knows it: one row a host, and every change of a confirmed word."""

import ipaddress
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from deskside.store import sweeps
from deskside.store.database import Row
from deskside.store.tables import host, host_change

DAY = timedelta(hours=24)
BLOCKS = 96
# The worst first: a quarter of an hour shows the worst of it.
WORST = ("down", "degraded", "unknown", "ok")
UP = ("ok", "degraded")
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The other hosts of a network that the sweep has a word for, and how many of them are up."""

    network: str
    up: int
    total: int


def every(connection: sa.Connection) -> Sequence[Row]:
    """All hosts."""
    return connection.execute(sa.select(host)).all()


def get(connection: sa.Connection, address: str) -> Row | None:
    """One host, or None."""
    return connection.execute(sa.select(host).where(host.c.address == address)).first()


def some(connection: sa.Connection, addresses: Collection[str]) -> dict[str, Row]:
    """Those of these addresses that are hosts of the sweep."""
    if not addresses:
        return {}
    rows = connection.execute(sa.select(host).where(host.c.address.in_(sorted(addresses))))
    return {row.address: row for row in rows}


def put(connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert or replace these hosts; each row has the same columns."""
    if not rows:
        return
    dialect_insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = dialect_insert(host)
    changed = {name: statement.excluded[name] for name in rows[0] if name != "address"}
    statement = statement.on_conflict_do_update(index_elements=["address"], set_=changed)
    for start in range(0, len(rows), _AT_ONCE):
        connection.execute(statement, [dict(row) for row in rows[start : start + _AT_ONCE]])


def forget(connection: sa.Connection, addresses: Collection[str]) -> None:
    """Drop hosts that left the inventory; their history stays."""
    gone = sorted(addresses)
    for start in range(0, len(gone), _AT_ONCE):
        connection.execute(sa.delete(host).where(host.c.address.in_(gone[start : start + _AT_ONCE])))


def add_changes(connection: sa.Connection, changes: Sequence[Mapping[str, Any]]) -> None:
    """Record changes: address, before, word, why, at."""
    if changes:
        connection.execute(sa.insert(host_change), [dict(change) for change in changes])


def change_counts(connection: sa.Connection, since: datetime) -> dict[str, int]:
    """How often each host changed since then."""
    rows = connection.execute(
        sa.select(host_change.c.address, sa.func.count())
        .where(host_change.c.at > since)
        .group_by(host_change.c.address)
    )
    return {row[0]: row[1] for row in rows}


def changes(connection: sa.Connection, address: str | None = None, limit: int = 20) -> Sequence[Row]:
    """The newest changes, with the host's `name`; of one address or of all."""
    query = (
        sa.select(host_change, sa.func.coalesce(host.c.name, "").label("name"))
        .select_from(host_change.outerjoin(host, host.c.address == host_change.c.address))
        .order_by(host_change.c.id.desc())
        .limit(limit)
    )
    return connection.execute(query if address is None else query.where(host_change.c.address == address)).all()


def counts(connection: sa.Connection) -> dict[str, int]:
    """How many hosts have which word."""
    rows = connection.execute(sa.select(host.c.word, sa.func.count()).group_by(host.c.word))
    return {row[0]: row[1] for row in rows}


def find(
    connection: sa.Connection, *, word: str = "", text: str = "", limit: int = 50, offset: int = 0
) -> Sequence[Row]:
    """Hosts with this word whose address begins with, or whose name has, this text; the worst and newest first."""
    query = sa.select(host)
    if word:
        query = query.where(host.c.word == word)
    if text:
        query = query.where(
            sa.or_(
                host.c.address.startswith(text.lower(), autoescape=True),
                sa.func.lower(host.c.name).contains(text.lower(), autoescape=True),
            )
        )
    rank = sa.case({word: place for place, word in enumerate(WORST)}, value=host.c.word, else_=len(WORST))
    return connection.execute(
        query.order_by(rank, host.c.since.desc(), host.c.address).limit(limit).offset(offset)
    ).all()


def neighbours(connection: sa.Connection, address: str) -> Neighbours:
    """The other hosts of the address's /24 (IPv6: /64)."""
    network = ipaddress.ip_network((address, 64 if ":" in address else 24), strict=False)
    query = sa.select(host.c.address, host.c.word).where(host.c.address != address, host.c.word != "unknown")
    if network.version == 4:
        rows = connection.execute(query.where(host.c.address.startswith(f"{address.rpartition('.')[0]}."))).all()
    else:
        # One network has many spellings, so the text alone does not tell.
        every_v6 = connection.execute(query.where(host.c.address.contains(":")))
        rows = [row for row in every_v6 if ipaddress.ip_address(row.address) in network]
    return Neighbours(str(network), sum(1 for row in rows if row.word in UP), len(rows))


def strips(connection: sa.Connection, rows: Sequence[Row], now: datetime) -> dict[str, tuple[str, ...]]:
    """For each of these hosts the worst word of each quarter of an hour of the last day, oldest first.

    An empty word: nothing was measured in that quarter of an hour.
    """
    if not rows:
        return {}
    start = now - DAY
    looked = {int((at - start) / DAY * BLOCKS) for at in sweeps.believed_since(connection, start)}
    history: dict[str, list[Row]] = {row.address: [] for row in rows}
    found = connection.execute(
        sa.select(host_change)
        .where(host_change.c.address.in_(list(history)), host_change.c.at > start)
        .order_by(host_change.c.id)
    )
    for change in found:
        history[change.address].append(change)
    return {row.address: _strip(row, history[row.address], looked, start) for row in rows}


def _strip(row: Row, changed: Sequence[Row], looked: Collection[int], start: datetime) -> tuple[str, ...]:
    known_from = start if changed or row.checked_at is None else max(start, row.since)
    word = changed[0].before if changed else row.word
    blocks: list[str] = []
    upcoming = list(changed)
    for number in range(BLOCKS):
        end = start + DAY / BLOCKS * (number + 1)
        words = [word]
        while upcoming and upcoming[0].at <= end:
            word = upcoming.pop(0).word
            words.append(word)
        known = number in looked and end > known_from and row.checked_at is not None
        blocks.append(min(words, key=WORST.index) if known else "")
    return tuple(blocks)
