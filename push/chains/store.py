"""Chains as rows: made, changed only by a new version, and read."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from deskside.errors import Malformed
from deskside.store.database import Row
from deskside.store.push_tables import chain, chain_version
from push.chains import definition as definitions_of
from push.chains.definition import Definition

DRAFT, ACTIVE, PAUSED, ARCHIVED = "draft", "active", "paused", "archived"
ENTRIES = ("subscribed", "topic", "manual")


def create(
    connection: sa.Connection,
    *,
    name: str,
    entry: str,
    definition: Mapping[str, Any],
    by: str,
    now: datetime,
    topic: str | None = None,
    again_days: int | None = None,
    freezes: bool = True,
) -> Row:
    """Make a chain, as a draft, with its first version. Raises ValidationError (its definition) and Malformed."""
    definitions_of.read(definition)
    _check(connection, name, entry, topic)
    values = {
        "name": name,
        "entry": entry,
        "topic": topic,
        "again_days": again_days,
        "freezes": freezes,
        "version": 1,
        "created_by": by,
        "created_at": now,
    }
    row = connection.execute(sa.insert(chain).values(values).returning(chain)).one()
    _write(connection, row.id, 1, definition, by, now)
    return row


def change(
    connection: sa.Connection, row: Row, *, name: str, entry: str, topic: str | None, again_days: int | None
) -> None:
    """Give a draft another name or another door; raises Malformed.

    Once people are inside, both stay as they are: the one would look like another chain, the other would be one.
    """
    if row.state != DRAFT:
        raise Malformed("only a draft can get another name or entry")
    _check(connection, name, entry, topic, but=row.id)
    values = {"name": name, "entry": entry, "topic": topic, "again_days": again_days}
    connection.execute(sa.update(chain).where(chain.c.id == row.id).values(values))


def _check(connection: sa.Connection, name: str, entry: str, topic: str | None, but: int | None = None) -> None:
    if entry not in ENTRIES:
        raise Malformed(f"a chain is entered by one of {', '.join(ENTRIES)}, not by '{entry}'")
    if entry == "topic" and not topic:
        raise Malformed("a chain that is entered by a topic needs the topic")
    if connection.scalar(sa.select(chain.c.id).where(chain.c.name == name, chain.c.id != (but or 0))) is not None:
        raise Malformed(f"there is a chain named '{name}' already")


def add_version(connection: sa.Connection, chain_id: int, definition: Mapping[str, Any], by: str, now: datetime) -> int:
    """Make this definition the chain's newest version, whose number is returned. Raises ValidationError."""
    definitions_of.read(definition)
    newest = (
        sa.update(chain).where(chain.c.id == chain_id).values(version=chain.c.version + 1).returning(chain.c.version)
    )
    version: int = connection.execute(newest).scalar_one()
    _write(connection, chain_id, version, definition, by, now)
    return version


def _write(
    connection: sa.Connection, chain_id: int, version: int, definition: Mapping[str, Any], by: str, now: datetime
) -> None:
    connection.execute(
        sa.insert(chain_version).values(
            chain=chain_id, version=version, definition=dict(definition), made_by=by, made_at=now
        )
    )


def get(connection: sa.Connection, chain_id: int, *, lock: bool = False) -> Row | None:
    """The chain, or None; `lock` keeps others from changing it until the transaction ends."""
    query = sa.select(chain).where(chain.c.id == chain_id)
    return connection.execute(query.with_for_update() if lock else query).first()


def every(connection: sa.Connection, *, ended: bool = False) -> Sequence[Row]:
    """All chains but archived ones, or these, by name."""
    archived = chain.c.state == ARCHIVED
    query = sa.select(chain).where(archived if ended else ~archived)
    return connection.execute(query.order_by(chain.c.name)).all()


def definition(connection: sa.Connection, chain_id: int, version: int) -> Definition:
    """One version of a chain."""
    return definitions(connection, {(chain_id, version)})[chain_id, version]


def raw_definition(connection: sa.Connection, chain_id: int, version: int) -> dict[str, Any]:
    """One version of a chain as JSON, to be edited."""
    found: dict[str, Any] = connection.execute(
        sa.select(chain_version.c.definition).where(
            chain_version.c.chain == chain_id, chain_version.c.version == version
        )
    ).scalar_one()
    return found


def versions(connection: sa.Connection, chain_id: int) -> Sequence[Row]:
    """Who made which version of a chain when, the newest first."""
    columns = (chain_version.c.version, chain_version.c.made_by, chain_version.c.made_at)
    asked = sa.select(*columns).where(chain_version.c.chain == chain_id).order_by(chain_version.c.version.desc())
    return connection.execute(asked).all()


def definitions(connection: sa.Connection, wanted: Collection[tuple[int, int]]) -> dict[tuple[int, int], Definition]:
    """Several versions, by chain and number."""
    if not wanted:
        return {}
    asked = sa.select(chain_version).where(
        sa.tuple_(chain_version.c.chain, chain_version.c.version).in_(sorted(wanted))
    )
    return {(row.chain, row.version): definitions_of.read(row.definition) for row in connection.execute(asked)}
