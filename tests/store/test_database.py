"""A database is opened so that what is acknowledged stays, and who reads sees one moment."""

import sqlalchemy as sa

from deskside.store import cursors
from deskside.store.database import open_database, reading


def test_who_reads_twice_reads_the_same_whatever_is_written_meanwhile(database: sa.Engine) -> None:
    with reading(database) as connection:
        assert cursors.get(connection, "a desk") is None
        with database.begin() as writing:
            cursors.put(writing, "a desk", "7")
        assert cursors.get(connection, "a desk") is None
    with reading(database) as connection:
        assert cursors.get(connection, "a desk") == "7"


def test_who_writes_sees_what_others_committed_meanwhile(postgresql_database: sa.Engine) -> None:
    with reading(postgresql_database) as connection:
        cursors.get(connection, "a desk")
    with postgresql_database.begin() as connection:
        assert cursors.get(connection, "a desk") is None
        with postgresql_database.begin() as other:
            cursors.put(other, "a desk", "7")
        assert cursors.get(connection, "a desk") == "7"


def test_what_is_acknowledged_survives_a_loss_of_power(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    with database.connect() as connection:
        asked = [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("journal_mode", "synchronous")]
    database.dispose()
    assert asked == ["wal", 2]
