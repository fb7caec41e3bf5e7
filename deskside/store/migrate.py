"""Bringing a database to the newest layout, and asking whether it is there."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory


def upgrade(database: sa.Engine, revision: str = "head") -> None:
    """Run every migration up to `revision` that is missing, in one transaction (on SQLite too, whose BEGIN is ours)."""
    with database.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def is_current(database: sa.Engine) -> bool:
    """Whether the database has the layout this code expects."""
    with database.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    return found == ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config
