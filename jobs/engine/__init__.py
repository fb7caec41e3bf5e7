"""The engine behind one port: embedded on SQLite, Procrastinate on PostgreSQL, the same tasks on both."""

import sqlalchemy as sa

from deskside.errors import ConfigurationError
from deskside.ports import Engine
from jobs.engine.embedded import EmbeddedEngine


def for_database(database: sa.Engine, threads: int, stalled_seconds: float = 30.0) -> Engine:
    """The engine that fits the database; a worker silent for `stalled_seconds` counts as dead (PostgreSQL)."""
    if database.dialect.name == "sqlite":
        return EmbeddedEngine(database, threads)
    try:
        from jobs.engine.cluster import ClusterEngine  # noqa: PLC0415 - only the postgresql extra brings Procrastinate
    except ImportError as error:
        raise ConfigurationError("PostgreSQL needs the extra: pip install 'deskside[postgresql]'") from error

    return ClusterEngine(database, threads, stalled_seconds)
