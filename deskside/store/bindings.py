"""What Deskside made or learned on a desk, by name: ids of fields, views and webhooks, our own actor id."""

import sqlalchemy as sa

from deskside.store.database import reading, upsert
from deskside.store.tables import binding


def get(database: sa.Engine, desk: str, name: str) -> str | None:
    """The value bound to `name`, or None."""
    with reading(database) as connection:
        found: str | None = connection.scalar(
            sa.select(binding.c.value).where(binding.c.desk == desk, binding.c.name == name)
        )
        return found


def put(database: sa.Engine, desk: str, name: str, value: str) -> None:
    """Bind `value` to `name`, replacing what was there."""
    with database.begin() as connection:
        upsert(connection, binding, desk=desk, name=name, value=value)
