"""How a database is opened, and how time is kept in it."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite

from deskside.errors import ConfigurationError

Row: TypeAlias = sa.Row[*tuple[Any, ...]]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BUSY_SECONDS = 30
_WRITES = "deskside.writes"


def utc_now() -> datetime:
    """The time now, aware, in UTC."""
    return datetime.now(UTC)


class Utc(sa.TypeDecorator[datetime]):
    """Aware UTC datetimes in and out; `timestamptz` on PostgreSQL, integer microseconds on SQLite (sortable, exact)."""

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.BigInteger())
        return dialect.type_descriptor(sa.DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        value = value.astimezone(UTC)
        return (value - EPOCH) // timedelta(microseconds=1) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if dialect.name == "sqlite":
            return EPOCH + timedelta(microseconds=value)
        return value.astimezone(UTC)  # type: ignore[no-any-return]


def open_database(url: str, *, pool_size: int = 10) -> sa.Engine:
    """An engine for `url`.

    SQLite is opened with WAL, `synchronous=FULL` (an acknowledged row survives a power cut) and explicit
    `BEGIN IMMEDIATE`: a read that turns into a write under plain `BEGIN` fails at once with "database is locked"
    (https://www.sqlite.org/isolation.html). A connection with the execution option `read_only` uses plain `BEGIN`.
    The writers of this process wait for each other at a lock: SQLite itself would let them sleep up to 100 ms and look
    again, and who has slept longest has no better chance.
    """
    if not url.startswith("sqlite"):
        try:
            return sa.create_engine(url, pool_size=pool_size, max_overflow=10, pool_pre_ping=True)
        except ImportError as error:
            raise ConfigurationError("PostgreSQL needs the extra: pip install 'deskside[postgresql]'") from error
    database = sa.create_engine(url, connect_args={"timeout": BUSY_SECONDS}, pool_size=pool_size, max_overflow=20)

    @event.listens_for(database, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            f"busy_timeout={BUSY_SECONDS * 1000}",
            "foreign_keys=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    writer = threading.Lock()

    @event.listens_for(database, "begin")
    def begin(connection: sa.Connection) -> None:
        if connection.get_execution_options().get("read_only"):
            connection.exec_driver_sql("BEGIN")
            return
        record = connection.connection.record_info
        # Kept until the connection goes back to the pool. After the time-out SQLite decides.
        if record is not None and not record.get(_WRITES) and writer.acquire(timeout=BUSY_SECONDS):
            record[_WRITES] = True
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    @event.listens_for(database, "checkin")
    def checkin(_connection: Any, record: Any) -> None:
        if record.record_info.pop(_WRITES, False):
            writer.release()

    return database


@contextmanager
def reading(database: sa.Engine) -> Iterator[sa.Connection]:
    """A connection that only reads, all of it as it was at the first look. On SQLite it never waits for the writer."""
    options = {"isolation_level": "REPEATABLE READ"} if database.dialect.name == "postgresql" else {}
    with database.connect().execution_options(read_only=True, **options) as connection:
        yield connection


def insert_new(connection: sa.Connection, table: sa.Table, **values: Any) -> bool:
    """Insert a row unless its key exists; true when it was inserted.

    RETURNING, not rowcount: psycopg reports -1 after ON CONFLICT.
    """
    dialect_insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    column = next(iter(table.primary_key.columns))
    statement = dialect_insert(table).values(**values).on_conflict_do_nothing().returning(column)
    return connection.execute(statement).first() is not None


def insert_all_new(
    connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]], returning: sa.Column[Any]
) -> list[Any]:
    """Insert those rows whose keys do not exist; `returning` of each that was inserted."""
    if not rows:
        return []
    dialect_insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = dialect_insert(table).on_conflict_do_nothing().returning(returning)
    return list(connection.scalars(statement, rows))


def upsert(connection: sa.Connection, table: sa.Table, **values: Any) -> None:
    """Insert a row, or update every given column of the row with the same primary key."""
    dialect_insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    keys = [column.name for column in table.primary_key.columns]
    statement = dialect_insert(table).values(**values)
    changed = {name: statement.excluded[name] for name in values if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed))
