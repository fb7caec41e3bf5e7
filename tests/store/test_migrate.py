"""The migrations make exactly the tables the code expects, on both databases."""

from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from deskside.store import migrate, queue
from deskside.store.tables import metadata


def test_migrations_make_the_tables_of_the_code(database: sa.Engine) -> None:
    with database.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": _ours, "include_object": _comparable})
        assert compare_metadata(context, metadata) == []


def test_upgrading_twice_changes_nothing(database: sa.Engine) -> None:
    migrate.upgrade(database)
    assert migrate.is_current(database)


def test_an_empty_database_is_not_current(database_url: str) -> None:
    assert not migrate.is_current(sa.create_engine(database_url))


def test_the_embedded_engine_has_its_index(database: sa.Engine) -> None:
    assert "ix_job_due" in {index["name"] for index in sa.inspect(database).get_indexes("job")}


def test_the_queue_index_is_partial(database: sa.Engine) -> None:
    indexes = {index["name"]: index for index in sa.inspect(database).get_indexes("ticket")}
    assert "ix_ticket_queue" in indexes
    assert any("where" in option for option in indexes["ix_ticket_queue"]["dialect_options"])


def test_the_top_of_the_queue_is_read_from_its_index(database: sa.Engine) -> None:
    with database.connect() as connection:
        asked: list[tuple[str, Any]] = []
        sa.event.listen(connection, "before_cursor_execute", lambda *call: asked.append(call[2:4]))
        if connection.dialect.name == "postgresql":
            # Of an empty table anything is read in one go.
            connection.exec_driver_sql("SET enable_seqscan = off")
        queue.top(connection, "Support")
        statement, parameters = asked[-1]
        explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
        plan = " ".join(str(row[-1]) for row in connection.exec_driver_sql(f"{explain} {statement}", parameters))
    assert "ix_ticket_queue" in plan
    assert "TEMP B-TREE" not in plan


def _ours(name: str | None, type_: str, _parents: object) -> bool:
    return not (type_ == "table" and (name or "").startswith("procrastinate_"))


def _comparable(_item: object, name: str | None, type_: str, _reflected: bool, _other: object) -> bool:
    # Alembic cannot compare an index over an expression (priority DESC).
    return not (type_ == "index" and name == "ix_job_due")
