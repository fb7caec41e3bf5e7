"""The migrations make exactly the tables the code expects, on both databases."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from deskside.store import migrate, queue
from deskside.store.database import Utc, open_database
from deskside.store.tables import metadata

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_migrations_make_the_tables_of_the_code(database: sa.Engine) -> None:
    with database.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": _ours, "include_object": _comparable})
        assert compare_metadata(context, metadata) == []


def test_upgrading_twice_changes_nothing(database: sa.Engine) -> None:
    migrate.upgrade(database)
    assert migrate.is_current(database)


def test_an_empty_database_is_not_current(empty_url: str) -> None:
    assert not migrate.is_current(sa.create_engine(empty_url))


def test_the_embedded_engine_has_its_index(database: sa.Engine) -> None:
    assert "ix_job_due" in {index["name"] for index in sa.inspect(database).get_indexes("job")}


def test_tickets_that_waited_before_the_queue_had_rows_of_its_own_wait_on(empty_url: str) -> None:
    opened = open_database(empty_url)
    migrate.upgrade(opened, "0002")
    with opened.begin() as connection:
        for number, waiting in (("1", True), ("2", False)):
            connection.execute(
                sa.text(
                    "INSERT INTO ticket (desk, ticket_id, pool, status, waiting, subject, client_id, client_name,"
                    " created_at, updated_at, read_at, digest, arrived_at, arrived, head_start, key, band,"
                    " contributions, targets) VALUES ('zendesk', :id, 'Support \"EU\"', 'open', :waiting, '', '1', '',"
                    " :at, :at, :at, '', :at, 900, 60, 840, 'normal', '[]', '[]')"
                ).bindparams(sa.bindparam("at", NOON, Utc), id=number, waiting=waiting)
            )
    migrate.upgrade(opened)
    with opened.connect() as connection:
        rows = queue.top(connection, 'Support "EU"')
        assert [(row.ticket_id, row.pools, row.key) for row in rows] == [("1", ['Support "EU"'], 840)]
        assert [(state.pool, state.waiting) for state in queue.pools(connection)] == [('Support "EU"', 1)]
    opened.dispose()


def _ours(name: str | None, type_: str, _parents: object) -> bool:
    return not (type_ == "table" and (name or "").startswith("procrastinate_"))


def _comparable(_item: object, name: str | None, type_: str, _reflected: bool, _other: object) -> bool:
    # Alembic cannot compare an index over an expression (priority DESC).
    return not (type_ == "index" and name == "ix_job_due")
