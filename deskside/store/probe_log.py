"""Who had what looked at and why. Budgets are counted over it, and an abuse desk can be answered from it."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa

from deskside.store.database import Row
from deskside.store.tables import probe_log

# Who counts over the log and then writes to it holds this lock until its transaction ends (any number of our own).
_LOCK = 7_205_759_403


def lock(connection: sa.Connection) -> None:
    """Let nobody else count until this transaction ends. On SQLite a transaction that may write is alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


def add(connection: sa.Connection, *, at: datetime, client: str, address: str, asked_by: str, reason: str) -> None:
    """Log one look at `address` (a name while the address is not known); `reason` says for which check."""
    connection.execute(
        sa.insert(probe_log).values(
            at=at, client=client[:200], address=address[:45], asked_by=asked_by[:120], reason=reason[:200]
        )
    )


def found_at(connection: sa.Connection, reason: str, name: str, address: str) -> None:
    """Put the address that was looked at in place of the name it was found by."""
    connection.execute(
        sa.update(probe_log)
        .where(probe_log.c.reason == reason[:200], probe_log.c.address == name[:45])
        .values(address=address[:45])
    )


def checks_of_client(connection: sa.Connection, client: str, asked_by: str, since: datetime) -> int:
    """How many checks of this client were asked for by `asked_by` since then; several looks may be one check."""
    found = connection.scalar(
        sa.select(sa.func.count(sa.distinct(probe_log.c.reason))).where(
            probe_log.c.client == client[:200], probe_log.c.asked_by == asked_by, probe_log.c.at > since
        )
    )
    return int(found or 0)


def since(connection: sa.Connection, moment: datetime) -> Sequence[Row]:
    """All looks since then, oldest first."""
    return connection.execute(
        sa.select(probe_log).where(probe_log.c.at > moment).order_by(probe_log.c.at, probe_log.c.id)
    ).all()


def asked_for(connection: sa.Connection, addresses: Collection[str], but: str, moment: datetime) -> bool:
    """Whether anybody but `but` had one of these addresses looked at since then."""
    wanted = [address[:45] for address in addresses]
    return bool(
        connection.scalar(
            sa.select(
                sa.exists().where(probe_log.c.at > moment, probe_log.c.asked_by != but, probe_log.c.address.in_(wanted))
            )
        )
    )


def purge(connection: sa.Connection, before: datetime) -> None:
    """Forget what is older."""
    connection.execute(sa.delete(probe_log).where(probe_log.c.at < before))
